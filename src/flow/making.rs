//! Makes the variants of a plan. Some decide which others are needed, so it plans again while there
//! is something to make.

use rayon::ThreadPool;

use super::{Options, RunError};
use crate::finding::Finding;
use crate::plan::{Job, WidthOrder};
use crate::project::Site;
use crate::variant::{Cache, JobContext, Produced};

/// A plan, with what it was made from.
pub(crate) trait Replan {
    /// The jobs for the variants that do not exist yet.
    fn jobs(&self, order: WidthOrder) -> Vec<Job>;

    /// Runs jobs and adds the variants that they write to the index.
    fn run(&mut self, jobs: Vec<Job>, shared: JobContext<'_>) -> Produced;

    /// Whether widths are undecided until more variants exist.
    fn is_open(&self) -> bool;

    /// Plans again, now that the sizes of the variants that have been written since are known.
    fn plan_again(&mut self);
}

/// Makes the missing variants of a plan on the threads of `pool`, which the calling thread must not
/// belong to. `cached` is the site whose cache is used. Also returns findings about the cache.
///
/// One pass may not be enough. If several originals are identical, one of them decides the widths;
/// only the second plan knows these and copies its variants for the others. And a record may need a
/// width that was left out, if the sizes of other variants differ from those in the list of
/// left-out variants.
pub(crate) fn make_missing(
    plan: &mut impl Replan,
    cached: &Site,
    options: &Options<'_>,
    pool: &ThreadPool,
) -> Result<(Produced, Vec<Finding>), RunError> {
    let mut produced = Produced::default();
    let mut opened: Option<Cache> = None;
    loop {
        let mut jobs = plan.jobs(options.order);
        jobs.retain(|job| !produced.failures.contains_key(&job.original.path));
        if jobs.is_empty() {
            break;
        }
        let cache = opened.get_or_insert_with(|| match options.made {
            Some(_) => Cache::none(),
            None => Cache::open(cached, &options.cache),
        });
        let more = plan.run(jobs, options.job_context(pool, cache));
        options.check_stop()?;
        let is_stuck = more.variants + more.left_out == 0 && more.failures.is_empty();
        produced.add(more);
        if is_stuck {
            break;
        }
        if plan.is_open() {
            plan.plan_again();
        }
    }
    let findings = opened.into_iter().flat_map(Cache::close).collect();
    Ok((produced, findings))
}
