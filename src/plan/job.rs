//! The work on one original: one decode a scale for every file that it lacks.

use super::{OpenLadder, VariantSpec};
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::memory::peak_bytes;
use crate::picture::recipe::Rendition;

/// One original and every variant that is wanted of it and does not stand yet.
#[derive(Clone, Debug)]
pub struct Job {
    pub original: Original,
    /// In the order in which they are begun.
    pub specs: Vec<VariantSpec>,
    /// The ladders whose rungs are known once their ends are made.
    pub open: Vec<OpenLadder>,
    /// Other originals with the same bytes, whose variants rest on this job as well.
    pub twins: Vec<SitePath>,
    /// Their variants, each the same bytes as one of `specs` or as one that stands.
    pub copies: Vec<VariantCopy>,
}

/// One content under another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantCopy {
    pub from: SitePath,
    pub to: SitePath,
}

/// Which rungs of an original are begun first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RungOrder {
    /// The threads end at about the same time.
    #[default]
    LargestFirst,
    /// Somebody waits for the first ones.
    SmallestFirst,
}

impl Job {
    /// No work on an original yet.
    pub(super) fn of(original: Original) -> Self {
        Job {
            original,
            specs: Vec::new(),
            open: Vec::new(),
            twins: Vec::new(),
            copies: Vec::new(),
        }
    }

    /// Adds a variant that does not stand, of the original or of one with the same bytes.
    pub(super) fn want(&mut self, original: &Original, wanted: &VariantSpec) {
        let path = &original.path;
        if *path != self.original.path && !self.twins.contains(path) {
            self.twins.push(path.clone());
        }
        let same = self
            .specs
            .iter()
            .find(|spec| spec.rendition == wanted.rendition);
        match same {
            Some(spec) => self.copies.push(VariantCopy {
                from: spec.path.clone(),
                to: wanted.path.clone(),
            }),
            None => self.specs.push(wanted.clone()),
        }
    }

    /// Makes a copy of what was to be encoded, where the same bytes stand under another name.
    pub(super) fn copy_from(&mut self, standing: &VariantSpec) {
        let Some(at) = self
            .specs
            .iter()
            .position(|spec| spec.rendition == standing.rendition)
        else {
            return;
        };
        let spec = self.specs.remove(at);
        let from_it = self.copies.iter_mut().filter(|copy| copy.from == spec.path);
        for copy in from_it {
            copy.from = standing.path.clone();
        }
        self.copies.push(VariantCopy {
            from: standing.path.clone(),
            to: spec.path,
        });
    }

    pub(super) fn sort(&mut self, order: RungOrder) {
        self.specs
            .sort_by_key(|spec| spec.rendition.dimensions.width);
        if order == RungOrder::LargestFirst {
            self.specs.reverse();
        }
    }

    /// The other names of the variant of that name.
    pub fn copies_of<'j>(&'j self, path: &'j SitePath) -> impl Iterator<Item = &'j SitePath> {
        let copies = self.copies.iter().filter(move |copy| copy.from == *path);
        copies.map(|copy| &copy.to)
    }

    /// The copies of variants that stand already.
    pub fn copies_of_standing(&self) -> impl Iterator<Item = &VariantCopy> {
        let is_made = |copy: &VariantCopy| self.specs.iter().any(|spec| spec.path == copy.from);
        self.copies.iter().filter(move |copy| !is_made(copy))
    }

    /// Bytes of memory that the job takes at its peak.
    pub fn cost(&self) -> u64 {
        if self.specs.is_empty() {
            // Nothing is decoded, and a copy is one variant.
            return self.original.bytes;
        }
        let renditions: Vec<&Rendition> = self.specs.iter().map(AsRef::as_ref).collect();
        let undecided: Vec<&Rendition> = self.open.iter().flat_map(OpenLadder::largest).collect();
        peak_bytes(
            &self.original.info,
            self.original.bytes,
            &renditions,
            &undecided,
        )
    }
}
