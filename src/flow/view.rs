//! Reads the current state of a site for a caller that shows it: the survey, the plan, the variants
//! on disk, and all findings. Writes nothing.

use rayon::ThreadPool;

use super::budget::over_budget;
use super::clean::{Orphans, orphans};
use super::forecast::Forecasted;
use super::planned::Planned;
use super::summary::{NO_EDITS, findings};
use super::{MissingVariants, Options, RunError, inspect, read_only, survey_site};
use crate::finding::Finding;
use crate::path::SitePath;
use crate::plan::Plan;
use crate::project::Site;
use crate::survey::Survey;
use crate::variant::VariantIndex;

/// The state of a site, as a run knows it before it writes.
pub struct View<'v> {
    pub site: &'v Site,
    pub survey: &'v Survey,
    pub plan: &'v Plan<'v>,
    pub index: &'v VariantIndex,
    /// The findings of a dry run, with lines and columns.
    pub findings: Vec<Finding>,
    /// The variants that `clean` would delete, with their sizes in bytes, or why it would delete
    /// none.
    pub orphaned: Result<Vec<(SitePath, u64)>, &'static str>,
    /// The thread pool of the run. `show` does not run on it.
    pub pool: &'v ThreadPool,
}

/// Passes a view of the site to `show`, and returns what it returns.
///
/// # Errors
///
/// If the variants folder cannot be listed, or the run is stopped.
pub fn view<T>(
    site: &Site,
    options: &Options<'_>,
    show: impl FnOnce(&View<'_>) -> Result<T, RunError>,
) -> Result<T, RunError> {
    read_only(site, options, |run| {
        let pool = run.pool;
        let index = pool.install(|| inspect(run))?;
        let survey = pool.install(|| survey_site(run)).survey;
        let planned = Planned::new(&survey, index, site);
        let forecasted =
            pool.install(|| Forecasted::new(planned, run, MissingVariants::WouldBeWritten));
        options.check_stop()?;
        let planned = forecasted.planned();
        let orphaned = match pool.install(|| orphans(planned, run))? {
            Orphans::Known(orphaned) => Ok(orphaned),
            Orphans::Unknown { reason, .. } => Err(reason),
        };
        let over_budget = over_budget(planned, site);
        let later = forecasted.findings().iter().chain(&over_budget);
        show(&View {
            site,
            survey: &survey,
            plan: planned.plan(),
            index: planned.index(),
            findings: findings(site, planned, later, &NO_EDITS),
            orphaned,
            pool,
        })
    })
}
