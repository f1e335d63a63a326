//! Uploads that are there twice: the same bytes under two names, or pictures that look alike.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Framing, Plan};
use crate::finding::{Code, Finding};
use crate::look::{self, Look, LookFor, Seen};
use crate::original::{Digest, Original};
use crate::site::SitePath;
use crate::units::Dimensions;

/// Pixels of width from which a file's fingerprint tells the picture, and not the encoder: ten for each
/// of its own.
const TELLING: u32 = 10 * look::SIDE;

impl Plan {
    /// The files whose looks are to be known: those that records say something of, and one of each
    /// original, which others are compared with.
    pub fn to_look_at(
        &self,
        originals: &BTreeMap<SitePath, Original>,
    ) -> BTreeMap<&SitePath, LookFor> {
        let mut files: BTreeMap<&SitePath, LookFor> = self
            .compared(originals)
            .into_values()
            .map(|path| (path, LookFor::Fingerprint))
            .collect();
        for wanted in self.wanted.values() {
            let says_none = wanted
                .placeholder_kinds()
                .is_none_or(|kinds| kinds.is_empty());
            if let (Some(spec), false) = (wanted.smallest(), says_none) {
                files.insert(&spec.path, LookFor::Placeholders);
            }
        }
        files
    }

    /// The file by which each still picture is compared with others: one that shows all of it, if
    /// there is one. Animations may begin alike and go on in another way.
    fn compared<'p>(
        &'p self,
        originals: &BTreeMap<SitePath, Original>,
    ) -> BTreeMap<&'p SitePath, &'p SitePath> {
        let mut files: BTreeMap<&SitePath, (bool, &SitePath)> = BTreeMap::new();
        for (key, wanted) in &self.wanted {
            let original = originals.get(&key.original);
            let is_still = original.is_some_and(|original| !original.picture.is_animated());
            let Some(spec) = wanted.at_least(TELLING).filter(|_| is_still) else {
                continue;
            };
            let is_part = spec.framing != Framing::Whole;
            let best = files.entry(&key.original).or_insert((is_part, &spec.path));
            if best.0 && !is_part {
                *best = (is_part, &spec.path);
            }
        }
        let files = files.into_iter();
        files
            .map(|(original, (_, path))| (original, path))
            .collect()
    }

    /// Which uploads are copies of others, byte for byte or by what their variants look like.
    pub fn similar_uploads<'l>(
        &self,
        originals: &BTreeMap<SitePath, Original>,
        look: &dyn Fn(&SitePath) -> Option<&'l Look>,
    ) -> Vec<Finding> {
        let mut of_digest: BTreeMap<Digest, Vec<&Original>> = BTreeMap::new();
        for original in originals.values() {
            of_digest.entry(original.digest).or_default().push(original);
        }
        let mut findings = Vec::new();
        // One of each content.
        let mut distinct: BTreeMap<&SitePath, &Original> = BTreeMap::new();
        for mut same in of_digest.into_values() {
            same.sort_by_key(|original| preference(original));
            let (kept, copies) = same.split_first().expect("a digest is an original's");
            distinct.insert(&kept.path, kept);
            findings.extend(copies.iter().map(|copy| identical(copy, kept)));
        }
        let compared = self.compared(originals);
        let seen = distinct.values().filter_map(|original| {
            let look = look(compared.get(&original.path)?)?;
            Some((*original, &look.fingerprint))
        });
        let (seen, pictures): (Vec<&Original>, Vec<Seen<'_>>) = seen
            .map(|(original, fingerprint)| {
                let dimensions = original.picture.dimensions();
                let seen = Seen {
                    dimensions,
                    fingerprint,
                };
                (original, seen)
            })
            .unzip();
        for group in look::groups(&pictures) {
            let mut alike: Vec<&Original> = group.into_iter().map(|index| seen[index]).collect();
            alike.sort_by_key(|original| preference(original));
            if let Some((kept, copies)) = alike.split_first() {
                findings.extend(copies.iter().map(|copy| similar(copy, kept)));
            }
        }
        findings
    }
}

/// The one to keep comes first: the largest, and of those the one with the shortest name.
fn preference(original: &Original) -> (Reverse<u64>, usize, &SitePath) {
    let Original { path, picture, .. } = original;
    let pixels = picture.dimensions().pixels();
    (Reverse(pixels), path.as_str().len(), path)
}

fn identical(copy: &Original, kept: &Original) -> Finding {
    let message = format!(
        "two files with the same bytes: this one and `{}`",
        kept.path
    );
    Finding::new(Code::SimilarUploads, message)
        .in_file(copy.path.as_str())
        .hint("let articles name one of them, and remove the other")
}

fn similar(copy: &Original, kept: &Original) -> Finding {
    let size = |original: &Original| {
        let Dimensions { width, height } = original.picture.dimensions();
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
        .hint("if it is a copy, remove it, and let articles name the other one")
}
