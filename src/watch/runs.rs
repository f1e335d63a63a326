//! The runs of a watcher: selects the articles, reports which findings are new, and decides what to
//! watch afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Instant, SystemTime};

use super::findings::Unread;
use super::session::Session;
use super::watcher::{STILL_WRITTEN, Watcher, with_causes};
use super::{Done, Event};
use crate::finding::{Code, Finding};
use crate::flow::{Options, Run, RunError, Scope};
use crate::path::SitePath;
use crate::picture::info::Digest;
use crate::plan::WidthOrder;
use crate::report::{JsonFinding, RunKind};
use crate::site::{Root, SiteError, TEXT_LIMIT};

impl Watcher<'_> {
    /// Builds what has changed. Articles that were just edited come first.
    pub fn work(&mut self, session: &mut Session) {
        let because = std::mem::take(&mut session.work.because);
        let articles = std::mem::take(&mut session.work.articles);
        let others: BTreeSet<SitePath> = because.difference(&articles).cloned().collect();
        let articles = postpone_open(session, articles);
        let articles = self.changed(session, articles);
        // The manifest contains the records of all articles, so a run over the whole site is
        // needed.
        let writes_manifest = session.resident.site.manifest().is_some();
        let mut edited = BTreeSet::new();
        if !articles.is_empty() {
            let files: BTreeSet<SitePath> = because.intersection(&articles).cloned().collect();
            let site = &session.resident.site;
            // The changed article may have been the only one that used a broken upload.
            session.work.everything |= self.known.has_of_uploads(|file| {
                SitePath::normalise(file).is_some_and(|path| site.takes(&path))
            });
            if writes_manifest {
                session.work.everything = true;
                edited = files;
            } else {
                self.run(session, &Scope::Articles(articles), files);
            }
        }
        if session.work.everything {
            session.work.everything = false;
            edited.extend(others);
            self.run(session, &Scope::Everything, edited);
        }
    }

    /// Returns the articles whose content differs from what was last read or written.
    fn changed(&mut self, session: &Session, articles: BTreeSet<SitePath>) -> BTreeSet<SitePath> {
        let root = &session.resident.site.root;
        articles
            .into_iter()
            .filter(|path| match root.read(path, TEXT_LIMIT) {
                Ok((bytes, _)) => {
                    let digest = Digest::of(&bytes);
                    self.seen.insert(path.clone(), digest) != Some(digest)
                }
                Err(SiteError::TooLarge { .. }) => true,
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
        let deleted = deleted(&files, &session.resident.site.root);
        let files: Vec<String> = files.iter().map(SitePath::to_string).collect();
        (self.report)(Event::Begun {
            files: files.clone(),
        });
        let mut options = Options {
            order: WidthOrder::SmallestFirst,
            stop: self.stop,
            ..Options::for_site(&session.resident.site)
        };
        options.threads = self.start.threads.unwrap_or(options.threads);
        options.budget = self.start.budget.unwrap_or(options.budget);
        if let Some(decoder) = &self.start.decoder {
            options.decoder = decoder.as_ref();
        }
        if let Some(observer) = &self.start.observer {
            options.progress = observer.as_ref();
        }
        let run = match session.resident.run(&options, scope) {
            Ok(run) => run,
            Err(RunError::Interrupted) => return,
            Err(error) => {
                self.wait_for(with_causes(&error));
                return session.retry.later(Instant::now());
            }
        };
        self.marked = session.resident.marked();
        if run.could_not_write {
            session.retry.later(Instant::now());
        } else if *scope == Scope::Everything {
            session.retry = super::session::Retry::default();
        }
        self.seen.extend(run.written.clone());
        note_open(session, &run.summary.findings);
        let findings = self.hold_back(session, scope, &run);
        let is_stopped = run.summary.kind == RunKind::Stopped;
        let unseen = match is_stopped {
            true => Unread::Site,
            false => Unread::Parts {
                articles: &run.unread,
                setup: !run.has_checked_setup,
            },
        };
        self.report_findings(scope, &findings, unseen);
        let refused = run
            .summary
            .findings
            .iter()
            .filter(|finding| match finding.code {
                Code::ArticleRefused | Code::ArticleChanged | Code::Unwritable => true,
                Code::Configuration => is_stopped,
                _ => false,
            });
        let refused = refused.filter_map(|finding| finding.file.as_deref());
        let unread = run.unread.iter().map(SitePath::as_str);
        let refused: BTreeSet<&str> = refused.chain(unread).collect();
        match refused.first().filter(|_| is_stopped) {
            Some(file) => self.wait_for(not_built(file)),
            None => self.waiting = None,
        }
        (self.report)(Event::Done(Done {
            refused: refused.into_iter().map(str::to_owned).collect(),
            files,
            deleted,
            stopped: is_stopped,
            rewritten: run.written.keys().map(SitePath::to_string).collect(),
            variants: run.summary.variants.written,
            bytes: run.summary.variants.bytes,
            seconds: run.summary.seconds,
        }));
        self.follow(session, scope, &run);
    }

    /// Returns the findings of a run, without those about uploads that may still be incomplete. The
    /// session checks such uploads again later.
    fn hold_back(&self, session: &mut Session, scope: &Scope, run: &Run) -> Vec<Finding> {
        let (now, time) = (Instant::now(), SystemTime::now());
        let root = &session.resident.site.root;
        let (mut incomplete, mut reported) = (BTreeMap::new(), Vec::new());
        for finding in &run.summary.findings {
            // A finding that was reported before is not held back: it still applies.
            let is_new = finding.code == Code::UndecodableUpload && !self.known.knows(finding);
            let file = finding.file.as_deref().filter(|_| is_new);
            let path = file.and_then(SitePath::normalise);
            let stamp = path.as_ref().and_then(|path| root.stamp(path).ok());
            let (Some(path), Some(stamp)) = (path, stamp) else {
                reported.push(finding.clone());
                continue;
            };
            let before = session.incomplete.get(&path);
            let since = before
                .filter(|(of, _)| *of == stamp)
                .map_or(now, |(_, at)| *at);
            // The clock of the file system may differ from ours, so a file that has been unchanged
            // for this long on our clock counts as complete.
            if stamp.is_younger(STILL_WRITTEN, time) && now < since + STILL_WRITTEN {
                incomplete.insert(path, (stamp, since));
            } else {
                reported.push(finding.clone());
            }
        }
        if *scope != Scope::Everything {
            incomplete.append(&mut session.incomplete);
        }
        session.recheck_at = incomplete
            .values()
            .map(|(_, since)| *since + STILL_WRITTEN)
            .min();
        session.incomplete = incomplete;
        reported
    }

    pub fn report_findings(&mut self, scope: &Scope, found: &[Finding], unseen: Unread<'_>) {
        let difference = self.known.take(scope, found, unseen);
        for finding in difference.resolved {
            (self.report)(Event::Resolved(JsonFinding(finding)));
        }
        for finding in difference.appeared {
            (self.report)(Event::Finding(JsonFinding(finding)));
        }
    }

    /// Watches the folders that affected the result of a run, and the variants folders.
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
        let existing: BTreeSet<SitePath> = folders
            .iter()
            .filter(|folder| site.root.is_dir(folder.as_str()))
            .cloned()
            .collect();
        let new = self.file_events.follow(&self.root, &existing);
        // Changes between the run and the start of the watch were not noticed, so a new folder
        // causes a full run.
        session.work.everything |= !new.is_empty();
        session.work.reopen |= site.settings_folders().iter().any(|of| new.contains(of));
        // Folders that do not exist are kept too, because their creation matters as well.
        session.followed = folders;
        let kind = self.file_events.kind();
        if self.file_events.announced != Some(kind) {
            self.file_events.announced = Some(kind);
            (self.report)(Event::Watching {
                folders: existing.len(),
                backend: kind,
                reason: self.file_events.reason.clone(),
            });
        }
    }
}

/// Returns those of the files that do not exist.
pub fn deleted(files: &BTreeSet<SitePath>, root: &Root) -> Vec<String> {
    let deleted = files.iter().filter(|path| !root.exists(path));
    deleted.map(SitePath::to_string).collect()
}

/// Returns the reason for waiting while a settings file has an error.
pub fn not_built(file: &str) -> String {
    format!("nothing is built until `{file}` is repaired")
}

/// Removes the articles that another program has open for writing, except overdue ones, which a run
/// has to report. The others are built once they are closed.
fn postpone_open(session: &mut Session, mut articles: BTreeSet<SitePath>) -> BTreeSet<SitePath> {
    if articles.is_empty() {
        return articles;
    }
    let now = Instant::now();
    for path in session.resident.site.root.open_for_writing(&articles) {
        session.open.note(&path, now);
        if !session.open.is_overdue(&path) {
            articles.remove(&path);
        }
    }
    articles
}

/// Records the articles that a run skipped because another program has them open for writing.
fn note_open(session: &mut Session, findings: &[Finding]) {
    let left_alone: BTreeSet<SitePath> = findings
        .iter()
        .filter(|finding| finding.code == Code::ArticleChanged)
        .filter_map(|finding| SitePath::normalise(finding.file.as_deref()?))
        .collect();
    if left_alone.is_empty() {
        return;
    }
    let now = Instant::now();
    for path in session.resident.site.root.open_for_writing(&left_alone) {
        session.open.note(&path, now);
    }
}
