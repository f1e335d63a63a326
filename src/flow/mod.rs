//! Runs planche on a site. This file has the whole flow: survey → plan → produce → rewrite →
//! summary.
//!
//! Each stage is one function from the previous stage's value to the next; a value does not change
//! after its stage. Nothing is written before the plan is complete: `check` and `--dry-run` stop
//! there and compare the plan with the articles ([`forecast`]).

mod budget;
mod clean;
mod clean_report;
mod compressed;
mod edit;
mod explain;
mod forecast;
mod graphics;
mod jobs;
mod locate;
mod making;
mod mentions;
mod options;
mod planned;
mod produced;
mod resident;
mod rewrite;
mod strip;
mod summary;
mod sweep;
mod undecodable;
mod unescaped;
mod verify;
mod view;

use std::time::Instant;

use rayon::ThreadPool;
use tracing::trace_span;

use crate::finding::{Code, Finding};
use crate::inventory::inventory;
use crate::ledger::Ledger;
use crate::path::SitePath;
use crate::project::Site;
use crate::report::Summary;
use crate::setup;
use crate::site::{Moment, STATE_FOLDER, SiteError};
use crate::sizes;
use crate::survey::{self, Survey, Surveyed, survey};
use crate::templates;
use crate::variant::{Digests, VariantIndex};

pub use crate::report::Effect;
pub use clean::{Cleaned, PAGES, clean};
pub use clean_report::CleanReport;
pub use edit::{Edit, EditError, Edited, edit, undo};
pub use explain::{ChosenBy, Explanation, ImageUse, NamedPlace, NoRecord, Unrecorded, explain};
pub(crate) use forecast::{forecast_images, forecast_variants};
pub use jobs::{PlannedJobs, Wanted, planned_jobs};
pub(crate) use making::{Replan, make_missing};
pub use options::{MissingVariants, Options, RunError};
pub use produced::failure;
pub use resident::{Resident, Run, Scope};
pub use rewrite::article::unified_diff;
pub use strip::strip;
pub use summary::gain_of;
pub use verify::{DamagedVariant, Verification, VerifyReport, verify};
pub use view::{View, view};

use forecast::Forecasted;
use planned::Planned;
use produced::Produced;
use rewrite::Rewritten;
pub(crate) use undecodable::Undecodable;

/// The inputs that every stage of a run reads.
#[derive(Clone, Copy)]
struct Context<'r> {
    site: &'r Site,
    ledger: &'r Ledger,
    options: &'r Options<'r>,
    pool: &'r ThreadPool,
}

/// What a run has read and no longer needs. Freeing it takes a tenth of the time of a run with
/// nothing to do, so a program that ends with the run exits before it drops this.
#[derive(Default)]
#[expect(dead_code, reason = "the fields are only there to be dropped")]
pub struct RunData {
    survey: Survey,
    index: VariantIndex,
    ledgers: [Ledger; 2],
}

/// Brings a site up to date: all variants exist, and all articles name them. If the configuration
/// has an error, nothing is written.
///
/// `Ok` means that the run was completed; [`Summary::has_errors`] tells whether files were left out
/// because of an error.
pub fn build(site: &Site, options: &Options<'_>) -> Result<Summary, RunError> {
    build_keeping_data(site, options).map(|(summary, _)| summary)
}

/// Builds like [`build`], and also returns the data that the run has read, for the caller to drop.
pub fn build_keeping_data(
    site: &Site,
    options: &Options<'_>,
) -> Result<(Summary, RunData), RunError> {
    let started = Instant::now();
    if site.is_misconfigured() {
        return Ok((summary::of_stopped(site, started), RunData::default()));
    }
    let mut lock = options.lock(site)?;
    let run_start = site.root.mark(&mut lock)?;
    let pool = options.pool()?;
    let ledger = Ledger::load(site);
    let context = Context {
        site,
        ledger: &ledger,
        options,
        pool: &pool,
    };
    let mut index = pool.install(|| inspect(&context))?;
    let damaged = if options.repair {
        pool.install(|| verify::repair(&mut index, &context))?
    } else {
        Vec::new()
    };
    let Surveyed {
        survey,
        ledger: surveyed,
    } = pool.install(|| survey_site(&context));
    let planned = pool.install(|| Planned::new(&survey, index, site));
    let updated = Updated::new(planned, surveyed, run_start, &context)?;
    let saved = if updated.ledger == ledger {
        Ok(())
    } else {
        updated.ledger.save(site)
    };
    options.check_stop()?;
    let not_repaired = pool.install(|| verify::not_repaired(damaged, &updated.rewritten, &context));
    let mut others = not_repaired?;
    others.extend(unsaved(saved));
    others.extend(lock.finding());
    let summary = updated.summary(others, &context, started);
    let Updated {
        rewritten,
        ledger: next,
        ..
    } = updated;
    let index = rewritten.into_planned().into_index();
    let data = RunData {
        survey,
        index,
        ledgers: [next, ledger],
    };
    Ok((summary, data))
}

/// A site that a run has brought up to date.
struct Updated<'s> {
    rewritten: Rewritten<'s>,
    /// What the run has seen, for the next run. The caller saves it.
    ledger: Ledger,
    /// The finding if the digests of the written variants could not be recorded.
    unrecorded: Option<Finding>,
}

impl<'s> Updated<'s> {
    /// The stages that write, which every run has in common. `surveyed` is the ledger that the
    /// survey has returned; the next run reads files again that have changed since `marked`. The
    /// caller must hold the lock.
    fn new(
        planned: Planned<'s>,
        surveyed: Ledger,
        marked: Moment,
        run: &Context<'_>,
    ) -> Result<Self, RunError> {
        let produced = Produced::new(planned, run)?;
        let rewritten = run.pool.install(|| Rewritten::new(produced, run))?;
        let ledger = rewritten.remember(surveyed).settled(marked);
        let recorded = record_digests(&rewritten, run.site, run.options);
        Ok(Updated {
            rewritten,
            ledger,
            unrecorded: unsaved(recorded),
        })
    }

    /// `others` are findings that belong to no stage.
    fn summary(&self, others: Vec<Finding>, run: &Context<'_>, started: Instant) -> Summary {
        let others: Vec<Finding> = self.unrecorded.iter().cloned().chain(others).collect();
        summary::of_build(&self.rewritten, &others, run, started)
    }
}

/// Records the digests of the variants that a run has written. A repair also drops the digests of
/// variants that no longer exist, even if it has written none.
fn record_digests(
    rewritten: &Rewritten<'_>,
    site: &Site,
    options: &Options<'_>,
) -> Result<(), SiteError> {
    let index = rewritten.produced().planned().index();
    if index.digests().is_empty() && !options.repair {
        return Ok(());
    }
    Digests::record(site, index.digests(), &|path| index.has_file(path))
}

/// Converts an error about the state folder into a finding: it must not keep the run from reporting
/// its results.
fn unsaved(saved: Result<(), SiteError>) -> Option<Finding> {
    let error = saved.err()?;
    Some(Finding::new(Code::Unwritable, error.full()).in_file(STATE_FOLDER))
}

/// Forecasts a build without writing anything: the variants to write, and the diff of every
/// article.
pub fn forecast(
    site: &Site,
    options: &Options<'_>,
    missing: MissingVariants,
) -> Result<Summary, RunError> {
    let started = Instant::now();
    read_only(site, options, |run| {
        let pool = run.pool;
        let index = pool.install(|| inspect(run))?;
        let Surveyed { survey, .. } = pool.install(|| survey_site(run));
        let planned = pool.install(|| Planned::new(&survey, index, site));
        let forecasted = pool.install(|| Forecasted::new(planned, run, missing));
        options.check_stop()?;
        Ok(summary::of_forecast(forecasted, site, started))
    })
}

/// Sets up a run that only reads, without the lock, and passes it to `read`.
fn read_only<T>(
    site: &Site,
    options: &Options<'_>,
    read: impl FnOnce(&Context<'_>) -> Result<T, RunError>,
) -> Result<T, RunError> {
    let pool = options.pool()?;
    let ledger = Ledger::load(site);
    read(&Context {
        site,
        ledger: &ledger,
        options,
        pool: &pool,
    })
}

/// Lists the variants on disk.
fn inspect(run: &Context<'_>) -> Result<VariantIndex, RunError> {
    let span = trace_span!("index");
    Ok(span.in_scope(|| VariantIndex::inspect(run.site, run.ledger.variants()))?)
}

/// Surveys the whole site, and checks its settings and templates.
fn survey_site(run: &Context<'_>) -> Surveyed {
    let site = run.site;
    let walked = trace_span!("walk").in_scope(|| site.walk());
    let mut unmatched = site.unmatched(&walked);
    // Only the check of rules needs the list, and few sites have many rules.
    let files: Vec<SitePath> = if site.config.rules.is_empty() {
        Vec::new()
    } else {
        let files = walked.candidates.iter();
        files.map(|file| file.path.clone()).collect()
    };
    let Surveyed { survey, ledger } = survey(site, walked, run.ledger, run.options.decoder);
    // All folders were read and no author has opted out, but no file is an article.
    let is_empty = survey.counts().articles == 0 && !survey.is_partial() && !survey.has_opted_out();
    if is_empty && unmatched.is_empty() {
        unmatched.push(site.no_articles());
    }
    let rules = survey::unmatched(site, &survey, &files);
    let unused = survey::unused(site, &survey);
    let setup = if survey.originals().is_empty() {
        Vec::new()
    } else {
        let inventory = inventory(&survey);
        let has_text_images = inventory.has_body || !inventory.texts.is_empty();
        trace_span!("read").in_scope(|| {
            let printed = templates::check(site, &inventory);
            let setup = setup::check(site, has_text_images).into_iter();
            setup.chain(sizes::check(site)).chain(printed).collect()
        })
    };
    Surveyed {
        survey: survey.with_findings(
            unmatched
                .into_iter()
                .chain(rules)
                .chain(unused)
                .chain(setup),
        ),
        ledger,
    }
}
