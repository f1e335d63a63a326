//! Finds the files that some process has open for writing.
//!
//! After an exchange, an open descriptor still refers to the old file: later writes through it
//! would be lost with that file. Linux lists the descriptors in `/proc`, those of other users'
//! processes to root only. Not detected: processes of other users (unless root runs this), of other
//! containers, of network clients, and writable memory maps whose descriptor was closed. Without
//! `/proc`, no writer is detected.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cap_std::fs::MetadataExt;

use super::root::Root;
use super::stamp::FileId;
use crate::path::SitePath;

/// The files that some process had open for writing when the list was made.
#[derive(Debug, Default)]
pub struct Writers {
    files: HashSet<FileId>,
}

impl Writers {
    /// Reads the open descriptors of all processes that are visible to this one.
    pub fn now() -> Self {
        Writers {
            files: open_for_writing(),
        }
    }

    pub fn hold(&self, file: FileId) -> bool {
        self.files.contains(&file)
    }
}

/// How long a list of writers is used: for this long, or for `TIMES` times as long as it took to
/// make, whichever is longer.
const FRESH: Duration = Duration::from_millis(200);
const TIMES: u32 = 16;

/// A list of [`Writers`] that is renewed when it is out of date. Making one takes milliseconds, too
/// long for each file.
#[derive(Debug, Default)]
pub struct RecentWriters {
    /// The list, and until when it is used.
    listed: Mutex<Option<(Instant, Arc<Writers>)>>,
}

impl RecentWriters {
    /// An empty list that is used for an hour, so that no writer is noticed.
    #[cfg(test)]
    pub fn none_for_an_hour() -> Self {
        let later = Instant::now() + Duration::from_secs(3_600);
        RecentWriters {
            listed: Mutex::new(Some((later, Arc::default()))),
        }
    }

    pub fn hold(&self, file: FileId) -> bool {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let writers = match &*listed {
            Some((until, known)) if Instant::now() < *until => known.clone(),
            _ => {
                let started = Instant::now();
                let now = Arc::new(Writers::now());
                let fresh = FRESH.max(started.elapsed() * TIMES);
                *listed = Some((Instant::now() + fresh, now.clone()));
                now
            }
        };
        drop(listed);
        writers.hold(file)
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
    use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, readlinkat, statat};

    let mut files = HashSet::new();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    // Not with the standard library, whose directory reader panics if the system cannot close it.
    let Ok(system) = openat(rustix::fs::CWD, "/proc", flags, Mode::empty()) else {
        return files;
    };
    let Ok(processes) = Dir::read_from(&system) else {
        return files;
    };
    for process in processes.flatten() {
        let name = process.file_name().to_bytes();
        if !name.iter().all(u8::is_ascii_digit) {
            continue;
        }
        // Opening fails if the process has ended or belongs to another user.
        let folder = [name, b"/fd"].concat();
        let Ok(folder) = openat(&system, folder, flags, Mode::empty()) else {
            continue;
        };
        let Ok(descriptors) = Dir::read_from(&folder) else {
            continue;
        };
        for descriptor in descriptors.flatten() {
            let name = descriptor.file_name();
            // The permissions of the link show how the descriptor was opened (proc_pid_fd(5)).
            let is_writable = statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW)
                .is_ok_and(|link| link.st_mode & 0o200 != 0);
            if !is_writable {
                continue;
            }
            // Sockets and pipes are not articles; asking for their status may block.
            let has_path = readlinkat(&folder, name, Vec::new())
                .is_ok_and(|target| target.as_bytes().starts_with(b"/"));
            if has_path
                && let Ok(file) = statat(&folder, name, AtFlags::empty())
                && FileType::from_raw_mode(file.st_mode).is_file()
            {
                files.insert(FileId::new(file.st_dev, file.st_ino));
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
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_file_opened_for_writing_is_detected() {
        // Sites are also built on a file system in memory.
        for parent in [std::env::temp_dir(), PathBuf::from("/dev/shm")] {
            let Ok(folder) = tempfile::tempdir_in(parent) else {
                continue;
            };
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
}
