//! Receives file events: notifications of the system where they arrive, polling elsewhere.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::event::Backend;
use super::inbox::Inbox;
use super::native::Native;
use super::polling::Polling;
use super::{POLL_INTERVAL, reach};
use crate::path::SitePath;

/// The source of file events.
pub struct FileEvents {
    pub inbox: Arc<Inbox>,
    /// `None` if no backend works; the watcher then retries.
    pub backend: Option<Listener>,
    /// The reason for polling, if polling was not requested.
    pub reason: Option<String>,
    /// The backend that was last reported to the user.
    pub announced: Option<Backend>,
}

pub enum Listener {
    Native(Native),
    Polling(Polling, Duration),
}

impl FileEvents {
    pub fn new(root: &Path, poll: Option<Duration>) -> Self {
        let mut events = FileEvents {
            inbox: Arc::new(Inbox::default()),
            backend: None,
            reason: None,
            announced: None,
        };
        match (poll, reach::obstacle(root)) {
            (Some(interval), _) => events.poll(root, interval, None),
            (None, Some(reason)) => events.poll(root, POLL_INTERVAL, Some(reason)),
            (None, None) => match Native::new(root, events.inbox.clone()) {
                Ok(native) => events.backend = Some(Listener::Native(native)),
                Err(reason) => events.poll(root, POLL_INTERVAL, Some(reason)),
            },
        }
        events
    }

    pub fn poll(&mut self, root: &Path, interval: Duration, reason: Option<String>) {
        self.reason = reason;
        let polling = Polling::new(root, interval, self.inbox.clone());
        self.backend = polling
            .ok()
            .map(|polling| Listener::Polling(polling, interval));
    }

    /// Watches exactly these folders. Returns those that were not watched before.
    pub fn follow(&mut self, root: &Path, folders: &BTreeSet<SitePath>) -> Vec<SitePath> {
        match &mut self.backend {
            Some(Listener::Native(native)) => native.follow(folders).unwrap_or_else(|reason| {
                self.poll(root, POLL_INTERVAL, Some(reason));
                self.follow(root, folders)
            }),
            Some(Listener::Polling(polling, _)) => polling.follow(folders),
            None => Vec::new(),
        }
    }

    /// Removes the watch of a folder that was replaced, so that `follow` watches the new folder.
    pub fn forget(&mut self, folder: &SitePath) {
        match &mut self.backend {
            Some(Listener::Native(native)) => native.forget(folder),
            Some(Listener::Polling(..)) | None => {}
        }
    }

    pub fn kind(&self) -> Backend {
        match &self.backend {
            Some(Listener::Polling(_, interval)) => Backend::Polling {
                interval_ms: u64::try_from(interval.as_millis()).unwrap_or(u64::MAX),
            },
            Some(Listener::Native(_)) | None => Backend::Native,
        }
    }
}
