//! The inbox between a backend's thread and the watcher: changes that the watcher has not received
//! yet. It is a set, so memory grows with the number of changed files, not of events.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// With more changed files than this, looking at everything is cheaper.
const MOST: usize = 5_000;

/// Changed files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub paths: BTreeSet<PathBuf>,
    /// Events were lost, or there were too many.
    pub overflow: bool,
    /// Why the backend cannot continue.
    pub failure: Option<String>,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        *self == Changes::default()
    }
}

/// Where a backend's thread puts changes.
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

    /// Takes all changes, waiting for some at most that long.
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
