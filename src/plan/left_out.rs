//! Finds the variants that records leave out. They need no file, only their size.
//!
//! Sizes decide which widths a `srcset` lists. So a variant is made once, to know its size. If no
//! record needs it after that, the size is kept (`variant::LeftOut`), and the file is not.

use std::collections::{BTreeMap, HashSet};

use super::image::at_least;
use super::similar::TELLING;
use super::{ImagePlan, Job, Plan, Snapshot, VariantSpec};
use crate::path::{PathSet, SitePath};

impl ImagePlan {
    /// Returns the variants to make: those of unknown size, and those that a record needs and that
    /// have no file.
    pub fn missing(&self, snapshot: Snapshot<'_>) -> Vec<&VariantSpec> {
        let specs = self.specs();
        let mut missing: Vec<&VariantSpec> =
            specs.filter(|spec| !snapshot.exists(&spec.path)).collect();
        let has_size = |spec: &VariantSpec| snapshot.size(&spec.path).is_some();
        if missing.iter().any(|spec| has_size(spec)) {
            let needed = self.needed(snapshot);
            missing.retain(|spec| !has_size(spec) || needed.contains(&spec.path));
        }
        missing
    }

    /// Returns the variants that no record of this plan needs. Empty while the size of a variant is
    /// unknown, or a width is undecided.
    pub fn left_out(&self, snapshot: Snapshot<'_>) -> Vec<&VariantSpec> {
        let is_known = |spec: &VariantSpec| snapshot.size(&spec.path).is_some();
        if self.open_ladders().next().is_some() || !self.specs().all(is_known) {
            return Vec::new();
        }
        let needed = self.needed(snapshot);
        self.specs()
            .filter(|spec| !needed.contains(&spec.path))
            .collect()
    }

    /// Whether the size of a variant is unknown. Without it, there is no record.
    fn is_unfinished(&self, snapshot: Snapshot<'_>) -> bool {
        let is_unknown = |spec: &VariantSpec| snapshot.size(&spec.path).is_none();
        self.specs().any(is_unknown)
    }

    /// Returns the variants that records list, and the one that placeholders are computed from. If
    /// a record lists only the original, also one variant to compare the image with others, except
    /// for animations.
    fn needed(&self, snapshot: Snapshot<'_>) -> HashSet<&SitePath> {
        let content = self.content("", snapshot);
        let sources = content.sources.iter().map(|source| &source.srcset);
        let entries = sources.chain([&content.srcset]).flatten();
        let listed: HashSet<&str> = entries
            .filter_map(|entry| Some(entry.rsplit_once(' ')?.0))
            .collect();
        let has_placeholders = self
            .placeholder_kinds()
            .is_some_and(|kinds| !kinds.is_empty());
        let smallest = self.smallest().filter(|_| has_placeholders);
        let is_listed = |spec: &&VariantSpec| listed.contains(spec.url.as_str());
        let has_fallback = self.fallback().iter().any(|spec| is_listed(&spec));
        let is_compared = |spec: &&VariantSpec| !has_fallback && !spec.rendition.recipe.is_animated;
        let compared = at_least(TELLING, self.fallback().iter()).filter(is_compared);
        let needed = self.specs().filter(is_listed).chain(smallest);
        needed.chain(compared).map(|spec| &spec.path).collect()
    }
}

impl Plan<'_> {
    /// Returns the variants for which `is_asked` returns true and that no record needs, with their
    /// sizes in bytes.
    pub fn left_out(
        &self,
        snapshot: Snapshot<'_>,
        is_asked: &dyn Fn(&SitePath) -> bool,
    ) -> BTreeMap<&SitePath, u64> {
        left_out_of(self.images().iter(), snapshot, is_asked)
    }

    /// Like [`Plan::left_out`], for the image plans of one job, which makes all variants that they
    /// lack.
    pub fn left_out_of_job(
        &self,
        job: &Job,
        snapshot: Snapshot<'_>,
        is_asked: &dyn Fn(&SitePath) -> bool,
    ) -> BTreeMap<&SitePath, u64> {
        let images = job.images.iter().map(|id| self.image(*id));
        left_out_of(images, snapshot, is_asked)
    }

    /// Returns the variants of a job's images that only unfinished images use. The size of another
    /// variant of these images is unknown.
    pub fn unfinished_of_job(&self, job: &Job, snapshot: Snapshot<'_>) -> PathSet<&SitePath> {
        let images = job.images.iter().map(|id| self.image(*id));
        let (unfinished, finished): (Vec<_>, Vec<_>) =
            images.partition(|image| image.is_unfinished(snapshot));
        let used = paths_of(&finished);
        let mut unused = paths_of(&unfinished);
        unused.retain(|path| !used.contains(path));
        unused
    }
}

fn paths_of<'p>(images: &[&'p ImagePlan]) -> PathSet<&'p SitePath> {
    let specs = images.iter().flat_map(|image| image.specs());
    specs.map(|spec| &spec.path).collect()
}

fn left_out_of<'p>(
    images: impl Iterator<Item = &'p ImagePlan>,
    snapshot: Snapshot<'_>,
    is_asked: &dyn Fn(&SitePath) -> bool,
) -> BTreeMap<&'p SitePath, u64> {
    let mut left_out = BTreeMap::new();
    // Two presets may plan the same file, and one of them may list it.
    let mut needed: PathSet<&SitePath> = PathSet::default();
    for image in images {
        let is_asked = |spec: &&VariantSpec| is_asked(&spec.path);
        if !image.specs().any(|spec| is_asked(&spec)) {
            continue;
        }
        let own = image.left_out(snapshot);
        for spec in image.specs().filter(is_asked) {
            match snapshot.size(&spec.path) {
                Some(bytes) if own.iter().any(|one| one.path == spec.path) => {
                    left_out.insert(&spec.path, bytes);
                }
                _ => {
                    needed.insert(&spec.path);
                }
            }
        }
    }
    left_out.retain(|path, _| !needed.contains(path));
    left_out
}
