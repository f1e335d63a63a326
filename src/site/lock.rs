//! The state folder `.planche/`, and the lock in it: an advisory lock that the system releases with
//! the process, so that one run writes at a time.
//!
//! A repository or an archive may contain the folder, so it is hostile input: a link, a file with a
//! second name, a pipe or a device instead of one of our files is refused, never written to.

use std::fs::{File, Permissions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cap_std::fs::Dir;
use rustix::fs::{Mode, OFlags, openat};
use rustix::io::Errno;

use super::error::{Operation, SiteError};
use super::root::Root;
use super::stamp::Moment;
use super::temporary::Temporary;
use crate::finding::{Code, Finding};
use crate::path::SitePath;

/// Name of the folder of files that can be made again, such as ledger and lock.
pub const STATE_FOLDER: &str = ".planche";
const LOCK: &str = "lock";

/// How long a run waits for another one.
const PATIENCE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);

/// The most bytes of a file that cannot be made again: a list of millions of names.
const KEPT_LIMIT: u64 = 256 << 20;

/// The right to write in a site, until it is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
    /// `false` if the file system has no locks: then nothing keeps another run out.
    is_exclusive: bool,
}

impl Lock {
    /// The warning that another run could write at the same time.
    pub fn finding(&self) -> Option<Finding> {
        let finding = || {
            let message = "the file system does not support locks, so nothing keeps a second run \
                           of planche from writing at the same time";
            Finding::new(Code::NotLocked, message).in_file(state_path(LOCK).as_str())
        };
        (!self.is_exclusive).then(finding)
    }
}

/// A lock that could not be acquired.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("another run holds the lock: {holder}")]
    Held { holder: String },
    #[error("stopped while waiting for the lock")]
    Stopped,
    #[error(transparent)]
    Site(#[from] SiteError),
}

/// The text that the holder writes into the lock file.
fn own_name() -> String {
    format!("process {}\n", std::process::id())
}

fn state_path(name: &str) -> SitePath {
    SitePath::root().child(STATE_FOLDER).child(name)
}

impl Root {
    /// Acquires the lock like [`Root::lock_announcing`], without announcing that it waits.
    pub fn lock(&self, stop: &AtomicBool) -> Result<Lock, LockError> {
        self.lock_announcing(stop, &|_| {})
    }

    /// Acquires the lock, waiting up to ten seconds for another run to end, or until `stop` is set.
    /// If it has to wait, first passes the name of that run to `announce`. On a file system without
    /// locks, the run goes on ([`Lock::finding`]).
    pub fn lock_announcing(
        &self,
        stop: &AtomicBool,
        announce: &dyn Fn(&str),
    ) -> Result<Lock, LockError> {
        let path = state_path(LOCK);
        let folder = self.make_state_folder()?;
        let flags = OFlags::RDWR | OFlags::CREATE;
        let mut file = open_own(&folder, LOCK, flags)
            .map_err(SiteError::io(Operation::Lock, &path))?
            .map_err(|found| SiteError::NotOurs {
                path: path.clone(),
                found,
            })?;
        let started = Instant::now();
        let mut has_announced = false;
        let is_exclusive = loop {
            match file.try_lock() {
                Ok(()) => break true,
                Err(TryLockError::Error(error)) if is_unsupported(&error) => break false,
                Err(TryLockError::WouldBlock) if stop.load(Ordering::Relaxed) => {
                    return Err(LockError::Stopped);
                }
                Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => {
                    if !has_announced {
                        announce(&holder(&mut file));
                        has_announced = true;
                    }
                    std::thread::sleep(POLL)
                }
                Err(TryLockError::WouldBlock) => {
                    let holder = holder(&mut file);
                    return Err(LockError::Held { holder });
                }
                Err(TryLockError::Error(error)) => {
                    return Err(SiteError::io(Operation::Lock, &path)(error).into());
                }
            }
        };
        let mut lock = Lock { file, is_exclusive };
        // A watcher acquires the lock repeatedly; if the file names this process already, nothing
        // is written.
        let mut holder = String::new();
        let is_own = lock.file.rewind().is_ok()
            && lock.file.read_to_string(&mut holder).is_ok()
            && holder == own_name();
        if !is_own {
            self.mark(&mut lock)?;
        }
        Ok(lock)
    }

    /// Writes the holder into the lock file again; returns the file system's current time.
    pub fn mark(&self, lock: &mut Lock) -> Result<Moment, SiteError> {
        let mut write = || -> io::Result<Moment> {
            let name = own_name();
            // In this order: on a full disk, overwriting needs no space.
            lock.file.rewind()?;
            lock.file.write_all(name.as_bytes())?;
            lock.file.set_len(name.len() as u64)?;
            Ok(Moment::modified(&lock.file.metadata()?))
        };
        write().map_err(SiteError::io(Operation::Lock, &state_path(LOCK)))
    }

    /// Reads a file of the state folder. Returns `None` if it does not exist, cannot be read, is
    /// larger than `limit` bytes, or is not a file of our own: all of it can be made again.
    pub fn read_state(&self, name: &str, limit: u64) -> Option<Vec<u8>> {
        let folder = self.state_folder().ok()?.ok()?;
        let file = open_own(&folder, name, OFlags::RDONLY).ok()?.ok()?;
        let mut bytes = Vec::new();
        file.take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .ok()?;
        (bytes.len() as u64 <= limit).then_some(bytes)
    }

    /// Reads a file of the state folder that cannot be made again; `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is not a file of our own, or is larger than any that planche writes.
    pub fn read_kept_state(&self, name: &str) -> Result<Option<Vec<u8>>, SiteError> {
        let is_missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
        let path = state_path(name);
        let not_ours = |path: SitePath, found| SiteError::NotOurs { path, found };
        let folder = match self.state_folder() {
            Err(error) if is_missing(&error) => return Ok(None),
            opened => opened.map_err(SiteError::io(Operation::Read, &path))?,
        };
        let folder = folder.map_err(|found| not_ours(path.parent(), found))?;
        let file = match open_own(&folder, name, OFlags::RDONLY) {
            Err(error) if is_missing(&error) => return Ok(None),
            opened => opened.map_err(SiteError::io(Operation::Read, &path))?,
        };
        let file = file.map_err(|found| not_ours(path.clone(), found))?;
        let read = || -> io::Result<(u64, Vec<u8>)> {
            let length = file.metadata()?.len();
            let mut bytes = Vec::new();
            if length <= KEPT_LIMIT {
                (&file).take(KEPT_LIMIT).read_to_end(&mut bytes)?;
            }
            Ok((length, bytes))
        };
        match read().map_err(SiteError::io(Operation::Read, &path))? {
            (bytes, _) if bytes > KEPT_LIMIT => Err(SiteError::TooLarge {
                path,
                bytes,
                limit: KEPT_LIMIT,
            }),
            (_, bytes) => Ok(Some(bytes)),
        }
    }

    /// Replaces a file of the state folder atomically. It is not synced.
    pub fn write_state(&self, name: &str, bytes: &[u8]) -> Result<(), SiteError> {
        let _writing = self.gate().enter();
        let folder = self.make_state_folder()?;
        write_in(&folder, name, bytes).map_err(SiteError::io(Operation::Write, &state_path(name)))
    }

    /// Opens the state folder. The inner error names what exists instead of a folder.
    fn state_folder(&self) -> io::Result<Result<Dir, &'static str>> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(self.dir(), STATE_FOLDER, flags, Mode::empty()) {
            Ok(folder) => Ok(Ok(Dir::from_std_file(File::from(folder)))),
            Err(Errno::LOOP) => Ok(Err("a link")),
            Err(Errno::NOTDIR) => Ok(Err("a file")),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens the state folder, and creates it if it does not exist. Also creates its `.gitignore`
    /// if it is missing, as after a run that was killed.
    fn make_state_folder(&self) -> Result<Dir, SiteError> {
        let path = SitePath::root().child(STATE_FOLDER);
        let folder = match self.state_folder() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                match self.dir().create_dir(STATE_FOLDER) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                        return Err(SiteError::io(Operation::Create, &path)(error));
                    }
                    _ => {}
                }
                self.state_folder()
                    .map_err(SiteError::io(Operation::Create, &path))?
            }
            opened => opened.map_err(SiteError::io(Operation::Lock, &path))?,
        };
        let folder = folder.map_err(|found| SiteError::NotOurs {
            path: path.clone(),
            found,
        })?;
        let name = ".gitignore";
        let is_missing = folder
            .symlink_metadata(name)
            .is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        if is_missing {
            write_in(&folder, name, b"*\n")
                .map_err(SiteError::io(Operation::Write, &state_path(name)))?;
        }
        Ok(folder)
    }
}

/// What exists instead of a regular file, if it is neither a link nor a folder.
const SPECIAL: &str = "a pipe, a socket or a device";

/// Opens one of our files without following a link or waiting for a pipe. The inner error names
/// what exists instead of a regular file.
fn open_own(folder: &Dir, name: &str, flags: OFlags) -> io::Result<Result<File, &'static str>> {
    let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match openat(folder, name, flags, Mode::from_raw_mode(0o666)) {
        Err(Errno::LOOP) => return Ok(Err("a link")),
        Err(Errno::NXIO) => return Ok(Err(SPECIAL)),
        Err(Errno::ISDIR) => return Ok(Err("a folder")),
        file => File::from(file?),
    };
    let metadata = file.metadata()?;
    Ok(if !metadata.is_file() {
        Err(SPECIAL)
    } else if metadata.nlink() > 1 {
        Err("a file with a second name (a hard link)")
    } else {
        Ok(file)
    })
}

/// Whether locking failed because the file system has no locks, as some network and FUSE file
/// systems have none.
fn is_unsupported(error: &io::Error) -> bool {
    let unsupported = [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOTSUP, Errno::NOSYS];
    let raw = error.raw_os_error();
    unsupported
        .iter()
        .any(|errno| raw == Some(errno.raw_os_error()))
}

/// Who holds the lock, as far as it can be read.
fn holder(file: &mut File) -> String {
    let mut holder = String::new();
    // An unreadable lock file is still locked.
    let _ = file.rewind();
    let _ = file.take(1 << 10).read_to_string(&mut holder);
    match holder.trim() {
        "" => "an unknown process".to_owned(),
        holder => holder.to_owned(),
    }
}

fn write_in(folder: &Dir, name: &str, bytes: &[u8]) -> io::Result<()> {
    let temporary = Temporary::create(folder, Permissions::from_mode(0o666), bytes)?;
    temporary.rename(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> (tempfile::TempDir, Root) {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path()).unwrap();
        (folder, root)
    }

    #[test]
    fn a_lock_names_its_holder_from_the_start() {
        let (folder, root) = root();
        let _lock = root.lock(&AtomicBool::new(false)).unwrap();
        let holder = std::fs::read_to_string(folder.path().join(".planche/lock")).unwrap();
        assert_eq!(holder, format!("process {}\n", std::process::id()));
    }

    #[test]
    fn a_state_folder_without_its_gitignore_gets_it_again() {
        let (folder, root) = root();
        let gitignore = folder.path().join(".planche/.gitignore");
        std::fs::create_dir(folder.path().join(".planche")).unwrap();
        drop(root.lock(&AtomicBool::new(false)).unwrap());
        assert_eq!(std::fs::read_to_string(&gitignore).unwrap(), "*\n");
        // One that the owner has changed stays.
        std::fs::write(&gitignore, "mine").unwrap();
        drop(root.lock(&AtomicBool::new(false)).unwrap());
        assert_eq!(std::fs::read_to_string(&gitignore).unwrap(), "mine");
    }

    #[test]
    fn foreign_files_are_refused_and_never_written_to() {
        type Plant = fn(&std::path::Path);
        let plants: [(&str, Plant); 6] = [
            ("a link", |at| {
                std::os::unix::fs::symlink("../a.md", at.join("lock")).unwrap()
            }),
            ("a dangling link", |at| {
                std::os::unix::fs::symlink("../new.md", at.join("lock")).unwrap()
            }),
            ("a hard link", |at| {
                std::fs::hard_link(at.join("../a.md"), at.join("lock")).unwrap()
            }),
            ("a folder", |at| {
                std::fs::create_dir(at.join("lock")).unwrap()
            }),
            ("a pipe", |at| {
                let made = std::process::Command::new("mkfifo")
                    .arg(at.join("lock"))
                    .status();
                assert!(made.unwrap().success());
            }),
            ("the folder is a link", |at| {
                std::fs::remove_dir(at).unwrap();
                std::os::unix::fs::symlink(".", at).unwrap();
            }),
        ];
        for (case, plant) in plants {
            let (folder, root) = root();
            std::fs::write(folder.path().join("a.md"), "text").unwrap();
            std::fs::create_dir(folder.path().join(".planche")).unwrap();
            plant(&folder.path().join(".planche"));
            let refused = root.lock(&AtomicBool::new(false));
            assert!(
                matches!(refused, Err(LockError::Site(SiteError::NotOurs { .. }))),
                "{case}: {refused:?}"
            );
            let text = std::fs::read_to_string(folder.path().join("a.md")).unwrap();
            assert_eq!(text, "text", "{case}");
            assert!(!folder.path().join("new.md").exists(), "{case}");
        }
    }

    #[test]
    fn a_linked_ledger_is_neither_read_nor_written_to() {
        let (folder, root) = root();
        std::fs::write(folder.path().join("a.md"), "text").unwrap();
        std::fs::create_dir(folder.path().join(".planche")).unwrap();
        let ledger = folder.path().join(".planche/ledger");
        std::os::unix::fs::symlink("../a.md", &ledger).unwrap();
        assert_eq!(root.read_state("ledger", 1 << 10), None);
        root.write_state("ledger", b"facts").unwrap();
        assert_eq!(
            root.read_state("ledger", 1 << 10).as_deref(),
            Some(&b"facts"[..])
        );
        assert_eq!(root.read_state("ledger", 4), None, "over the limit");
        let text = std::fs::read_to_string(folder.path().join("a.md")).unwrap();
        assert_eq!(text, "text");
    }
}
