//! Finds originals that the last build could not decode: takes a plan and the ledger, and returns
//! findings, and the variants and records that a forecast leaves out.
//!
//! Decoding is most of the work of a build, so `check` and dry runs do not decode. They rely on the
//! ledger, which remembers failures by the digests of the files.

use std::collections::BTreeMap;

use super::planned::Planned;
use crate::finding::{Code, Finding};
use crate::ledger::Ledger;
use crate::path::{PathSet, SitePath};
use crate::plan::{ImagePlan, Snapshot};

/// Missing variants that no build can make, because the last build could not decode their
/// originals.
#[derive(Debug, Default)]
pub(crate) struct Undecodable {
    /// The missing variants that no build can make.
    variants: PathSet<SitePath>,
    /// Why the originals cannot be decoded, by original.
    reasons: BTreeMap<SitePath, String>,
}

impl Undecodable {
    /// Finds the variants that a build would try to make again, and fail.
    pub(super) fn new(planned: &Planned<'_>, ledger: &Ledger) -> Self {
        let mut undecodable = Undecodable::default();
        let known = ledger.undecodable();
        if known.is_empty() {
            return undecodable;
        }
        let originals = planned.survey().originals();
        let snapshot = planned.index().snapshot();
        for (own, _, image) in planned.plan().by_original(originals) {
            for spec in image.missing(snapshot) {
                let original = spec.original(own, originals);
                let reason = original.and_then(|one| Some((one, known.get(&one.digest)?)));
                if let Some((original, reason)) = reason {
                    undecodable.variants.insert(spec.path.clone());
                    let path = original.path.clone();
                    undecodable.reasons.insert(path, reason.clone());
                }
            }
        }
        undecodable
    }

    /// Whether no build can make this variant.
    pub fn includes(&self, variant: &SitePath) -> bool {
        self.variants.contains(variant)
    }

    /// Whether a record of the image is kept as it is, or not written, because a variant cannot be
    /// made.
    pub(super) fn concerns(&self, image: &ImagePlan, snapshot: Snapshot<'_>) -> bool {
        !self.variants.is_empty()
            && (image.missing(snapshot).iter()).any(|spec| self.includes(&spec.path))
    }

    /// Number of originals that have no variants because of an error.
    pub(super) fn failed(&self) -> usize {
        self.reasons.len()
    }

    /// Returns the same findings as a build.
    pub(super) fn findings(&self) -> impl Iterator<Item = Finding> {
        self.reasons.iter().map(|(original, reason)| {
            Finding::new(Code::UndecodableUpload, reason.clone()).in_file(original.as_str())
        })
    }
}
