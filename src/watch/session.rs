//! A session: the period from opening a site to the next change of its settings.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::debounce::Debouncer;
use super::sort::Kind;
use crate::flow::Resident;
use crate::path::SitePath;
use crate::site::Stamp;

/// Waiting time after a failed write: the first one, and the maximum.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// Time after which an article that is open for writing is reported.
const OPEN_PATIENCE: Duration = Duration::from_secs(2);
/// Interval at which open articles are checked.
const OPEN_INTERVAL: Duration = Duration::from_millis(50);

/// An open site, and the changes that were seen in it.
pub struct Session {
    pub resident: Resident,
    pub debouncer: Debouncer,
    pub work: Work,
    pub retry: Retry,
    /// Uploads that cannot be decoded and may still be incomplete, with their stamps and the time
    /// since which these have not changed.
    pub incomplete: BTreeMap<SitePath, (Stamp, Instant)>,
    /// The time at which incomplete uploads are checked again.
    pub recheck_at: Option<Instant>,
    pub open: OpenArticles,
    /// The folders whose changes matter, including those that do not exist at the moment.
    pub followed: BTreeSet<SitePath>,
    /// Whether symbolic links may give a file more than one path.
    pub has_links: bool,
    /// The meaning of each pending change in the debouncer.
    pub kinds: BTreeMap<SitePath, Kind>,
}

/// The work that has to be done.
#[derive(Debug, Default)]
pub struct Work {
    pub articles: BTreeSet<SitePath>,
    pub everything: bool,
    /// Whether the site has to be opened again because its settings changed.
    pub reopen: bool,
    /// The changed files, which the report names.
    pub because: BTreeSet<SitePath>,
}

/// The schedule of attempts after failed writes.
#[derive(Debug, Default)]
pub struct Retry {
    pub at: Option<Instant>,
    wait: Duration,
}

impl Retry {
    pub fn later(&mut self, now: Instant) {
        self.wait = (self.wait * 2).clamp(RETRY.0, RETRY.1);
        self.at = Some(now + self.wait);
    }
}

/// Articles that another program has open for writing. They are built once they are closed.
#[derive(Debug, Default)]
pub struct OpenArticles {
    articles: BTreeMap<SitePath, Open>,
    at: Option<Instant>,
}

#[derive(Debug)]
struct Open {
    since: Instant,
    /// Whether the article has been open for so long that a run reports it.
    is_overdue: bool,
}

impl OpenArticles {
    /// Returns the time of the next check; `None` if no article is open.
    pub fn due(&self) -> Option<Instant> {
        self.at
    }

    /// Records an open article.
    pub fn note(&mut self, path: &SitePath, now: Instant) {
        let since = now;
        let is_overdue = false;
        self.articles
            .entry(path.clone())
            .or_insert(Open { since, is_overdue });
        self.at = Some(now + OPEN_INTERVAL);
    }

    /// Returns the articles that are due: those that were closed, to be built, and those that
    /// became overdue, to be reported. `open` returns which of the given articles are still open in
    /// another program.
    pub fn take(
        &mut self,
        now: Instant,
        open: impl Fn(&BTreeSet<SitePath>) -> BTreeSet<SitePath>,
    ) -> BTreeSet<SitePath> {
        if self.at.is_none_or(|at| now < at) {
            return BTreeSet::new();
        }
        let noted = self.articles.keys().cloned().collect();
        let open = open(&noted);
        let mut taken: BTreeSet<SitePath> = noted.difference(&open).cloned().collect();
        self.articles.retain(|path, _| open.contains(path));
        for (path, article) in &mut self.articles {
            if !article.is_overdue && now >= article.since + OPEN_PATIENCE {
                article.is_overdue = true;
                taken.insert(path.clone());
            }
        }
        self.at = (!self.articles.is_empty()).then(|| now + OPEN_INTERVAL);
        taken
    }

    /// Whether to build an article although it is open, so that a run reports it.
    pub fn is_overdue(&self, path: &SitePath) -> bool {
        self.articles
            .get(path)
            .is_some_and(|article| article.is_overdue)
    }
}

impl Session {
    pub fn new(resident: Resident) -> Self {
        Session {
            resident,
            debouncer: Debouncer::default(),
            work: Work {
                everything: true,
                ..Work::default()
            },
            retry: Retry::default(),
            incomplete: BTreeMap::new(),
            recheck_at: None,
            open: OpenArticles::default(),
            followed: BTreeSet::new(),
            has_links: false,
            kinds: BTreeMap::new(),
        }
    }

    pub fn has_work(&self) -> bool {
        self.work.everything || !self.work.articles.is_empty()
    }

    /// Turns a change that the debouncer has released into work.
    pub fn take(&mut self, path: SitePath) {
        match self.kinds.remove(&path).unwrap_or(Kind::Ignored) {
            Kind::Ignored => return,
            Kind::Settings => self.work.reopen = true,
            Kind::Article if !self.has_links => {
                self.work.articles.insert(path.clone());
            }
            // It may have been written by the last run, so it is not named.
            Kind::Article => {
                self.work.everything = true;
                return;
            }
            _ => self.work.everything = true,
        }
        self.work.because.insert(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_article_is_taken_when_it_is_closed_and_once_if_that_takes_long() {
        let path = SitePath::normalise("a.md").unwrap();
        let (none, set) = (BTreeSet::new(), BTreeSet::from([path.clone()]));
        let start = Instant::now();
        let mut open = OpenArticles::default();
        assert_eq!(open.due(), None);
        open.note(&path, start);
        let soon = start + OPEN_INTERVAL;
        assert_eq!(open.due(), Some(soon));
        assert_eq!(open.take(start, |_| none.clone()), none, "too early");
        assert_eq!(open.take(soon, Clone::clone), none, "still open");
        assert!(!open.is_overdue(&path));
        let late = start + OPEN_PATIENCE;
        assert_eq!(open.take(late, Clone::clone), set, "to be reported");
        assert!(open.is_overdue(&path));
        open.note(&path, late);
        let later = late + OPEN_INTERVAL;
        assert_eq!(open.take(later, Clone::clone), none, "it was reported");
        assert_eq!(open.take(later + OPEN_INTERVAL, |_| none.clone()), set);
        assert_eq!(open.due(), None);
    }
}
