//! The parallel loop: originals spread over the threads, each decoded once a scale, its rungs
//! encoded as threads are free.
//!
//! A feeder that is no worker admits jobs, the costliest first, while the bytes in flight stay
//! within the budget; workers never wait for memory.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tracing::trace_span;

use super::VariantIndex;
use crate::path::SitePath;
use crate::picture::color::Transforms;
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

/// How much memory pixels may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes in flight; a job above it runs alone.
    pub in_flight: u64,
    /// Bytes of one job; a job above it is not run.
    pub job: u64,
}

/// What a run hears of while it works.
pub trait Progress: Sync {
    /// That many originals are going to be worked on.
    fn begun(&self, originals: usize);
    /// A variant was written.
    fn written(&self, original: &SitePath, bytes: u64);
    /// An original is done, or given up.
    fn finished(&self, original: &SitePath);
}

/// Nobody to tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begun(&self, _originals: usize) {}
    fn written(&self, _original: &SitePath, _bytes: u64) {}
    fn finished(&self, _original: &SitePath) {}
}

/// What came of all jobs.
#[derive(Debug, Default)]
pub struct Produced {
    pub variants: usize,
    pub bytes: u64,
    /// What failed, for each original that rested on it.
    pub failures: BTreeMap<SitePath, Arc<ProduceError>>,
}

impl Produced {
    /// Adds what later jobs came to.
    pub fn add(&mut self, later: Produced) {
        self.variants += later.variants;
        self.bytes += later.bytes;
        self.failures.extend(later.failures);
    }
}

/// Bytes and jobs that are being worked on.
#[derive(Default)]
struct InFlight {
    bytes: u64,
    jobs: usize,
}

/// Runs all jobs on the threads of `pool`, which the caller is none of, and puts what they write
/// into the index.
pub fn produce(
    jobs: Vec<Job>,
    site: &Site,
    index: &mut VariantIndex,
    budget: Budget,
    pool: &rayon::ThreadPool,
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Produced {
    progress.begun(jobs.len());
    let transforms = Transforms::default();
    let produced = Mutex::new((Produced::default(), Vec::new()));
    let in_flight = Mutex::new(InFlight::default());
    let freed = Condvar::new();
    let threads = pool.current_num_threads();
    let standing: &VariantIndex = index;
    pool.in_place_scope(|scope| {
        for job in jobs {
            let cost = job.cost();
            let mut flying = in_flight.lock().unwrap_or_else(PoisonError::into_inner);
            // One job more than threads: the next original is decoded while the last rungs of
            // another keep only some threads busy.
            while flying.jobs > 0
                && (flying.bytes + cost > budget.in_flight || flying.jobs > threads)
            {
                flying = freed.wait(flying).unwrap_or_else(PoisonError::into_inner);
            }
            flying.bytes += cost;
            flying.jobs += 1;
            drop(flying);
            let context = Context {
                transforms: &transforms,
                stop,
            };
            let (produced, in_flight, freed) = (&produced, &in_flight, &freed);
            scope.spawn(move |_| {
                let _span = trace_span!("job", file = %job.original.path).entered();
                let outcome = run(&job, site, standing, budget, context, progress);
                take(produced, &job, outcome);
                let mut flying = in_flight.lock().unwrap_or_else(PoisonError::into_inner);
                flying.bytes -= cost;
                flying.jobs -= 1;
                drop(flying);
                freed.notify_one();
            });
        }
    });
    settle(produced, index)
}

type Collected = Mutex<(Produced, Vec<(SitePath, u64)>)>;

fn take(collected: &Collected, job: &Job, outcome: Outcome) {
    let mut collected = collected.lock().unwrap_or_else(PoisonError::into_inner);
    collected.1.extend(outcome.written);
    if let Some(error) = outcome.failure {
        let error = Arc::new(error);
        for original in std::iter::once(&job.original.path).chain(&job.twins) {
            let failures = &mut collected.0.failures;
            failures.insert(original.clone(), Arc::clone(&error));
        }
    }
}

fn settle(collected: Collected, index: &mut VariantIndex) -> Produced {
    let (mut produced, written) = collected
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    produced.variants = written.len();
    produced.bytes = written.iter().map(|(_, bytes)| bytes).sum();
    for (path, bytes) in written {
        index.put(path, bytes);
    }
    produced
}

/// What one job has done.
#[derive(Default)]
struct Outcome {
    written: Vec<(SitePath, u64)>,
    failure: Option<ProduceError>,
}

fn run(
    job: &Job,
    site: &Site,
    standing: &VariantIndex,
    budget: Budget,
    context: Context<'_>,
    progress: &dyn Progress,
) -> Outcome {
    // A decoder may panic on hostile input; that is this picture's failure alone.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let write = |spec: &VariantSpec, bytes: &[u8]| {
            for path in std::iter::once(&spec.path).chain(job.copies_of(&spec.path)) {
                let span = trace_span!("write", bytes = bytes.len() as u64);
                span.in_scope(|| site.root.write_unsynced(path, bytes))?;
                progress.written(&job.original.path, bytes.len() as u64);
            }
            Ok((spec.path.clone(), bytes.len() as u64))
        };
        let copied = job.copies_of_standing().map(|copy| {
            check_stop(context.stop)?;
            let bytes = copy_of_standing(copy, site, standing)?;
            progress.written(&job.original.path, bytes);
            Ok((copy.to.clone(), bytes))
        });
        let copied: Vec<WrittenVariant> = copied.collect();
        let mut outcome = Outcome::default();
        let made = work(job, site, standing, budget, context, &write);
        for result in copied.into_iter().chain(made) {
            match result {
                Ok((path, bytes)) => {
                    let copies = job.copies_of(&path).map(|copy| (copy.clone(), bytes));
                    outcome.written.extend(copies);
                    outcome.written.push((path, bytes));
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

/// Writes a file of that content for a variant.
type Write<'w> = dyn Fn(&VariantSpec, &[u8]) -> WrittenVariant + Sync + 'w;

/// Copies a variant that stands; gives its size in bytes.
fn copy_of_standing(
    copy: &VariantCopy,
    site: &Site,
    standing: &VariantIndex,
) -> Result<u64, ProduceError> {
    let (bytes, _) = site.root.read(&copy.from, u64::MAX)?;
    if standing.size(&copy.from) != Some(bytes.len() as u64) {
        return Err(ProduceError::Changed);
    }
    site.root.write_unsynced(&copy.to, &bytes)?;
    Ok(bytes.len() as u64)
}

/// Renders all variants of a job: first the animated ones, frame by frame, then the still ones.
fn work(
    job: &Job,
    site: &Site,
    standing: &VariantIndex,
    budget: Budget,
    context: Context<'_>,
    write: &Write<'_>,
) -> Vec<WrittenVariant> {
    if job.specs.is_empty() {
        return Vec::new();
    }
    // Reading and hashing an original are a part of decoding it.
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
        results = render(job, standing, &animated, &renderer, write);
    }
    if let (Some(bytes), false) = (bytes, still.is_empty()) {
        match Renderer::still(bytes, &job.original.info, &still, context) {
            Ok(renderer) => results.extend(render(job, standing, &still, &renderer, write)),
            Err(error) => results.push(Err(error.into())),
        }
    }
    results
}

/// Renders variants of one kind, and then, a few at once, those that the sizes of the files at the
/// ends of open ladders call for.
fn render(
    job: &Job,
    standing: &VariantIndex,
    specs: &[&VariantSpec],
    renderer: &Renderer<'_>,
    write: &Write<'_>,
) -> Vec<WrittenVariant> {
    let mut results = renderer.render(specs, write);
    let size = |spec: &VariantSpec| {
        let mut made = results.iter().flatten();
        let made = made.find(|(path, _)| *path == spec.path);
        made.map(|(_, bytes)| *bytes)
            .or_else(|| standing.size(&spec.path))
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

/// A variant's path and size in bytes, once it is written.
type WrittenVariant = Result<(SitePath, u64), ProduceError>;
