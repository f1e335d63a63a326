//! Runs one job of a site: takes the variants of an original that exist elsewhere, renders the
//! others, and writes them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tracing::trace_span;

use super::cache::{Cache, Claiming};
use super::making::{Claim, Place, catch, make};
use super::{Budget, Made, ProduceError, Progress, VariantIndex, Written, WrittenVariant};
use crate::path::{PathMap, PathSet, SitePath};
use crate::picture::info::{Digest, ImageInfo};
use crate::picture::parallel::check_stop;
use crate::picture::render::Context;
use crate::picture::units::ByteSize;
use crate::plan::{Job, Plan, Snapshot, VariantCopy, VariantSpec};
use crate::project::Site;
use crate::store::Key;

/// The inputs that all jobs of a run share.
#[derive(Clone, Copy)]
pub(super) struct Tools<'r> {
    pub site: &'r Site,
    pub plan: &'r Plan<'r>,
    /// The variants that existed before the run.
    pub known: &'r VariantIndex,
    pub budget: Budget,
    pub context: Context<'r>,
    pub cache: &'r Cache,
    /// The source of variants that were made elsewhere, if there is one.
    pub made: Option<&'r dyn Made>,
    pub claiming: Claiming,
    pub progress: &'r dyn Progress,
}

/// The outcome of one job.
#[derive(Default)]
pub(super) struct Outcome {
    pub written: Vec<Written>,
    /// Variants that another process is making.
    pub busy: Vec<VariantSpec>,
    /// The first error.
    pub failure: Option<ProduceError>,
}

/// Runs a job.
pub(super) fn run(job: &Job, tools: &Tools<'_>) -> Outcome {
    let progress = tools.progress;
    let outcome = catch(|| {
        let copied = job.copies_of_existing().map(|copy| {
            check_stop(tools.context.stop)?;
            let written = copy_existing(copy, tools)?;
            progress.written(&job.original.path, written.bytes);
            Ok(written)
        });
        let copied: Vec<WrittenVariant> = copied.collect();
        let place = Held {
            tools,
            bytes: Mutex::default(),
        };
        let made = make(job, &place, tools.context);
        let results = place.write_needed(job, made.results);
        let mut outcome = Outcome {
            busy: made.busy,
            ..Outcome::default()
        };
        for result in copied.into_iter().chain(results) {
            match result {
                Ok(written) => outcome.written.push(written),
                Err(error) => outcome.failure = outcome.failure.take().or(Some(error)),
            }
        }
        outcome
    });
    let outcome = outcome.unwrap_or_else(|panicked| Outcome {
        failure: Some(panicked),
        ..Outcome::default()
    });
    if outcome.busy.is_empty() {
        progress.finished(&job.original.path);
    }
    outcome
}

/// Copies a variant that exists.
fn copy_existing(copy: &VariantCopy, tools: &Tools<'_>) -> WrittenVariant {
    let root = &tools.site.root;
    let (bytes, _) = root.read(&copy.from, u64::MAX)?;
    if tools.known.size(&copy.from) != Some(bytes.len() as u64) {
        return Err(ProduceError::Changed);
    }
    root.write_unsynced(&copy.to, &bytes)?;
    Ok(Written::new(&copy.to, &bytes))
}

/// Keeps the variants of a job in memory until all of them are made. Only then are the sizes known
/// that decide which variants a record needs, so that they get a file.
struct Held<'t> {
    tools: &'t Tools<'t>,
    bytes: Mutex<BTreeMap<SitePath, Vec<u8>>>,
}

impl Held<'_> {
    /// Writes the files that records need, with their copies. Returns the result for each variant.
    fn write_needed(self, job: &Job, made: Vec<WrittenVariant>) -> Vec<WrittenVariant> {
        let held = self.bytes.into_inner();
        let mut held = held.unwrap_or_else(PoisonError::into_inner);
        let mut results = Vec::with_capacity(made.len());
        let mut all: Vec<Written> = Vec::new();
        for result in made {
            match result {
                Ok(written) => {
                    let copies = job.copies_of(&written.path).map(|copy| Written {
                        path: copy.clone(),
                        ..written
                    });
                    all.extend(copies);
                    all.push(written);
                }
                Err(error) => results.push(Err(error)),
            }
        }
        let sizes = all.iter().map(|one| (one.path.clone(), one.bytes));
        let sizes: PathMap<SitePath, u64> = sizes.collect();
        let tools = self.tools;
        let snapshot = Snapshot {
            made: Some(&sizes),
            ..tools.known.snapshot()
        };
        let is_new = |path: &SitePath| sizes.contains_key(path);
        let left_out = tools.plan.left_out_of_job(job, snapshot, &is_new);
        // It is unknown which variants of an unfinished image a record will need. The next run
        // makes all of them again; otherwise a file that no record lists could stay.
        let unfinished = match results.is_empty() {
            true => PathSet::default(),
            false => tools.plan.unfinished_of_job(job, snapshot),
        };
        // A file that was there before, even a damaged one, may be named by a text.
        let is_new_name = |path: &SitePath| !tools.known.is_incomplete(path);
        all.retain(|one| !(unfinished.contains(&one.path) && is_new_name(&one.path)));
        let is_left_out = |path: &SitePath| left_out.contains_key(path) && is_new_name(path);
        let source = |path: &SitePath| {
            let mut copies = job.copies.iter();
            let copy = copies.find(|copy| copy.to == *path);
            copy.map_or_else(|| path.clone(), |copy| copy.from.clone())
        };
        results.extend(all.into_iter().map(|written| {
            if is_left_out(&written.path) {
                return Ok(Written {
                    is_left_out: true,
                    ..written
                });
            }
            let bytes = held.get(&source(&written.path));
            let bytes = bytes.expect("a variant that was made is held");
            let span = trace_span!("write", bytes = written.bytes);
            span.in_scope(|| tools.site.root.write_unsynced(&written.path, bytes))?;
            tools.progress.written(&job.original.path, written.bytes);
            Ok(written)
        }));
        held.clear();
        results
    }
}

impl Place for Held<'_> {
    fn read(&self, job: &Job) -> Result<(Vec<u8>, ImageInfo), ProduceError> {
        let tools = self.tools;
        check_memory(job, tools.budget)?;
        check_stop(tools.context.stop)?;
        let limit = tools.site.config.limits.file.0;
        let (bytes, _) = tools.site.root.read(&job.original.path, limit)?;
        if Digest::of(&bytes) != job.original.digest {
            return Err(ProduceError::Changed);
        }
        Ok((bytes, job.original.info))
    }

    fn size(&self, variant: &SitePath) -> Option<u64> {
        self.tools.known.size(variant)
    }

    fn claim(&self, job: &Job, spec: &VariantSpec, key: Key) -> Claim {
        let tools = self.tools;
        let Some(made) = tools.made else {
            return tools.cache.claim(key, &spec.path, tools.claiming);
        };
        let file = check_stop(tools.context.stop).map_err(ProduceError::from);
        let file = file.and_then(|()| {
            let file = made.file(&job.original, spec);
            file.map_err(|finding| ProduceError::Elsewhere(Box::new(finding)))
        });
        file.map_or_else(Claim::Refused, Claim::Made)
    }

    fn write(&self, _job: &Job, spec: &VariantSpec, bytes: &[u8]) -> WrittenVariant {
        let mut held = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        held.insert(spec.path.clone(), bytes.to_vec());
        drop(held);
        Ok(Written::new(&spec.path, bytes))
    }

    fn keep(&self, spec: &VariantSpec, key: Key, bytes: &[u8]) -> Result<(), ProduceError> {
        self.tools.cache.put(key, &spec.path, bytes);
        Ok(())
    }
}

/// Checks that a job alone does not exceed the budget.
///
/// # Errors
///
/// If the job needs more memory than the budget allows.
pub fn check_memory(job: &Job, budget: Budget) -> Result<(), ProduceError> {
    let needs = job.cost();
    if needs > budget.job {
        return Err(ProduceError::OverMemory {
            needs: ByteSize(needs),
            limit: ByteSize(budget.job),
        });
    }
    Ok(())
}
