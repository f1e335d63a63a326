//! A store in a folder of the file system.
//!
//! An entry is written beside its place and renamed there only if nothing has its name: a reader
//! finds a complete file or none. Entries are opened without following links.

use std::fmt;
use std::fs::Permissions;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, OpenOptions, OpenOptionsExt};
use rustix::fs::{OFlags, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};
use rustix::io::Errno;

use super::entry::{LARGEST, seal, unseal};
use super::{Action, Name, Put, Section, Store, StoreError};
use crate::site::{Temporary, WriteGate};

/// How often a writer may find a name taken and then gone before it gives up.
const ATTEMPTS: usize = 4;

/// Content of a cache directory tag, see <https://bford.info/cachedir/>.
const CACHE_TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
    # This folder is a cache of planche. It can be deleted at any time.\n";

/// The timestamps of an entry that is used: its modification time is the time of its last use.
const USED_NOW: Timestamps = Timestamps {
    last_access: Timespec {
        tv_sec: 0,
        tv_nsec: UTIME_OMIT,
    },
    last_modification: Timespec {
        tv_sec: 0,
        tv_nsec: UTIME_NOW,
    },
};

/// A store in a folder.
#[derive(Debug)]
pub struct FolderStore {
    folder: Dir,
    path: PathBuf,
    gate: WriteGate,
}

/// What the store has under a name.
enum Found {
    Nothing,
    Damaged,
    Intact(Vec<u8>, File),
}

impl FolderStore {
    /// Opens the folder at a path of the file system, and creates it if it does not exist.
    ///
    /// # Errors
    ///
    /// If it cannot be created or opened.
    pub fn open(path: &Path, gate: WriteGate) -> Result<Self, StoreError> {
        let open = || {
            std::fs::create_dir_all(path)?;
            Dir::open_ambient_dir(path, ambient_authority())
        };
        let folder = open().map_err(StoreError::new(Action::Open, path.display()))?;
        Ok(FolderStore::new(folder, path.to_owned(), gate))
    }

    /// Creates the store in an open folder. `path` is shown in messages; writes pass the gate.
    pub fn new(folder: Dir, path: PathBuf, gate: WriteGate) -> Self {
        FolderStore { folder, path, gate }
    }

    pub(super) fn error<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        &self,
        action: Action,
        below: impl fmt::Display,
    ) -> impl FnOnce(E) -> StoreError {
        StoreError::new(action, format!("{}/{below}", self.path.display()))
    }

    /// Opens the file of an entry, without following a link or waiting for a pipe.
    fn open_entry(&self, name: Name) -> io::Result<File> {
        let mut options = OpenOptions::new();
        let flags = (OFlags::NONBLOCK | OFlags::NOFOLLOW).bits();
        options.read(true).custom_flags(flags.cast_signed());
        self.folder.open_with(name.to_string(), &options)
    }

    fn find(&self, name: Name) -> io::Result<Found> {
        let mut file = match self.open_entry(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            // The name is a link.
            Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
                return Ok(Found::Damaged);
            }
            file => file?,
        };
        let metadata = file.metadata()?;
        if !metadata.is_file() || metadata.len() > LARGEST {
            return Ok(Found::Damaged);
        }
        let mut sealed = Vec::new();
        file.by_ref()
            .take(metadata.len())
            .read_to_end(&mut sealed)?;
        Ok(match unseal(name, sealed) {
            Some(bytes) => Found::Intact(bytes, file),
            None => Found::Damaged,
        })
    }

    /// Opens a folder below the store, and creates it if it does not exist.
    pub(super) fn make_folder(&self, folder: &str) -> io::Result<Dir> {
        match self.folder.open_dir(folder) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
                self.folder.create_dir_all(folder)?;
                self.folder.open_dir(folder)
            }
            opened => opened,
        }
    }

    pub(super) fn folder(&self) -> &Dir {
        &self.folder
    }

    pub(super) fn gate(&self) -> &WriteGate {
        &self.gate
    }

    /// If the folder is empty, writes files that make Git and backup programs skip it. Errors are
    /// ignored, because the cache works without these files.
    pub fn mark_as_cache(&self) {
        let is_empty = entries(&self.folder, ".").is_ok_and(|names| names.is_empty());
        if is_empty {
            let _writing = self.gate.enter();
            for (name, text) in [(".gitignore", "*\n"), ("CACHEDIR.TAG", CACHE_TAG)] {
                let _ = self.folder.write(name, text);
            }
        }
    }

    fn put(&self, name: Name, bytes: &[u8]) -> io::Result<Put> {
        let folder = self.make_folder(&name.folder())?;
        let sealed = seal(name, bytes);
        let write = || Temporary::create(&folder, Permissions::from_mode(0o666), &sealed);
        for _ in 0..ATTEMPTS {
            match write()?.rename_new(&name.file()) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                renamed => return renamed.map(|()| Put::New),
            }
            match self.find(name)? {
                // The entry was removed meanwhile.
                Found::Nothing => {}
                Found::Intact(there, _) if there == bytes => return Ok(Put::Same),
                Found::Intact(..) => return Ok(Put::Different),
                Found::Damaged => {
                    write()?.rename(&name.file())?;
                    return Ok(Put::New);
                }
            }
        }
        Err(io::Error::other("it appears and disappears"))
    }
}

impl Store for FolderStore {
    fn get(&self, name: Name) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.find(name).map_err(self.error(Action::Read, name))?;
        match found {
            Found::Intact(bytes, file) => {
                // `evict` needs the time of use. Setting it fails in a read-only store, where
                // nothing is evicted.
                let _ = rustix::fs::futimens(&file, &USED_NOW);
                Ok(Some(bytes))
            }
            Found::Nothing => Ok(None),
            Found::Damaged => {
                // Otherwise each look-up would read the damaged entry again. If it stays, the next
                // writer replaces it.
                let _writing = self.gate.enter();
                let _ = self.folder.remove_file(name.to_string());
                Ok(None)
            }
        }
    }

    fn put_if_absent(&self, name: Name, bytes: &[u8]) -> Result<Put, StoreError> {
        let _writing = self.gate.enter();
        self.put(name, bytes)
            .map_err(self.error(Action::Write, name))
    }

    fn exists(&self, name: Name) -> Result<bool, StoreError> {
        match self.folder.symlink_metadata(name.to_string()) {
            Ok(_) => Ok(true),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.error(Action::Read, name)(error)),
        }
    }

    fn list(&self, section: Section) -> Result<Vec<Name>, StoreError> {
        let mut names = Vec::new();
        let mut list = || -> io::Result<()> {
            for folder in entries(&self.folder, section.folder())? {
                let below = format!("{}/{folder}", section.folder());
                let files = entries(&self.folder, &below)?.into_iter();
                let own = files.filter_map(|file| section.name(&file));
                names.extend(own.filter(|name| name.folder() == below));
            }
            Ok(())
        };
        list().map_err(self.error(Action::List, section.folder()))?;
        Ok(names)
    }
}

/// Returns the names in a folder; empty if it does not exist or is not a folder.
pub(super) fn entries(above: &Dir, folder: &str) -> io::Result<Vec<String>> {
    use io::ErrorKind::{NotADirectory, NotFound};
    let listed = match above.read_dir(folder) {
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => return Ok(Vec::new()),
        listed => listed?,
    };
    let mut names = Vec::new();
    for entry in listed {
        names.extend(entry?.file_name().into_string().ok());
    }
    Ok(names)
}

#[cfg(test)]
mod tests;
