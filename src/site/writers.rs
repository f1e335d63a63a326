//! Files that some process has open for writing.
//!
//! After an exchange, an open descriptor still refers to the old file: later writes through it
//! would be lost with that file. Linux lists the descriptors in `/proc`, those of other users'
//! processes to root only. Not detected: processes of other users (unless root runs this), of other
//! containers, of network clients, and writable memory maps whose descriptor was closed. Without
//! `/proc`, no writer is detected.

use std::collections::{BTreeSet, HashSet};

use cap_std::fs::MetadataExt;

use super::root::Root;
use super::stamp::FileId;
use crate::path::SitePath;

/// The files that can be written to through descriptors that are open.
#[derive(Debug, Default)]
pub struct Writers {
    files: HashSet<FileId>,
}

impl Writers {
    /// Looks at the descriptors of all processes that can be seen.
    pub fn now() -> Self {
        Writers {
            files: open_for_writing(),
        }
    }

    pub fn hold(&self, file: FileId) -> bool {
        self.files.contains(&file)
    }
}

impl Root {
    /// The files that some process has open for writing.
    pub fn open_for_writing(&self, paths: &BTreeSet<SitePath>) -> BTreeSet<SitePath> {
        if paths.is_empty() {
            return BTreeSet::new();
        }
        let writers = Writers::now();
        let is_open = |path: &&SitePath| {
            let metadata = self.dir().metadata(path.as_path());
            metadata.is_ok_and(|file| writers.hold(FileId::new(file.dev(), file.ino())))
        };
        paths.iter().filter(is_open).cloned().collect()
    }
}

#[cfg(target_os = "linux")]
fn open_for_writing() -> HashSet<FileId> {
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    let is_number = |name: &std::ffi::OsStr| {
        name.as_encoded_bytes()
            .iter()
            .all(|byte| byte.is_ascii_digit())
    };
    let mut files = HashSet::new();
    let Ok(processes) = fs::read_dir("/proc") else {
        return files;
    };
    for process in processes.flatten() {
        if !is_number(&process.file_name()) {
            continue;
        }
        // The process has ended, or belongs to another user.
        let Ok(descriptors) = fs::read_dir(process.path().join("fd")) else {
            continue;
        };
        for descriptor in descriptors.flatten() {
            // The permissions of the link show how the descriptor was opened (proc_pid_fd(5)).
            let is_writable =
                fs::symlink_metadata(descriptor.path()).is_ok_and(|link| link.mode() & 0o200 != 0);
            if !is_writable {
                continue;
            }
            // Sockets, pipes and devices are no articles.
            let names_a_file = fs::read_link(descriptor.path())
                .is_ok_and(|target| target.is_absolute() && !target.starts_with("/dev"));
            if names_a_file && let Ok(file) = fs::metadata(descriptor.path()) {
                files.insert(FileId::new(file.dev(), file.ino()));
            }
        }
    }
    files
}

#[cfg(not(target_os = "linux"))]
fn open_for_writing() -> HashSet<FileId> {
    HashSet::new()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::fs::{File, OpenOptions};
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn a_file_opened_for_writing_is_detected() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        std::fs::write(&path, "text").unwrap();
        let metadata = std::fs::metadata(&path).unwrap();
        let id = FileId::new(metadata.dev(), metadata.ino());
        assert!(!Writers::now().hold(id), "nobody has it open");
        let reader = File::open(&path).unwrap();
        assert!(!Writers::now().hold(id), "a reader loses nothing");
        let writer = OpenOptions::new().append(true).open(&path).unwrap();
        assert!(Writers::now().hold(id));
        drop((reader, writer));
        assert!(!Writers::now().hold(id), "it was closed");
    }
}
