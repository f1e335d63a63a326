//! Files to which planche writes because an option names them: reports, timings, jobs, pages.
//!
//! They are checked before the run, so that a mistyped name, or one completed by a shell, cannot
//! overwrite a site's configuration or an article, and a run of an hour cannot fail at the end
//! because a folder does not exist.

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

use anyhow::{Error, Result, anyhow};

use super::write_file::{folder_of, write_file};
use planche::internal::finding::Code;
use planche::internal::path::SitePath;
use planche::internal::picture::format;
use planche::internal::project::Site;
use planche::internal::report::BASELINE;
use planche::internal::site::STATE_FOLDER;

/// Number of bytes at the start of an existing file that are read to find out whether planche wrote
/// it.
const START: u64 = 16 << 10;

/// Beginnings of the files that planche writes for programs.
const BEGINNINGS: &[&str] = &[
    "{\"schema\":",
    "{\"v\":",
    "{\"displayTimeUnit\":",
    "### planche ",
    "::error ",
    "::warning ",
    "::notice ",
];

/// Texts near the beginning of the other files that planche writes.
const CONTENTS: &[&str] = &[
    "\"check_name\": \"",
    "\"name\": \"planche\"",
    "<testsuites name=\"planche\"",
    "<title>planche: timings</title>",
    "<title>Contact sheet</title>",
    "\"planche\": \"",
    // The title of a chart.
    "\nplanche 0.",
];

/// A file that an option names for output.
#[derive(Clone, Copy, Debug)]
pub struct OutputFile<'p> {
    /// Description of the content for error messages, such as `the report`.
    pub what: &'static str,
    pub path: &'p Path,
}

impl OutputFile<'_> {
    /// Checks that the file can be written, and that writing it destroys no file of a site.
    ///
    /// # Errors
    ///
    /// If its folder does not exist, it is a folder itself, or it is a file of one of the sites
    /// that planche did not write for an option.
    pub fn check<'s>(self, sites: impl IntoIterator<Item = &'s Site>) -> Result<()> {
        let path = self.path;
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let folder = folder_of(path);
                return match folder.is_dir() {
                    true => Ok(()),
                    false => Err(self.no_folder(folder)),
                };
            }
            Err(error) => return Err(self.failed(&error)),
        };
        if metadata.is_dir() {
            return Err(self.failed(&ErrorKind::IsADirectory.into()));
        }
        // Writing to a pipe or a device overwrites nothing.
        if !metadata.is_file() {
            return Ok(());
        }
        for site in sites {
            if let Some(kept) = kept(site, path) {
                return Err(anyhow!(
                    "cannot write {} `{}`: {kept} – hint: name another file",
                    self.what,
                    path.display()
                ));
            }
        }
        Ok(())
    }

    /// Checks like [`OutputFile::check`], for a site that cannot be opened: any existing file may
    /// be one of its files.
    ///
    /// # Errors
    ///
    /// If the file exists and planche did not write it for an option.
    pub fn check_without_site(self) -> Result<()> {
        self.check([])?;
        if self.path.is_file() && !is_ours(self.path) {
            return Err(anyhow!(
                "cannot write {} `{}`: it exists, and planche did not write it – hint: name another \
                 file",
                self.what,
                self.path.display()
            ));
        }
        Ok(())
    }

    /// Writes the file.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(self, bytes: &[u8]) -> Result<()> {
        self.write_with(|out| out.write_all(bytes))
    }

    /// Writes the file with the bytes that `write` writes.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write_with(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        write_file(self.path, write).map_err(|error| self.failed(&error))
    }

    /// Returns the error message for a failure to write the file.
    pub fn failed(self, error: &io::Error) -> Error {
        let folder = folder_of(self.path);
        if error.kind() == ErrorKind::NotFound && !folder.is_dir() {
            return self.no_folder(folder);
        }
        let (what, path) = (self.what, self.path.display());
        match error.kind() {
            ErrorKind::IsADirectory => {
                anyhow!("cannot write {what} `{path}`: it is a folder – hint: name a file in it")
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                anyhow!("cannot write {what} `{path}`: {error} – hint: free disk space")
            }
            _ => anyhow!(
                "cannot write {what} `{path}`: {error} – hint: make the file and its folder \
                 writable, or name another file"
            ),
        }
    }

    fn no_folder(self, folder: &Path) -> Error {
        anyhow!(
            "cannot write {} `{}`: there is no folder `{}` – hint: make the folder, or name another \
             file",
            self.what,
            self.path.display(),
            folder.display()
        )
    }
}

/// Returns the reason why an existing file must not be overwritten; `None` if it may be.
fn kept(site: &Site, path: &Path) -> Option<&'static str> {
    let file = path.canonicalize().ok()?;
    let root = site.root.path().canonicalize().ok()?;
    let below = file.strip_prefix(root).ok()?.to_str()?;
    let file = SitePath::normalise(below)?;
    let is_below = |folder: &SitePath| file.below(folder.as_str()).is_some();
    let conventions = &site.conventions;
    let is_manifest = || {
        site.manifest()
            .is_some_and(|(manifest, _)| manifest == file)
    };
    if site.is_settings(&file) || file.as_str() == BASELINE {
        Some("it is a part of the site's configuration")
    } else if file.below(STATE_FOLDER).is_some() {
        (!is_for_programs(start_of(path).as_deref())).then_some("planche keeps its own state there")
    } else if site.is_output(&file) {
        Some("it is in the variants folder")
    } else if is_manifest() {
        Some("it is the manifest")
    } else if is_ours(path) {
        None
    } else if site.takes(&file) {
        Some("it is an article")
    } else if format::is_image_extension(&file.extension()) {
        Some("it is an image of the site")
    } else if conventions.templates_in.iter().any(is_below) {
        Some("it is a template")
    } else {
        Some("it is a file of the site that planche did not write")
    }
}

/// Reads the beginning of a file and trims it; `None` if the file is not text.
fn start_of(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).ok()?;
    file.take(START).read_to_end(&mut bytes).ok()?;
    // The last character may be incomplete.
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    Some(text.trim().to_owned())
}

/// Whether a file is empty, or looks like an output of planche.
fn is_ours(path: &Path) -> bool {
    let start = start_of(path);
    is_for_programs(start.as_deref()) || start.is_some_and(|text| is_for_people(path, &text))
}

fn is_for_programs(start: Option<&str>) -> bool {
    let Some(text) = start else {
        return false;
    };
    let is_empty = text.is_empty() || text == "[]";
    let begins = || BEGINNINGS.iter().any(|start| text.starts_with(start));
    let contains = || CONTENTS.iter().any(|content| text.contains(content));
    // Front matter marks an article, which may quote any of these texts.
    is_empty || !has_front_matter(text) && (begins() || contains())
}

fn has_front_matter(text: &str) -> bool {
    text.starts_with("---") || text.starts_with("+++")
}

/// Whether a text looks like a report for people: it contains a finding code, or mentions variants.
fn is_for_people(path: &Path, text: &str) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let mut codes = Code::ALL.iter();
    matches!(extension, None | Some("txt" | "log"))
        && !has_front_matter(text)
        && (text.contains("variant") || codes.any(|code| text.contains(&format!("[{code}]"))))
}
