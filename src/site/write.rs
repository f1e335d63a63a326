//! Writing: articles by exchange, variants by rename, nothing ever half.

use std::io::{self, Read, Write};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use rustix::fs::{RenameFlags, renameat_with};

use super::root::{Root, SiteError};
use super::temporary::{Exchange, is_being_written, short_hash, writing_name};
use crate::path::SitePath;

/// Shared by all who write a file of a site, and held alone by whoever ends the program meanwhile.
static WRITES: RwLock<()> = RwLock::new(());

fn writing() -> RwLockReadGuard<'static, ()> {
    WRITES.read().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until no file is being written, and lets none be begun while what it gives is held: so long
/// the program can end and leave nothing half done.
pub fn hold_writes() -> RwLockWriteGuard<'static, ()> {
    WRITES.write().unwrap_or_else(PoisonError::into_inner)
}

/// What became of an article that was to be rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced {
    Written,
    /// Somebody edited it meanwhile; that edit stands.
    ChangedMeanwhile,
}

/// What became of a temporary file that an earlier run had left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Swept {
    Removed,
    /// It held an edit that was made during the exchange; the edit is back in its article.
    Restored(SitePath),
    /// It holds an edit, and the article was edited again since: both are kept.
    Kept,
}

impl Root {
    /// Replaces the content of an article, which was `old` when it was read, by `new`.
    ///
    /// The new text is written beside the article, synced and exchanged with it; what comes back
    /// is compared with `old`, and exchanged again if it differs. A kill at any instant leaves the
    /// article old or new, and an edit that was made meanwhile wins.
    pub fn replace(&self, path: &SitePath, old: &[u8], new: &[u8]) -> Result<Replaced, SiteError> {
        let _writing = writing();
        let error = |source| SiteError::io("write", path)(source);
        let target = match self.dir().symlink_metadata(path.as_path()) {
            Ok(metadata) if metadata.is_symlink() => self.follow(path).map_err(error)?.0,
            _ => path.clone(),
        };
        let folder = self.open_dir(&target.parent()).map_err(error)?;
        let name = target.name();
        let permissions = folder.symlink_metadata(name).map_err(error)?.permissions();
        // The article's own permissions come before anybody else may look.
        let writing = Temporary::create(&folder, new, true, true).map_err(error)?;
        folder
            .set_permissions(&writing.name, permissions)
            .map_err(error)?;
        // Read again at the last moment: an exchange that must be undone would show a watcher a
        // text that nobody wrote.
        if read_all(&folder, name).map_err(error)? != old {
            return Ok(Replaced::ChangedMeanwhile);
        }
        let swap = Exchange::of(old, new, name).name();
        match exchange(&folder, writing, &swap, name) {
            Ok(()) => {}
            Err(failure) if failure.kind() == io::ErrorKind::Unsupported => {
                sync_folder(&folder).map_err(error)?;
                return Ok(Replaced::Written);
            }
            Err(failure) => return Err(error(failure)),
        }
        let came_back = read_all(&folder, &swap).map_err(error)?;
        if came_back == old {
            folder.remove_file(&swap).map_err(error)?;
            sync_folder(&folder).map_err(error)?;
            return Ok(Replaced::Written);
        }
        rename_exchange(&folder, &swap, name).map_err(error)?;
        if read_all(&folder, &swap).map_err(error)? != new {
            // Edited once more, between the two exchanges: the last edit is the one to keep.
            rename_exchange(&folder, &swap, name).map_err(error)?;
        }
        folder.remove_file(&swap).map_err(error)?;
        sync_folder(&folder).map_err(error)?;
        Ok(Replaced::ChangedMeanwhile)
    }

    /// Writes a file that can be made again: in full or not at all, not synced. Its folders are
    /// made.
    pub fn write_new(&self, path: &SitePath, bytes: &[u8]) -> Result<(), SiteError> {
        let _writing = writing();
        let error = |source| SiteError::io("write", path)(source);
        let folder = self.made_folder_of(path).map_err(error)?;
        let writing = Temporary::create(&folder, bytes, false, false).map_err(error)?;
        writing.rename(path.name()).map_err(error)
    }

    /// The folder of a file that is to be written, made where it does not exist.
    fn made_folder_of(&self, path: &SitePath) -> io::Result<Dir> {
        let parent = path.parent();
        match self.open_dir(&parent) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
                self.dir().create_dir_all(parent.as_path())?;
                self.open_dir(&parent)
            }
            folder => folder,
        }
    }

    /// Writes a file that must not exist yet, or may be replaced where `replace` says so; synced.
    /// Its folders are made.
    pub fn create(&self, path: &SitePath, bytes: &[u8], replace: bool) -> Result<(), SiteError> {
        let _writing = writing();
        let error = |source| SiteError::io("write", path)(source);
        if !replace && self.dir().symlink_metadata(path.as_path()).is_ok() {
            return Err(error(io::ErrorKind::AlreadyExists.into()));
        }
        let folder = self.made_folder_of(path).map_err(error)?;
        Temporary::create(&folder, bytes, true, false)
            .and_then(|writing| writing.rename(path.name()))
            .and_then(|()| sync_folder(&folder))
            .map_err(error)
    }

    /// Makes sure that what was written below `path` outlives a crash.
    pub fn sync(&self, path: &SitePath) -> Result<(), SiteError> {
        let error = |source| SiteError::io("sync", path)(source);
        let folder = match self.open_dir(path) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(()),
            folder => folder.map_err(error)?,
        };
        sync_tree(&folder).map_err(error)
    }

    pub fn remove(&self, path: &SitePath) -> Result<(), SiteError> {
        self.dir()
            .remove_file(path.as_path())
            .map_err(SiteError::io("remove", path))
    }

    /// Clears a temporary file that a run has left behind. Only with the lock held.
    pub fn sweep(&self, path: &SitePath) -> Result<Swept, SiteError> {
        let error = |source| SiteError::io("remove", path)(source);
        let folder = self.open_dir(&path.parent()).map_err(error)?;
        let name = path.name();
        if is_being_written(name) {
            folder.remove_file(name).map_err(error)?;
            return Ok(Swept::Removed);
        }
        let Some(exchange) = Exchange::read(name) else {
            return Ok(Swept::Kept);
        };
        let content = short_hash(&read_all(&folder, name).map_err(error)?);
        // Not exchanged yet, or exchanged with what was read: nothing of anybody's.
        if content == exchange.new || content == exchange.old {
            folder.remove_file(name).map_err(error)?;
            return Ok(Swept::Removed);
        }
        let listed = super::root::list(&folder).map_err(error)?;
        let article = listed
            .names
            .into_iter()
            .find(|(name, _)| short_hash(name.as_bytes()) == exchange.article);
        if let Some((article, _)) = article
            && short_hash(&read_all(&folder, &article).map_err(error)?) == exchange.new
        {
            folder.rename(name, &folder, &article).map_err(error)?;
            sync_folder(&folder).map_err(error)?;
            return Ok(Swept::Restored(path.parent().child(&article)));
        }
        Ok(Swept::Kept)
    }
}

fn read_all(folder: &Dir, name: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    folder.open(name)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A file that is being written; removed unless it is renamed.
struct Temporary<'f> {
    folder: &'f Dir,
    name: String,
    is_done: bool,
}

impl<'f> Temporary<'f> {
    /// A file of ordinary permissions, or one that only its owner may look into.
    fn create(folder: &'f Dir, bytes: &[u8], synced: bool, is_private: bool) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        options.mode(if is_private { 0o600 } else { 0o666 });
        // A killed run of the same process number, as in containers, may have left the name taken.
        let (name, mut file) = loop {
            let name = writing_name();
            match folder.open_with(&name, &options) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                file => break (name, file?),
            }
        };
        let temporary = Temporary {
            folder,
            name,
            is_done: false,
        };
        file.write_all(bytes)?;
        if synced {
            file.sync_all()?;
        }
        Ok(temporary)
    }

    fn rename(mut self, name: &str) -> io::Result<()> {
        self.folder.rename(&self.name, self.folder, name)?;
        self.is_done = true;
        Ok(())
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            // It belongs to nobody; a later run sweeps what stays.
            let _ = self.folder.remove_file(&self.name);
        }
    }
}

/// Gives the written file its exchange name and exchanges it with `name`. Where the file system
/// cannot exchange, renames it over `name` and answers `Unsupported`.
fn exchange(folder: &Dir, writing: Temporary<'_>, swap: &str, name: &str) -> io::Result<()> {
    writing.rename(swap)?;
    match rename_exchange(folder, swap, name) {
        Err(error) if is_unsupported(&error) => {
            folder.rename(swap, folder, name)?;
            Err(io::ErrorKind::Unsupported.into())
        }
        Err(error) => {
            let _ = folder.remove_file(swap);
            Err(error)
        }
        Ok(()) => Ok(()),
    }
}

fn rename_exchange(folder: &Dir, a: &str, b: &str) -> io::Result<()> {
    Ok(renameat_with(folder, a, folder, b, RenameFlags::EXCHANGE)?)
}

fn is_unsupported(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let unsupported = [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP];
    let code = error.raw_os_error();
    unsupported
        .iter()
        .any(|errno| code == Some(errno.raw_os_error()))
}

/// A descriptor that can be synced; the one of a `Dir` may only name a place.
fn readable(folder: &Dir) -> io::Result<rustix::fd::OwnedFd> {
    use rustix::fs::{Mode, OFlags, openat};
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(openat(folder, ".", flags, Mode::empty())?)
}

/// An exchanged name is durable when its folder is.
fn sync_folder(folder: &Dir) -> io::Result<()> {
    Ok(rustix::fs::fsync(readable(folder)?)?)
}

#[cfg(target_os = "linux")]
fn sync_tree(folder: &Dir) -> io::Result<()> {
    Ok(rustix::fs::syncfs(readable(folder)?)?)
}

#[cfg(not(target_os = "linux"))]
fn sync_tree(folder: &Dir) -> io::Result<()> {
    for (name, kind) in super::root::list(folder)?.names {
        match kind {
            super::root::Kind::Folder => sync_tree(&folder.open_dir(name)?)?,
            super::root::Kind::File => folder.open(name)?.sync_all()?,
            _ => {}
        }
    }
    sync_folder(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_an_earlier_process_left_taken_is_passed_over() {
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
        root.write_new(&path, b"text").unwrap();
        assert_eq!(std::fs::read(folder.path().join("a")).unwrap(), b"text");
    }
}
