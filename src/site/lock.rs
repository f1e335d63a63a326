//! One run at a time: an advisory lock in `.planche/`, which the system releases with the process.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cap_std::fs::OpenOptions;

use super::root::{Moment, Root, SiteError};
use crate::path::SitePath;

/// The folder of what can be made again: ledger and lock.
pub const STATE_FOLDER: &str = ".planche";

/// How long a run waits for another.
const PATIENCE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);

/// The right to write in a site; given up when it is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// A lock that could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("another run holds the lock: {holder}")]
    Held { holder: String },
    #[error("stopped while waiting for the lock")]
    Stopped,
    #[error(transparent)]
    Site(#[from] SiteError),
}

/// What the lock's holder writes into it.
fn own_name() -> String {
    format!("process {}\n", std::process::id())
}

fn lock_path() -> SitePath {
    SitePath::root().child(STATE_FOLDER).child("lock")
}

impl Root {
    /// Takes the lock, waiting up to ten seconds for another run to end, or until `stop` is set.
    pub fn lock(&self, stop: &AtomicBool) -> Result<Lock, LockError> {
        let path = lock_path();
        let failed = |source| SiteError::io("lock", &path)(source);
        self.make_state_folder(&path.parent())?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = self
            .dir()
            .open_with(path.as_path(), &options)
            .map_err(failed)?;
        let mut file = file.into_std();
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if stop.load(Ordering::Relaxed) => {
                    return Err(LockError::Stopped);
                }
                Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                    std::thread::sleep(POLL)
                }
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    // It says who has it; an unreadable lock is held all the same.
                    let _ = file.read_to_string(&mut holder);
                    let holder = holder.trim();
                    return Err(LockError::Held {
                        holder: if holder.is_empty() {
                            "an unknown process"
                        } else {
                            holder
                        }
                        .to_owned(),
                    });
                }
                Err(TryLockError::Error(error)) => return Err(failed(error).into()),
            }
        }
        let mut lock = Lock { file };
        // A watcher takes it again and again, and writes nothing where nothing changes.
        let mut holder = String::new();
        let is_own = lock.file.read_to_string(&mut holder).is_ok() && holder == own_name();
        if !is_own {
            self.mark(&mut lock)?;
        }
        Ok(lock)
    }

    /// Notes who holds the lock once more; gives the file system's own time.
    pub fn mark(&self, lock: &mut Lock) -> Result<Moment, SiteError> {
        let path = lock_path();
        let mut write = || -> io::Result<()> {
            let name = own_name();
            // In this order: on a full disk, what is written over needs no room.
            lock.file.rewind()?;
            lock.file.write_all(name.as_bytes())?;
            lock.file.set_len(name.len() as u64)
        };
        write().map_err(SiteError::io("lock", &path))?;
        Ok(self.stamp(&path)?.modified())
    }

    fn make_state_folder(&self, folder: &SitePath) -> Result<(), SiteError> {
        if self.is_dir(folder.as_str()) {
            return Ok(());
        }
        let failed = |source| SiteError::io("create", folder)(source);
        match self.dir().create_dir(folder.as_path()) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failed(error));
            }
            _ => {}
        }
        self.write_new(&folder.child(".gitignore"), b"*\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_names_its_holder_from_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path()).unwrap();
        let _lock = root.lock(&AtomicBool::new(false)).unwrap();
        let holder = std::fs::read_to_string(folder.path().join(".planche/lock")).unwrap();
        assert_eq!(holder, format!("process {}\n", std::process::id()));
    }
}
