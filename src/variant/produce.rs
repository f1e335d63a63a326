//! The parallel loop: originals spread over the threads, each decoded once a scale, its rungs
//! encoded as threads are free.
//!
//! A feeder that is no worker admits jobs, the costliest first, while the bytes in flight stay
//! within the budget; workers never wait for memory.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tracing::field::Empty;
use tracing::{Span, trace_span};

use super::animate::animate;
use super::encode::{self, EncodeError};
use super::masters::{Masters, distinct};
use super::{Shelf, Transforms, VariantError, decode};
use crate::original::{Digest, Picture, Raster};
use crate::path::SitePath;
use crate::plan::{Framing, Job, OPEN_AT_ONCE, Scale, VariantCopy, VariantSpec};
use crate::preset::{Color, Resize};
use crate::site::Site;
use crate::units::{ByteSize, Dimensions};

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
    pub failures: BTreeMap<SitePath, Arc<VariantError>>,
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
/// on the shelf.
pub fn produce(
    jobs: Vec<Job>,
    site: &Site,
    shelf: &mut Shelf,
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
    let standing: &Shelf = shelf;
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
            let (produced, in_flight, freed, transforms) =
                (&produced, &in_flight, &freed, &transforms);
            scope.spawn(move |_| {
                let _span = trace_span!("job", file = %job.original.path).entered();
                let outcome = run(&job, site, standing, budget, transforms, stop, progress);
                take(produced, &job, outcome);
                let mut flying = in_flight.lock().unwrap_or_else(PoisonError::into_inner);
                flying.bytes -= cost;
                flying.jobs -= 1;
                drop(flying);
                freed.notify_one();
            });
        }
    });
    settle(produced, shelf)
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

fn settle(collected: Collected, shelf: &mut Shelf) -> Produced {
    let (mut produced, written) = collected
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    produced.variants = written.len();
    produced.bytes = written.iter().map(|(_, bytes)| bytes).sum();
    for (path, bytes) in written {
        shelf.put(path, bytes);
    }
    produced
}

/// What one job has done.
#[derive(Default)]
struct Outcome {
    written: Vec<(SitePath, u64)>,
    failure: Option<VariantError>,
}

fn run(
    job: &Job,
    site: &Site,
    standing: &Shelf,
    budget: Budget,
    transforms: &Transforms,
    stop: &AtomicBool,
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
            check(stop)?;
            let bytes = copy_of_standing(copy, site, standing)?;
            progress.written(&job.original.path, bytes);
            Ok((copy.to.clone(), bytes))
        });
        let copied: Vec<WrittenVariant> = copied.collect();
        let mut outcome = Outcome::default();
        let made = work(job, site, standing, budget, transforms, stop, &write);
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
        failure: Some(VariantError::Panicked(panic_message(panic.as_ref()))),
        ..Outcome::default()
    })
}

/// Writes a file of that content for a variant.
pub(super) type Write<'w> = dyn Fn(&VariantSpec, &[u8]) -> WrittenVariant + Sync + 'w;

/// Copies a variant that stands; gives its size in bytes.
fn copy_of_standing(
    copy: &VariantCopy,
    site: &Site,
    standing: &Shelf,
) -> Result<u64, VariantError> {
    let (bytes, _) = site.root.read(&copy.from, u64::MAX)?;
    if standing.size(&copy.from) != Some(bytes.len() as u64) {
        return Err(VariantError::Changed);
    }
    site.root.write_unsynced(&copy.to, &bytes)?;
    Ok(bytes.len() as u64)
}

/// Makes all variants of a job: the animated ones frame by frame, the others of one decode a scale.
fn work(
    job: &Job,
    site: &Site,
    standing: &Shelf,
    budget: Budget,
    transforms: &Transforms,
    stop: &AtomicBool,
    write: &Write<'_>,
) -> Vec<WrittenVariant> {
    if job.specs.is_empty() {
        return Vec::new();
    }
    // Reading and hashing an original are a part of decoding it.
    let span = trace_span!("decode", bytes = job.original.bytes);
    let bytes = match span.in_scope(|| read(job, site, budget, stop)) {
        Ok(bytes) => bytes,
        Err(error) => return vec![Err(error)],
    };
    let (animated, still): (Vec<&VariantSpec>, Vec<&VariantSpec>) =
        job.specs.iter().partition(|spec| spec.recipe.is_animated);
    let mut results = Vec::new();
    if let (Picture::Raster(raster), false) = (job.original.picture, animated.is_empty()) {
        results = make(job, standing, &animated, &|specs| {
            animate(&bytes, &raster, specs, transforms, stop, write)
        });
    }
    if still.is_empty() {
        return results;
    }
    let made = match job.original.picture {
        Picture::Raster(raster) => match decode(bytes, &raster, &still, transforms, stop) {
            Ok(masters) => make(job, standing, &still, &|specs| {
                each(&shots(specs), &|shot| shot.take(&masters, write, stop))
            }),
            Err(error) => vec![Err(error)],
        },
        Picture::Vector { dimensions } => make(job, standing, &still, &|specs| {
            each(&shots(specs), &|shot| {
                let size = shot.specs[0].drawn(dimensions);
                let masters = check(stop).and_then(|()| {
                    Masters::of_drawing(&bytes, dimensions, size, &shot.specs, transforms)
                });
                match masters {
                    Ok(masters) => shot.take(&masters, write, stop),
                    Err(error) => vec![Err(error)],
                }
            })
        }),
    };
    results.extend(made);
    results
}

/// Makes variants of one kind, and then what the sizes of the files at the ends of open ladders
/// call for, a few at once.
fn make(
    job: &Job,
    standing: &Shelf,
    specs: &[&VariantSpec],
    take: &dyn Fn(&[&VariantSpec]) -> Vec<WrittenVariant>,
) -> Vec<WrittenVariant> {
    let mut results = take(specs);
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
    between.sort_by_key(|spec| std::cmp::Reverse(spec.dimensions.width));
    between.dedup_by(|one, other| one.path == other.path);
    for few in between.chunks(OPEN_AT_ONCE) {
        results.extend(take(few));
    }
    results
}

/// What all shots come to, each taken by a thread that is free.
fn each<'j>(
    shots: &[Shot<'j>],
    take: &(dyn Fn(&Shot<'j>) -> Vec<WrittenVariant> + Sync),
) -> Vec<WrittenVariant> {
    in_order(shots, take).into_iter().flatten().collect()
}

/// Decodes an original at the scales that its variants are made of, ready to be resized.
fn decode(
    bytes: Vec<u8>,
    raster: &Raster,
    specs: &[&VariantSpec],
    transforms: &Transforms,
    stop: &AtomicBool,
) -> Result<Masters, VariantError> {
    check(stop)?;
    let mut scales = distinct(specs.iter().map(|spec| spec.recipe.scale));
    scales.sort_unstable();
    let rendered = decode::at_scales(&bytes, raster, &scales)?;
    drop(bytes);
    check(stop)?;
    Masters::of(rendered, raster, specs, transforms)
}

/// Does `work` for every item, begun in their order on whatever threads are free; the results are
/// in that order too.
pub(super) fn in_order<T: Sync, R: Send>(items: &[T], work: &(dyn Fn(&T) -> R + Sync)) -> Vec<R> {
    if let [only] = items {
        return vec![work(only)];
    }
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let span = &Span::current();
    rayon::scope_fifo(|scope| {
        for (place, item) in items.iter().enumerate() {
            let results = &results;
            scope.spawn_fifo(move |_| {
                let result = span.in_scope(|| work(item));
                let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                results.push((place, result));
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_unstable_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
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
) -> Result<Vec<u8>, VariantError> {
    let needs = job.cost();
    if needs > budget.job {
        return Err(VariantError::OverMemory {
            needs: ByteSize(needs),
            limit: ByteSize(budget.job),
        });
    }
    check(stop)?;
    let (bytes, _) = site
        .root
        .read(&job.original.path, site.config.limits.file.0)?;
    if Digest::of(&bytes) != job.original.digest {
        return Err(VariantError::Changed);
    }
    Ok(bytes)
}

pub(super) fn check(stop: &AtomicBool) -> Result<(), VariantError> {
    if stop.load(Ordering::Relaxed) {
        Err(VariantError::Interrupted)
    } else {
        Ok(())
    }
}

/// The variants that show the same pixels, in one format or several.
struct Shot<'j> {
    dimensions: Dimensions,
    framing: Framing,
    scale: Scale,
    color: Color,
    light: Resize,
    specs: Vec<&'j VariantSpec>,
}

/// The shots of a job, in the order of their first variants.
fn shots<'j>(specs: &[&'j VariantSpec]) -> Vec<Shot<'j>> {
    let mut shots: Vec<Shot<'j>> = Vec::new();
    for spec in specs {
        match shots.iter_mut().find(|shot| shot.shows(spec)) {
            Some(shot) => shot.specs.push(spec),
            None => shots.push(Shot {
                dimensions: spec.dimensions,
                framing: spec.framing,
                scale: spec.recipe.scale,
                color: spec.recipe.color,
                light: spec.recipe.resize,
                specs: vec![spec],
            }),
        }
    }
    shots
}

/// A variant's path and size in bytes, once it is written.
pub(super) type WrittenVariant = Result<(SitePath, u64), VariantError>;

impl Shot<'_> {
    fn shows(&self, spec: &VariantSpec) -> bool {
        let (color, light) = (spec.recipe.color, spec.recipe.resize);
        (self.dimensions, self.framing) == (spec.dimensions, spec.framing)
            && (self.scale, self.color, self.light) == (spec.recipe.scale, color, light)
    }

    /// Resizes once, encodes each variant, and writes them.
    fn take(&self, masters: &Masters, write: &Write<'_>, stop: &AtomicBool) -> Vec<WrittenVariant> {
        let framed = check(stop).and_then(|()| {
            let (upright, icc) = masters.upright(&self.specs[0].recipe)?;
            let Dimensions { width, .. } = self.dimensions;
            let _span = trace_span!(
                "resize",
                width = u64::from(width),
                pixels = self.dimensions.pixels()
            )
            .entered();
            Ok((upright.frame(self.dimensions, self.framing)?, icc))
        });
        let (pixels, icc) = match framed {
            Ok(framed) => framed,
            Err(error) => return vec![Err(error)],
        };
        in_order(&self.specs, &|spec| {
            let span = trace_span!(
                "encode",
                width = u64::from(spec.dimensions.width),
                pixels = spec.dimensions.pixels(),
                bytes = Empty
            );
            let bytes = span.in_scope(|| encode::encode(&pixels, &spec.recipe, icc, stop));
            let bytes = bytes.map_err(|error| failed(spec, error))?;
            span.record("bytes", bytes.len() as u64);
            write(spec, &bytes)
        })
    }
}

/// A variant that could not be encoded.
pub(super) fn failed(spec: &VariantSpec, error: EncodeError) -> VariantError {
    match error {
        EncodeError::Interrupted => VariantError::Interrupted,
        error => VariantError::Encode {
            dimensions: spec.dimensions,
            reason: error.to_string(),
        },
    }
}
