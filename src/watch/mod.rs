//! Watching: a full build first, then runs over what changed.
//!
//! What is on disk is only ever final: every run is a run of the pipeline, an article is written
//! once and after its variants. File contents decide what is done, never the kinds of events; the
//! runs' own writes cause no further run; the lock is held for each run, not for the watcher's life.

mod debounce;
mod ears;
mod event;
mod findings;
mod inbox;
mod native;
mod polling;
mod reach;
mod sort;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant, SystemTime};

pub use event::{Backend, Done, Event, Said};

use crate::config;
use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::picture::info::Digest;
use crate::pipeline::{Options, Resident, Run, RunError, Scope};
use crate::plan::RungOrder;
use crate::site::{Moment, OpenError, Site, Stamp};
use crate::variant::Budget;

use debounce::{Debouncer, QUIET};
use ears::Ears;
use findings::Known;
use sort::{Kind, kind_of};

/// How a site is watched.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// The site's folder; by default the nearest one upwards.
    pub site: Option<PathBuf>,
    /// Read in the place of the site's `planche.yml`.
    pub config: Option<PathBuf>,
    /// Poll at that interval, whatever the system offers.
    pub poll: Option<Duration>,
    /// Threads for the runs; by default one a processor.
    pub threads: Option<usize>,
    /// Memory for pixels; by default what `planche.yml` allows.
    pub budget: Option<Budget>,
}

/// The interval of polling where none was asked for.
pub const POLL_INTERVAL: Duration = Duration::from_millis(700);
/// How often the loop looks whether it is to stop, and whether the site's folder is in its place.
const TICK: Duration = Duration::from_millis(100);
/// How long a picture that cannot be decoded is taken for one that is still being written.
const STILL_WRITTEN: Duration = Duration::from_secs(2);
/// How long a failed write is waited with at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Watches a site until `stop` is set, telling what happens.
///
/// # Errors
///
/// Where there is no site to begin with.
pub fn watch(
    start: &Start,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(Event),
) -> Result<(), OpenError> {
    let site = Site::open(start.site.as_deref(), start.config.as_deref());
    let root = match (&site, &start.site) {
        (Ok(site), _) => site.root.path().to_owned(),
        // What is wrong in it may be mended while it is watched.
        (Err(OpenError::Configuration(_)), Some(folder)) => folder.clone(),
        _ => return site.map(drop),
    };
    let root = root.canonicalize().unwrap_or(root);
    let mut watcher = Watcher {
        start,
        stop,
        tell,
        ears: Ears::new(&root, start.poll),
        root,
        known: Known::default(),
        seen: BTreeMap::new(),
        marked: None,
        waiting: None,
    };
    while !stop.load(Ordering::Relaxed) {
        watcher.session();
    }
    Ok(())
}

/// The events of a watcher that runs on a thread of its own, as an iterator that ends with it.
/// Dropping it stops the watcher.
pub struct Events {
    events: Receiver<Event>,
    stop: Arc<AtomicBool>,
}

/// Watches a site on a thread of its own.
///
/// # Errors
///
/// Where the system gives no thread. That there is no site is told as [`Event::Waiting`], the last one.
pub fn events(start: Start) -> std::io::Result<Events> {
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, events) = sync_channel(1_024);
    let is_over = stop.clone();
    let thread = std::thread::Builder::new().name("watch".to_owned());
    thread.spawn(move || {
        // Nobody listens any more: the watcher hears of it by the flag.
        let outcome = watch(&start, &is_over, &mut |event| {
            let _ = sender.send(event);
        });
        if let Err(error) = outcome {
            let reason = error.to_string();
            let _ = sender.send(Event::Waiting { reason });
        }
    })?;
    Ok(Events { events, stop })
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.events.recv().ok()
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

struct Watcher<'w> {
    start: &'w Start,
    stop: &'w AtomicBool,
    tell: &'w mut dyn FnMut(Event),
    root: PathBuf,
    ears: Ears,
    known: Known,
    /// The content of articles as it was looked at or written last.
    seen: BTreeMap<SitePath, Digest>,
    /// When the last run began that wrote anything.
    marked: Option<Moment>,
    /// What is waited for, as it was told.
    waiting: Option<String>,
}

/// What tells one state of the file of `--config` from another, wherever it lies.
type ConfigStamp = Option<(SystemTime, u64)>;

/// What is to be looked at.
#[derive(Debug, Default)]
struct Work {
    articles: BTreeSet<SitePath>,
    everything: bool,
    reopen: bool,
    /// The files that changed, to be told.
    because: BTreeSet<SitePath>,
}

/// When to try again what could not be written.
#[derive(Debug, Default)]
struct Retry {
    at: Option<Instant>,
    wait: Duration,
}

impl Retry {
    fn later(&mut self, now: Instant) {
        self.wait = (self.wait * 2).clamp(RETRY.0, RETRY.1);
        self.at = Some(now + self.wait);
    }
}

impl Watcher<'_> {
    /// Opens the site and watches it until it is to be opened anew.
    fn session(&mut self) {
        if !self.root.is_dir() {
            return self.wait_for_folder();
        }
        self.wait_for_save();
        let config = self.config_stamp();
        let site = match Site::open(Some(&self.root), self.start.config.as_deref()) {
            Ok(site) => site,
            Err(error) => {
                self.wait_for_mending(&error, config);
                if !matches!(error, OpenError::Configuration(_)) {
                    // Another folder may stand there by now.
                    self.listen_anew();
                }
                return;
            }
        };
        self.waiting = None;
        let mut session = Session {
            resident: Resident::resume(site, self.marked),
            debouncer: Debouncer::default(),
            work: Work {
                everything: true,
                ..Work::default()
            },
            retry: Retry::default(),
            held: BTreeMap::new(),
            look_again: None,
            followed: BTreeSet::new(),
            has_links: false,
            kinds: BTreeMap::new(),
        };
        while !self.stop.load(Ordering::Relaxed) {
            if !session.resident.site.root.is_in_place() {
                return self.wait_for_folder();
            }
            if session.work.reopen || self.config_stamp() != config {
                return;
            }
            if session.has_work() {
                self.work(&mut session);
                continue;
            }
            self.listen(&mut session);
        }
    }

    /// Waits while the configuration is being saved: most editors empty a file first, and an empty
    /// one is a sound configuration of another site.
    fn wait_for_save(&self) {
        let own = self.root.join(config::FILE);
        let file = self.start.config.as_ref().unwrap_or(&own);
        let is_being_saved = || {
            let metadata = std::fs::metadata(file);
            let empty = metadata.ok().filter(|metadata| metadata.len() == 0);
            let written = empty.and_then(|metadata| metadata.modified().ok());
            let age = written.and_then(|written| written.elapsed().ok());
            age.is_some_and(|age| age < STILL_WRITTEN)
        };
        while is_being_saved() && !self.stop.load(Ordering::Relaxed) {
            std::thread::sleep(QUIET);
        }
    }

    fn config_stamp(&self) -> ConfigStamp {
        let metadata = std::fs::metadata(self.start.config.as_ref()?).ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    }

    /// The configuration cannot be read, or the folder not opened.
    fn wait_for_mending(&mut self, error: &OpenError, config: ConfigStamp) {
        let folders = BTreeSet::from([SitePath::root()]);
        if !self.ears.follow(&self.root, &folders).is_empty() {
            // It may have been mended before the folder was listened to.
            return;
        }
        match error {
            OpenError::Configuration(finding) => {
                let found = std::slice::from_ref(finding.as_ref());
                self.tell_findings(&Scope::Everything, found);
            }
            error => self.wait_for(full(error)),
        }
        let is_settings = matches!(error, OpenError::Configuration(_));
        while !self.stop.load(Ordering::Relaxed) {
            let is_heard = !self.ears.inbox.take(TICK).is_nothing();
            if is_heard || self.config_stamp() != config {
                // It is being saved: half a configuration may be a sound one of another site.
                while !self.ears.inbox.take(QUIET).is_nothing() {}
                return;
            }
            if !is_settings || !self.root.is_dir() {
                return;
            }
        }
    }

    /// The site's folder was moved away or removed.
    fn wait_for_folder(&mut self) {
        self.wait_for(format!("the folder `{}` is gone", self.root.display()));
        while !self.stop.load(Ordering::Relaxed) && !self.root.is_dir() {
            std::thread::sleep(TICK);
        }
        self.listen_anew();
    }

    /// The watches went with the folder that was there.
    fn listen_anew(&mut self) {
        self.ears = Ears::new(&self.root, self.start.poll);
        self.seen.clear();
    }

    /// Tells what is waited for, once.
    fn wait_for(&mut self, reason: String) {
        if self.waiting.as_ref() != Some(&reason) {
            self.waiting = Some(reason.clone());
            (self.tell)(Event::Waiting { reason });
        }
    }

    /// Waits for changes, and sorts them.
    fn listen(&mut self, session: &mut Session) {
        if self.ears.backend.is_none() {
            self.ears = Ears::new(&self.root, self.start.poll);
            session.followed.clear();
            session.work.everything = true;
        }
        let now = Instant::now();
        let wake = [
            session.debouncer.due(),
            session.retry.at,
            session.look_again,
        ];
        let patience = wake
            .into_iter()
            .flatten()
            .map(|at| at.saturating_duration_since(now))
            .fold(TICK, Duration::min);
        let heard = self.ears.inbox.take(patience);
        let now = Instant::now();
        if let Some(reason) = heard.failure {
            self.ears.poll(&self.root, POLL_INTERVAL, Some(reason));
            session.work.reopen = true;
        }
        if heard.overflow {
            // Settings may have changed, and folders been replaced whose watches went with them.
            self.ears = Ears::new(&self.root, self.start.poll);
            session.work.reopen = true;
        }
        for path in heard.paths {
            let below = path.strip_prefix(&self.root).ok();
            let path = below.and_then(Path::to_str).and_then(SitePath::normalise);
            // A name that is not UTF-8 is never an upload's, and a finding if it is an article's.
            let Some(path) = path else {
                session.work.everything = true;
                continue;
            };
            if !path.is_root() {
                self.sort(session, path, now);
            }
        }
        for at in [&mut session.retry.at, &mut session.look_again] {
            if at.take_if(|at| *at <= now).is_some() {
                session.work.everything = true;
            }
        }
        for path in session.debouncer.take(now) {
            session.take(path);
        }
    }

    fn sort(&mut self, session: &mut Session, path: SitePath, now: Instant) {
        let kind = kind_of(&path, &session.resident, &session.followed);
        if session.followed.contains(&path) {
            // Another folder may stand at its path by now, without watches.
            let is_kept =
                |folder: &SitePath| *folder != path && folder.below(path.as_str()).is_none();
            session.followed.retain(is_kept);
            self.ears.forget(&path);
        }
        match kind {
            Kind::Ignored => return,
            Kind::OutputFolder => {
                let folders = session.resident.site.root.folders_below(&path);
                session.followed.extend(folders);
                self.ears.follow(&self.root, &session.followed);
                return;
            }
            _ => {}
        }
        session.debouncer.saw(path.clone(), kind.pace(), now);
        session.kinds.insert(path, kind);
    }

    /// Does what is to be done, the articles that were just edited before all else.
    fn work(&mut self, session: &mut Session) {
        let because = std::mem::take(&mut session.work.because);
        let articles = std::mem::take(&mut session.work.articles);
        let articles = self.changed(session, articles);
        // The manifest holds the records of all articles: they are all looked at.
        let writes_manifest = session.resident.site.manifest().is_some();
        let mut edited = BTreeSet::new();
        if !articles.is_empty() {
            let files: BTreeSet<SitePath> = because.intersection(&articles).cloned().collect();
            let site = &session.resident.site;
            let is_article =
                |file: &str| SitePath::normalise(file).is_some_and(|path| site.takes(&path));
            // An article may have been the only one that used a broken upload.
            session.work.everything |= self.known.has_of_uploads(is_article);
            if writes_manifest {
                session.work.everything = true;
                edited = files;
            } else {
                self.run(session, &Scope::Articles(articles), files);
            }
        }
        if session.work.everything {
            session.work.everything = false;
            let is_article = |path: &&SitePath| session.resident.site.takes(path);
            let others = because.iter().filter(|path| !is_article(path)).cloned();
            edited.extend(others);
            self.run(session, &Scope::Everything, edited);
        }
    }

    /// Of some articles, those whose content is not what was seen or written last.
    fn changed(&mut self, session: &Session, articles: BTreeSet<SitePath>) -> BTreeSet<SitePath> {
        let root = &session.resident.site.root;
        articles
            .into_iter()
            .filter(|path| match root.read(path, u64::MAX - 1) {
                Ok((bytes, _)) => {
                    let digest = Digest::of(&bytes);
                    self.seen.insert(path.clone(), digest) != Some(digest)
                }
                Err(_) => {
                    let was_seen = self.seen.remove(path).is_some();
                    was_seen
                        || session.resident.is_known_article(path)
                        || self.known.concerns(path.as_str())
                }
            })
            .collect()
    }

    fn run(&mut self, session: &mut Session, scope: &Scope, files: BTreeSet<SitePath>) {
        let files: Vec<String> = files.iter().map(SitePath::to_string).collect();
        (self.tell)(Event::Begun {
            files: files.clone(),
        });
        let mut options = Options {
            rungs: RungOrder::SmallestFirst,
            stop: self.stop,
            ..Options::of(&session.resident.site)
        };
        options.threads = self.start.threads.unwrap_or(options.threads);
        options.budget = self.start.budget.unwrap_or(options.budget);
        let run = match session.resident.run(&options, scope) {
            Ok(run) => run,
            Err(RunError::Interrupted) => return,
            Err(error) => {
                self.wait_for(full(&error));
                return session.retry.later(Instant::now());
            }
        };
        self.waiting = None;
        self.marked = session.resident.marked();
        if run.could_not_write {
            session.retry.later(Instant::now());
        } else if *scope == Scope::Everything {
            session.retry = Retry::default();
        }
        self.seen.extend(run.written.clone());
        let findings = self.hold_back(session, scope, &run);
        self.tell_findings(scope, &findings);
        (self.tell)(Event::Done(Done {
            files,
            rewritten: run.written.keys().map(SitePath::to_string).collect(),
            variants: run.summary.variants.written,
            bytes: run.summary.variants.bytes,
            seconds: run.summary.seconds,
        }));
        self.follow(session, scope, &run);
    }

    /// The findings of a run without those about uploads that are perhaps still being written,
    /// which are looked at again.
    fn hold_back(&self, session: &mut Session, scope: &Scope, run: &Run) -> Vec<Finding> {
        let (now, time) = (Instant::now(), SystemTime::now());
        let root = &session.resident.site.root;
        let (mut held, mut told) = (BTreeMap::new(), Vec::new());
        for finding in &run.summary.findings {
            // What was told already goes on holding.
            let is_new = finding.code == Code::UndecodableUpload && !self.known.knows(finding);
            let file = finding.file.as_deref().filter(|_| is_new);
            let path = file.and_then(SitePath::normalise);
            let stamp = path.as_ref().and_then(|path| root.stamp(path).ok());
            let (Some(path), Some(stamp)) = (path, stamp) else {
                told.push(finding.clone());
                continue;
            };
            let before = session.held.get(&path);
            let since = before
                .filter(|(of, _)| *of == stamp)
                .map_or(now, |(_, at)| *at);
            // Clocks may disagree: what was not changed for that long is not being written.
            if stamp.is_younger(STILL_WRITTEN, time) && now < since + STILL_WRITTEN {
                held.insert(path, (stamp, since));
            } else {
                told.push(finding.clone());
            }
        }
        if *scope != Scope::Everything {
            held.append(&mut session.held);
        }
        session.look_again = held.values().map(|(_, since)| *since + STILL_WRITTEN).min();
        session.held = held;
        told
    }

    fn tell_findings(&mut self, scope: &Scope, found: &[Finding]) {
        let difference = self.known.take(scope, found);
        for finding in difference.resolved {
            (self.tell)(Event::Resolved(Said(finding)));
        }
        for finding in difference.appeared {
            (self.tell)(Event::Finding(Said(finding)));
        }
    }

    /// Watches the folders whose content decided what a run found, and those of variants.
    fn follow(&mut self, session: &mut Session, scope: &Scope, run: &Run) {
        let site = &session.resident.site;
        let mut folders = run.folders.clone();
        if *scope == Scope::Everything {
            folders.extend(site.settings_folders());
            folders.extend(site.nearest_starts());
            folders.extend(site.root.folders_below(&site.output_folder()));
            session.has_links = run.has_links;
        } else {
            folders.extend(session.followed.iter().cloned());
        }
        let is_there = |folder: &&SitePath| site.root.is_dir(folder.as_str());
        let there: BTreeSet<SitePath> = folders.iter().filter(is_there).cloned().collect();
        let new = self.ears.follow(&self.root, &there);
        // What changed between the run's look and the watch was not heard.
        session.work.everything |= !new.is_empty();
        session.work.reopen |= site.settings_folders().iter().any(|of| new.contains(of));
        // With those that have gone since the look, or may come: both are still to be heard of.
        session.followed = folders;
        let kind = self.ears.kind();
        if self.ears.announced != Some(kind) {
            self.ears.announced = Some(kind);
            (self.tell)(Event::Watching {
                folders: there.len(),
                backend: kind,
                reason: self.ears.reason.clone(),
            });
        }
    }
}

/// A site that is open, and what has been heard of it.
struct Session {
    resident: Resident,
    debouncer: Debouncer,
    work: Work,
    retry: Retry,
    /// Uploads that cannot be decoded and are perhaps still being written: as they were, since when.
    held: BTreeMap<SitePath, (Stamp, Instant)>,
    /// When those are to be looked at again.
    look_again: Option<Instant>,
    followed: BTreeSet<SitePath>,
    has_links: bool,
    /// What each change means that the debouncer holds.
    kinds: BTreeMap<SitePath, Kind>,
}

impl Session {
    fn has_work(&self) -> bool {
        self.work.everything || !self.work.articles.is_empty()
    }

    /// Turns a change that has been quiet for long enough into work.
    fn take(&mut self, path: SitePath) {
        match self.kinds.remove(&path).unwrap_or(Kind::Ignored) {
            Kind::Ignored => return,
            Kind::Settings => self.work.reopen = true,
            Kind::Article if !self.has_links => {
                self.work.articles.insert(path.clone());
            }
            _ => self.work.everything = true,
        }
        self.work.because.insert(path);
    }
}

/// An error with its causes.
fn full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}
