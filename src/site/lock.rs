//! One run at a time: an advisory lock in `.planche/`, which the system releases with the process.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::time::{Duration, Instant};

use cap_std::fs::OpenOptions;

use super::SitePath;
use super::root::{Moment, Root, SiteError};

/// The folder of what can be made again: ledger and lock.
pub const STATE_FOLDER: &str = ".planche";

/// How long a run waits for another.
const PATIENCE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);

/// The right to write in a site; given up when it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    /// The file system's own time when the run began.
    pub run_start: Moment,
}

/// A lock that could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("another run holds the lock: {holder}")]
    Held { holder: String },
    #[error(transparent)]
    Site(#[from] SiteError),
}

impl Root {
    /// Takes the lock, waiting up to ten seconds for another run to end.
    pub fn lock(&self) -> Result<Lock, LockError> {
        let folder = SitePath::root().child(STATE_FOLDER);
        let path = folder.child("lock");
        let failed = |source| SiteError::io("lock", &path)(source);
        self.make_state_folder(&folder)?;
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
        let write = |file: &mut File| -> io::Result<()> {
            file.set_len(0)?;
            file.rewind()?;
            writeln!(file, "process {}", std::process::id())
        };
        write(&mut file).map_err(failed)?;
        let run_start = self.stamp(&path)?.modified();
        Ok(Lock {
            _file: file,
            run_start,
        })
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
