//! Writes whole files by rename: no reader sees a half-written file, and a kill leaves none.

#[cfg(target_os = "linux")]
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;

use cap_std::fs::Dir;
use rayon::prelude::*;
use rustix::fs::{Mode, OFlags, fsync, openat};

use super::error::{Operation, SiteError};
use super::root::Root;
use super::temporary::Temporary;
use crate::path::SitePath;

/// What to do with an existing file of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Fail with [`io::ErrorKind::AlreadyExists`].
    Keep,
    Replace,
}

/// The most files that are synced one by one. More are synced by one call for their whole file
/// system, where the operating system has such a call.
pub(super) const SYNCED_ONE_BY_ONE: usize = 64;

/// A file that was written and not synced.
#[derive(Clone, Copy)]
pub(super) struct NewFile<'f> {
    pub folder: &'f Dir,
    pub name: &'f str,
    pub device: u64,
}

impl NewFile<'_> {
    fn sync(&self) -> io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(fsync(openat(
            self.folder,
            self.name,
            flags,
            Mode::empty(),
        )?)?)
    }
}

/// Syncs files on all threads. Returns one result for each.
pub(super) fn sync_each(files: &[NewFile<'_>]) -> Vec<io::Result<()>> {
    files.par_iter().map(NewFile::sync).collect()
}

/// Syncs files by one call for each of their file systems (`syncfs`, whose result includes write
/// errors since Linux 5.8). Returns one result for each file.
#[cfg(target_os = "linux")]
pub(super) fn sync_together(files: &[NewFile<'_>]) -> Vec<io::Result<()>> {
    let mut systems = BTreeMap::new();
    files
        .iter()
        .map(|file| {
            let synced = systems.entry(file.device).or_insert_with(|| {
                let folder = readable(file.folder)?;
                rustix::fs::syncfs(folder)
            });
            Ok((*synced)?)
        })
        .collect()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn sync_together(files: &[NewFile<'_>]) -> Vec<io::Result<()>> {
    // Not in parallel: while it waits for the others, a thread of the pool would start to rewrite
    // other articles.
    files.iter().map(NewFile::sync).collect()
}

impl Root {
    /// Writes a file atomically, replacing an existing one; creates its folders. It is not synced:
    /// see [`Root::sync_files`].
    pub fn write_unsynced(&self, path: &SitePath, bytes: &[u8]) -> Result<(), SiteError> {
        let _writing = self.gate().enter();
        let write = || {
            let folder = self.make_folder_of(path)?;
            Temporary::create(&folder, Permissions::from_mode(0o666), bytes)?.rename(path.name())
        };
        write().map_err(SiteError::io(Operation::Write, path))
    }

    /// Writes a file atomically and syncs it; creates its folders.
    pub fn create(
        &self,
        path: &SitePath,
        bytes: &[u8],
        existing: Existing,
    ) -> Result<(), SiteError> {
        let _writing = self.gate().enter();
        let write = || {
            let folder = self.make_folder_of(path)?;
            let temporary = Temporary::create(&folder, Permissions::from_mode(0o666), bytes)?;
            temporary.file().sync_all()?;
            match existing {
                Existing::Keep => temporary.rename_new(path.name())?,
                Existing::Replace => temporary.rename(path.name())?,
            }
            sync_folder(&folder)
        };
        write().map_err(SiteError::io(Operation::Write, path))
    }

    /// Opens the folder of a file that is to be written, and creates it if it does not exist.
    fn make_folder_of(&self, path: &SitePath) -> io::Result<Dir> {
        self.make_dir(&path.parent())
    }

    /// Opens a folder, and creates it if it does not exist. Links that lead out of the site are not
    /// followed.
    pub fn make_folder(&self, path: &SitePath) -> Result<Dir, SiteError> {
        let _writing = self.gate().enter();
        self.make_dir(path)
            .map_err(SiteError::io(Operation::Create, path))
    }

    fn make_dir(&self, path: &SitePath) -> io::Result<Dir> {
        match self.open_dir(path) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
                self.dir().create_dir_all(path.as_path())?;
                self.open_dir(path)
            }
            folder => folder,
        }
    }

    /// Makes sure that these files and their names survive a crash of the system. Files that no
    /// longer exist are skipped.
    pub fn sync_files<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p SitePath>,
    ) -> Result<(), SiteError> {
        let paths: Vec<&SitePath> = paths.into_iter().collect();
        if self.sync_file_system(&paths)? {
            return Ok(());
        }
        paths
            .par_iter()
            .try_for_each(|path| match self.dir().open(path.as_path()) {
                Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(()),
                file => file
                    .and_then(|file| file.sync_all())
                    .map_err(SiteError::io(Operation::Sync, path)),
            })?;
        // The folders above may be new as well.
        let mut folders = BTreeSet::new();
        for path in paths {
            let mut folder = path.parent();
            while folders.insert(folder.clone()) && !folder.is_root() {
                folder = folder.parent();
            }
        }
        for folder in folders {
            match self.open_dir(&folder) {
                Err(missing) if missing.kind() == io::ErrorKind::NotFound => {}
                dir => dir
                    .and_then(|dir| sync_folder(&dir))
                    .map_err(SiteError::io(Operation::Sync, &folder))?,
            }
        }
        Ok(())
    }

    /// Syncs many files by one call; returns whether it did.
    #[cfg(target_os = "linux")]
    fn sync_file_system(&self, paths: &[&SitePath]) -> Result<bool, SiteError> {
        if paths.len() <= SYNCED_ONE_BY_ONE {
            return Ok(false);
        }
        let folder = paths[0].parent();
        let sync =
            || -> io::Result<()> { Ok(rustix::fs::syncfs(readable(&self.open_dir(&folder)?)?)?) };
        match sync() {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => Ok(false),
            synced => synced
                .map(|()| true)
                .map_err(SiteError::io(Operation::Sync, &folder)),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn sync_file_system(&self, _paths: &[&SitePath]) -> Result<bool, SiteError> {
        Ok(false)
    }

    /// Removes a folder if it is empty and exists.
    pub fn remove_empty_folder(&self, path: &SitePath) -> Result<(), SiteError> {
        let _writing = self.gate().enter();
        match self.dir().remove_dir(path.as_path()) {
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty
                ) =>
            {
                Ok(())
            }
            removed => removed.map_err(SiteError::io(Operation::Remove, path)),
        }
    }

    pub fn remove(&self, path: &SitePath) -> Result<(), SiteError> {
        let _writing = self.gate().enter();
        self.dir()
            .remove_file(path.as_path())
            .map_err(SiteError::io(Operation::Remove, path))
    }
}

/// Opens a descriptor of a folder that can be synced, unlike a `Dir` that was opened with `O_PATH`.
fn readable(folder: &Dir) -> rustix::io::Result<rustix::fd::OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    openat(folder, ".", flags, Mode::empty())
}

/// Syncs a folder, so that the names in it survive a crash of the system.
pub(super) fn sync_folder(folder: &Dir) -> io::Result<()> {
    Ok(fsync(readable(folder)?)?)
}

#[cfg(test)]
mod tests {
    use super::super::temporary::writing_name;
    use super::*;

    #[test]
    fn a_name_that_an_earlier_process_left_is_skipped() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path()).unwrap();
        let next: u64 = {
            let name = writing_name();
            let count = name.rsplit(['-', '.']).nth(1).unwrap();
            count.parse().unwrap()
        };
        let taken = |count| format!(".planche-{}-{count}.tmp", std::process::id());
        for count in next..next + 50 {
            std::fs::write(folder.path().join(taken(count)), "left").unwrap();
        }
        let path = SitePath::root().child("a");
        root.write_unsynced(&path, b"text").unwrap();
        assert_eq!(std::fs::read(folder.path().join("a")).unwrap(), b"text");
    }

    #[test]
    fn an_existing_file_is_kept_unless_it_may_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path()).unwrap();
        let path = SitePath::normalise("new/a").unwrap();
        let read = || std::fs::read_to_string(folder.path().join("new/a")).unwrap();
        root.create(&path, b"1", Existing::Keep).unwrap();
        let refused = root.create(&path, b"2", Existing::Keep);
        let is_refused = matches!(&refused, Err(SiteError::Io { source, .. })
            if source.kind() == io::ErrorKind::AlreadyExists);
        assert!(is_refused, "{refused:?}");
        assert_eq!(read(), "1");
        root.create(&path, b"3", Existing::Replace).unwrap();
        assert_eq!(read(), "3");
        let names = std::fs::read_dir(folder.path().join("new"))
            .unwrap()
            .count();
        assert_eq!(names, 1, "no temporary file is left");
    }

    #[test]
    fn files_that_are_gone_are_not_synced() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::open(folder.path()).unwrap();
        let path = |name: &str| SitePath::normalise(name).unwrap();
        root.write_unsynced(&path("v/a"), b"1").unwrap();
        root.sync_files(&[path("v/a"), path("v/b"), path("w/c")])
            .unwrap();
        let many: Vec<SitePath> = (0..100).map(|index| path(&format!("v/{index}"))).collect();
        root.sync_files(&many).unwrap();
    }
}
