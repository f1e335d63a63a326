//! The jobs of a site, for other machines.

use super::planned::Planned;
use super::{Options, RunError, inspect, reading, summary, survey_site};
use crate::finding::Finding;
use crate::plan::Job;
use crate::project::Site;
use crate::survey::Surveyed;
use crate::variant::VariantIndex;

/// Which variants jobs are planned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those that do not exist.
    Missing,
    All,
}

/// The jobs of a site.
#[derive(Debug)]
pub struct PlannedJobs {
    /// Those that render something, the costliest first.
    pub jobs: Vec<Job>,
    /// The variants that were counted as existing.
    pub index: VariantIndex,
    /// What is wrong with the site.
    pub findings: Vec<Finding>,
}

/// Plans the jobs of a site. Nothing is written.
///
/// # Errors
///
/// If the folder of variants cannot be listed, or the run is interrupted.
pub fn planned_jobs(
    site: &Site,
    options: &Options<'_>,
    wanted: Wanted,
) -> Result<PlannedJobs, RunError> {
    if site.is_misconfigured() {
        return Ok(PlannedJobs {
            jobs: Vec::new(),
            index: VariantIndex::default(),
            findings: summary::Findings::new(site).located(&summary::NO_EDITS),
        });
    }
    reading(site, options, |run| {
        let pool = run.pool;
        let index = match wanted {
            Wanted::Missing => pool.install(|| inspect(run))?,
            Wanted::All => VariantIndex::default(),
        };
        let Surveyed { survey, .. } = pool.install(|| survey_site(run));
        options.check_stop()?;
        let planned = pool.install(|| Planned::new(&survey, index, site));
        let mut jobs = planned.jobs(options.order);
        // The rest are copies of existing variants, which no other machine has.
        jobs.retain(|job| !job.specs.is_empty());
        let findings = summary::of_plan(&planned, site);
        Ok(PlannedJobs {
            jobs,
            index: planned.into_index(),
            findings,
        })
    })
}
