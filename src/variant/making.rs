//! Makes the variants of one job: takes those that exist elsewhere, and renders the others.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::trace_span;

use super::{ProduceError, Written, WrittenVariant};
use crate::path::SitePath;
use crate::picture::contained::contain;
use crate::picture::info::ImageInfo;
use crate::picture::memory::UNDECIDED_AT_ONCE;
use crate::picture::recipe::Motion;
use crate::picture::render::{Context, Renderer};
use crate::plan::{Job, VariantSpec};
use crate::store::{Key, Lease};

/// Where the original of a job comes from, and where its variants go.
pub trait Place: Sync {
    /// Reads the original; returns its bytes and headers. They are unchanged since the plan.
    ///
    /// # Errors
    ///
    /// If the original does not exist, has changed, or takes too much memory.
    fn read(&self, job: &Job) -> Result<(Vec<u8>, ImageInfo), ProduceError>;

    /// Returns the size in bytes of a variant that existed before the job.
    fn size(&self, variant: &SitePath) -> Option<u64>;

    /// Decides how the job gets a variant.
    fn claim(&self, job: &Job, spec: &VariantSpec, key: Key) -> Claim;

    /// Writes the file of a variant, and its copies.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    fn write(&self, job: &Job, spec: &VariantSpec, bytes: &[u8]) -> WrittenVariant;

    /// Stores a variant that was rendered, for other processes.
    ///
    /// # Errors
    ///
    /// If it cannot be stored, and the job is useless without that.
    fn keep(&self, spec: &VariantSpec, key: Key, bytes: &[u8]) -> Result<(), ProduceError>;
}

/// How a job gets a variant.
pub enum Claim {
    /// From a cache, which had these bytes.
    Cached(Vec<u8>),
    /// From another machine, which has made these bytes.
    Made(Vec<u8>),
    /// By making it. Other processes wait while the job has the lease.
    Make(Option<Lease>),
    /// Later: another process is making it.
    Busy,
    /// Not at all: another machine was to make it, and has not.
    Refused(ProduceError),
}

/// The results of making the variants of a job.
pub struct MadeVariants {
    pub results: Vec<WrittenVariant>,
    /// Variants that another process is making.
    pub busy: Vec<VariantSpec>,
}

/// Makes the variants of a job. Panics if a decoder panics.
pub fn make(job: &Job, place: &dyn Place, context: Context<'_>) -> MadeVariants {
    let mut making = Making::new(job, place, context);
    making.make_all();
    MadeVariants {
        results: making.results,
        busy: making.busy,
    }
}

/// Runs work in which a decoder may panic on hostile input, so that other jobs can go on.
///
/// # Errors
///
/// If the work panics.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, ProduceError> {
    contain(work).map_err(ProduceError::Panicked)
}

/// The variants of a job while they are being made.
struct Making<'j> {
    job: &'j Job,
    place: &'j dyn Place,
    context: Context<'j>,
    results: Vec<WrittenVariant>,
    busy: Vec<VariantSpec>,
    /// The leases of variants, each held until its variant is in the cache.
    leases: Mutex<BTreeMap<Key, Lease>>,
}

impl<'j> Making<'j> {
    fn new(job: &'j Job, place: &'j dyn Place, context: Context<'j>) -> Self {
        Making {
            job,
            place,
            context,
            results: Vec::new(),
            busy: Vec::new(),
            leases: Mutex::default(),
        }
    }

    /// Makes the animated variants, frame by frame, and then the still ones.
    fn make_all(&mut self) {
        for motion in [Motion::Animated, Motion::Still] {
            let of_kind = |spec: &&VariantSpec| spec.rendition.recipe.motion() == motion;
            let specs: Vec<&VariantSpec> = self.job.specs.iter().filter(of_kind).collect();
            if !specs.is_empty() {
                self.make(&specs, motion);
            }
        }
    }

    /// Makes variants of one kind. Then makes, a few at once, the variants between the ends of open
    /// ladders, which the sizes of the files at the ends decide. Decodes the original only if a
    /// variant has to be rendered.
    fn make(&mut self, specs: &[&'j VariantSpec], motion: Motion) {
        let mut renderer = None;
        let missing = self.fetch(specs);
        if !missing.is_empty() {
            // The variants between the ends of a ladder are rendered from the same decode as its
            // ends.
            let ends = self.job.open.iter().flat_map(|ladder| &ladder.ends);
            let ends = ends.filter(|end| specs.contains(end));
            let all: Vec<&VariantSpec> = missing.iter().copied().chain(ends).collect();
            match self.renderer(&all, motion) {
                Ok(ready) => {
                    let rendered = ready.render(&missing, &|spec, bytes| self.keep(spec, bytes));
                    self.results.extend(rendered);
                    renderer = Some(ready);
                }
                Err(error) => return self.results.push(Err(error)),
            }
        }
        let between = self.between(specs);
        let missing = self.fetch(&between);
        if missing.is_empty() {
            return;
        }
        let ready = match renderer {
            Some(ready) => Ok(ready),
            None => self.renderer(&missing, motion),
        };
        match ready {
            Ok(ready) => {
                for few in missing.chunks(UNDECIDED_AT_ONCE) {
                    let rendered = ready.render(few, &|spec, bytes| self.keep(spec, bytes));
                    self.results.extend(rendered);
                }
            }
            Err(error) => self.results.push(Err(error)),
        }
    }

    /// Writes the variants that exist elsewhere, and returns those to render.
    fn fetch(&mut self, specs: &[&'j VariantSpec]) -> Vec<&'j VariantSpec> {
        let mut missing = Vec::new();
        for spec in specs {
            let key = self.key(spec);
            match self.place.claim(self.job, spec, key) {
                Claim::Cached(bytes) => {
                    let written = self.place.write(self.job, spec, &bytes);
                    self.results.push(written.map(|written| Written {
                        is_cached: true,
                        ..written
                    }));
                }
                Claim::Made(bytes) => {
                    self.results.push(self.place.write(self.job, spec, &bytes));
                }
                Claim::Refused(error) => self.results.push(Err(error)),
                Claim::Make(lease) => {
                    missing.push(*spec);
                    self.leases().extend(lease.map(|lease| (key, lease)));
                }
                Claim::Busy => self.busy.push((*spec).clone()),
            }
        }
        missing
    }

    fn key(&self, spec: &VariantSpec) -> Key {
        Key::of(self.job.original.digest, &spec.rendition)
    }

    fn leases(&self) -> MutexGuard<'_, BTreeMap<Key, Lease>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the file of a variant that was rendered, and adds it to the cache.
    fn keep(&self, spec: &VariantSpec, bytes: &[u8]) -> WrittenVariant {
        let written = self.place.write(self.job, spec, bytes)?;
        let key = self.key(spec);
        self.place.keep(spec, key, bytes)?;
        let lease = self.leases().remove(&key);
        drop(lease);
        Ok(written)
    }

    /// Returns the variants between the ends of the ladders that `specs` belong to, except those
    /// that exist.
    fn between(&self, specs: &[&VariantSpec]) -> Vec<&'j VariantSpec> {
        let size = |spec: &VariantSpec| {
            let mut made = self.results.iter().flatten();
            let made = made.find(|written| written.path == spec.path);
            made.map(|written| written.bytes)
                .or_else(|| self.place.size(&spec.path))
        };
        let mut between: Vec<&VariantSpec> = Vec::new();
        for ladder in &self.job.open {
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
        between
    }

    /// Reads the original, and returns a renderer for variants of one kind.
    fn renderer(
        &self,
        specs: &[&VariantSpec],
        motion: Motion,
    ) -> Result<Renderer<'j>, ProduceError> {
        let original = &self.job.original;
        // Reading and hashing an original count as a part of decoding it.
        let span = trace_span!("decode", bytes = original.bytes);
        let (bytes, info) = span.in_scope(|| self.place.read(self.job))?;
        match info {
            ImageInfo::Raster(raster) if motion == Motion::Animated => {
                Ok(Renderer::animated(bytes, raster, self.context))
            }
            _ => Ok(Renderer::still(bytes, &info, specs, self.context)?),
        }
    }
}
