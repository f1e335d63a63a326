//! One job of a site: takes the variants of an original from where they are, renders the others, and
//! writes them.

use tracing::trace_span;

use super::cache::{Cache, Claiming};
use super::making::{Claim, Place, catch, make};
use super::{Budget, Made, ProduceError, Progress, VariantIndex, Written, WrittenVariant};
use crate::path::SitePath;
use crate::picture::info::{Digest, ImageInfo};
use crate::picture::parallel::check_stop;
use crate::picture::render::Context;
use crate::picture::units::ByteSize;
use crate::plan::{Job, VariantCopy, VariantSpec};
use crate::project::Site;
use crate::store::Key;

/// What all jobs of a run work with.
#[derive(Clone, Copy)]
pub(super) struct Tools<'r> {
    pub site: &'r Site,
    /// The variants that existed before the run.
    pub known: &'r VariantIndex,
    pub budget: Budget,
    pub context: Context<'r>,
    pub cache: &'r Cache,
    /// Where variants come from that the run does not make itself.
    pub made: Option<&'r dyn Made>,
    pub claiming: Claiming,
    pub progress: &'r dyn Progress,
}

/// What one job has done.
#[derive(Default)]
pub(super) struct Outcome {
    pub written: Vec<Written>,
    /// Variants that another process makes.
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
        let made = make(job, tools, tools.context);
        let mut outcome = Outcome {
            busy: made.busy,
            ..Outcome::default()
        };
        for result in copied.into_iter().chain(made.results) {
            match result {
                Ok(written) => {
                    let copies = job.copies_of(&written.path).map(|copy| Written {
                        path: copy.clone(),
                        ..written
                    });
                    outcome.written.extend(copies);
                    outcome.written.push(written);
                }
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

impl Place for Tools<'_> {
    fn read(&self, job: &Job) -> Result<(Vec<u8>, ImageInfo), ProduceError> {
        check_memory(job, self.budget)?;
        check_stop(self.context.stop)?;
        let limit = self.site.config.limits.file.0;
        let (bytes, _) = self.site.root.read(&job.original.path, limit)?;
        if Digest::of(&bytes) != job.original.digest {
            return Err(ProduceError::Changed);
        }
        Ok((bytes, job.original.info))
    }

    fn size(&self, variant: &SitePath) -> Option<u64> {
        self.known.size(variant)
    }

    fn claim(&self, job: &Job, spec: &VariantSpec, key: Key) -> Claim {
        let Some(made) = self.made else {
            return self.cache.claim(key, &spec.path, self.claiming);
        };
        let file = check_stop(self.context.stop).map_err(ProduceError::from);
        let file = file.and_then(|()| {
            let file = made.file(&job.original, spec);
            file.map_err(|finding| ProduceError::Elsewhere(Box::new(finding)))
        });
        file.map_or_else(Claim::Refused, Claim::Made)
    }

    fn write(&self, job: &Job, spec: &VariantSpec, bytes: &[u8]) -> WrittenVariant {
        for path in std::iter::once(&spec.path).chain(job.copies_of(&spec.path)) {
            let span = trace_span!("write", bytes = bytes.len() as u64);
            span.in_scope(|| self.site.root.write_unsynced(path, bytes))?;
            self.progress
                .written(&job.original.path, bytes.len() as u64);
        }
        Ok(Written::new(&spec.path, bytes))
    }

    fn keep(&self, spec: &VariantSpec, key: Key, bytes: &[u8]) -> Result<(), ProduceError> {
        self.cache.put(key, &spec.path, bytes);
        Ok(())
    }
}

/// Checks that a job alone does not exceed the budget.
///
/// # Errors
///
/// If it does.
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
