//! Polling: the same folders looked at again and again, where the system's notifications do not
//! reach (network file systems, shared folders of virtual machines) or are exhausted.
//!
//! By stamps with nanoseconds: two saves within one second are two changes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::inbox::Inbox;
use crate::site::{Entry, Root, SitePath};

/// Polls folders below a root on a thread of its own, which ends with it.
pub struct Polling {
    folders: Arc<Mutex<BTreeSet<SitePath>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Polling {
    pub fn new(root: &Path, interval: Duration, inbox: Arc<Inbox>) -> Result<Self, String> {
        let folders = Arc::new(Mutex::new(BTreeSet::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let poll = Poll {
            path: root.to_owned(),
            root: Root::open(root).map_err(|error| error.to_string())?,
            folders: folders.clone(),
            seen: BTreeMap::new(),
        };
        let over = is_over.clone();
        let thread = std::thread::Builder::new()
            .name("poll".to_owned())
            .spawn(move || poll.run(interval, &inbox, &over))
            .map_err(|error| error.to_string())?;
        Ok(Polling {
            folders,
            is_over,
            thread: Some(thread),
        })
    }

    /// Polls exactly these folders; gives those that are new.
    pub fn follow(&mut self, folders: &BTreeSet<SitePath>) -> Vec<SitePath> {
        let mut followed = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let new = folders.difference(&followed).cloned().collect();
        followed.clone_from(folders);
        new
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It has nothing to say any more.
            let _ = thread.join();
        }
    }
}

struct Poll {
    path: PathBuf,
    root: Root,
    folders: Arc<Mutex<BTreeSet<SitePath>>>,
    seen: BTreeMap<SitePath, BTreeMap<String, Entry>>,
}

impl Poll {
    fn run(mut self, interval: Duration, inbox: &Inbox, is_over: &AtomicBool) {
        while !is_over.load(Ordering::Relaxed) {
            let changed = self.look();
            if !changed.is_empty() {
                inbox.put(|heard| heard.paths.extend(changed));
            }
            std::thread::park_timeout(interval);
        }
    }

    /// The paths that differ from what was seen last. A folder that is seen for the first time is
    /// only remembered: whoever asked for it looks into it himself.
    fn look(&mut self) -> Vec<PathBuf> {
        let folders = self
            .folders
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        self.seen.retain(|folder, _| folders.contains(folder));
        let mut changed = Vec::new();
        for folder in folders {
            let now = self.root.entries(&folder).unwrap_or_default();
            let before = self.seen.get(&folder);
            let full = |name: &String| self.path.join(folder.child(name).as_str());
            if let Some(before) = before {
                changed.extend(
                    now.iter()
                        .filter(|(name, entry)| before.get(*name) != Some(*entry))
                        .map(|(name, _)| full(name)),
                );
                changed.extend(
                    before
                        .keys()
                        .filter(|name| !now.contains_key(*name))
                        .map(full),
                );
            }
            self.seen.insert(folder, now);
        }
        changed
    }
}
