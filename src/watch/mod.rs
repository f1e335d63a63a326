//! Watching: a full build first, then a run for each change.
//!
//! Every run is a complete run of the flow, so only final states reach the disk: an article is
//! written once, after its variants. The content of files determines the work, not the kinds of
//! file events, and a run's own writes cause no further run. The watcher holds the lock during each
//! run, not between runs.
//!
//! An article that another program has open for writing is not touched before it is closed.

mod background;
mod debounce;
mod event;
mod file_events;
mod findings;
mod inbox;
mod native;
mod observer;
mod polling;
mod reach;
mod runs;
mod session;
mod sort;
mod watcher;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub use background::{Events, events};
pub use event::{Backend, Done, Event, JsonFinding};
pub use observer::Observer;

use crate::picture::decoder::Decode;
use crate::project::{OpenError, Site};
use crate::variant::Budget;

use watcher::Watcher;

/// How a site is watched.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// The site's folder; by default the nearest one upwards.
    pub site: Option<PathBuf>,
    /// A file to use instead of the site's `planche.yml`.
    pub config: Option<PathBuf>,
    /// Poll at this interval, even if the system offers notifications.
    pub poll: Option<Duration>,
    /// Threads for the runs; by default the number of CPUs.
    pub threads: Option<usize>,
    /// Memory for decoded images; by default what `planche.yml` allows.
    pub budget: Option<Budget>,
    /// Reads uploads and variants; by default in this process.
    pub decoder: Option<Arc<dyn Decode>>,
    /// Receives events while they happen.
    pub observer: Option<Arc<dyn Observer>>,
}

/// The interval of polling, unless another one is set.
pub const POLL_INTERVAL: Duration = Duration::from_millis(700);

/// Watches a site until `stop` is set, and reports what happens.
///
/// # Errors
///
/// If there is no site at the start.
pub fn watch(
    start: &Start,
    stop: &AtomicBool,
    report: &mut dyn FnMut(Event),
) -> Result<(), OpenError> {
    let mut watcher = Watcher::new(start, stop, report, root(start)?);
    while !stop.load(Ordering::Relaxed) {
        watcher.session();
    }
    Ok(())
}

/// The folder of the site to watch. Its configuration may be wrong: it may be corrected while it is
/// watched.
///
/// # Errors
///
/// If there is no site.
pub fn root(start: &Start) -> Result<PathBuf, OpenError> {
    let site = Site::open(start.site.as_deref(), start.config.as_deref());
    let root = match (site, &start.site) {
        (Ok(site), _) => site.root.path().to_owned(),
        (Err(OpenError::Configuration(_)), Some(folder)) => folder.clone(),
        (Err(error), _) => return Err(error),
    };
    Ok(root.canonicalize().unwrap_or(root))
}
