//! The thread that makes drafts: receives paths of uploads, which may still be incomplete, and
//! sends messages about finished drafts to the pages.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::draft::{self, Draft, Drafts};
use super::hub::{Hub, Message};
use crate::path::SitePath;
use crate::picture::decoder::{Decode, InProcess};
use crate::project::Site;

/// Time without changes after which a draft of an upload is tried. If the file is still incomplete,
/// decoding fails, and it is tried again after the next change. Runs wait longer.
const QUIET: Duration = Duration::from_millis(8);
/// Interval at which the thread checks whether it has to end.
const TICK: Duration = Duration::from_millis(100);

/// Data of the thread.
pub struct DraftThread {
    pub root: PathBuf,
    pub config: Option<PathBuf>,
    pub decoder: Option<Arc<dyn Decode>>,
    pub drafts: Arc<Drafts>,
    pub hub: Arc<Hub>,
    pub stop: Arc<AtomicBool>,
}

impl DraftThread {
    /// Makes drafts until it is stopped or no further path can arrive.
    pub fn work(&self, uploads: &Receiver<SitePath>) {
        let mut due: BTreeMap<SitePath, Instant> = BTreeMap::new();
        while !self.stop.load(Ordering::Relaxed) {
            let now = Instant::now();
            let next = due.values().min();
            let patience = next.map_or(TICK, |at| at.saturating_duration_since(now));
            match uploads.recv_timeout(patience.min(TICK)) {
                Ok(path) => {
                    due.insert(path, Instant::now() + QUIET);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let now = Instant::now();
            let quiet = due.iter().find(|(_, at)| **at <= now);
            let quiet = quiet.map(|(path, _)| path.clone());
            if let Some(path) = quiet {
                due.remove(&path);
                self.draft(&path);
            }
        }
    }

    fn draft(&self, path: &SitePath) {
        // The site is opened again, because the limits or the folder may have changed.
        let Ok(site) = Site::open(Some(&self.root), self.config.as_deref()) else {
            return;
        };
        let limits = &site.config.limits;
        let Ok((bytes, _)) = site.root.read(path, limits.file.0) else {
            return;
        };
        let id = draft::id(&bytes);
        if self.drafts.has(path.as_str(), &id) {
            return;
        }
        let decoder: &dyn Decode = match &self.decoder {
            Some(decoder) => decoder.as_ref(),
            None => &InProcess,
        };
        let Some((own, webp)) = draft::render(bytes, &limits.for_images(), decoder, &self.stop)
        else {
            return;
        };
        let draft = Draft {
            id,
            path: path.to_string(),
            width: own.width,
            height: own.height,
        };
        self.drafts.put(draft.clone(), webp);
        self.hub.send(&Message::new("draft", &draft));
    }
}
