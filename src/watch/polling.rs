//! Polling: lists the watched folders at regular intervals, and reports what changed. For file
//! systems whose changes the system does not notify (network file systems, shared folders of
//! virtual machines), and for systems that cannot watch more folders.
//!
//! Timestamps have a resolution of nanoseconds, so two saves within one second are two changes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::inbox::Inbox;
use crate::path::SitePath;
use crate::site::{Entry, Root};

/// The entries of each folder when it was last listed.
type Seen = BTreeMap<SitePath, BTreeMap<String, Entry>>;

/// Polls folders below a root on a separate thread, which ends when the value is dropped.
pub struct Polling {
    root: Arc<Root>,
    seen: Arc<Mutex<Seen>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Polling {
    pub fn new(root: &Path, interval: Duration, inbox: Arc<Inbox>) -> Result<Self, String> {
        let opened = Arc::new(Root::open(root).map_err(|error| error.to_string())?);
        let seen = Arc::new(Mutex::new(Seen::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let poll = Poll {
            path: root.to_owned(),
            root: opened.clone(),
            seen: seen.clone(),
        };
        let over = is_over.clone();
        let thread = std::thread::Builder::new()
            .name("poll".to_owned())
            .spawn(move || poll.run(interval, &inbox, &over))
            .map_err(|error| error.to_string())?;
        Ok(Polling {
            root: opened,
            seen,
            is_over,
            thread: Some(thread),
        })
    }

    /// Polls exactly these folders. Returns those that were not polled before. Their entries are
    /// recorded before this returns, so that every later change is reported.
    pub fn follow(&mut self, folders: &BTreeSet<SitePath>) -> Vec<SitePath> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|folder, _| folders.contains(folder));
        let new: Vec<SitePath> = folders
            .iter()
            .filter(|folder| !seen.contains_key(*folder))
            .cloned()
            .collect();
        for folder in &new {
            let entries = self.root.entries(folder).unwrap_or_default();
            seen.insert(folder.clone(), entries);
        }
        new
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic of the thread has been printed already; nothing else can be done about it
            // here.
            let _ = thread.join();
        }
    }
}

struct Poll {
    path: PathBuf,
    root: Arc<Root>,
    seen: Arc<Mutex<Seen>>,
}

impl Poll {
    fn run(self, interval: Duration, inbox: &Inbox, is_over: &AtomicBool) {
        while !is_over.load(Ordering::Relaxed) {
            let changed = self.look();
            if !changed.is_empty() {
                inbox.put(|changes| changes.paths.extend(changed));
            }
            std::thread::park_timeout(interval);
        }
    }

    /// Returns the paths that have changed since the folders were last listed.
    fn look(&self) -> Vec<PathBuf> {
        let lock = || self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let folders: Vec<SitePath> = lock().keys().cloned().collect();
        let mut changed = Vec::new();
        for folder in folders {
            let mut seen = lock();
            // `follow` may have removed the folder in the meantime.
            let Some(before) = seen.get_mut(&folder) else {
                continue;
            };
            let now = self.root.entries(&folder).unwrap_or_default();
            let names = before.keys().chain(now.keys());
            let differs = |name: &&String| before.get(*name) != now.get(*name);
            let full = |name: &String| self.path.join(folder.child(name).as_str());
            changed.extend(names.filter(differs).map(full));
            *before = now;
        }
        changed
    }
}
