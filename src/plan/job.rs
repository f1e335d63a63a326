//! The work on one original: the variants to render from one decode at each scale.

use super::{ImageId, OpenLadder, VariantSpec};
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::memory::peak_bytes;
use crate::picture::recipe::Rendition;

/// One original, and its variants that do not exist yet.
#[derive(Clone, Debug)]
pub struct Job {
    pub original: Original,
    /// The variants to render, in the order in which they are started.
    pub specs: Vec<VariantSpec>,
    /// The ladders whose widths are decided once the variants at both ends exist.
    pub open: Vec<OpenLadder>,
    /// Other originals with the same bytes, which get copies of the variants.
    pub identical: Vec<SitePath>,
    /// The variants to copy: each from one of `specs`, or from a variant that exists.
    pub copies: Vec<VariantCopy>,
    /// The image plans that have these variants.
    pub images: Vec<ImageId>,
}

/// A variant with the same bytes as another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantCopy {
    pub from: SitePath,
    pub to: SitePath,
}

/// Which widths of an original are started first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WidthOrder {
    /// The largest first, so that all threads end at about the same time.
    #[default]
    LargestFirst,
    /// The smallest first, so that the first variants soon exist.
    SmallestFirst,
}

impl Job {
    pub(super) fn new(original: Original) -> Self {
        Job {
            original,
            specs: Vec::new(),
            open: Vec::new(),
            identical: Vec::new(),
            copies: Vec::new(),
            images: Vec::new(),
        }
    }

    /// Adds a variant that does not exist, of the original or of one with the same bytes.
    pub(super) fn add(&mut self, original: &Original, spec: &VariantSpec) {
        let path = &original.path;
        if *path != self.original.path && !self.identical.contains(path) {
            self.identical.push(path.clone());
        }
        let mut specs = self.specs.iter();
        match specs.find(|known| known.rendition == spec.rendition) {
            Some(known) => self.copies.push(VariantCopy {
                from: known.path.clone(),
                to: spec.path.clone(),
            }),
            None => self.specs.push(spec.clone()),
        }
    }

    /// Copies a variant that exists instead of rendering the same pixels again.
    pub(super) fn copy_from(&mut self, existing: &VariantSpec) {
        let mut specs = self.specs.iter();
        let Some(index) = specs.position(|spec| spec.rendition == existing.rendition) else {
            return;
        };
        let spec = self.specs.remove(index);
        for copy in &mut self.copies {
            if copy.from == spec.path {
                copy.from = existing.path.clone();
            }
        }
        self.copies.push(VariantCopy {
            from: existing.path.clone(),
            to: spec.path,
        });
    }

    pub(super) fn sort(&mut self, order: WidthOrder) {
        self.specs
            .sort_by_key(|spec| spec.rendition.dimensions.width);
        if order == WidthOrder::LargestFirst {
            self.specs.reverse();
        }
    }

    /// Returns the part of the job that makes `specs`, which are some of its variants, and their
    /// copies.
    #[must_use]
    pub fn only(&self, specs: Vec<VariantSpec>) -> Job {
        let is_made = |copy: &&VariantCopy| specs.iter().any(|spec| spec.path == copy.from);
        Job {
            copies: self.copies.iter().filter(is_made).cloned().collect(),
            specs,
            ..self.clone()
        }
    }

    /// Returns the paths of the copies of the variant at `path`.
    pub fn copies_of<'j>(&'j self, path: &'j SitePath) -> impl Iterator<Item = &'j SitePath> {
        let copies = self.copies.iter().filter(move |copy| copy.from == *path);
        copies.map(|copy| &copy.to)
    }

    /// Returns the copies of variants that existed before the job.
    pub fn copies_of_existing(&self) -> impl Iterator<Item = &VariantCopy> {
        let is_rendered = |copy: &VariantCopy| self.specs.iter().any(|spec| spec.path == copy.from);
        self.copies.iter().filter(move |copy| !is_rendered(copy))
    }

    /// Returns how much memory the job takes at its peak, in bytes.
    pub fn cost(&self) -> u64 {
        if self.specs.is_empty() {
            // Nothing is decoded; copies take less than the original.
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
