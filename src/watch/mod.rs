//! Watches a site: makes a full build first, then a run after each change.
//!
//! Every run is a complete run of the flow, so only final states reach the disk: an article is
//! written once, after its variants. The content of files determines the work, not the kinds of
//! file events, and a run's own writes cause no further run. The watcher holds the lock during each
//! run, not between runs.
//!
//! An article that another program has open for writing is not changed until it is closed.

mod background;
mod correction;
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
pub use event::{Backend, Done, Event};
pub use observer::Observer;

use crate::picture::decoder::Decode;
use crate::project::{OpenError, Site};
use crate::variant::Budget;

use watcher::Watcher;

/// Settings of a watcher.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Folder of the site; by default, the nearest site at or above the working directory.
    pub site: Option<PathBuf>,
    /// A file to use instead of the site's `planche.yml`.
    pub config: Option<PathBuf>,
    /// Interval of polling. If it is set, the watcher polls even where the system offers
    /// notifications.
    pub poll: Option<Duration>,
    /// Number of threads of the runs; by default the number of CPUs.
    pub threads: Option<usize>,
    /// Memory for decoded images; by default what `planche.yml` permits.
    pub budget: Option<Budget>,
    /// Decodes uploads and variants; by default within this process.
    pub decoder: Option<Arc<dyn Decode>>,
    /// Receives events while they happen.
    pub observer: Option<Arc<dyn Observer>>,
}

/// Default interval of polling.
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

/// Returns the folder of the site to watch. An invalid configuration is not an error, because it
/// may be corrected while the folder is watched.
///
/// # Errors
///
/// If there is no site.
pub fn root(start: &Start) -> Result<PathBuf, OpenError> {
    let site = Site::open(start.site.as_deref(), start.config.as_deref());
    let root = match (site, &start.site) {
        (Ok(site), _) => site.root.path().to_owned(),
        (Err(OpenError::Configuration(_)), folder) => {
            Site::find(folder.as_deref())?.path().to_owned()
        }
        (Err(error), _) => return Err(error),
    };
    Ok(root.canonicalize().unwrap_or(root))
}
