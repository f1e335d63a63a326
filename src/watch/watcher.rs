//! The loop of a watcher: opens the site, waits for changes, builds, and waits for missing files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use super::debounce::QUIET;
use super::file_events::FileEvents;
use super::findings::Known;
use super::inbox::Changes;
use super::observer::may_be_new_image;
use super::session::Session;
use super::sort::{Kind, kind_of};
use super::{Event, POLL_INTERVAL, Start};
use crate::config;
use crate::flow::Resident;
use crate::path::SitePath;
use crate::picture::info::Digest;
use crate::project::{OpenError, Site};
use crate::site::Moment;

/// Interval at which the loop checks whether to stop, and whether the site's folder still exists.
pub const TICK: Duration = Duration::from_millis(100);
/// Time after its last change during which an unusable file counts as incomplete.
pub const STILL_WRITTEN: Duration = Duration::from_secs(2);

pub struct Watcher<'w> {
    pub start: &'w Start,
    pub stop: &'w AtomicBool,
    pub report: &'w mut dyn FnMut(Event),
    pub root: PathBuf,
    pub file_events: FileEvents,
    pub known: Known,
    /// Digest of each article's content when it was last read or written.
    pub seen: BTreeMap<SitePath, Digest>,
    /// [`Resident::marked`] of the last run.
    pub marked: Option<Moment>,
    /// The last reported reason for waiting, while the watcher waits.
    pub waiting: Option<String>,
    /// The last session, while the settings cannot be read. It knows which files matter.
    pub former: Option<Session>,
    /// The settings that ended the last session, which the report of the next run names.
    pub changed_settings: BTreeSet<SitePath>,
}

/// Modification time and length of the file of `--config`, which may be outside the site.
pub type ConfigStamp = Option<(SystemTime, u64)>;

impl<'w> Watcher<'w> {
    pub fn new(
        start: &'w Start,
        stop: &'w AtomicBool,
        report: &'w mut dyn FnMut(Event),
        root: PathBuf,
    ) -> Self {
        Watcher {
            start,
            stop,
            report,
            file_events: FileEvents::new(&root, start.poll),
            root,
            known: Known::default(),
            seen: BTreeMap::new(),
            marked: None,
            waiting: None,
            former: None,
            changed_settings: BTreeSet::new(),
        }
    }

    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Opens the site, and watches it until it has to be opened again.
    pub fn session(&mut self) {
        if !self.root.is_dir() {
            return self.wait_for_folder();
        }
        self.wait_for_save();
        let config = self.config_stamp();
        let site = match Site::open(Some(&self.root), self.start.config.as_deref()) {
            Ok(site) => site,
            Err(error) => {
                self.wait_for_correction(&error, config);
                if !matches!(error, OpenError::Configuration(_)) {
                    // The folder may have been replaced in the meantime.
                    self.watch_again();
                }
                return;
            }
        };
        self.waiting = None;
        self.former = None;
        let mut session = Session::new(Resident::resume(site, self.marked));
        session.work.because = std::mem::take(&mut self.changed_settings);
        while !self.is_stopped() {
            if !session.resident.site.root.is_in_place() {
                return self.wait_for_folder();
            }
            if session.work.reopen || self.config_stamp() != config {
                // The articles may have been written by the last run.
                let others = session.work.because.difference(&session.work.articles);
                self.changed_settings = others.cloned().collect();
                self.former = Some(session);
                return;
            }
            if session.has_work() {
                self.work(&mut session);
                continue;
            }
            self.listen(&mut session);
        }
    }

    /// Waits while the configuration is being saved. Most text editors empty a file first, and an
    /// empty file is a valid configuration, but describes a different site.
    fn wait_for_save(&self) {
        let own = self.root.join(config::FILE);
        let file = self.start.config.as_ref().unwrap_or(&own);
        let is_being_saved = || {
            let empty = std::fs::metadata(file)
                .ok()
                .filter(|metadata| metadata.len() == 0);
            let written = empty.and_then(|metadata| metadata.modified().ok());
            let age = written.and_then(|written| written.elapsed().ok());
            age.is_some_and(|age| age < STILL_WRITTEN)
        };
        while is_being_saved() && !self.is_stopped() {
            std::thread::sleep(QUIET);
        }
    }

    pub fn config_stamp(&self) -> ConfigStamp {
        let metadata = std::fs::metadata(self.start.config.as_ref()?).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    }

    /// Waits until the site's folder, which was moved or removed, exists again.
    fn wait_for_folder(&mut self) {
        self.wait_for(format!("the folder `{}` is gone", self.root.display()));
        while !self.is_stopped() && !self.root.is_dir() {
            std::thread::sleep(TICK);
        }
        self.watch_again();
    }

    /// Starts watching the folder that replaced the watched one.
    fn watch_again(&mut self) {
        self.file_events = FileEvents::new(&self.root, self.start.poll);
        self.seen.clear();
    }

    /// Reports the reason for waiting, unless it was the last one reported.
    pub fn wait_for(&mut self, reason: String) {
        if self.waiting.as_ref() != Some(&reason) {
            self.waiting = Some(reason.clone());
            (self.report)(Event::Waiting { reason });
        }
    }

    /// Waits for changes, classifies them, and turns those that are due into work.
    fn listen(&mut self, session: &mut Session) {
        if self.file_events.backend.is_none() {
            self.file_events = FileEvents::new(&self.root, self.start.poll);
            session.followed.clear();
            session.work.everything = true;
        }
        let now = Instant::now();
        let wake = [
            session.debouncer.due(),
            session.retry.at,
            session.recheck_at,
            session.open.due(),
        ];
        let patience = wake
            .into_iter()
            .flatten()
            .map(|at| at.saturating_duration_since(now))
            .fold(TICK, Duration::min);
        let changes = self.file_events.inbox.take(patience);
        let now = Instant::now();
        self.sort_all(session, changes, now);
        for at in [&mut session.retry.at, &mut session.recheck_at] {
            if at.take_if(|at| *at <= now).is_some() {
                session.work.everything = true;
            }
        }
        for path in session.debouncer.take(now) {
            session.take(path);
        }
        self.take_open(session, now);
    }

    fn sort_all(&mut self, session: &mut Session, changes: Changes, now: Instant) {
        if let Some(reason) = changes.failure {
            self.file_events
                .poll(&self.root, POLL_INTERVAL, Some(reason));
            session.work.reopen = true;
        }
        if changes.overflow {
            // Settings may have changed, and folders may have been replaced, so that their watches
            // are gone.
            self.file_events = FileEvents::new(&self.root, self.start.poll);
            session.work.reopen = true;
        }
        for path in changes.paths {
            // A name that is not UTF-8 never belongs to an upload, and if it belongs to an article,
            // the run reports it.
            let Some(path) = below(&self.root, &path) else {
                session.work.everything = true;
                continue;
            };
            if !path.is_root() {
                self.sort(session, path, now);
            }
        }
    }

    fn sort(&mut self, session: &mut Session, path: SitePath, now: Instant) {
        let kind = kind_of(&path, &session.resident, &session.followed);
        if let Some(observer) = &self.start.observer
            && may_be_new_image(&path, kind, &session.resident)
        {
            observer.uploaded(&path);
        }
        if session.followed.contains(&path) {
            // Another folder may be at this path by now, without a watch.
            session
                .followed
                .retain(|folder| *folder != path && folder.below(path.as_str()).is_none());
            self.file_events.forget(&path);
        }
        match kind {
            Kind::Ignored => return,
            Kind::OutputFolder => {
                let folders = session.resident.site.root.folders_below(&path);
                session.followed.extend(folders);
                self.file_events.follow(&self.root, &session.followed);
                return;
            }
            _ => {}
        }
        session.debouncer.saw(path.clone(), kind.pace(), now);
        // A folder that was removed is no longer watched when its next event arrives: by its name
        // alone, it could be an article.
        let pending = session.kinds.entry(path).or_insert(kind);
        if *pending != Kind::Folder {
            *pending = kind;
        }
    }

    /// Turns articles that were closed or are overdue into work.
    fn take_open(&mut self, session: &mut Session, now: Instant) {
        let root = &session.resident.site.root;
        for path in session.open.take(now, |paths| root.open_for_writing(paths)) {
            // The digest may be that of the content while the file was open, so that the article
            // would seem unchanged.
            self.seen.remove(&path);
            session.work.because.insert(path.clone());
            session.work.articles.insert(path);
        }
    }
}

/// Returns the path below the root; `None` if it is not UTF-8.
pub fn below(root: &Path, path: &Path) -> Option<SitePath> {
    let below = path.strip_prefix(root).ok()?.to_str()?;
    SitePath::normalise(below)
}

/// Formats an error with its causes.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
