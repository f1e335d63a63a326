//! Progress of a run, for the caller to display.

use crate::path::SitePath;

/// Receives the progress of a run, from several threads.
pub trait Progress: Sync {
    /// The run waits for another one, which is writing to the site.
    fn waiting(&self, _other: &str) {}
    /// Work on this many more originals starts. A run may call this several times: the variants of
    /// identical originals can follow once the widths of the first are decided.
    fn started(&self, originals: usize);
    /// A variant was written.
    fn written(&self, original: &SitePath, bytes: u64);
    /// An original is done, or has failed.
    fn finished(&self, original: &SitePath);
}

/// Ignores all progress.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _originals: usize) {}
    fn written(&self, _original: &SitePath, _bytes: u64) {}
    fn finished(&self, _original: &SitePath) {}
}
