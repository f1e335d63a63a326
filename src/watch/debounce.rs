//! Debouncing: decides when to act on changes. Callers pass in the changed paths and the current
//! time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::path::SitePath;

/// Time without changes after which texts are processed. Text editors save in several steps within
/// milliseconds.
pub const QUIET: Duration = Duration::from_millis(30);
/// Maximum time that a text waits while others keep changing.
pub const CAP: Duration = Duration::from_millis(150);
/// Time without changes after which an upload is processed. Uploads are written in pieces, and an
/// incomplete image is useless.
pub const UPLOAD_QUIET: Duration = Duration::from_millis(100);

/// The rule by which a change waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Until nothing has changed for [`QUIET`], at most [`CAP`].
    Text,
    /// Until the file itself has not changed for [`UPLOAD_QUIET`], however long that takes.
    Upload,
}

/// The pending changes.
#[derive(Clone, Debug, Default)]
pub struct Debouncer {
    texts: BTreeSet<SitePath>,
    /// The times of the first and the last change of texts.
    span: Option<(Instant, Instant)>,
    /// The time of the last change of each upload.
    uploads: BTreeMap<SitePath, Instant>,
}

impl Debouncer {
    /// Records that a file changed.
    pub fn saw(&mut self, path: SitePath, pace: Pace, now: Instant) {
        match pace {
            Pace::Text => {
                self.texts.insert(path);
                let first = self.span.map_or(now, |(first, _)| first);
                self.span = Some((first, now));
            }
            Pace::Upload => {
                self.uploads.insert(path, now);
            }
        }
    }

    /// Returns the time at which the next changes are due; `None` if nothing changed.
    pub fn due(&self) -> Option<Instant> {
        let texts = self
            .span
            .map(|(first, last)| (last + QUIET).min(first + CAP));
        let uploads = self.uploads.values().min().map(|last| *last + UPLOAD_QUIET);
        [texts, uploads].into_iter().flatten().min()
    }

    /// Removes and returns the changes that are due.
    pub fn take(&mut self, now: Instant) -> BTreeSet<SitePath> {
        let mut taken = BTreeSet::new();
        if let Some((first, last)) = self.span
            && ((last + QUIET).min(first + CAP) <= now)
        {
            taken.append(&mut self.texts);
            self.span = None;
        }
        self.uploads.retain(|path, last| {
            let is_due = *last + UPLOAD_QUIET <= now;
            if is_due {
                taken.insert(path.clone());
            }
            !is_due
        });
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> SitePath {
        SitePath::normalise(name).unwrap()
    }

    /// Replays changes, given as (milliseconds, path, pace). Returns the changes that an event loop
    /// would take, and at which millisecond.
    fn taken(changes: &[(u64, &str, Pace)]) -> Vec<(u64, Vec<String>)> {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut debouncer = Debouncer::default();
        let mut taken = Vec::new();
        for ms in 0..2_000 {
            for (_, name, pace) in changes.iter().filter(|(when, ..)| *when == ms) {
                debouncer.saw(path(name), *pace, at(ms));
            }
            if debouncer.due().is_some_and(|due| due <= at(ms)) {
                let paths = debouncer.take(at(ms)).into_iter();
                taken.push((ms, paths.map(|path| path.to_string()).collect()));
            }
        }
        assert_eq!(debouncer.due(), None, "something was never taken");
        taken
    }

    #[test]
    fn one_save_is_taken_once_when_it_is_quiet() {
        let save = [
            (0, "a.md", Pace::Text),
            (1, "a.md", Pace::Text),
            (20, "a.md", Pace::Text),
        ];
        assert_eq!(taken(&save), [(50, vec!["a.md".to_owned()])]);
    }

    #[test]
    fn texts_that_go_on_changing_wait_no_longer_than_the_cap() {
        let busy: Vec<_> = (0..30)
            .map(|step| (step * 10, "a.md", Pace::Text))
            .collect();
        let times: Vec<u64> = taken(&busy).into_iter().map(|(ms, _)| ms).collect();
        assert_eq!(times, [150, 310]);
    }

    #[test]
    fn an_upload_that_grows_is_waited_for() {
        let growing: Vec<_> = (0..10)
            .map(|step| (step * 90, "big.jpg", Pace::Upload))
            .collect();
        assert_eq!(taken(&growing), [(910, vec!["big.jpg".to_owned()])]);
    }

    #[test]
    fn an_article_does_not_wait_for_an_upload() {
        let mut changes = vec![(5, "a.md", Pace::Text), (5, "done.jpg", Pace::Upload)];
        changes.extend((0..5).map(|step| (step * 80, "big.jpg", Pace::Upload)));
        let taken = taken(&changes);
        let first: Vec<(u64, &str)> = taken
            .iter()
            .flat_map(|(ms, paths)| paths.iter().map(|path| (*ms, path.as_str())))
            .collect();
        assert_eq!(first, [(35, "a.md"), (105, "done.jpg"), (420, "big.jpg")]);
    }
}
