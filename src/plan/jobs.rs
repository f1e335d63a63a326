//! Groups the missing variants of a plan into jobs, one for each original to decode.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{ImageId, ImagePlan, Job, Plan, Snapshot, VariantSpec, WidthOrder};
use crate::original::Original;
use crate::path::{PathSet, SitePath};
use crate::picture::info::Digest;

/// The jobs for the variants that are missing, the costliest first. Identical originals are one
/// job, whatever their names.
///
/// Each job is made when it is asked for: all of them would take more memory than their plan.
#[derive(Debug)]
pub struct Jobs<'p> {
    originals: &'p BTreeMap<SitePath, Original>,
    snapshot: Snapshot<'p>,
    order: WidthOrder,
    /// Sorted by digest, then by key.
    parts: Vec<Part<'p>>,
    listed: Vec<Listed>,
}

/// An image plan, and the digest of an original that some of its variants are made from.
#[derive(Debug)]
struct Part<'p> {
    digest: &'p Digest,
    /// The original of the image plan.
    own: &'p Original,
    image: &'p ImagePlan,
    id: ImageId,
}

/// A job, as a range of `parts`.
#[derive(Debug)]
struct Listed {
    cost: u64,
    /// Path of the original, which orders jobs of the same cost.
    path: SitePath,
    first: usize,
    count: usize,
}

impl Plan<'_> {
    /// The jobs for the variants that are missing, the costliest first.
    pub fn jobs(
        &self,
        originals: &BTreeMap<SitePath, Original>,
        order: WidthOrder,
        snapshot: Snapshot<'_>,
    ) -> Vec<Job> {
        Jobs::new(self, originals, order, snapshot, |_| true)
            .made()
            .collect()
    }
}

impl<'p> Jobs<'p> {
    /// Creates the jobs of a plan for which `wanted` returns true.
    pub fn new(
        plan: &'p Plan<'_>,
        originals: &'p BTreeMap<SitePath, Original>,
        order: WidthOrder,
        snapshot: Snapshot<'p>,
        wanted: impl Fn(&Job) -> bool,
    ) -> Self {
        let mut jobs = Jobs {
            originals,
            snapshot,
            order,
            parts: Vec::new(),
            listed: Vec::new(),
        };
        let is_complete = |image: &ImagePlan| image.missing(snapshot).is_empty();
        if plan.images().iter().all(is_complete) && !plan.has_open_ladders() {
            return jobs;
        }
        let ids = plan.order.iter().map(|(_, id)| *id);
        for ((own, _, image), id) in plan.by_original(originals).zip(ids) {
            jobs.add(own, image, id);
        }
        jobs.parts.sort_by_key(|part| part.digest);
        let mut first = 0;
        for parts in jobs.parts.chunk_by(|one, other| one.digest == other.digest) {
            if let Some(job) = jobs.make(parts).filter(&wanted) {
                jobs.listed.push(Listed {
                    cost: job.cost(),
                    path: job.original.path,
                    first,
                    count: parts.len(),
                });
            }
            first += parts.len();
        }
        jobs.listed
            .sort_unstable_by(|one, other| one.rank().cmp(&other.rank()));
        jobs
    }

    pub fn len(&self) -> usize {
        self.listed.len()
    }

    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// Makes the job at this index.
    ///
    /// # Panics
    ///
    /// If the index is out of bounds.
    pub fn get(&self, index: usize) -> Job {
        let Listed { first, count, .. } = self.listed[index];
        let job = self.make(&self.parts[first..first + count]);
        job.expect("what made it once makes it again")
    }

    /// Makes all jobs, each when its turn comes.
    pub fn made(self) -> impl Iterator<Item = Job> + 'p {
        (0..self.len()).map(move |index| self.get(index))
    }

    /// Adds an image plan to the jobs of all originals that its variants are made from.
    fn add(&mut self, own: &'p Original, image: &'p ImagePlan, id: ImageId) {
        let first = self.parts.len();
        for spec in image.specs() {
            let Some(Original { digest, .. }) = spec.original(own, self.originals) else {
                continue;
            };
            if self.parts[first..].iter().all(|part| part.digest != digest) {
                self.parts.push(Part {
                    digest,
                    own,
                    image,
                    id,
                });
            }
        }
    }

    /// Makes the job for image plans of one digest. Returns `None` if no variant is missing.
    fn make(&self, parts: &[Part<'p>]) -> Option<Job> {
        let snapshot = self.snapshot;
        let mut taken: PathSet<&SitePath> = PathSet::default();
        let mut job: Option<Job> = None;
        for part in parts {
            for spec in part.image.missing(snapshot) {
                let original = spec.original(part.own, self.originals);
                let Some(original) = original.filter(|one| one.digest == *part.digest) else {
                    continue;
                };
                // Two presets may plan the same file, and so may identical originals with one stem.
                if taken.insert(&spec.path) {
                    let job = job.get_or_insert_with(|| Job::new(original.clone()));
                    job.add(original, spec);
                }
            }
        }
        let mut job = job?;
        job.images = parts.iter().map(|part| part.id).collect();
        for (_, spec) in self.specs(parts) {
            if snapshot.exists(&spec.path) {
                job.copy_from(spec);
            }
        }
        for part in parts {
            for ladder in part.image.open_ladders() {
                let original = ladder.ends[0].original(part.own, self.originals);
                if original.is_some_and(|original| original.digest == *part.digest) {
                    let ladder = ladder.with(&|spec| self.same(spec, &job, parts));
                    // If identical originals have the same ladder, it is added once. When its
                    // widths are decided, the others get copies of the variants.
                    if !job.open.iter().any(|known| known.chooses_like(&ladder)) {
                        job.open.push(ladder);
                    }
                }
            }
        }
        job.sort(self.order);
        Some(job)
    }

    /// Returns the variant with the same bytes that the job makes or that exists, or else the
    /// variant itself.
    fn same(&self, spec: &VariantSpec, job: &Job, parts: &[Part<'p>]) -> VariantSpec {
        let is_same = |other: &&VariantSpec| other.rendition == spec.rendition;
        let made = job.specs.iter().find(is_same);
        let existing = || {
            let existing = self.specs(parts).map(|(_, spec)| spec);
            let mut existing = existing.filter(|spec| self.snapshot.exists(&spec.path));
            existing.find(is_same)
        };
        made.or_else(existing).unwrap_or(spec).clone()
    }

    /// Returns the variants of `parts`, all of one digest, that are made from originals with this
    /// digest.
    fn specs(&self, parts: &[Part<'p>]) -> impl Iterator<Item = (&'p Original, &'p VariantSpec)> {
        let originals = self.originals;
        parts.iter().flat_map(move |part| {
            let Part {
                digest, own, image, ..
            } = part;
            image.specs().filter_map(move |spec| {
                let original = spec.original(own, originals)?;
                (original.digest == **digest).then_some((original, spec))
            })
        })
    }
}

impl Listed {
    fn rank(&self) -> (Reverse<u64>, &SitePath) {
        (Reverse(self.cost), &self.path)
    }
}
