//! Temporary sites: a test writes files, runs the program, and inspects the result.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output};
use std::sync::mpsc::{Receiver, channel};

use planche::internal::path::SitePath;
use planche::internal::project::Site;
use planche::internal::published::is_variant_name;
use serde_json::Value;

/// A site in a temporary folder, which is deleted on drop.
pub struct Scratch {
    folder: tempfile::TempDir,
}

/// The result of one run of the program.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// The content of every file in a folder, or the target of a link, by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// A folder that is read-only until this value is dropped.
pub struct ReadOnly {
    folder: PathBuf,
    is_mounted: bool,
}

impl ReadOnly {
    /// Makes a folder read-only. Returns `None` if the tests run as root, to whom permissions do
    /// not apply, and cannot mount either.
    pub fn make(folder: PathBuf) -> Option<Self> {
        let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
        if !is_root {
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
            let is_mounted = false;
            return Some(ReadOnly { folder, is_mounted });
        }
        let mount = |arguments: &[&str]| {
            let mut command = Command::new("mount");
            let output = command.args(arguments).arg(&folder).output();
            output.is_ok_and(|output| output.status.success())
        };
        if !mount(&["--bind", folder.to_str()?]) {
            return None;
        }
        let is_read_only = mount(&["-o", "remount,ro,bind"]);
        let made = ReadOnly {
            folder,
            is_mounted: true,
        };
        is_read_only.then_some(made)
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        if self.is_mounted {
            let _ = Command::new("umount").arg("-l").arg(&self.folder).status();
        } else {
            let _ = fs::set_permissions(&self.folder, fs::Permissions::from_mode(0o755));
        }
    }
}

/// Returns the JSON objects that a program prints, one per line. Its standard output must be piped.
pub fn objects(child: &mut Child) -> Receiver<Value> {
    let out = BufReader::new(child.stdout.take().unwrap());
    let (sender, objects) = channel();
    std::thread::spawn(move || {
        for line in out.lines() {
            let line = line.unwrap();
            let object = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
            // Sending fails only if the test is over.
            let _ = sender.send(object);
        }
    });
    objects
}

impl Scratch {
    /// Creates an empty folder.
    pub fn empty() -> Self {
        Scratch {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// Creates a site without a generator: articles in `articles/`, uploads in `uploads/`.
    pub fn site() -> Self {
        let scratch = Scratch::empty();
        scratch.write(
            "planche.yml",
            "generator: none\ncontent: [\"articles/**\"]\nuploads: [{ url: /uploads/, dir: uploads }]\n",
        );
        scratch
    }

    /// Copies a folder.
    pub fn copy_of(folder: &Path) -> Self {
        let scratch = Scratch::empty();
        copy(folder, scratch.folder());
        scratch
    }

    /// Copies this repository's own site.
    pub fn sample() -> Self {
        let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
        let scratch = Scratch::empty();
        for name in ["articles", "uploads", "presets", "planche.yml"] {
            copy(&repository.join(name), &scratch.path(name));
        }
        // A build in the repository itself may have left variants.
        let _ = fs::remove_dir_all(scratch.path("uploads/variants"));
        scratch
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Writes a file, and creates its folders.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Writes an article whose front matter references one image.
    pub fn write_article(&self, name: &str, image: &str) {
        self.write(name, format!("---\nimage: {image}\n---\nText.\n"));
    }

    /// Writes uploads, and for each an article that references it.
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

    /// Returns all files except those in `.planche/`.
    pub fn files(&self) -> Files {
        let names = self.names().into_iter();
        names
            .filter_map(|name| Some((name.clone(), content(&self.path(&name))?)))
            .collect()
    }

    /// Returns the paths of all files except those in `.planche/`, in order.
    pub fn names(&self) -> Vec<String> {
        let mut found = Vec::new();
        names(self.folder(), "", &mut found);
        found.sort();
        found
    }

    /// Returns the paths of the variants.
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

    /// Returns the command that runs the program in this folder with these arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_planche"));
        command.args(arguments).current_dir(self.folder());
        // The variable may be set in the environment of whoever runs the tests.
        command.env_remove("PLANCHE_CACHE");
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

    /// Returns the object of `--format json`.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Returns a number of the object of `--format json`, such as `/variants/written`.
    pub fn count(&self, pointer: &str) -> u64 {
        let json = self.json();
        let number = json.pointer(pointer).and_then(serde_json::Value::as_u64);
        number.unwrap_or_else(|| panic!("{pointer}: {json}"))
    }

    /// Returns the findings of the object of `--format json`.
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

/// Returns the bytes of one of the repository's own uploads.
pub fn sample_upload(name: &str) -> Vec<u8> {
    let uploads = Path::new(env!("CARGO_MANIFEST_DIR")).join("uploads");
    fs::read(uploads.join(name)).unwrap()
}

/// Returns the names of the files that differ between two states of a site.
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

/// Returns the path within the site.
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
        // Only the content is copied, because the corpus is read-only and its copy must not be.
        fs::write(to, fs::read(from).unwrap()).unwrap();
    }
}

/// Collects the paths of all files and links below a folder, except those in `.planche/`.
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

/// Returns the content of a file or the target of a link. Returns `None` for a file that has just
/// been removed or whose name is not UTF-8.
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
