//! From a plan to jobs: the variants that do not exist yet, grouped by the original to decode.

use std::collections::{BTreeMap, HashSet};

use super::{Job, Plan, Snapshot, WidthOrder};
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::info::Digest;

impl Plan<'_> {
    /// The jobs for the variants that do not exist, the costliest first. Identical originals are
    /// one job, whatever their names.
    pub fn jobs(
        &self,
        originals: &BTreeMap<SitePath, Original>,
        order: WidthOrder,
        snapshot: Snapshot<'_>,
    ) -> Vec<Job> {
        if self.variant_paths().all(|path| snapshot.exists(path)) && !self.has_open_ladders() {
            return Vec::new();
        }
        let specs = || {
            let images = self.by_original(originals);
            images.flat_map(|(own, _, image)| {
                let specs = image.specs();
                specs.filter_map(move |spec| Some((spec.original(own, originals)?, spec)))
            })
        };
        let mut taken: HashSet<&SitePath> = HashSet::new();
        let mut jobs: BTreeMap<Digest, Job> = BTreeMap::new();
        for (original, spec) in specs() {
            // Two presets may plan the same file, and so may identical originals with one stem.
            if snapshot.exists(&spec.path) || !taken.insert(&spec.path) {
                continue;
            }
            let job = jobs
                .entry(original.digest)
                .or_insert_with(|| Job::new(original.clone()));
            job.add(original, spec);
        }
        if !jobs.is_empty() {
            for (original, spec) in specs().filter(|(_, spec)| snapshot.exists(&spec.path)) {
                if let Some(job) = jobs.get_mut(&original.digest) {
                    job.copy_from(spec);
                }
            }
        }
        for (own, _, image) in self.by_original(originals) {
            for ladder in image.open_ladders() {
                let Some(original) = ladder.ends[0].original(own, originals) else {
                    continue;
                };
                let Some(job) = jobs.get_mut(&original.digest) else {
                    continue;
                };
                // The undecided widths of identical originals follow as copies, once these are
                // decided.
                if job.original.path == original.path && !job.open.contains(ladder) {
                    job.open.push(ladder.clone());
                }
            }
        }
        let mut jobs: Vec<Job> = jobs.into_values().collect();
        // By path if the costs are equal.
        jobs.sort_by(|one, other| one.original.path.cmp(&other.original.path));
        for job in &mut jobs {
            job.sort(order);
        }
        jobs.sort_by_key(|job| std::cmp::Reverse(job.cost()));
        jobs
    }
}
