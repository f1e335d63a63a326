//! Receives the notifications of the system, through `notify`. Only folders are watched, never
//! files, because a text editor may replace a file.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::inbox::{Changes, Inbox};
use crate::path::SitePath;
use crate::picture::contained::contain;

/// Watches folders below a root.
pub struct Native {
    root: PathBuf,
    /// `None` once it has failed.
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<SitePath>,
}

/// Returns the reason why notifications cannot be used, in the system's words if it gives one.
fn reason(error: notify::Error) -> String {
    match error.kind {
        ErrorKind::Io(error) => error.to_string(),
        _ => "the system's notifications cannot be used".to_owned(),
    }
}

impl Native {
    pub fn new(root: &Path, inbox: Arc<Inbox>) -> Result<Self, String> {
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            inbox.put(|changes| note(event, changes));
        });
        Ok(Native {
            root: root.to_owned(),
            watcher: Some(watcher.map_err(reason)?),
            watched: BTreeSet::new(),
        })
    }

    /// Watches exactly these folders. Returns those that were not watched before.
    ///
    /// # Errors
    ///
    /// If the system cannot watch more folders, or its notifications have failed. A folder that
    /// does not exist is not an error.
    pub fn follow(&mut self, folders: &BTreeSet<SitePath>) -> Result<Vec<SitePath>, String> {
        let mut watched: BTreeSet<SitePath> = self.watched.intersection(folders).cloned().collect();
        let gone: Vec<PathBuf> = self.paths(self.watched.difference(folders));
        let new: Vec<SitePath> = folders.difference(&self.watched).cloned().collect();
        let root = self.root.clone();
        let followed = self.call(|watcher| {
            for path in gone {
                // A folder that was removed has lost its watch already.
                let _ = watcher.unwatch(&path);
            }
            let mut followed = Vec::new();
            for folder in new {
                let path = root.join(folder.as_str());
                match watcher.watch(&path, RecursiveMode::NonRecursive) {
                    Ok(()) => followed.push(folder),
                    Err(error) => match error.kind {
                        ErrorKind::MaxFilesWatch => {
                            return Err("the system cannot watch more folders".to_owned());
                        }
                        ErrorKind::PathNotFound => {}
                        ErrorKind::Io(error) if error.kind() == io::ErrorKind::NotFound => {}
                        _ => return Err(reason(error)),
                    },
                }
            }
            Ok(followed)
        });
        let failed = || Err("the system's notifications have failed".to_owned());
        let followed = followed.unwrap_or_else(failed)?;
        watched.extend(followed.iter().cloned());
        self.watched = watched;
        Ok(followed)
    }

    /// Removes the watches of a folder that was removed or replaced, and of the folders below it.
    pub fn forget(&mut self, folder: &SitePath) {
        let is_gone = |path: &SitePath| path == folder || path.below(folder.as_str()).is_some();
        let gone = self.paths(self.watched.iter().filter(|path| is_gone(path)));
        self.watched.retain(|path| !is_gone(path));
        // If this fails, the next call of `follow` is an error.
        self.call(|watcher| {
            for path in gone {
                // The system may have removed this watch with the folder.
                let _ = watcher.unwatch(&path);
            }
        });
    }

    fn paths<'f>(&self, folders: impl Iterator<Item = &'f SitePath>) -> Vec<PathBuf> {
        folders
            .map(|folder| self.root.join(folder.as_path()))
            .collect()
    }

    /// Calls `notify`, which panics if it cannot wake its thread. After a panic, this and every
    /// later call returns `None`, and the caller continues without notifications.
    fn call<T>(&mut self, work: impl FnOnce(&mut RecommendedWatcher) -> T) -> Option<T> {
        let watcher = self.watcher.as_mut()?;
        let done = contain(|| work(watcher)).ok();
        if done.is_none() {
            self.close();
        }
        done
    }

    /// Drops the watcher. This can panic as well, because it wakes the thread of `notify`.
    fn close(&mut self) {
        let watcher = self.watcher.take();
        let _ = contain(|| drop(watcher));
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        self.close();
    }
}

/// Records the paths of an event. The kind of change does not matter.
fn note(event: notify::Result<Event>, changes: &mut Changes) {
    match event {
        Ok(event) if event.need_rescan() => changes.overflow = true,
        // Opening and reading change nothing, and the runs themselves do both.
        Ok(event)
            if matches!(event.kind, EventKind::Access(kind)
                if kind != AccessKind::Close(AccessMode::Write)) => {}
        Ok(event) => changes.paths.extend(event.paths),
        Err(error) => match error.kind {
            ErrorKind::MaxFilesWatch => {
                changes.failure = Some("the system cannot watch more folders".to_owned());
            }
            // An event may have been lost.
            _ => changes.overflow = true,
        },
    }
}
