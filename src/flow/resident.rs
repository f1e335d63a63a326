//! Runs a site repeatedly in one process: each run reuses the data that the previous one has read.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::planned::Planned;
use super::{Context, Options, RunError, Updated, inspect, summary, survey_site};
use crate::ledger::Ledger;
use crate::path::SitePath;
use crate::picture::info::Digest;
use crate::project::Site;
use crate::report::Summary;
use crate::site::{LookedUp, Moment, Stamp};
use crate::survey::survey;
use crate::variant::VariantIndex;

/// The files that a run covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    Everything,
    /// Only these files, which may be articles or may no longer exist. Uploads and variants are
    /// assumed to be unchanged since the previous run. If the site has a manifest, which contains
    /// the records of all articles, the run covers everything.
    Articles(BTreeSet<SitePath>),
}

/// A site that is built repeatedly.
pub struct Resident {
    pub site: Site,
    ledger: Ledger,
    /// The variants on disk; `None` before the first run and after a failed one.
    index: Option<VariantIndex>,
    /// Paths that references were resolved to, whether or not a file exists there.
    looked_up: LookedUp,
    /// See [`Resident::marked`]. Files that have changed since are read again.
    marked: Option<Moment>,
}

/// The outcome of one run.
#[derive(Clone, Debug, Default)]
pub struct Run {
    pub summary: Summary,
    /// The articles that were written, and the manifest, with the digests of their new bytes.
    pub written: BTreeMap<SitePath, Digest>,
    /// The folders whose content determined the result.
    pub folders: BTreeSet<SitePath>,
    /// Whether a link to a folder was followed: a file may then have more than one path.
    pub has_links: bool,
    /// The articles whose references are unknown, because they cannot be read.
    pub unread: BTreeSet<SitePath>,
    /// Whether a write failed that may succeed later.
    pub could_not_write: bool,
    /// Whether the setup of the site was checked: without images, nothing can be said about it.
    pub has_checked_setup: bool,
}

impl Resident {
    /// Starts from the ledger of a site. If the site was opened again, `marked` is
    /// [`Resident::marked`] of the previous value.
    pub fn resume(site: Site, marked: Option<Moment>) -> Self {
        let ledger = Ledger::load(&site);
        Resident {
            site,
            ledger,
            index: None,
            looked_up: LookedUp::default(),
            marked,
        }
    }

    /// Returns when the last run that wrote anything ended or, if none did, when the first run
    /// started, by the file system's clock; `None` before the first run.
    pub fn marked(&self) -> Option<Moment> {
        self.marked
    }

    /// Runs once. If nothing would change, writes only the lock. If the configuration has an error,
    /// writes nothing.
    pub fn run(&mut self, options: &Options<'_>, scope: &Scope) -> Result<Run, RunError> {
        let started = Instant::now();
        let site = &self.site;
        if site.is_misconfigured() {
            return Ok(Run {
                summary: summary::of_stopped(site, started),
                ..Run::default()
            });
        }
        let mut lock = options.lock(site)?;
        let marked = match self.marked {
            Some(marked) => marked,
            None => site.root.mark(&mut lock)?,
        };
        let pool = options.pool()?;
        let known = self.index.take();
        let context = Context {
            site,
            ledger: &self.ledger,
            options,
            pool: &pool,
        };
        let files = match scope {
            // A manifest contains the records of all articles.
            Scope::Articles(files) if site.manifest().is_none() => Some(files),
            _ => None,
        };
        let (files, index) = match (files, known) {
            (Some(files), Some(index)) => (Some(files), index),
            _ => (None, pool.install(|| inspect(&context))?),
        };
        let surveyed = pool.install(|| match files {
            Some(files) => survey(site, site.pick(files), &self.ledger, options.decoder),
            None => survey_site(&context),
        });
        let survey = surveyed.survey;
        let planned = pool.install(|| {
            let planned = Planned::new(&survey, index, site);
            // The index is that of an earlier run: another program may have removed variants since,
            // and no article may name one that is gone.
            match files {
                Some(_) => planned.looked_again(),
                None => planned,
            }
        });
        let updated = Updated::new(planned, surveyed.ledger, marked, &context)?;
        let summary = updated.summary(lock.finding().into_iter().collect(), &context, started);
        let Updated {
            rewritten,
            ledger: seen,
            ..
        } = updated;
        let has_written = rewritten.has_written();
        // `check` learns from the ledger which originals no build can decode.
        let known = self.ledger.undecodable();
        let has_failed = (seen.undecodable().iter()).any(|(digest, _)| !known.contains_key(digest));
        match files {
            Some(files) => {
                self.ledger.renew(files, seen);
                self.looked_up.extend(survey.looked_up().clone());
                if has_written || has_failed {
                    self.ledger.save(site)?;
                }
            }
            None => {
                let differs = seen != self.ledger;
                self.ledger = seen;
                self.looked_up = survey.looked_up().clone();
                // The first run saves the ledger even if it has written nothing, like a build.
                if differs && (has_written || has_failed || self.marked.is_none()) {
                    self.ledger.save(site)?;
                }
            }
        }
        self.marked = Some(if has_written {
            site.root.mark(&mut lock)?
        } else {
            marked
        });
        options.check_stop()?;
        let run = Run {
            summary,
            written: rewritten.written(),
            folders: survey.folders().clone(),
            has_links: survey.has_links(),
            unread: survey.unread_articles().clone(),
            could_not_write: rewritten.could_not_write(),
            has_checked_setup: !survey.originals().is_empty(),
        };
        self.index = Some(rewritten.into_planned().into_index());
        Ok(run)
    }

    /// Whether a file is an upload that articles use, unchanged since it was read.
    pub fn is_known_upload(&self, path: &SitePath, stamp: &Stamp) -> bool {
        self.ledger.original(path, stamp).is_some()
    }

    /// Whether references lead to this path, at which an upload may not exist yet.
    pub fn is_named(&self, path: &SitePath) -> bool {
        self.looked_up.holds(path)
    }

    /// Whether references lead to a path below this folder.
    pub fn is_named_below(&self, folder: &SitePath) -> bool {
        self.looked_up.has_path_below(folder)
    }

    /// Whether the variant at this path has no file because no record needs it.
    pub fn is_left_out(&self, path: &SitePath) -> bool {
        let index = self.index.as_ref();
        index.is_some_and(|index| index.is_left_out(path))
    }

    /// Whether the index has a variant with this path and size in bytes.
    pub fn is_known_variant(&self, path: &SitePath, bytes: u64) -> bool {
        let known = self.index.as_ref().and_then(|index| index.size(path));
        known == Some(bytes)
    }

    /// Whether all known variants in a folder or below it still exist.
    pub fn has_all_known_variants_in(&self, folder: &SitePath) -> bool {
        self.index.as_ref().is_some_and(|index| {
            let mut within = index
                .files()
                .filter(|(path, _)| path.below(folder.as_str()).is_some() && index.exists(path));
            within.all(|(path, bytes)| {
                let stamp = self.site.root.stamp(path);
                stamp.is_ok_and(|stamp| stamp.bytes == bytes)
            })
        })
    }

    /// Whether the ledger has an article at this path.
    pub fn is_known_article(&self, path: &SitePath) -> bool {
        self.ledger.has_article(path)
    }
}
