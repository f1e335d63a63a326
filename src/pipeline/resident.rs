//! Runs that follow one another in one process: what one has seen, the next need not look at.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::state::State;
use super::{Acted, Options, RunError, act};
use crate::ledger::Ledger;
use crate::path::SitePath;
use crate::picture::info::Digest;
use crate::report::Summary;
use crate::site::{LookedUp, Moment, Site, Stamp};
use crate::variant::Shelf;

/// What a run is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    Everything,
    /// These files, which may be articles, and may be gone. Uploads and variants are taken to be
    /// what the run before has seen. Where a manifest is written, which holds the records of all
    /// articles, it is about everything all the same.
    Articles(BTreeSet<SitePath>),
}

/// A site that is built again and again.
pub struct Resident {
    pub site: Site,
    ledger: Ledger,
    /// None where the last run did not come to its end.
    shelf: Option<Shelf>,
    /// The paths that references lead to.
    looked_up: LookedUp,
    /// When the last run began that wrote anything, by the file system's time; none before the
    /// first run. What was seen of files that changed later is not remembered.
    marked: Option<Moment>,
}

/// What one run came to.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub summary: Summary,
    /// The articles that were written, and the manifest, with the digests of their new bytes.
    pub written: BTreeMap<SitePath, Digest>,
    /// The folders whose content decided what was found.
    pub folders: BTreeSet<SitePath>,
    /// Whether a link to a folder was followed: a file may then have more than one path.
    pub has_links: bool,
    /// Whether something could not be written, and may be later.
    pub could_not_write: bool,
}

impl Resident {
    /// A site to be built, with what the ledger knows; `marked` is that of the resident before, if
    /// the site was opened anew.
    pub fn resume(site: Site, marked: Option<Moment>) -> Self {
        let ledger = Ledger::load(&site);
        Resident {
            site,
            ledger,
            shelf: None,
            looked_up: LookedUp::default(),
            marked,
        }
    }

    /// When the last run began that wrote anything.
    pub fn marked(&self) -> Option<Moment> {
        self.marked
    }

    /// One run. Writes nothing at all where nothing would change, the lock aside.
    pub fn run(&mut self, options: &Options<'_>, scope: &Scope) -> Result<Run, RunError> {
        let begun = Instant::now();
        let site = &self.site;
        let mut lock = site.root.lock(options.stop)?;
        let marked = match self.marked {
            Some(marked) => marked,
            None => site.root.mark(&mut lock)?,
        };
        let pool = options.pool()?;
        let known = self.shelf.take();
        let is_partial = site.manifest().is_none();
        let (mut state, is_whole) = match (scope, known) {
            (Scope::Articles(files), Some(shelf)) if is_partial => {
                let look = || State::of(site, site.pick(files), &self.ledger, shelf);
                (pool.install(look), false)
            }
            _ => (pool.install(|| State::look(site, &self.ledger))?, true),
        };
        let looked_up = std::mem::take(&mut state.survey.looked_up);
        if is_whole {
            self.looked_up = looked_up;
        } else {
            self.looked_up.extend(looked_up);
        }
        let acted = act(&mut state, site, &self.ledger, options, &pool)?;
        let seen = state.take_ledger().settled(marked);
        if is_whole {
            let differs = seen != self.ledger;
            self.ledger = seen;
            // The first run leaves what a build would leave.
            if differs && (acted.has_written() || self.marked.is_none()) {
                self.ledger.save(site)?;
            }
        } else if let Scope::Articles(files) = scope {
            self.ledger.renew(files, seen);
            if acted.has_written() {
                self.ledger.save(site)?;
            }
        }
        self.marked = Some(if acted.has_written() {
            site.root.mark(&mut lock)?
        } else {
            marked
        });
        options.check_stop()?;
        let mut run = Run {
            summary: state.summary(site),
            folders: std::mem::take(&mut state.survey.folders),
            has_links: state.survey.has_links,
            could_not_write: state.could_not_write,
            ..Run::default()
        };
        acted.tell(&mut run.summary);
        run.summary.seconds = begun.elapsed().as_secs_f64();
        run.written = acted.articles;
        run.written.extend(acted.manifest);
        self.shelf = Some(state.shelf);
        Ok(run)
    }

    /// Whether a file is an upload that articles use, unchanged since it was looked at.
    pub fn is_known_upload(&self, path: &SitePath, stamp: &Stamp) -> bool {
        self.ledger.original(path, stamp).is_some()
    }

    /// Whether references lead to that path: an upload is there, or may come.
    pub fn is_named(&self, path: &SitePath) -> bool {
        self.looked_up.holds(path)
    }

    /// Whether references lead to something below a folder.
    pub fn is_named_below(&self, folder: &SitePath) -> bool {
        self.looked_up.leads_through(folder)
    }

    /// Whether a variant of that many bytes stands under that name.
    pub fn is_known_variant(&self, path: &SitePath, bytes: u64) -> bool {
        let known = self.shelf.as_ref().and_then(|shelf| shelf.size(path));
        known == Some(bytes)
    }

    /// Whether all variants that are known in a folder or below it stand there still.
    pub fn has_all_known_variants_in(&self, folder: &SitePath) -> bool {
        self.shelf.as_ref().is_some_and(|shelf| {
            let mut within = shelf
                .files()
                .filter(|(path, _)| path.below(folder.as_str()).is_some() && shelf.stands(path));
            within.all(|(path, bytes)| {
                let stamp = self.site.root.stamp(path);
                stamp.is_ok_and(|stamp| stamp.bytes == bytes)
            })
        })
    }

    /// Whether an article of that name was seen.
    pub fn is_known_article(&self, path: &SitePath) -> bool {
        self.ledger.has_article(path)
    }
}

impl Acted {
    fn has_written(&self) -> bool {
        self.produced.variants > 0 || !self.articles.is_empty() || self.manifest.is_some()
    }
}
