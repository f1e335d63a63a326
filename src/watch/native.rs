//! The system's notifications, through `notify`. Folders are watched, never files, because an
//! editor may replace a file.

use std::collections::BTreeSet;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::inbox::{Changes, Inbox};
use crate::path::SitePath;

/// Watches folders below a root.
pub struct Native {
    root: PathBuf,
    /// `None` once it has failed.
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<SitePath>,
}

impl Native {
    pub fn new(root: &Path, inbox: Arc<Inbox>) -> Result<Self, String> {
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            inbox.put(|changes| note(event, changes));
        });
        Ok(Native {
            root: root.to_owned(),
            watcher: Some(watcher.map_err(|error| error.to_string())?),
            watched: BTreeSet::new(),
        })
    }

    /// Watches exactly these folders; returns those that are new.
    ///
    /// # Errors
    ///
    /// If the system can watch no more folders, or notifies no longer. A folder that is gone is not
    /// an error.
    pub fn follow(&mut self, folders: &BTreeSet<SitePath>) -> Result<Vec<SitePath>, String> {
        let failed = || Err("the system's notifications have failed".to_owned());
        let Some(mut watcher) = self.watcher.take() else {
            return failed();
        };
        let done = without_panic(|| {
            let new = self.follow_with(&mut watcher, folders);
            (watcher, new)
        });
        let Some((watcher, new)) = done else {
            return failed();
        };
        self.watcher = Some(watcher);
        new
    }

    fn follow_with(
        &mut self,
        watcher: &mut RecommendedWatcher,
        folders: &BTreeSet<SitePath>,
    ) -> Result<Vec<SitePath>, String> {
        for gone in self.watched.difference(folders) {
            // A folder that was removed has lost its watch already.
            let _ = watcher.unwatch(&self.root.join(gone.as_path()));
        }
        let mut new = Vec::new();
        let mut watched: BTreeSet<SitePath> = self.watched.intersection(folders).cloned().collect();
        for folder in folders.difference(&self.watched) {
            let path = self.root.join(folder.as_str());
            match watcher.watch(&path, RecursiveMode::NonRecursive) {
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
        let root = &self.root;
        self.watcher = self.watcher.take().and_then(|mut watcher| {
            without_panic(|| {
                for path in gone {
                    // It may have lost its watch with the folder.
                    let _ = watcher.unwatch(&root.join(path.as_path()));
                }
                watcher
            })
        });
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        let watcher = self.watcher.take();
        without_panic(|| drop(watcher));
    }
}

/// Calls `notify`, which panics if the thread that it keeps cannot be woken. `None` if it did;
/// nothing is printed, as the caller goes on without notifications.
fn without_panic<T>(work: impl FnOnce() -> T) -> Option<T> {
    if std::thread::panicking() {
        return Some(work());
    }
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| ()));
    let done = panic::catch_unwind(AssertUnwindSafe(work));
    panic::set_hook(hook);
    done.ok()
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
