//! Scratch sites: folders of their own that a test fills, runs the program in, and looks at.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use planche::path::SitePath;
use planche::plan::is_variant_name;
use planche::project::Site;

/// A site in a temporary folder, which goes with it.
pub struct Scratch {
    folder: tempfile::TempDir,
}

/// What one run of the program came to.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// Every file of a folder by its path; of a link, where it points.
pub type Files = BTreeMap<String, Vec<u8>>;

impl Scratch {
    /// An empty folder.
    pub fn empty() -> Self {
        Scratch {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A site without a generator: articles in `articles/`, uploads in `uploads/`.
    pub fn site() -> Self {
        let scratch = Scratch::empty();
        scratch.write(
            "planche.yml",
            "generator: none\ncontent: [\"articles/**\"]\nuploads: [{ url: /uploads/, dir: uploads }]\n",
        );
        scratch
    }

    /// A copy of a whole folder.
    pub fn copy_of(folder: &Path) -> Self {
        let scratch = Scratch::empty();
        copy(folder, scratch.folder());
        scratch
    }

    /// A copy of this repository's own site.
    pub fn sample() -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let scratch = Scratch::empty();
        for name in ["articles", "uploads", "presets", "planche.yml"] {
            copy(&repository.join(name), &scratch.path(name));
        }
        // Of a build in the repository itself.
        let _ = fs::remove_dir_all(scratch.path("uploads/variants"));
        scratch
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Writes a file, and the folders that it needs.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Writes an article whose front matter names one picture.
    pub fn write_article(&self, name: &str, image: &str) {
        self.write(name, format!("---\nimage: {image}\n---\nText.\n"));
    }

    /// Writes uploads, and for each an article that names it.
    pub fn write_uploads(&self, files: &[(String, Vec<u8>)]) {
        for (name, bytes) in files {
            self.write(&format!("uploads/{name}"), bytes);
            self.write_article(&format!("articles/{name}.md"), &format!("/uploads/{name}"));
        }
    }

    /// Copies one of the repository's uploads.
    pub fn copy_upload(&self, upload: &str, to: &str) {
        self.write(to, sample_upload(upload));
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn remove_state(&self) {
        fs::remove_dir_all(self.path(".planche")).unwrap();
    }

    /// All files but those of `.planche/`.
    pub fn files(&self) -> Files {
        let names = self.names().into_iter();
        names
            .filter_map(|name| Some((name.clone(), content(&self.path(&name))?)))
            .collect()
    }

    /// The paths of all files but those of `.planche/`, in order.
    pub fn names(&self) -> Vec<String> {
        let mut found = Vec::new();
        names(self.folder(), "", &mut found);
        found.sort();
        found
    }

    /// The paths of the variants that stand.
    pub fn variants(&self) -> Vec<String> {
        let mut names = self.names();
        names.retain(|name| {
            name.contains("variants/") && is_variant_name(name.rsplit('/').next().unwrap())
        });
        names
    }

    pub fn open(&self) -> Site {
        Site::open(Some(self.folder()), None).unwrap()
    }

    /// The program, to be run in this folder with these arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_planche"));
        command.args(arguments).current_dir(self.folder());
        command
    }

    pub fn planche(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }
}

impl Run {
    pub fn of(output: Output) -> Self {
        let run = Run {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!run.err.contains("panicked"), "{run:#?}");
        run
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// The object of `--format json`.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// A number of the object of `--format json`, such as `/variants/written`.
    pub fn count(&self, pointer: &str) -> u64 {
        let json = self.json();
        let number = json.pointer(pointer).and_then(serde_json::Value::as_u64);
        number.unwrap_or_else(|| panic!("{pointer}: {json}"))
    }

    /// The findings of the object of `--format json`.
    pub fn findings(&self) -> Vec<Found> {
        let findings = self.json()["findings"].as_array().unwrap().clone();
        findings
            .into_iter()
            .map(|finding| serde_json::from_value(finding).unwrap())
            .collect()
    }
}

/// A finding of `--format json`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Found {
    pub code: String,
    pub severity: String,
    pub file: Option<String>,
    pub line: Option<u32>,
    pub column: Option<u32>,
    pub message: String,
    pub hint: Option<String>,
}

/// The bytes of one of the repository's own uploads.
pub fn sample_upload(name: &str) -> Vec<u8> {
    let uploads = Path::new(env!("CARGO_MANIFEST_DIR")).join("uploads");
    fs::read(uploads.join(name)).unwrap()
}

/// The names of the files that differ between two looks at a site.
pub fn changed(before: &Files, after: &Files) -> Vec<String> {
    let names = before.keys().chain(after.keys());
    let mut names: Vec<String> = names
        .filter(|name| before.get(*name) != after.get(*name))
        .cloned()
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The path within the site.
pub fn site_path(path: &str) -> SitePath {
    SitePath::normalise(path).unwrap()
}

fn copy(from: &Path, to: &Path) {
    if fs::symlink_metadata(from).unwrap().is_symlink() {
        std::os::unix::fs::symlink(fs::read_link(from).unwrap(), to).unwrap();
    } else if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        // The content alone: the corpus is read-only, its copy is not.
        fs::write(to, fs::read(from).unwrap()).unwrap();
    }
}

/// The paths of all files and links below a folder, but for those of `.planche/`.
fn names(folder: &Path, prefix: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() && name != ".planche" {
            names(&entry.path(), &format!("{name}/"), found);
        } else if kind.is_file() || kind.is_symlink() {
            found.push(name);
        }
    }
}

/// The content of a file, or where a link points; none for a file that a run has just removed, or
/// whose name cannot be told.
fn content(path: &Path) -> Option<Vec<u8>> {
    let read = match fs::read_link(path) {
        Ok(target) => Ok(target.into_os_string().into_encoded_bytes()),
        Err(_) => fs::read(path),
    };
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        read => Some(read.unwrap()),
    }
}
