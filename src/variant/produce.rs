//! Runs jobs in parallel. Each job renders the variants of one original, which is decoded once at
//! each scale.
//!
//! The calling thread, which must not belong to the pool, admits jobs, the most expensive first,
//! while the memory of the running jobs stays within the budget. Workers never wait for memory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::trace_span;

use super::admission::Admission;
use super::cache::{Cache, Claiming};
use super::job::{Outcome, Tools, run};
use super::patience::Patience;
use super::{Budget, LeftOutFiles, Made, ProduceError, Progress, VariantIndex, Written};
use crate::path::SitePath;
use crate::picture::color::Transforms;
use crate::picture::decoder::Decode;
use crate::picture::render::Context;
use crate::plan::{Job, Plan};
use crate::project::Site;

/// The outcome of all jobs.
#[derive(Debug, Default)]
pub struct Produced {
    /// Number of variants that were written.
    pub variants: usize,
    /// How many of them came from the cache.
    pub cached: usize,
    /// Total size of the variants that were written, in bytes.
    pub bytes: u64,
    /// Number of variants that were made, but that no record needs.
    pub left_out: usize,
    /// Why variants are missing, by original.
    pub failures: BTreeMap<SitePath, Arc<ProduceError>>,
}

impl Produced {
    /// Adds the outcome of later jobs.
    pub fn add(&mut self, later: Produced) {
        self.variants += later.variants;
        self.cached += later.cached;
        self.bytes += later.bytes;
        self.left_out += later.left_out;
        self.failures.extend(later.failures);
    }

    /// Subtracts the files that turned out to be needed by no record. Some may be copies of another
    /// site's, which no job has written and nothing has counted: the subtractions saturate.
    pub fn subtract(&mut self, left_out: &LeftOutFiles) {
        let bytes = left_out.files.iter().map(|(_, bytes)| bytes).sum();
        self.variants = self.variants.saturating_sub(left_out.files.len());
        self.cached = self.cached.saturating_sub(left_out.cached);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

/// What the jobs of a run share.
#[derive(Clone, Copy)]
pub struct JobContext<'r> {
    pub pool: &'r rayon::ThreadPool,
    pub budget: Budget,
    pub cache: &'r Cache,
    pub decoder: &'r dyn Decode,
    /// The source of variants that were made elsewhere, if there is one.
    pub made: Option<&'r dyn Made>,
    /// Whether to stop as soon as possible.
    pub stop: &'r AtomicBool,
    pub progress: &'r dyn Progress,
}

/// Runs jobs of a plan on the threads of the pool and adds the variants that they write to the
/// index, and the sizes of those that no record needs. The calling thread must not belong to the
/// pool.
///
/// Variants that another process makes at this time are taken from the cache, after all others.
pub fn produce(
    mut jobs: Vec<Job>,
    plan: &Plan<'_>,
    site: &Site,
    index: &mut VariantIndex,
    shared: JobContext<'_>,
) -> Produced {
    shared.progress.started(jobs.len());
    let transforms = Transforms::default();
    let mut tools = Tools {
        site,
        plan,
        known: index,
        budget: shared.budget,
        context: Context {
            transforms: &transforms,
            decoder: shared.decoder,
            stop: shared.stop,
        },
        cache: shared.cache,
        made: shared.made,
        claiming: Claiming::WhenFree,
        progress: shared.progress,
    };
    let mut collected = Collected::default();
    let mut patience = Patience::default();
    loop {
        collected = run_all(jobs, shared.pool, &tools, collected);
        jobs = std::mem::take(&mut collected.busy);
        if jobs.is_empty() || shared.stop.load(Ordering::Relaxed) {
            break;
        }
        tools.claiming = patience.wait(jobs.iter().map(|job| job.specs.len()).sum());
    }
    let mut produced = Produced {
        failures: collected.failures,
        ..Produced::default()
    };
    for written in collected.written {
        if written.is_left_out {
            produced.left_out += 1;
            index.put_left_out(written.path, written.bytes);
            continue;
        }
        produced.variants += 1;
        produced.cached += usize::from(written.is_cached);
        produced.bytes += written.bytes;
        index.put(written);
    }
    produced
}

/// Runs each job once, and adds its outcome to `collected`.
fn run_all(
    jobs: Vec<Job>,
    pool: &rayon::ThreadPool,
    tools: &Tools<'_>,
    collected: Collected,
) -> Collected {
    let collected = Mutex::new(collected);
    // One job more than threads: the next original is decoded while the last variants of another
    // keep only some threads busy.
    let admission = Admission::new(tools.budget.in_flight, pool.current_num_threads() + 1);
    pool.in_place_scope(|scope| {
        for job in jobs {
            let share = admission.admit(job.cost());
            let collected = &collected;
            scope.spawn(move |_| {
                let _share = share;
                let _span = trace_span!("job", file = %job.original.path).entered();
                let outcome = run(&job, tools);
                let mut collected = collected.lock().unwrap_or_else(PoisonError::into_inner);
                collected.add(&job, outcome);
            });
        }
    });
    collected
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
}

/// The outcome of the jobs so far.
#[derive(Default)]
struct Collected {
    written: Vec<Written>,
    failures: BTreeMap<SitePath, Arc<ProduceError>>,
    /// Jobs for the variants that another process is making.
    busy: Vec<Job>,
}

impl Collected {
    fn add(&mut self, job: &Job, outcome: Outcome) {
        self.written.extend(outcome.written);
        if !outcome.busy.is_empty() {
            self.busy.push(job.only(outcome.busy));
        }
        if let Some(error) = outcome.failure {
            let error = Arc::new(error);
            for original in std::iter::once(&job.original.path).chain(&job.identical) {
                self.failures.insert(original.clone(), Arc::clone(&error));
            }
        }
    }
}
