//! Rewrites articles by exchange, so that a concurrent edit is never lost.
//!
//! The new text is written next to the article, synced and exchanged with it. The old file stays
//! there, under a name that contains its hash, until no program can write to it: one
//! may have opened the article before the exchange. Then the old file is removed, or exchanged back
//! if it was written to. A kill at any time leaves either the old or the new article, and
//! [`Root::sweep`] completes the exchange.
//!
//! Syncing, and looking for writers, take milliseconds, so both are done once for many articles:
//! [`Rewriter::replace`] only prepares an exchange, and a batch of them is then committed.

mod sweep;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cap_std::fs::Dir;
use rustix::io::Errno;

use super::attributes::{self, Group, Lost};
use super::error::{Operation, SiteError};
use super::gate::Writing;
use super::root::Root;
use super::stamp::FileId;
use super::swap::{Exchanged, content, exchange_unless_changed, id_of, open, put_back};
use super::temporary::{Exchange, Temporary, short_hash, writing_name};
use super::write::{NewFile, SYNCED_ONE_BY_ONE, sync_each, sync_folder, sync_together};
use super::writers::{RecentWriters, Writers};
use crate::path::SitePath;
pub use sweep::Swept;

/// The result of rewriting an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced {
    Written,
    /// The article was written, but this user may not set its previous group.
    WrittenWithoutGroup,
    /// The article was edited or removed since it was read; the edit was kept.
    ChangedMeanwhile,
    /// Another program has the article open for writing; it was not changed.
    OpenForWriting,
    /// The article has more hard links than the known ones; it was not changed, because a rewrite
    /// would separate them.
    HasOtherLinks,
    /// The new file cannot get an attribute of the old one; the old one was not changed.
    CannotKeep(Lost),
}

/// The most articles in a batch, whose articles are exchanged together.
const BATCH: usize = 256;
/// The most folders that a batch keeps open: some systems allow a process 256 open files.
const FOLDERS: usize = 64;

/// Rewrites articles in batches; [`Rewriter::finish`] completes the last one.
pub struct Rewriter<'r> {
    root: &'r Root,
    /// Held until the end: if the process exited earlier, old files would stay next to articles.
    _writing: Writing,
    /// A list of files that are open for writing, for a first check before an exchange. A new list
    /// after the exchange decides.
    writers: RecentWriters,
    batch: Mutex<Batch>,
    undone: Mutex<Vec<Undone>>,
}

/// Articles whose new files are complete, and their folders.
#[derive(Default)]
struct Batch {
    prepared: Vec<Prepared>,
    folders: HashMap<SitePath, Arc<Dir>>,
}

/// A rewrite that failed or was undone, or whose old file could not be removed.
#[derive(Debug)]
pub struct Undone {
    pub path: SitePath,
    pub reason: Result<Replaced, SiteError>,
}

/// An article and the file that is to replace it.
struct Prepared {
    /// The article as the caller names it.
    path: SitePath,
    target: SitePath,
    folder: Arc<Dir>,
    old_file: FileId,
    /// The digest of the old content.
    old: blake3::Hash,
    /// The name of the new file, which is not synced yet.
    new: String,
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
            batch: Mutex::default(),
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
    /// Replaces the content of an article by `new`; `old` is the content that was read. `links` are
    /// its other hard links, which will lead to the new file as well. The exchange may happen
    /// later, together with others; [`Rewriter::finish`] returns the articles that were not
    /// exchanged.
    pub fn replace(
        &self,
        path: &SitePath,
        links: &[SitePath],
        old: &[u8],
        new: &[u8],
    ) -> Result<Replaced, SiteError> {
        let (replaced, prepared) = match self.prepare(path, links, old, new) {
            Err(error) if is_missing(&error) && !self.root.exists(path) => {
                (Replaced::ChangedMeanwhile, None)
            }
            prepared => prepared.map_err(SiteError::io(Operation::Write, path))?,
        };
        let full = {
            let mut batch = lock(&self.batch);
            batch.prepared.extend(prepared);
            let is_full = batch.prepared.len() >= BATCH || batch.folders.len() >= FOLDERS;
            if is_full {
                std::mem::take(&mut *batch)
            } else {
                Batch::default()
            }
        };
        self.settle(self.commit(full.prepared, sync_together));
        Ok(replaced)
    }

    /// Exchanges the remaining articles, and removes the old files. Returns the articles that were
    /// not rewritten: another program wrote to them, or may still do so, or an error occurred.
    #[must_use]
    pub fn finish(self) -> Vec<Undone> {
        let rest = std::mem::take(&mut *lock(&self.batch)).prepared;
        let sync = match rest.len() {
            0..=SYNCED_ONE_BY_ONE => sync_each,
            _ => sync_together,
        };
        self.settle(self.commit(rest, sync));
        std::mem::take(&mut *lock(&self.undone))
    }

    fn undo(&self, path: &SitePath, reason: io::Result<Replaced>) {
        let path = path.clone();
        let reason = reason.map_err(SiteError::io(Operation::Write, &path));
        lock(&self.undone).push(Undone { path, reason });
    }

    /// Opens a folder, or returns it if the batch has it open already.
    fn folder(&self, path: &SitePath) -> io::Result<Arc<Dir>> {
        if let Some(folder) = lock(&self.batch).folders.get(path) {
            return Ok(folder.clone());
        }
        let folder = Arc::new(self.root.open_dir(path)?);
        let mut batch = lock(&self.batch);
        Ok(batch.folders.entry(path.clone()).or_insert(folder).clone())
    }

    /// Writes the new file next to the article. Returns the result to expect and, if the article
    /// can be rewritten, the exchange to commit.
    fn prepare(
        &self,
        path: &SitePath,
        links: &[SitePath],
        old: &[u8],
        new: &[u8],
    ) -> io::Result<(Replaced, Option<Prepared>)> {
        let target = match self.root.dir().symlink_metadata(path.as_path())? {
            metadata if metadata.is_symlink() => self.root.follow(path)?.0,
            _ => path.clone(),
        };
        let folder = self.folder(&target.parent())?;
        let name = target.name();
        let old_file = open(&folder, name)?;
        let metadata = old_file.metadata()?;
        attributes::refuse_read_only(metadata.mode())?;
        let id = FileId::new(metadata.dev(), metadata.ino());
        if metadata.nlink() > 1 + links.len() as u64 {
            return Ok((Replaced::HasOtherLinks, None));
        }
        if self.writers.hold(id) {
            return Ok((Replaced::OpenForWriting, None));
        }
        // No other user may read it before it has the article's permissions.
        let temporary = Temporary::create(&folder, Permissions::from_mode(0o600), new)?;
        let new_file = temporary.file().try_clone()?.into_std();
        let replaced = match attributes::copy(&old_file, &new_file)? {
            Ok(Group::Kept) => Replaced::Written,
            Ok(Group::Changed) => Replaced::WrittenWithoutGroup,
            Err(lost) => return Ok((Replaced::CannotKeep(lost), None)),
        };
        let new_name = temporary.into_name();
        let old = blake3::hash(old);
        let prepared = Prepared {
            path: path.clone(),
            folder,
            old_file: id,
            old,
            new: new_name,
            exchange: Exchange::new(old, blake3::hash(new), name),
            links: links.to_vec(),
            target,
        };
        Ok((replaced, Some(prepared)))
    }

    /// Syncs the new files and exchanges them with their articles. Returns the exchanges whose old
    /// files have to be settled.
    fn commit(
        &self,
        batch: Vec<Prepared>,
        sync: fn(&[NewFile<'_>]) -> Vec<io::Result<()>>,
    ) -> Vec<Prepared> {
        let files = batch.iter().map(|one| NewFile {
            folder: &one.folder,
            name: &one.new,
            device: one.old_file.device,
        });
        let synced = sync(&files.collect::<Vec<_>>());
        let mut exchanged = Vec::with_capacity(batch.len());
        for (prepared, synced) in batch.into_iter().zip(synced) {
            let reason = if self.writers.hold(prepared.old_file) {
                Ok(Replaced::OpenForWriting)
            } else {
                match synced.and_then(|()| prepared.exchange()) {
                    Ok(Exchanged::Yes) => {
                        exchanged.push(prepared);
                        continue;
                    }
                    Ok(Exchanged::WithoutOldFile) => continue,
                    Ok(Exchanged::Changed) => Ok(Replaced::ChangedMeanwhile),
                    Err(error) => Err(error),
                }
            };
            // If this fails, a later run removes the file.
            let _ = prepared.folder.remove_file(&prepared.new);
            self.undo(&prepared.path, reason);
        }
        exchanged
    }

    fn settle(&self, mut batch: Vec<Prepared>) {
        if batch.is_empty() {
            return;
        }
        // From now on no program can open the old files by the articles' names.
        let writers = Writers::now();
        batch.sort_by(|one, other| one.target.cmp(&other.target));
        for same in batch.chunk_by(|one, other| one.target.parent() == other.target.parent()) {
            let settled = same.iter().map(|one| self.settle_one(one, &writers));
            let settled: Vec<_> = settled.collect();
            // Once for each folder: syncing takes longer than all the rest.
            let synced = sync_folder(&same[0].folder).map_err(|error| error.kind());
            for (Prepared { path, .. }, settled) in same.iter().zip(settled) {
                let settled = settled.and_then(|undone| Ok(synced.map(|()| undone)?));
                if let Some(reason) = settled.transpose() {
                    self.undo(path, reason);
                }
            }
        }
    }

    /// Removes an old file, or undoes its exchange. The removal is not synced.
    fn settle_one(&self, exchanged: &Prepared, writers: &Writers) -> io::Result<Option<Replaced>> {
        let Prepared {
            folder, exchange, ..
        } = exchanged;
        let (name, swap) = (exchanged.target.name(), exchange.name());
        let is_open = writers.hold(exchanged.old_file);
        if is_open || short_hash(&content(&open(folder, &swap)?)?) != exchange.old {
            // If the article was edited again, both files stay: the later edit may be incomplete.
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

    /// Makes another hard link of an article lead to the new file, if it still leads to the old
    /// one.
    fn relink(&self, exchanged: &Prepared, link: &SitePath) -> io::Result<()> {
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

impl Prepared {
    /// Exchanges the new file with the article, unless the article has changed.
    fn exchange(&self) -> io::Result<Exchanged> {
        let (folder, name) = (&*self.folder, self.target.name());
        // Read again at the last moment: undoing an exchange would briefly show other programs a
        // text that is then withdrawn.
        if !self.is_old(name)? {
            return Ok(Exchanged::Changed);
        }
        let is_old = |swap: &str| self.is_old(swap);
        let exchanged = exchange_unless_changed(folder, &self.new, &self.exchange, name, is_old)?;
        if exchanged != Exchanged::Yes {
            sync_folder(folder)?;
        }
        Ok(exchanged)
    }

    /// Whether the file with this name is still the article as it was read.
    fn is_old(&self, name: &str) -> io::Result<bool> {
        let file = match open(&self.folder, name) {
            Err(error) if is_missing(&error) => return Ok(false),
            // The name is a symbolic link by now.
            Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
                return Ok(false);
            }
            file => file?,
        };
        Ok(id_of(&file)? == self.old_file && blake3::hash(&content(&file)?) == self.old)
    }
}

fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
