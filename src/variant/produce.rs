//! The parallel loop: jobs are spread over the threads, and each renders the variants of one
//! original, decoded once at each scale.
//!
//! The calling thread, which must not belong to the pool, admits jobs, the most expensive first,
//! while the memory of the running jobs stays within the budget. Workers never wait for memory.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::trace_span;

use super::admission::Admission;
use super::job::{Outcome, ProduceError, Written, run};
use super::{Budget, Progress, VariantIndex};
use crate::path::SitePath;
use crate::picture::color::Transforms;
use crate::picture::decoder::Decode;
use crate::picture::render::Context;
use crate::plan::Job;
use crate::project::Site;

/// What all jobs have done.
#[derive(Debug, Default)]
pub struct Produced {
    /// Variants that were written, and their bytes.
    pub variants: usize,
    pub bytes: u64,
    /// Why variants are missing, by original.
    pub failures: BTreeMap<SitePath, Arc<ProduceError>>,
}

impl Produced {
    /// Adds the outcome of later jobs.
    pub fn add(&mut self, later: Produced) {
        self.variants += later.variants;
        self.bytes += later.bytes;
        self.failures.extend(later.failures);
    }
}

/// What the jobs of a run share.
#[derive(Clone, Copy)]
pub struct Means<'r> {
    pub pool: &'r rayon::ThreadPool,
    pub budget: Budget,
    pub decoder: &'r dyn Decode,
    /// Whether to stop as soon as possible.
    pub stop: &'r AtomicBool,
    pub progress: &'r dyn Progress,
}

/// Runs jobs on the threads of the pool and adds the variants that they write to the index. The
/// calling thread must not belong to the pool.
pub fn produce(
    jobs: Vec<Job>,
    site: &Site,
    index: &mut VariantIndex,
    means: Means<'_>,
) -> Produced {
    let Means {
        pool,
        budget,
        decoder,
        stop,
        progress,
    } = means;
    progress.started(jobs.len());
    let transforms = Transforms::default();
    let collected = Mutex::new(Collected::default());
    // One job more than threads: the next original is decoded while the last variants of another
    // keep only some threads busy.
    let admission = Admission::new(budget.in_flight, pool.current_num_threads() + 1);
    let known: &VariantIndex = index;
    pool.in_place_scope(|scope| {
        for job in jobs {
            let share = admission.admit(job.cost());
            let context = Context {
                transforms: &transforms,
                decoder,
                stop,
            };
            let collected = &collected;
            scope.spawn(move |_| {
                let _share = share;
                let _span = trace_span!("job", file = %job.original.path).entered();
                let outcome = run(&job, site, known, budget, context, progress);
                let mut collected = collected.lock().unwrap_or_else(PoisonError::into_inner);
                collected.add(&job, outcome);
            });
        }
    });
    let collected = collected.into_inner();
    let collected = collected.unwrap_or_else(PoisonError::into_inner);
    let produced = Produced {
        variants: collected.written.len(),
        bytes: collected.written.iter().map(|written| written.bytes).sum(),
        failures: collected.failures,
    };
    for written in collected.written {
        index.put(written.path, written.bytes, written.digest);
    }
    produced
}

/// What the jobs have done so far.
#[derive(Default)]
struct Collected {
    written: Vec<Written>,
    failures: BTreeMap<SitePath, Arc<ProduceError>>,
}

impl Collected {
    fn add(&mut self, job: &Job, outcome: Outcome) {
        self.written.extend(outcome.written);
        if let Some(error) = outcome.failure {
            let error = Arc::new(error);
            for original in std::iter::once(&job.original.path).chain(&job.identical) {
                self.failures.insert(original.clone(), Arc::clone(&error));
            }
        }
    }
}
