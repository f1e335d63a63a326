//! Watches a site with this library, on a separate thread.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use planche::internal::preview::Preview;
use planche::internal::watch::{Done, Event, Start, watch};

use super::{Edit, Layout, support};

const LAYOUT: Layout = Layout {
    articles: "_posts",
    uploads: "uploads",
};
const SMALL: &str = "widths: [16, 32]\nsizes: 100vw\neffort: 0\n";
/// The widths of the built-in presets.
const PHOTO: &str = "widths: [320, 480, 640, 960, 1280, 1920]\nsizes: 100vw\n";
const CONFIG: &str = "rules: [{ at: photo, preset: photo }]\n";

/// A Jekyll site with its watcher.
pub struct Watched {
    site: tempfile::TempDir,
    stop: Arc<AtomicBool>,
    events: Receiver<(Instant, Event)>,
    thread: Option<JoinHandle<()>>,
}

impl Watched {
    /// Watches a site with this number of articles. Returns once the first build is finished.
    pub fn start(articles: usize) -> Self {
        Watched::with(articles, |_| None)
    }

    /// Does the same, with a preview of the site's folder.
    pub fn with(articles: usize, preview: impl FnOnce(&Path) -> Option<Preview>) -> Self {
        let site = support::site_of(&[], SMALL);
        fs::write(site.path().join("presets/photo.yml"), PHOTO).expect("a file");
        fs::write(site.path().join("planche.yml"), CONFIG).expect("a file");
        LAYOUT.fill(site.path(), articles);
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, events) = channel();
        let preview = preview(site.path());
        let start = Start {
            site: Some(site.path().to_owned()),
            observer: preview.as_ref().map(Preview::observer),
            ..Start::default()
        };
        let is_stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            let outcome = watch(&start, &is_stopped, &mut |event| {
                if let Some(preview) = &preview {
                    preview.report(&event);
                }
                // Sending fails once the receiver was dropped at the end.
                let _ = sender.send((Instant::now(), event));
            });
            outcome.expect("a site");
        });
        let watched = Watched {
            site,
            stop,
            events,
            thread: Some(thread),
        };
        let is_watching = |event: &Event| matches!(event, Event::Watching { .. });
        while !is_watching(&watched.events.recv().expect("an event").1) {}
        watched.settle();
        watched
    }

    /// Waits until there have been no events for a while.
    pub fn settle(&self) {
        while self.events.recv_timeout(Duration::from_millis(500)).is_ok() {}
    }

    /// Returns the milliseconds from the end of an edit to the end of the run that it causes.
    pub fn milliseconds(&self, edit: Edit, index: usize, photo: &[u8]) -> f64 {
        self.timed(edit, index, photo).1
    }

    /// Returns the time at which an edit ended, and the milliseconds from then to the end of the
    /// run that it causes.
    pub fn timed(&self, edit: Edit, index: usize, photo: &[u8]) -> (Instant, f64) {
        edit.apply(self.site.path(), LAYOUT, index, photo);
        let since = Instant::now();
        let name = LAYOUT.article(index);
        let milliseconds = match edit {
            Edit::Text => self.until(since, |done| {
                assert!(!done.has_written(), "{done:?}");
                done.files.contains(&name)
            }),
            Edit::FrontMatter => self.until(since, |done| done.rewritten.contains(&name)),
            Edit::Picture => {
                let milliseconds = self.until(since, |done| done.variants > 0);
                let text = fs::read_to_string(self.site.path().join(&name)).expect("a file");
                let has_record = text.contains("photo_responsive:");
                assert!(has_record, "the article has no record");
                self.settle();
                milliseconds
            }
        };
        (since, milliseconds)
    }

    /// Returns the milliseconds from `since` to the end of the first run for which `is_it` returns
    /// true.
    fn until(&self, since: Instant, is_it: impl Fn(&Done) -> bool) -> f64 {
        loop {
            let (at, event) = self.events.recv().expect("an event");
            if matches!(&event, Event::Done(done) if is_it(done)) {
                return (at - since).as_secs_f64() * 1e3;
            }
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the watcher ends");
        }
    }
}
