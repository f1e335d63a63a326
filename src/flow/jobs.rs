//! Plans the jobs of a site, so that other machines can run them.

use tracing::trace_span;

use super::{Options, RunError, inspect, read_only, summary};
use crate::finding::Finding;
use crate::plan::{Job, Jobs, Plan, PlanInputs, WidthOrder};
use crate::project::Site;
use crate::survey::{UsedImages, used_images};
use crate::variant::VariantIndex;

/// Which variants to plan jobs for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Variants that do not exist.
    Missing,
    All,
}

/// The planned jobs of a site, and the data that they were planned from.
#[derive(Debug, Default)]
pub struct PlannedJobs {
    used: UsedImages,
    plan: Plan<'static>,
    order: WidthOrder,
    /// The variants that were counted as existing.
    pub index: VariantIndex,
    /// Findings about articles and uploads that are missing from the plan, with the severities that
    /// the configuration sets.
    pub findings: Vec<Finding>,
}

impl PlannedJobs {
    /// Returns the jobs that render variants, the costliest first. Leaves out jobs that only copy
    /// existing variants, because other machines do not have these.
    pub fn jobs(&self) -> Jobs<'_> {
        let (originals, snapshot) = (self.used.originals(), self.index.snapshot());
        let is_rendered = |job: &Job| !job.specs.is_empty();
        Jobs::new(&self.plan, originals, self.order, snapshot, is_rendered)
    }
}

/// Plans the jobs of a site. Writes nothing. Reads only the images of articles; a build reports all
/// other findings about articles.
///
/// # Errors
///
/// If the variants folder cannot be listed, or the run is interrupted.
pub fn planned_jobs(
    site: &Site,
    options: &Options<'_>,
    wanted: Wanted,
) -> Result<PlannedJobs, RunError> {
    if site.is_misconfigured() {
        return Ok(PlannedJobs {
            findings: summary::Findings::new(site).located(&summary::NO_EDITS),
            ..PlannedJobs::default()
        });
    }
    read_only(site, options, |run| {
        let pool = run.pool;
        let index = match wanted {
            Wanted::Missing => pool.install(|| inspect(run))?,
            Wanted::All => VariantIndex::default(),
        };
        let walked = trace_span!("walk").in_scope(|| site.walk());
        let unmatched = site.unmatched(&walked);
        let used = pool.install(|| used_images(site, walked, run.ledger, options.decoder));
        options.check_stop()?;
        let plan = trace_span!("plan").in_scope(|| {
            let inputs = PlanInputs {
                originals: used.originals(),
                conventions: &site.conventions,
                presets: &site.presets,
                snapshot: index.snapshot(),
            };
            inputs.plan_used(used.images())
        });
        let findings = summary::of_jobs(&used, &plan, unmatched, site);
        Ok(PlannedJobs {
            used,
            plan,
            order: options.order,
            index,
            findings,
        })
    })
}
