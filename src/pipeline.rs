//! The whole flow on one page: survey → plan → produce → rewrite, and what goes with it.
//!
//! Decide, then act: up to the plan nothing is written, and `check` and `--dry-run` end there.

mod articles;
mod clean;
mod locate;
mod manifest;
mod mentions;
mod resident;
mod state;
mod sweep;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::finding::{Code, Finding};
use crate::ledger::Ledger;
use crate::path::SitePath;
use crate::picture::info::Digest;
use crate::plan::{Job, RungOrder};
use crate::report::{Forecast, Summary};
use crate::site::{LockError, Site, SiteError};
use crate::variant::{Budget, Produced, Progress, Silent, produce};

pub use clean::{Cleaned, clean};
pub use resident::{Resident, Run, Scope};

use locate::{Edited, locate};
use manifest::WrittenManifest;
use state::State;

/// How a run goes about it.
pub struct Options<'o> {
    pub threads: usize,
    pub budget: Budget,
    pub rungs: RungOrder,
    /// Set from outside to stop the run.
    pub stop: &'o AtomicBool,
    pub progress: &'o dyn Progress,
}

impl Options<'static> {
    /// A thread for each processor, the memory that `planche.yml` allows, nobody to tell, and no
    /// way to stop.
    pub fn of(site: &Site) -> Self {
        static NEVER: AtomicBool = AtomicBool::new(false);
        Options {
            threads: std::thread::available_parallelism().map_or(1, NonZero::get),
            budget: Budget::new(site.config.limits.memory),
            rungs: RungOrder::LargestFirst,
            stop: &NEVER,
            progress: &Silent,
        }
    }
}

impl Options<'_> {
    fn pool(&self) -> Result<rayon::ThreadPool, RunError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads)
            .build();
        pool.map_err(|source| RunError::Threads {
            threads: self.threads,
            source,
        })
    }

    fn check_stop(&self) -> Result<(), RunError> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(RunError::Interrupted);
        }
        Ok(())
    }
}

/// A run that could not go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Lock(LockError),
    #[error(transparent)]
    Site(#[from] SiteError),
    #[error("cannot start {threads} threads")]
    Threads {
        threads: usize,
        #[source]
        source: rayon::ThreadPoolBuildError,
    },
    #[error("interrupted")]
    Interrupted,
}

impl From<LockError> for RunError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Stopped => RunError::Interrupted,
            error => RunError::Lock(error),
        }
    }
}

/// What a variant that does not stand means for an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// A build would make it, and then rewrite the article.
    WouldBeMade,
    /// `check --articles`: variants are not in this checkout.
    Ignored,
}

/// Whether anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Write,
    ShowOnly,
}

/// Brings a site up to date: every variant exists, every article names them.
pub fn build(site: &Site, options: &Options<'_>) -> Result<Summary, RunError> {
    build_keeping(site, options).map(|(summary, _)| summary)
}

/// What a run saw of a site. Freeing it takes a tenth of a run that finds nothing to do: a program
/// that ends with the run exits before it drops this.
pub struct Seen {
    _state: State,
    _ledgers: [Ledger; 2],
}

/// Builds like [`build`], and returns what the run saw as well.
pub fn build_keeping(site: &Site, options: &Options<'_>) -> Result<(Summary, Seen), RunError> {
    let begun = Instant::now();
    let mut lock = site.root.lock(options.stop)?;
    let run_start = site.root.mark(&mut lock)?;
    let pool = options.pool()?;
    let loaded = Ledger::load(site);
    let mut state = pool.install(|| State::look(site, &loaded))?;
    let acted = act(&mut state, site, &loaded, options, &pool)?;
    let seen = state.take_ledger().settled(run_start);
    if seen != loaded
        && let Err(error) = seen.save(site)
    {
        // The ledger is a cache: the report matters more.
        let finding = Finding::new(Code::Unwritable, error.full());
        state.find(finding.in_file(".planche/ledger"));
    }
    options.check_stop()?;
    let mut summary = state.summary(site);
    acted.tell(&mut summary);
    summary.seconds = begun.elapsed().as_secs_f64();
    let seen = Seen {
        _state: state,
        _ledgers: [seen, loaded],
    };
    Ok((summary, seen))
}

/// What a run has written.
struct Acted {
    produced: Produced,
    articles: BTreeMap<SitePath, Digest>,
    manifest: Option<WrittenManifest>,
}

impl Acted {
    fn tell(&self, summary: &mut Summary) {
        summary.articles.changed = self.articles.len();
        summary.variants.written = self.produced.variants;
        summary.variants.bytes = self.produced.bytes;
    }
}

/// Makes the variants that do not stand, then rewrites what rests on them. Only with the lock held.
fn act(
    state: &mut State,
    site: &Site,
    ledger: &Ledger,
    options: &Options<'_>,
    pool: &rayon::ThreadPool,
) -> Result<Acted, RunError> {
    state.sweep(site);
    let run = |state: &mut State, jobs: Vec<Job>| {
        let shelf = &mut state.shelf;
        let made = produce(
            jobs,
            site,
            shelf,
            options.budget,
            pool,
            options.stop,
            options.progress,
        );
        state.fail(&made.failures);
        made
    };
    let jobs = state.outstanding(options.rungs);
    let mut produced = run(state, jobs);
    options.check_stop()?;
    // Of identical originals one decides the ladder; the others' rungs are known after that.
    if state.decide_ladders(site) {
        let mut rest = state.outstanding(options.rungs);
        rest.retain(|job| !produced.failures.contains_key(&job.original.path));
        if !rest.is_empty() {
            produced.add(run(state, rest));
            options.check_stop()?;
        }
    }
    pool.install(|| state.look_at_variants(site, ledger, options.stop));
    options.check_stop()?;
    let articles = pool.install(|| state.rewrite(site, ledger, options.stop));
    options.check_stop()?;
    let manifest = pool.install(|| state.write_manifest(site, ledger));
    Ok(Acted {
        produced,
        articles,
        manifest,
    })
}

/// What a build would do, without doing it: the variants, and the diff of every article.
///
/// Articles whose variants do not all stand would change; where absent files are ignored, such an
/// article is held against what the plan could give.
pub fn forecast(site: &Site, options: &Options<'_>, absent: Absent) -> Result<Summary, RunError> {
    let begun = Instant::now();
    let pool = options.pool()?;
    let loaded = Ledger::load(site);
    let mut state = pool.install(|| State::look(site, &loaded))?;
    pool.install(|| state.look_at_variants(site, &loaded, options.stop));
    options.check_stop()?;
    let articles = pool.install(|| state.forecast_articles(site, absent));
    let variants = match absent {
        Absent::WouldBeMade => state.forecast_variants(),
        Absent::Ignored => Vec::new(),
    };
    state.forecast_manifest(site, absent);
    let mut summary = state.summary(site);
    summary.articles.changed = articles.len();
    summary.variants.written = variants.len();
    summary.forecast = Some(Forecast { variants, articles });
    summary.seconds = begun.elapsed().as_secs_f64();
    Ok(summary)
}

/// Removes all that is ours from every article, and the manifest.
pub fn strip(site: &Site, options: &Options<'_>, act: Act) -> Result<Summary, RunError> {
    let begun = Instant::now();
    let _lock = match act {
        Act::Write => Some(site.root.lock(options.stop)?),
        Act::ShowOnly => None,
    };
    let stripped = options
        .pool()?
        .install(|| articles::strip(site, act, options.stop));
    options.check_stop()?;
    let manifest = manifest::strip(site, act);
    let (manifest, refused) = match manifest.transpose() {
        Ok(told) => (told, None),
        Err(finding) => (None, Some(finding)),
    };
    let mut summary = Summary {
        manifest,
        ..Summary::default()
    };
    summary.articles.read = stripped.read;
    summary.articles.refused = stripped.refused;
    summary.articles.changed = stripped.changed.len();
    summary.findings = sorted(
        site,
        stripped
            .findings
            .into_iter()
            .chain(refused)
            .chain(site.findings.iter().cloned()),
        &Edited::new(),
    );
    summary.forecast = (act == Act::ShowOnly).then_some(Forecast {
        variants: Vec::new(),
        articles: stripped.changed,
    });
    summary.seconds = begun.elapsed().as_secs_f64();
    Ok(summary)
}

/// The findings that the configuration does not accept, with positions, by severity, file and
/// position.
fn sorted(site: &Site, findings: impl Iterator<Item = Finding>, edited: &Edited) -> Vec<Finding> {
    let mut findings: Vec<Finding> = findings
        .filter(|finding| !site.config.allows(finding))
        .collect();
    locate(&mut findings, site, edited);
    findings.sort_by(|one, other| {
        let severities = one.severity().cmp(&other.severity());
        severities.then_with(|| one.cmp(other))
    });
    findings.dedup();
    findings
}
