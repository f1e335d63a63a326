//! Finds duplicate uploads: files with the same bytes, or images that look alike.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::meant::differ_on_purpose;
use super::{Plan, Snapshot, VariantSpec};
use crate::finding::{Code, Finding};
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::appearance::AppearanceLevel;
use crate::picture::fingerprint::{self, Fingerprinted};
use crate::picture::recipe::Framing;
use crate::picture::units::Dimensions;

/// The least width in pixels at which a fingerprint depends on the image rather than on its
/// encoder: ten pixels for each pixel of the fingerprint.
pub(super) const TELLING: u32 = 10 * fingerprint::SIDE;

impl Plan<'_> {
    /// Returns the variants to decode: those that placeholders are computed from, and one variant
    /// of each original, for comparing originals.
    pub fn to_decode<'p>(
        &'p self,
        originals: &'p BTreeMap<SitePath, Original>,
        snapshot: Snapshot<'_>,
    ) -> BTreeMap<&'p SitePath, AppearanceLevel> {
        let compared = self.compared(originals, snapshot).into_iter();
        let mut files: BTreeMap<&SitePath, AppearanceLevel> = compared
            .map(|(_, path)| (path, AppearanceLevel::Fingerprint))
            .collect();
        for image in self.images() {
            let says_none = image
                .placeholder_kinds()
                .is_none_or(|kinds| kinds.is_empty());
            if let (Some(spec), false) = (image.smallest(), says_none) {
                files.insert(&spec.path, AppearanceLevel::Placeholders);
            }
        }
        files
    }

    /// Returns the variant by which each still image is compared with others, preferably one that
    /// is not cropped, in the order of the originals. Animations are left out: two may have the
    /// same first frame and differ later.
    fn compared<'p>(
        &'p self,
        originals: &'p BTreeMap<SitePath, Original>,
        snapshot: Snapshot<'_>,
    ) -> Vec<(&'p Original, &'p SitePath)> {
        let mut files: Vec<(&Original, &VariantSpec)> = Vec::with_capacity(originals.len());
        for (original, _, image) in self.by_original(originals) {
            let is_still = !original.info.is_animated();
            let Some(spec) = image.at_least(TELLING, snapshot).filter(|_| is_still) else {
                continue;
            };
            let is_whole = |spec: &VariantSpec| spec.rendition.framing == Framing::Whole;
            match files.last_mut() {
                Some((last, best)) if last.path == original.path => {
                    if is_whole(spec) && !is_whole(best) {
                        *best = spec;
                    }
                }
                _ => files.push((original, spec)),
            }
        }
        let files = files.into_iter();
        files
            .map(|(original, spec)| (original, &spec.path))
            .collect()
    }

    /// Returns a finding for each upload that is a copy of another one, byte for byte or by the
    /// appearance of their variants. `links` are other upload names, and no copies.
    pub fn similar_uploads(
        &self,
        originals: &BTreeMap<SitePath, Original>,
        snapshot: Snapshot<'_>,
        links: &BTreeSet<&SitePath>,
    ) -> Vec<Finding> {
        let files = originals.values();
        let mut of_digest: Vec<&Original> =
            files.filter(|file| !links.contains(&file.path)).collect();
        of_digest.sort_unstable_by_key(|original| (original.digest, preference(original)));
        let mut findings = Vec::new();
        // Copies with the same bytes, which are compared no further.
        let mut copied: BTreeSet<&SitePath> = links.clone();
        for same in of_digest.chunk_by(|one, other| one.digest == other.digest) {
            if let [kept, copies @ ..] = same {
                copied.extend(copies.iter().map(|copy| &copy.path));
                findings.extend(copies.iter().map(|copy| identical(copy, kept)));
            }
        }
        let compared = self.compared(originals, snapshot).into_iter();
        let distinct = compared.filter(|(original, _)| !copied.contains(&original.path));
        let seen = distinct.filter_map(|(original, path)| {
            Some((original, &snapshot.appearance(path)?.fingerprint))
        });
        let (seen, pictures): (Vec<&Original>, Vec<Fingerprinted<'_>>) = seen
            .map(|(original, fingerprint)| {
                let dimensions = original.info.dimensions();
                let seen = Fingerprinted {
                    dimensions,
                    fingerprint,
                };
                (original, seen)
            })
            .unzip();
        for group in fingerprint::groups(&pictures) {
            let mut alike: Vec<&Original> = group.into_iter().map(|index| seen[index]).collect();
            alike.sort_by_key(|original| preference(original));
            if let Some((kept, copies)) = alike.split_first() {
                let copies = copies.iter();
                let copies = copies.filter(|copy| !differ_on_purpose(&copy.path, &kept.path));
                findings.extend(copies.map(|copy| similar(copy, kept)));
            }
        }
        findings
    }
}

/// The sort key that puts the upload to keep first: the largest, then the one with the shortest
/// name.
fn preference(original: &Original) -> (Reverse<u64>, usize, &SitePath) {
    let Original { path, info, .. } = original;
    let pixels = info.dimensions().pixels();
    (Reverse(pixels), path.as_str().len(), path)
}

fn identical(copy: &Original, kept: &Original) -> Finding {
    let message = format!(
        "two files with the same bytes: this one and `{}`",
        kept.path
    );
    Finding::new(Code::SimilarUploads, message).in_file(copy.path.as_str())
}

fn similar(copy: &Original, kept: &Original) -> Finding {
    let size = |original: &Original| {
        let Dimensions { width, height } = original.info.dimensions();
        format!("{width} × {height}")
    };
    let message = format!(
        "{} pixels that look like `{}`, which has {}",
        size(copy),
        kept.path,
        size(kept)
    );
    Finding::new(Code::SimilarUploads, message)
        .in_file(copy.path.as_str())
        .hint("if it is a copy, reference the other one everywhere, and remove it")
}
