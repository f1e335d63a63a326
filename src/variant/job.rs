//! One job: takes the variants of an original from the cache, renders the others, and writes them.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::trace_span;

use super::cache::{Cache, Claim, Claiming};
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
use crate::store::{Key, Lease};

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

/// What all jobs of a run work with.
#[derive(Clone, Copy)]
pub(super) struct Tools<'r> {
    pub site: &'r Site,
    /// The variants that existed before the run.
    pub known: &'r VariantIndex,
    pub budget: Budget,
    pub context: Context<'r>,
    pub cache: &'r Cache,
    pub claiming: Claiming,
    pub progress: &'r dyn Progress,
}

/// A variant that was written: its path, and the length and digest of its bytes.
#[derive(Clone)]
pub(super) struct Written {
    pub path: SitePath,
    pub bytes: u64,
    pub digest: Digest,
    /// Whether it came from the cache.
    pub is_cached: bool,
}

impl Written {
    fn new(path: &SitePath, bytes: &[u8]) -> Self {
        Written {
            path: path.clone(),
            bytes: bytes.len() as u64,
            digest: Digest::of(bytes),
            is_cached: false,
        }
    }
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
    // A decoder may panic on hostile input, which must not stop the others.
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let copied = job.copies_of_existing().map(|copy| {
            check_stop(tools.context.stop)?;
            let written = copy_existing(copy, tools)?;
            progress.written(&job.original.path, written.bytes);
            Ok(written)
        });
        let copied: Vec<WrittenVariant> = copied.collect();
        let mut making = Making::new(job, tools);
        making.make_all();
        let mut outcome = Outcome {
            busy: making.busy,
            ..Outcome::default()
        };
        for result in copied.into_iter().chain(making.results) {
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
    let outcome = outcome.unwrap_or_else(|panic| Outcome {
        failure: Some(ProduceError::Panicked(panic_message(panic.as_ref()))),
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

/// The variants of a job, as they are made.
struct Making<'j> {
    job: &'j Job,
    tools: &'j Tools<'j>,
    results: Vec<WrittenVariant>,
    busy: Vec<VariantSpec>,
    /// Held until the variant is in the cache.
    leases: Mutex<BTreeMap<Key, Lease>>,
}

impl<'j> Making<'j> {
    fn new(job: &'j Job, tools: &'j Tools<'j>) -> Self {
        Making {
            job,
            tools,
            results: Vec::new(),
            busy: Vec::new(),
            leases: Mutex::default(),
        }
    }

    /// Makes the animated variants, frame by frame, and then the still ones.
    fn make_all(&mut self) {
        for is_animated in [true, false] {
            let of_kind = |spec: &&VariantSpec| spec.rendition.recipe.is_animated == is_animated;
            let specs: Vec<&VariantSpec> = self.job.specs.iter().filter(of_kind).collect();
            if !specs.is_empty() {
                self.make(&specs, is_animated);
            }
        }
    }

    /// Makes variants of one kind, and then, a few at once, those that the sizes of the files at the
    /// ends of open ladders call for. The original is decoded only if the cache lacks one of them.
    fn make(&mut self, specs: &[&'j VariantSpec], is_animated: bool) {
        let mut renderer = None;
        let missing = self.fetch(specs);
        if !missing.is_empty() {
            // What follows is decoded like the ends of its ladder.
            let ends = self.job.open.iter().flat_map(|ladder| &ladder.ends);
            let ends = ends.filter(|end| specs.contains(end));
            let all: Vec<&VariantSpec> = missing.iter().copied().chain(ends).collect();
            match self.renderer(&all, is_animated) {
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
            None => self.renderer(&missing, is_animated),
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

    /// Writes the variants that the cache has, and returns those to render.
    fn fetch(&mut self, specs: &[&'j VariantSpec]) -> Vec<&'j VariantSpec> {
        let mut missing = Vec::new();
        for spec in specs {
            let key = self.key(spec);
            match self.tools.cache.claim(key, self.tools.claiming) {
                Claim::Cached(bytes) => {
                    let written = self.write(spec, &bytes).map(|written| Written {
                        is_cached: true,
                        ..written
                    });
                    self.results.push(written);
                }
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
        let written = self.write(spec, bytes)?;
        let key = self.key(spec);
        self.tools.cache.put(key, &spec.path, bytes);
        let lease = self.leases().remove(&key);
        drop(lease);
        Ok(written)
    }

    /// Writes the file of a variant, and its copies.
    fn write(&self, spec: &VariantSpec, bytes: &[u8]) -> WrittenVariant {
        let Tools { site, progress, .. } = self.tools;
        for path in std::iter::once(&spec.path).chain(self.job.copies_of(&spec.path)) {
            let span = trace_span!("write", bytes = bytes.len() as u64);
            span.in_scope(|| site.root.write_unsynced(path, bytes))?;
            progress.written(&self.job.original.path, bytes.len() as u64);
        }
        Ok(Written::new(&spec.path, bytes))
    }

    /// The variants between the ends of the ladders that `specs` belong to, as far as they do not
    /// exist.
    fn between(&self, specs: &[&VariantSpec]) -> Vec<&'j VariantSpec> {
        let size = |spec: &VariantSpec| {
            let mut made = self.results.iter().flatten();
            let made = made.find(|written| written.path == spec.path);
            made.map(|written| written.bytes)
                .or_else(|| self.tools.known.size(&spec.path))
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

    /// Reads the original, for variants of one kind.
    fn renderer(
        &self,
        specs: &[&VariantSpec],
        is_animated: bool,
    ) -> Result<Renderer<'j>, ProduceError> {
        let Tools { context, .. } = *self.tools;
        let original = &self.job.original;
        // Reading and hashing an original count as a part of decoding it.
        let span = trace_span!("decode", bytes = original.bytes);
        let bytes = span.in_scope(|| read(self.job, self.tools))?;
        match original.info {
            ImageInfo::Raster(raster) if is_animated => {
                Ok(Renderer::animated(bytes, raster, context))
            }
            _ => Ok(Renderer::still(bytes, &original.info, specs, context)?),
        }
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it panicked")
        .to_owned()
}

/// Reads a job's original.
fn read(job: &Job, tools: &Tools<'_>) -> Result<Vec<u8>, ProduceError> {
    let Tools { site, budget, .. } = tools;
    let needs = job.cost();
    if needs > budget.job {
        return Err(ProduceError::OverMemory {
            needs: ByteSize(needs),
            limit: ByteSize(budget.job),
        });
    }
    check_stop(tools.context.stop)?;
    let (bytes, _) = site
        .root
        .read(&job.original.path, site.config.limits.file.0)?;
    if Digest::of(&bytes) != job.original.digest {
        return Err(ProduceError::Changed);
    }
    Ok(bytes)
}

type WrittenVariant = Result<Written, ProduceError>;
