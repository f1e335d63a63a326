//! Eviction: keeps the variants in a folder within a number of bytes.

use std::fs::TryLockError;
use std::io;
use std::time::{Duration, SystemTime};

use super::folder::entries;
use super::lease::open_lock;
use super::{Action, FolderStore, Section, StoreError};
use crate::site::is_temporary;

const LOCK: &str = "evict.lock";
/// The age from which a temporary file counts as abandoned: no write takes so long.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

impl FolderStore {
    /// Removes the least recently used variants until the others have at most `max` bytes, headers
    /// included; originals stay. Also removes the files that killed processes have left. Does
    /// nothing if another process is evicting.
    ///
    /// A reader that has opened an entry can still read it to its end; any other process makes the
    /// variant again.
    ///
    /// # Errors
    ///
    /// If the store cannot be read or written.
    pub fn evict(&self, max: u64) -> Result<(), StoreError> {
        let evict = || {
            let lock = open_lock(self.folder(), LOCK)?;
            match lock.try_lock() {
                Err(TryLockError::WouldBlock) => return Ok(()),
                // Without locks, two processes may evict at once, and remove more than needed.
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            self.sweep_leases()?;
            self.evict_alone(max)
        };
        evict().map_err(self.error(Action::Remove, Section::Variants.folder()))
    }

    fn evict_alone(&self, max: u64) -> io::Result<()> {
        let now = SystemTime::now();
        let section = Section::Variants;
        let mut found = Vec::new();
        for below in entries(self.folder(), section.folder())? {
            let folder = format!("{}/{below}", section.folder());
            for file in entries(self.folder(), &folder)? {
                let path = format!("{folder}/{file}");
                let Ok(metadata) = self.folder().symlink_metadata(&path) else {
                    continue;
                };
                let used = metadata.modified()?.into_std();
                let age = now.duration_since(used).unwrap_or_default();
                if is_temporary(&file) && age > ABANDONED {
                    self.remove(&path)?;
                } else if section.name(&file).is_some() {
                    found.push((used, path, metadata.len()));
                }
            }
        }
        let mut bytes: u64 = found.iter().map(|(_, _, bytes)| bytes).sum();
        found.sort();
        for (_, path, entry) in found {
            if bytes <= max {
                break;
            }
            self.remove(&path)?;
            bytes -= entry;
        }
        Ok(())
    }

    /// Removes a file, which may be gone already.
    fn remove(&self, path: &str) -> io::Result<()> {
        let _writing = self.gate().enter();
        match self.folder().remove_file(path) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{File, FileTimes};

    use super::*;
    use crate::picture::info::Digest;
    use crate::site::WriteGate;
    use crate::store::{Key, Name, Store};

    fn variant(number: u8) -> Name {
        Name::Variant(Key([number; 32]))
    }

    #[test]
    fn the_least_recently_used_go_first() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::open(folder.path(), WriteGate::default()).unwrap();
        let file = |name: Name| folder.path().join(name.to_string());
        let day = |count: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(count * 24 * 60 * 60);
        let set = |path: &std::path::Path, time| {
            let times = FileTimes::new().set_modified(time);
            File::options()
                .write(true)
                .open(path)
                .unwrap()
                .set_times(times)
                .unwrap();
        };
        // 920 bytes and a header of 80.
        for number in 1..=4 {
            store.put_if_absent(variant(number), &[0; 920]).unwrap();
            set(&file(variant(number)), day(number.into()));
        }
        let original = Name::Original(Digest::of(b"photo"));
        store.put_if_absent(original, b"photo").unwrap();
        let left = file(variant(4)).with_file_name(".planche-1-0.tmp");
        std::fs::write(&left, "").unwrap();
        set(&left, day(1));
        let others = file(variant(4)).with_file_name("notes");
        std::fs::write(&others, "").unwrap();

        store.evict(4_000).unwrap();
        assert!((1..=4).all(|number| file(variant(number)).exists()));
        assert!(!left.exists(), "the file of a killed process");
        // Reading counts as use.
        store.get(variant(1)).unwrap().unwrap();
        store.evict(2_999).unwrap();
        let left: Vec<u8> = (1..=4)
            .filter(|number| file(variant(*number)).exists())
            .collect();
        assert_eq!(left, [1, 4]);
        store.evict(0).unwrap();
        assert_eq!(store.list(Section::Variants).unwrap(), []);
        assert!(store.exists(original).unwrap() && others.exists());
    }

    #[test]
    fn eviction_at_the_same_time_breaks_no_reader_and_no_writer() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::open(folder.path(), WriteGate::default()).unwrap();
        let bytes = vec![7; 50_000];
        std::thread::scope(|scope| {
            let users: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        for round in 0..100 {
                            let name = variant(round % 5);
                            store.put_if_absent(name, &bytes).unwrap();
                            let got = store.get(name).unwrap();
                            assert!(got.is_none_or(|got| got == bytes));
                        }
                    })
                })
                .collect();
            while !users.iter().all(|user| user.is_finished()) {
                store.evict(100_000).unwrap();
            }
        });
    }
}
