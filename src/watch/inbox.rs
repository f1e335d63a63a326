//! What a backend has heard of and nobody has taken yet: a set, so that a flood takes no more
//! memory than the files that it is about.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Beyond this many files at once, looking at everything is cheaper.
const MOST: usize = 5_000;

/// Changes, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    pub paths: BTreeSet<PathBuf>,
    /// Events were lost, or too many to be told apart.
    pub overflow: bool,
    /// Why the backend cannot go on.
    pub failure: Option<String>,
}

impl Heard {
    pub fn is_nothing(&self) -> bool {
        *self == Heard::default()
    }
}

/// Where a backend's thread leaves what it hears.
#[derive(Debug, Default)]
pub struct Inbox {
    heard: Mutex<Heard>,
    filled: Condvar,
}

impl Inbox {
    /// Adds to what was heard.
    pub fn put(&self, add: impl FnOnce(&mut Heard)) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        add(&mut heard);
        heard.overflow |= heard.paths.len() > MOST;
        if heard.overflow {
            heard.paths.clear();
        }
        let is_news = *heard != Heard::default();
        drop(heard);
        if is_news {
            self.filled.notify_one();
        }
    }

    /// Takes what was heard, waiting for it at most that long.
    pub fn take(&self, patience: Duration) -> Heard {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut heard, _) = self
            .filled
            .wait_timeout_while(heard, patience, |heard| heard.is_nothing())
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *heard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_becomes_one_look_at_everything() {
        let inbox = Inbox::default();
        for index in 0..=MOST {
            inbox.put(|heard| {
                heard.paths.insert(PathBuf::from(format!("{index}")));
                heard.paths.insert(PathBuf::from("the same"));
            });
        }
        let heard = inbox.take(Duration::ZERO);
        assert!(heard.overflow && heard.paths.is_empty(), "{heard:?}");
        assert_eq!(inbox.take(Duration::ZERO), Heard::default());
    }
}
