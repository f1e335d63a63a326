//! The system's notifications, through `notify`. Folders are watched, never files, because an
//! editor may replace a file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::inbox::{Changes, Inbox};
use crate::path::SitePath;

/// Watches folders below a root.
pub struct Native {
    root: PathBuf,
    watcher: RecommendedWatcher,
    watched: BTreeSet<SitePath>,
}

impl Native {
    pub fn new(root: &Path, inbox: Arc<Inbox>) -> Result<Self, String> {
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            inbox.put(|changes| note(event, changes));
        });
        Ok(Native {
            root: root.to_owned(),
            watcher: watcher.map_err(|error| error.to_string())?,
            watched: BTreeSet::new(),
        })
    }

    /// Watches exactly these folders; returns those that are new.
    ///
    /// # Errors
    ///
    /// If the system can watch no more folders. A folder that is gone is not an error.
    pub fn follow(&mut self, folders: &BTreeSet<SitePath>) -> Result<Vec<SitePath>, String> {
        for gone in self.watched.difference(folders) {
            // A folder that was removed has lost its watch already.
            let _ = self.watcher.unwatch(&self.root.join(gone.as_path()));
        }
        let mut new = Vec::new();
        let mut watched: BTreeSet<SitePath> = self.watched.intersection(folders).cloned().collect();
        for folder in folders.difference(&self.watched) {
            let path = self.root.join(folder.as_str());
            match self.watcher.watch(&path, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    watched.insert(folder.clone());
                    new.push(folder.clone());
                }
                Err(error) => match error.kind {
                    ErrorKind::MaxFilesWatch => {
                        return Err("the system can watch no more folders".to_owned());
                    }
                    ErrorKind::PathNotFound => {}
                    ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    _ => return Err(error.to_string()),
                },
            }
        }
        self.watched = watched;
        Ok(new)
    }

    /// Drops the watches of a folder that was removed or replaced, and of those below it.
    pub fn forget(&mut self, folder: &SitePath) {
        let is_kept = |path: &SitePath| path != folder && path.below(folder.as_str()).is_none();
        let (kept, gone) = std::mem::take(&mut self.watched)
            .into_iter()
            .partition(is_kept);
        self.watched = kept;
        let gone: BTreeSet<SitePath> = gone;
        for path in gone {
            // It may have lost its watch with the folder.
            let _ = self.watcher.unwatch(&self.root.join(path.as_path()));
        }
    }
}

/// Notes the paths of an event; its kind does not matter.
fn note(event: notify::Result<Event>, changes: &mut Changes) {
    match event {
        Ok(event) if event.need_rescan() => changes.overflow = true,
        // Opening and reading change nothing, and the runs do both.
        Ok(event)
            if matches!(event.kind, EventKind::Access(kind)
                if kind != AccessKind::Close(AccessMode::Write)) => {}
        Ok(event) => changes.paths.extend(event.paths),
        Err(error) => match error.kind {
            ErrorKind::MaxFilesWatch => {
                changes.failure = Some("the system can watch no more folders".to_owned());
            }
            // An event may have been lost.
            _ => changes.overflow = true,
        },
    }
}
