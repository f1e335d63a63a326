//! One job: reads an original, renders its variants, and writes them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;

use tracing::trace_span;

use super::{Budget, Progress, VariantIndex};
use crate::path::SitePath;
use crate::picture::error::ImageError;
use crate::picture::info::{Digest, ImageInfo};
use crate::picture::memory::UNDECIDED_AT_ONCE;
use crate::picture::parallel::check_stop;
use crate::picture::render::{Context, Renderer};
use crate::picture::units::ByteSize;
use crate::plan::{Job, VariantCopy, VariantSpec};
use crate::project::Site;
use crate::site::SiteError;

/// One original's variants could not be produced.
#[derive(Debug, thiserror::Error)]
pub enum ProduceError {
    #[error(transparent)]
    Image(#[from] ImageError),
    #[error("{}", .0.full())]
    Site(#[from] SiteError),
    #[error("the file changed while it was being processed")]
    Changed,
    #[error("the decoder panicked: {0}")]
    Panicked(String),
    #[error("it needs {needs} of memory, more than the limit of {limit}")]
    OverMemory { needs: ByteSize, limit: ByteSize },
}

/// A variant that was written: its path, and the length and digest of its bytes.
#[derive(Clone)]
pub(super) struct Written {
    pub path: SitePath,
    pub bytes: u64,
    pub digest: Digest,
}

impl Written {
    fn new(path: &SitePath, bytes: &[u8]) -> Self {
        Written {
            path: path.clone(),
            bytes: bytes.len() as u64,
            digest: Digest::of(bytes),
        }
    }
}

/// What one job has done.
#[derive(Default)]
pub(super) struct Outcome {
    pub written: Vec<Written>,
    /// The first error.
    pub failure: Option<ProduceError>,
}

/// Runs a job. `known` are the variants that existed before the run.
pub(super) fn run(
    job: &Job,
    site: &Site,
    known: &VariantIndex,
    budget: Budget,
    context: Context<'_>,
    progress: &dyn Progress,
) -> Outcome {
    // A decoder may panic on hostile input, which must not stop the others.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let write = |spec: &VariantSpec, bytes: &[u8]| {
            for path in std::iter::once(&spec.path).chain(job.copies_of(&spec.path)) {
                let span = trace_span!("write", bytes = bytes.len() as u64);
                span.in_scope(|| site.root.write_unsynced(path, bytes))?;
                progress.written(&job.original.path, bytes.len() as u64);
            }
            Ok(Written::new(&spec.path, bytes))
        };
        let copied = job.copies_of_existing().map(|copy| {
            check_stop(context.stop)?;
            let written = copy_existing(copy, site, known)?;
            progress.written(&job.original.path, written.bytes);
            Ok(written)
        });
        let copied: Vec<WrittenVariant> = copied.collect();
        let mut outcome = Outcome::default();
        let made = work(job, site, known, budget, context, &write);
        for result in copied.into_iter().chain(made) {
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
    }));
    progress.finished(&job.original.path);
    outcome.unwrap_or_else(|panic| Outcome {
        failure: Some(ProduceError::Panicked(panic_message(panic.as_ref()))),
        ..Outcome::default()
    })
}

/// Writes the file of a variant.
type Write<'w> = dyn Fn(&VariantSpec, &[u8]) -> WrittenVariant + Sync + 'w;

/// Copies a variant that exists.
fn copy_existing(copy: &VariantCopy, site: &Site, known: &VariantIndex) -> WrittenVariant {
    let (bytes, _) = site.root.read(&copy.from, u64::MAX)?;
    if known.size(&copy.from) != Some(bytes.len() as u64) {
        return Err(ProduceError::Changed);
    }
    site.root.write_unsynced(&copy.to, &bytes)?;
    Ok(Written::new(&copy.to, &bytes))
}

/// Renders all variants of a job: first the animated ones, frame by frame, then the still ones.
fn work(
    job: &Job,
    site: &Site,
    known: &VariantIndex,
    budget: Budget,
    context: Context<'_>,
    write: &Write<'_>,
) -> Vec<WrittenVariant> {
    if job.specs.is_empty() {
        return Vec::new();
    }
    // Reading and hashing an original count as a part of decoding it.
    let span = trace_span!("decode", bytes = job.original.bytes);
    let bytes = match span.in_scope(|| read(job, site, budget, context.stop)) {
        Ok(bytes) => bytes,
        Err(error) => return vec![Err(error)],
    };
    let (animated, still): (Vec<&VariantSpec>, Vec<&VariantSpec>) = job
        .specs
        .iter()
        .partition(|spec| spec.rendition.recipe.is_animated);
    let mut results = Vec::new();
    let mut bytes = Some(bytes);
    if let (ImageInfo::Raster(raster), false) = (job.original.info, animated.is_empty()) {
        let bytes = if still.is_empty() {
            bytes.take()
        } else {
            bytes.clone()
        };
        let renderer = Renderer::animated(bytes.unwrap_or_default(), raster, context);
        results = render(job, known, &animated, &renderer, write);
    }
    if let (Some(bytes), false) = (bytes, still.is_empty()) {
        match Renderer::still(bytes, &job.original.info, &still, context) {
            Ok(renderer) => results.extend(render(job, known, &still, &renderer, write)),
            Err(error) => results.push(Err(error.into())),
        }
    }
    results
}

/// Renders variants of one kind, and then, a few at once, those that the sizes of the files at the
/// ends of open ladders call for.
fn render(
    job: &Job,
    known: &VariantIndex,
    specs: &[&VariantSpec],
    renderer: &Renderer<'_>,
    write: &Write<'_>,
) -> Vec<WrittenVariant> {
    let mut results = renderer.render(specs, write);
    let size = |spec: &VariantSpec| {
        let mut made = results.iter().flatten();
        let made = made.find(|written| written.path == spec.path);
        made.map(|written| written.bytes)
            .or_else(|| known.size(&spec.path))
    };
    let mut between: Vec<&VariantSpec> = Vec::new();
    for ladder in &job.open {
        let [lowest, highest] = &ladder.ends;
        if !specs.iter().any(|spec| ladder.ends.contains(spec)) {
            continue;
        }
        let Some((low, high)) = size(lowest).zip(size(highest)) else {
            continue;
        };
        let chosen = ladder.choose([low, high]);
        between.extend(chosen.into_iter().filter(|spec| size(spec).is_none()));
    }
    between.sort_by_key(|spec| std::cmp::Reverse(spec.rendition.dimensions.width));
    between.dedup_by(|one, other| one.path == other.path);
    for few in between.chunks(UNDECIDED_AT_ONCE) {
        results.extend(renderer.render(few, write));
    }
    results
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it panicked")
        .to_owned()
}

/// Reads a job's original.
fn read(
    job: &Job,
    site: &Site,
    budget: Budget,
    stop: &AtomicBool,
) -> Result<Vec<u8>, ProduceError> {
    let needs = job.cost();
    if needs > budget.job {
        return Err(ProduceError::OverMemory {
            needs: ByteSize(needs),
            limit: ByteSize(budget.job),
        });
    }
    check_stop(stop)?;
    let (bytes, _) = site
        .root
        .read(&job.original.path, site.config.limits.file.0)?;
    if Digest::of(&bytes) != job.original.digest {
        return Err(ProduceError::Changed);
    }
    Ok(bytes)
}

type WrittenVariant = Result<Written, ProduceError>;
