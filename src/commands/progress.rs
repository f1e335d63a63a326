//! Progress: a bar on a terminal, nothing elsewhere.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use planche::internal::path::SitePath;
use planche::internal::picture::units::ByteSize;
use planche::internal::variant::Progress;

/// The progress bar of a run.
pub struct Shown {
    bar: ProgressBar,
    bytes: AtomicU64,
}

impl Shown {
    /// The bar is hidden if it is not wanted, or if standard error is not a terminal.
    pub fn new(is_wanted: bool) -> Self {
        let bar = if is_wanted && std::io::stderr().is_terminal() {
            ProgressBar::new(0)
        } else {
            ProgressBar::hidden()
        };
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} images, {msg} written");
        bar.set_style(style.expect("the template is valid"));
        bar.set_message(ByteSize(0).to_string());
        Shown {
            bar,
            bytes: AtomicU64::new(0),
        }
    }

    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Shown {
    fn started(&self, originals: usize) {
        self.bar.inc_length(originals as u64);
    }

    fn written(&self, _original: &SitePath, bytes: u64) {
        let bytes = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.bar.set_message(ByteSize(bytes).to_string());
    }

    fn finished(&self, _original: &SitePath) {
        self.bar.inc(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_round_of_jobs_lengthens_the_bar() {
        let shown = Shown::new(false);
        let path = SitePath::root().child("a.png");
        shown.started(2);
        shown.finished(&path);
        shown.finished(&path);
        shown.started(1);
        assert_eq!((shown.bar.position(), shown.bar.length()), (2, Some(3)));
    }
}
