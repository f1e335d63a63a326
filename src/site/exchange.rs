//! Rewrites articles by exchange, so that a concurrent edit is never lost.
//!
//! The new text is written next to the article, synced and exchanged with it. The old file stays
//! there, under a name that contains its hash, until no program can write to it any more: one may
//! have opened the article before the exchange. Then it is removed, or exchanged back if it was
//! written to. A kill at any time leaves either the old or the new article, and [`Root::sweep`]
//! completes the exchange.

use std::fs::{File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cap_std::fs::Dir;
use rustix::fs::{Mode, OFlags, RenameFlags, openat, renameat_with};

use super::attributes::{self, Group, Lost};
use super::error::{Operation, SiteError};
use super::folder::list;
use super::gate::Writing;
use super::root::Root;
use super::stamp::FileId;
use super::temporary::{
    Exchange, Temporary, is_being_written, is_unsupported, short_hash, writing_name,
};
use super::write::sync_folder;
use super::writers::{RecentWriters, Writers};
use crate::path::SitePath;

/// The result of rewriting an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced {
    Written,
    /// It was written, but this user may not set its previous group.
    WrittenWithoutGroup,
    /// It was edited since it was read; the edit was kept.
    ChangedMeanwhile,
    /// Another program has it open for writing; it was not changed.
    OpenForWriting,
    /// It has more hard links than the known ones; it was not changed, because a rewrite would
    /// separate them.
    HasOtherLinks,
    /// The new file cannot get an attribute of the old one; the old one was not changed.
    CannotKeep(Lost),
}

/// The result of clearing a temporary file that an earlier run left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Swept {
    Removed,
    /// It contained an edit made during the exchange; the edit is restored in this article.
    Restored(SitePath),
    /// It contains an edit, and the article was edited again since: both are kept.
    Kept,
}

/// Exchanges before the old files are checked together: one check takes some milliseconds.
const BATCH: usize = 64;
/// Rewrites articles; [`Rewriter::finish`] completes it.
pub struct Rewriter<'r> {
    root: &'r Root,
    /// Held to the end: exiting earlier would leave old files next to articles.
    _writing: Writing,
    /// Before an exchange. A new list after it decides.
    writers: RecentWriters,
    exchanged: Mutex<Vec<Exchanged>>,
    undone: Mutex<Vec<Undone>>,
}

/// A rewrite that was undone, or whose old file could not be dealt with.
#[derive(Debug)]
pub struct Undone {
    pub path: SitePath,
    pub reason: Result<Replaced, SiteError>,
}

/// An article that was exchanged, and its old file.
struct Exchanged {
    /// The article as the caller names it.
    path: SitePath,
    target: SitePath,
    folder: Dir,
    old_file: FileId,
    exchange: Exchange,
    /// The article's other hard links.
    links: Vec<SitePath>,
}

impl Replaced {
    /// Whether the new content is in place.
    pub fn is_written(self) -> bool {
        matches!(self, Replaced::Written | Replaced::WrittenWithoutGroup)
    }
}

impl Root {
    /// Starts to rewrite articles.
    pub fn rewriter(&self) -> Rewriter<'_> {
        Rewriter {
            root: self,
            _writing: self.gate().enter(),
            writers: RecentWriters::default(),
            exchanged: Mutex::default(),
            undone: Mutex::default(),
        }
    }

    /// Rewrites one file, as [`Rewriter::replace`] does.
    pub fn replace(&self, path: &SitePath, old: &[u8], new: &[u8]) -> Result<Replaced, SiteError> {
        let rewriter = self.rewriter();
        let replaced = rewriter.replace(path, &[], old, new)?;
        let mut undone = rewriter.finish();
        undone.pop().map_or(Ok(replaced), |undone| undone.reason)
    }
}

impl Rewriter<'_> {
    /// Replaces the content of an article, which was `old` when it was read, by `new`. `links` are
    /// its other hard links, which will lead to the new file as well.
    pub fn replace(
        &self,
        path: &SitePath,
        links: &[SitePath],
        old: &[u8],
        new: &[u8],
    ) -> Result<Replaced, SiteError> {
        let replaced = self
            .exchange(path, links, old, new)
            .map_err(SiteError::io(Operation::Write, path))?;
        let batch = {
            let mut exchanged = lock(&self.exchanged);
            if exchanged.len() < BATCH {
                Vec::new()
            } else {
                std::mem::take(&mut *exchanged)
            }
        };
        self.settle(batch);
        Ok(replaced)
    }

    /// Removes the old files. Returns the articles whose rewrite was undone because another
    /// program wrote to the old file, or may still do so.
    #[must_use]
    pub fn finish(self) -> Vec<Undone> {
        let batch = std::mem::take(&mut *lock(&self.exchanged));
        self.settle(batch);
        std::mem::take(&mut *lock(&self.undone))
    }

    fn exchange(
        &self,
        path: &SitePath,
        links: &[SitePath],
        old: &[u8],
        new: &[u8],
    ) -> io::Result<Replaced> {
        let target = match self.root.dir().symlink_metadata(path.as_path())? {
            metadata if metadata.is_symlink() => self.root.follow(path)?.0,
            _ => path.clone(),
        };
        let folder = self.root.open_dir(&target.parent())?;
        let name = target.name();
        let old_file = open(&folder, name)?;
        let metadata = old_file.metadata()?;
        super::stream::refuse_read_only(metadata.mode())?;
        let id = FileId::new(metadata.dev(), metadata.ino());
        if metadata.nlink() > 1 + links.len() as u64 {
            return Ok(Replaced::HasOtherLinks);
        }
        if self.writers.hold(id) {
            return Ok(Replaced::OpenForWriting);
        }
        // No other user may read it before it has the article's permissions.
        let temporary = Temporary::create(&folder, Permissions::from_mode(0o600), new)?;
        let new_file = temporary.file().try_clone()?.into_std();
        let written = match attributes::copy(&old_file, &new_file)? {
            Ok(Group::Kept) => Replaced::Written,
            Ok(Group::Changed) => Replaced::WrittenWithoutGroup,
            Err(lost) => return Ok(Replaced::CannotKeep(lost)),
        };
        new_file.sync_all()?;
        drop(new_file);
        // Read again at the last moment: undoing an exchange would briefly show other programs a
        // text that is then withdrawn.
        if content(&old_file)? != old {
            return Ok(Replaced::ChangedMeanwhile);
        }
        let exchange = Exchange::new(old, new, name);
        let swap = exchange.name();
        if exchange_names(&folder, temporary, &swap, name)? == OldFile::Gone {
            sync_folder(&folder)?;
            return Ok(written);
        }
        // Also undone if the old file cannot be read: the article may have become a link that
        // leads out of the site.
        let is_as_read = open(&folder, &swap)
            .and_then(|came_back| Ok(id_of(&came_back)? == id && content(&came_back)? == old));
        if !matches!(is_as_read, Ok(true)) {
            if put_back(&folder, &exchange, name)? == Between::Edited {
                // The last edit is the one to keep.
                folder.remove_file(&swap)?;
            }
            sync_folder(&folder)?;
            return Ok(Replaced::ChangedMeanwhile);
        }
        lock(&self.exchanged).push(Exchanged {
            path: path.clone(),
            target: target.clone(),
            folder,
            old_file: id,
            exchange,
            links: links.to_vec(),
        });
        Ok(written)
    }

    fn settle(&self, mut batch: Vec<Exchanged>) {
        if batch.is_empty() {
            return;
        }
        // From now on no program can open the old files by the articles' names.
        let writers = Writers::now();
        batch.sort_by(|one, other| one.target.cmp(&other.target));
        for same in batch.chunk_by(|one, other| one.target.parent() == other.target.parent()) {
            let settled = same.iter().map(|one| self.settle_one(one, &writers));
            let settled: Vec<_> = settled.collect();
            // Once: syncing takes longer than all the rest.
            let synced = sync_folder(&same[0].folder).map_err(|error| error.kind());
            for (Exchanged { path, .. }, settled) in same.iter().zip(settled) {
                let settled = settled.and_then(|undone| Ok(synced.map(|()| undone)?));
                let settled = settled.map_err(SiteError::io(Operation::Write, path));
                if let Some(reason) = settled.transpose() {
                    let path = path.clone();
                    lock(&self.undone).push(Undone { path, reason });
                }
            }
        }
    }

    /// Removes an old file, or undoes its exchange. The removal is not synced.
    fn settle_one(&self, exchanged: &Exchanged, writers: &Writers) -> io::Result<Option<Replaced>> {
        let Exchanged {
            folder, exchange, ..
        } = exchanged;
        let (name, swap) = (exchanged.target.name(), exchange.name());
        let is_open = writers.hold(exchanged.old_file);
        if is_open || short_hash(&content(&open(folder, &swap)?)?) != exchange.old {
            // After a later edit both files stay: the later one may be incomplete.
            put_back(folder, exchange, name)?;
            sync_folder(folder)?;
            return Ok(Some(if is_open {
                Replaced::OpenForWriting
            } else {
                Replaced::ChangedMeanwhile
            }));
        }
        for link in &exchanged.links {
            self.relink(exchanged, link)?;
        }
        folder.remove_file(&swap)?;
        Ok(None)
    }

    /// Lets another hard link of an article lead to its new file, if it still leads to the old one.
    fn relink(&self, exchanged: &Exchanged, link: &SitePath) -> io::Result<()> {
        let folder = self.root.open_dir(&link.parent())?;
        if id_of(&open(&folder, link.name())?)? != exchanged.old_file {
            return Ok(());
        }
        let temporary = writing_name();
        let article = exchanged.target.name();
        exchanged.folder.hard_link(article, &folder, &temporary)?;
        folder.rename(&temporary, &folder, link.name())?;
        sync_folder(&folder)
    }
}

impl Root {
    /// Sweeps temporary files of a run that was killed. One that cannot be removed stays: it is in
    /// nobody's way, and the next run tries again.
    pub fn sweep_all(&self, paths: &[SitePath]) {
        for path in paths {
            let _ = self.sweep(path);
        }
    }

    /// Clears a temporary file that an earlier run left. The caller must hold the lock.
    pub fn sweep(&self, path: &SitePath) -> Result<Swept, SiteError> {
        let _writing = self.gate().enter();
        let sweep = || -> io::Result<Swept> {
            let folder = self.open_dir(&path.parent())?;
            let name = path.name();
            if is_being_written(name) {
                folder.remove_file(name)?;
                return Ok(Swept::Removed);
            }
            let Some(exchange) = Exchange::parse(name) else {
                return Ok(Swept::Kept);
            };
            let file = open(&folder, name)?;
            let hash = short_hash(&content(&file)?);
            // The new text, or the text that was read: it contains no edit.
            let is_spare = hash == exchange.new || hash == exchange.old;
            if is_spare && !Writers::now().hold(id_of(&file)?) {
                folder.remove_file(name)?;
                return Ok(Swept::Removed);
            }
            let article = list(&folder)?
                .names
                .into_iter()
                .map(|(name, _)| name)
                .find(|name| short_hash(name.as_bytes()) == exchange.article);
            if let Some(article) = article
                && short_hash(&content(&open(&folder, &article)?)?) == exchange.new
            {
                folder.rename(name, &folder, &article)?;
                sync_folder(&folder)?;
                return Ok(Swept::Restored(path.parent().child(&article)));
            }
            Ok(Swept::Kept)
        };
        sweep().map_err(SiteError::io(Operation::Remove, path))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens a regular file of a folder; a link is an error, and a pipe is not waited for.
fn open(folder: &Dir, name: &str) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(folder, name, flags, Mode::empty())?);
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("not a regular file"))
    }
}

/// The whole content of an open file.
fn content(mut file: &File) -> io::Result<Vec<u8>> {
    use std::io::Seek;
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn id_of(file: &File) -> io::Result<FileId> {
    let metadata = file.metadata()?;
    Ok(FileId::new(metadata.dev(), metadata.ino()))
}

/// What became of an article's old file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OldFile {
    Kept,
    /// The file system can neither exchange files nor link them.
    Gone,
}

/// Gives the written file its name for the exchange and exchanges it with the article. If the file
/// system cannot exchange, the old file gets that name as well and the new one replaces it.
fn exchange_names(
    folder: &Dir,
    temporary: Temporary<'_>,
    swap: &str,
    article: &str,
) -> io::Result<OldFile> {
    // This may replace the file of a killed run, which made the same exchange.
    temporary.rename(swap)?;
    match renameat_with(folder, swap, folder, article, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(OldFile::Kept),
        Err(error) if is_unsupported(error) => {
            let new = writing_name();
            folder.rename(swap, folder, &new)?;
            let old_file = match folder.hard_link(article, folder, swap) {
                Ok(()) => OldFile::Kept,
                Err(_) => OldFile::Gone,
            };
            folder.rename(&new, folder, article).inspect_err(|_| {
                // A later run sweeps what stays.
                let _ = folder.remove_file(&new);
                let _ = folder.remove_file(swap);
            })?;
            Ok(old_file)
        }
        Err(error) => {
            let _ = folder.remove_file(swap);
            Err(error.into())
        }
    }
}

/// Whether an article was edited between an exchange and its undoing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Between {
    Untouched,
    /// The later edit is the article, and the old file remains next to it.
    Edited,
}

/// Puts the old file back in the article's place.
fn put_back(folder: &Dir, exchange: &Exchange, article: &str) -> io::Result<Between> {
    let swap = exchange.name();
    match renameat_with(folder, &swap, folder, article, RenameFlags::EXCHANGE) {
        Ok(()) => {}
        Err(error) if is_unsupported(error) => {
            folder.rename(&swap, folder, article)?;
            return Ok(Between::Untouched);
        }
        Err(error) => return Err(error.into()),
    }
    let is_ours = open(folder, &swap)
        .and_then(|came_back| content(&came_back))
        .is_ok_and(|bytes| short_hash(&bytes) == exchange.new);
    if is_ours {
        folder.remove_file(&swap)?;
        return Ok(Between::Untouched);
    }
    renameat_with(folder, &swap, folder, article, RenameFlags::EXCHANGE)?;
    Ok(Between::Edited)
}

#[cfg(test)]
mod tests;
