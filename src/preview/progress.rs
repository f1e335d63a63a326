//! Forwards what the watcher reports while it works: new uploads, and the progress of a run.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::hub::{Hub, Message};
use crate::path::SitePath;
use crate::variant::Progress;
use crate::watch::Observer;

/// Minimum time between two progress messages.
const INTERVAL: Duration = Duration::from_millis(100);

/// The progress of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
struct Run {
    /// Number of images to process.
    images: usize,
    finished: usize,
    /// Number of variants that were written, and their bytes.
    variants: usize,
    bytes: u64,
}

/// Forwards the watcher's reports: progress to the open pages, uploads to the thread that makes
/// drafts.
#[derive(Debug)]
pub struct WatchReporter {
    hub: Arc<Hub>,
    uploads: Mutex<Sender<SitePath>>,
    run: Mutex<(Run, Option<Instant>)>,
}

impl WatchReporter {
    pub fn new(hub: Arc<Hub>, uploads: Sender<SitePath>) -> Self {
        WatchReporter {
            hub,
            uploads: Mutex::new(uploads),
            run: Mutex::default(),
        }
    }

    /// Resets the progress at the beginning of a run.
    pub fn begun(&self) {
        *self.run.lock().unwrap_or_else(PoisonError::into_inner) = Default::default();
    }

    fn change(&self, change: impl FnOnce(&mut Run)) {
        let now = Instant::now();
        let mut state = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let (run, sent) = &mut *state;
        change(run);
        if sent.is_none_or(|at| now >= at + INTERVAL) {
            *sent = Some(now);
            let message = Message::new("progress", run);
            drop(state);
            self.hub.send(&message);
        }
    }
}

impl Progress for WatchReporter {
    fn started(&self, originals: usize) {
        self.change(|run| run.images += originals);
    }

    fn written(&self, _original: &SitePath, bytes: u64) {
        self.change(|run| {
            run.variants += 1;
            run.bytes += bytes;
        });
    }

    fn finished(&self, _original: &SitePath) {
        self.change(|run| run.finished += 1);
    }
}

impl Observer for WatchReporter {
    fn uploaded(&self, path: &SitePath) {
        let uploads = self.uploads.lock().unwrap_or_else(PoisonError::into_inner);
        // Sending fails only if the thread that makes drafts has ended with the preview.
        let _ = uploads.send(path.clone());
    }
}
