//! The inbox: changes that the thread of a backend has reported and the watcher has not received
//! yet. It is a set, so memory grows with the number of changed files, not of events.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Maximum number of changed files. With more, checking the whole site is cheaper.
const MOST: usize = 5_000;

/// Changes that a backend has reported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub paths: BTreeSet<PathBuf>,
    /// Whether events were lost, or more files changed than the inbox keeps.
    pub overflow: bool,
    /// The reason why the backend cannot continue.
    pub failure: Option<String>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        *self == Changes::default()
    }

    /// Adds later changes.
    pub fn add(&mut self, later: Changes) {
        self.paths.extend(later.paths);
        self.overflow |= later.overflow;
        self.failure = self.failure.take().or(later.failure);
    }
}

/// A queue of changes from the thread of a backend to the watcher.
#[derive(Debug, Default)]
pub struct Inbox {
    changes: Mutex<Changes>,
    filled: Condvar,
}

impl Inbox {
    /// Adds changes.
    pub fn put(&self, add: impl FnOnce(&mut Changes)) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        add(&mut changes);
        changes.overflow |= changes.paths.len() > MOST;
        if changes.overflow {
            changes.paths.clear();
        }
        let is_filled = !changes.is_empty();
        drop(changes);
        if is_filled {
            self.filled.notify_one();
        }
    }

    /// Removes and returns all changes. If there are none, waits at most `patience` for some.
    pub fn take(&self, patience: Duration) -> Changes {
        let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut changes, _) = self
            .filled
            .wait_timeout_while(changes, patience, |changes| changes.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_becomes_one_look_at_everything() {
        let inbox = Inbox::default();
        for index in 0..=MOST {
            inbox.put(|changes| {
                changes.paths.insert(PathBuf::from(format!("{index}")));
                changes.paths.insert(PathBuf::from("the same"));
            });
        }
        let changes = inbox.take(Duration::ZERO);
        assert!(changes.overflow && changes.paths.is_empty(), "{changes:?}");
        assert_eq!(inbox.take(Duration::ZERO), Changes::default());
    }
}
