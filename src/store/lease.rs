//! Leases for making entries: while a process has the lease of a key, no other process makes that
//! entry.
//!
//! A lease is an advisory lock on a file of its own, which the system releases when the process
//! ends. It only saves work: entries are written correctly without it.

use std::fs::{File, TryLockError};
use std::io;

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use rustix::fs::OFlags;

use super::{FolderStore, Key};

const FOLDER: &str = "leases";
/// How often locking may fail because the last holder removes the file after it was opened.
const ATTEMPTS: usize = 16;

/// The right to make an entry, until it is dropped.
#[derive(Debug)]
pub struct Lease {
    folder: Dir,
    key: Key,
    _file: File,
}

impl FolderStore {
    /// Takes the lease of a key; returns `None` if another process or thread has it.
    ///
    /// # Errors
    ///
    /// If the store cannot be written, or its file system has no locks.
    pub fn lease(&self, key: Key) -> io::Result<Option<Lease>> {
        let folder = self.make_folder(FOLDER)?;
        let name = key.to_string();
        for _ in 0..ATTEMPTS {
            let file = open_lock(&folder, &name)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // The last holder may have removed the file since it was opened.
            if is_named(&folder, &name, &file)? {
                return Ok(Some(Lease {
                    folder,
                    key,
                    _file: file,
                }));
            }
        }
        Ok(None)
    }

    /// Removes the lease files that killed processes have left.
    pub(super) fn sweep_leases(&self) -> io::Result<()> {
        for name in super::folder::entries(self.folder(), FOLDER)? {
            if let Ok(key) = name.parse() {
                drop(self.lease(key)?);
            }
        }
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // Removed while it is still locked: whoever has opened it meanwhile sees that it has lost
        // its name.
        let _ = self.folder.remove_file(self.key.to_string());
    }
}

/// Opens a file to lock, without following a link.
pub(super) fn open_lock(folder: &Dir, name: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits();
    options.read(true).write(true).create(true);
    options.custom_flags(flags.cast_signed());
    Ok(folder.open_with(name, &options)?.into_std())
}

/// Whether an open file still has its name.
fn is_named(folder: &Dir, name: &str, file: &File) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let own = file.metadata()?;
    match folder.symlink_metadata(name) {
        Ok(there) => {
            let there = (
                cap_std::fs::MetadataExt::dev(&there),
                cap_std::fs::MetadataExt::ino(&there),
            );
            Ok((own.dev(), own.ino()) == there)
        }
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::WriteGate;

    #[test]
    fn one_holds_a_lease_and_nothing_is_left_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let open = || FolderStore::open(folder.path(), WriteGate::default()).unwrap();
        let (one, other) = (open(), open());
        let key = Key([1; 32]);
        let lease = one.lease(key).unwrap().unwrap();
        assert!(other.lease(key).unwrap().is_none());
        assert!(other.lease(Key([2; 32])).unwrap().is_some());
        drop(lease);
        assert!(other.lease(key).unwrap().is_some());
        let left = std::fs::read_dir(folder.path().join(FOLDER)).unwrap();
        assert_eq!(left.count(), 0);
    }

    #[test]
    fn at_no_time_two_hold_one_lease() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::open(folder.path(), WriteGate::default()).unwrap();
        let holders = std::sync::atomic::AtomicUsize::new(0);
        let order = std::sync::atomic::Ordering::SeqCst;
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        if let Some(lease) = store.lease(Key([3; 32])).unwrap() {
                            assert_eq!(holders.fetch_add(1, order), 0);
                            std::thread::yield_now();
                            holders.fetch_sub(1, order);
                            drop(lease);
                        }
                    }
                });
            }
        });
    }

    #[test]
    fn what_a_killed_process_left_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::open(folder.path(), WriteGate::default()).unwrap();
        let held = store.lease(Key([4; 32])).unwrap();
        let leases = folder.path().join(FOLDER);
        std::fs::write(leases.join(Key([5; 32]).to_string()), "").unwrap();
        std::fs::write(leases.join("notes"), "").unwrap();
        store.sweep_leases().unwrap();
        let mut left: Vec<_> = std::fs::read_dir(&leases)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, [Key([4; 32]).to_string(), "notes".to_owned()]);
        drop(held);
    }
}
