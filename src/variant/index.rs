//! Indexes the variants in the variants folder: which files are complete, their sizes, and what
//! they look like.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::ledger::{KnownAppearance, Ledger};
use crate::path::{PathMap, SitePath};
use crate::picture::appearance::{Appearance, AppearanceLevel};
use crate::picture::color::Transforms;
use crate::picture::decoder::Decode;
use crate::picture::format;
use crate::picture::info::Digest;
use crate::plan::{ImagePlan, Plan, Snapshot};
use crate::project::Site;
use crate::published::is_variant_name;
use crate::record::{Content, Record};
use crate::site::{SiteError, Stamp};

use super::{LeftOut, Written};

/// Proof that every file that a record names was complete on disk when the record was made. Only
/// this module can make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified(());

/// The variants on disk.
#[derive(Debug, Default)]
pub struct VariantIndex {
    /// The complete files that were there when the folder was listed.
    stamps: PathMap<SitePath, Stamp>,
    /// Sizes in bytes of the files that were written since.
    written: PathMap<SitePath, u64>,
    /// The digests of the files that were written since.
    digests: BTreeMap<SitePath, Digest>,
    /// Sizes in bytes of files with a variant's name that are shorter or longer than their header
    /// says.
    incomplete: PathMap<SitePath, u64>,
    /// Sizes in bytes of the variants that have no file, because no record needs them.
    left_out: PathMap<SitePath, u64>,
    /// New files that may turn out to be needed by no record, and whether each came from a cache.
    /// Emptied by [`VariantIndex::leave_out`].
    unsorted: PathMap<SitePath, bool>,
    /// Variants that were left out since the site's list was last written, with their sizes in
    /// bytes.
    unlisted: Vec<(SitePath, u64)>,
    /// The appearance of the files that were decoded.
    appearances: BTreeMap<SitePath, KnownAppearance>,
    /// Temporary files that an earlier run has left.
    leftovers: Vec<SitePath>,
}

/// A variant that exists and cannot be decoded, and why.
pub type Undecodable = (SitePath, String);

/// Files of variants that were deleted because no record needs them.
#[derive(Debug)]
pub struct LeftOutFiles {
    /// Their paths, and their sizes in bytes.
    pub files: Vec<(SitePath, u64)>,
    /// Number of files that came from a cache.
    pub cached: usize,
}

/// The variants of one image plan. All variants that records need exist.
#[derive(Clone, Copy, Debug)]
pub struct CompleteSet<'s> {
    image: &'s ImagePlan,
    index: &'s VariantIndex,
}

impl VariantIndex {
    /// Indexes the files in the variants folder. A file with a `known` stamp was checked before;
    /// for any other, the length in its container's header must match the file's.
    pub fn inspect(
        site: &Site,
        known: &PathMap<SitePath, Stamp>,
    ) -> Result<VariantIndex, SiteError> {
        let found = site.root.files_below(&site.output_folder())?;
        let mut index = VariantIndex {
            leftovers: found.leftovers,
            left_out: LeftOut::load(site)?.sizes(),
            ..VariantIndex::default()
        };
        for (path, stamp) in found.files {
            if !is_variant_name(path.name()) {
                continue;
            }
            let is_known = known.get(&path) == Some(&stamp);
            if is_known || is_complete(site, &path, stamp.bytes) {
                index.stamps.insert(path, stamp);
            } else {
                index.incomplete.insert(path, stamp.bytes);
            }
        }
        Ok(index)
    }

    pub fn exists(&self, path: &SitePath) -> bool {
        self.stamps.contains_key(path) || self.written.contains_key(path)
    }

    /// Returns the size of a variant in bytes, whether its file exists or was left out; `None` if
    /// it is unknown.
    pub fn size(&self, path: &SitePath) -> Option<u64> {
        self.snapshot().size(path)
    }

    /// Whether the size of a variant is known, and its file does not exist, because no record needs
    /// it.
    pub fn is_left_out(&self, path: &SitePath) -> bool {
        self.left_out.contains_key(path) && !self.exists(path)
    }

    /// Returns the variants without a file whose sizes are known, in bytes.
    pub fn left_out(&self) -> impl Iterator<Item = (&SitePath, u64)> {
        let left_out = self.left_out.iter();
        left_out.map(|(path, bytes)| (path, *bytes))
    }

    /// Adds the sizes of variants that were left out elsewhere.
    pub fn extend_left_out(&mut self, entries: impl IntoIterator<Item = (SitePath, u64)>) {
        self.left_out.extend(entries);
    }

    /// Deletes the new files that no record of the plan needs, and adds them and the variants that
    /// were left out before to the site's list. No text may name new files yet, so this run must
    /// have written them. A file is new only once.
    ///
    /// # Errors
    ///
    /// If the list cannot be written, or a file cannot be removed.
    pub fn leave_out(&mut self, plan: &Plan<'_>, site: &Site) -> Result<LeftOutFiles, SiteError> {
        let new = std::mem::take(&mut self.unsorted);
        let left_out = match new.is_empty() {
            true => BTreeMap::new(),
            false => plan.left_out(self.snapshot(), &|path| new.contains_key(path)),
        };
        let is_cached = |(path, _): &(&SitePath, u64)| new[*path];
        let files = left_out.iter().map(|(path, bytes)| (*path, *bytes));
        let left_out = LeftOutFiles {
            cached: files.clone().filter(is_cached).count(),
            files: files.map(|(path, bytes)| (path.clone(), bytes)).collect(),
        };
        let unlisted = std::mem::take(&mut self.unlisted);
        if left_out.files.is_empty() && unlisted.is_empty() {
            return Ok(left_out);
        }
        let mut list = LeftOut::load(site)?;
        list.extend(unlisted.into_iter().chain(left_out.files.iter().cloned()));
        list.save(site)?;
        for (path, bytes) in &left_out.files {
            site.root.remove(path)?;
            self.stamps.remove(path);
            self.written.remove(path);
            self.appearances.remove(path);
            self.digests.remove(path);
            self.left_out.insert(path.clone(), *bytes);
        }
        Ok(left_out)
    }

    /// The stamps of the complete files that existed when the folder was listed.
    pub fn stamps(&self) -> &PathMap<SitePath, Stamp> {
        &self.stamps
    }

    /// Returns every file with a variant's name, complete or not, with its size in bytes, in no
    /// particular order.
    pub fn files(&self) -> impl Iterator<Item = (&SitePath, u64)> {
        let seen = self.stamps.iter().map(|(path, stamp)| (path, stamp.bytes));
        let seen = seen.filter(|(path, _)| !self.written.contains_key(*path));
        let others = self.written.iter().chain(&self.incomplete);
        seen.chain(others.map(|(path, bytes)| (path, *bytes)))
    }

    /// Temporary files that an earlier run has left.
    pub fn leftovers(&self) -> &[SitePath] {
        &self.leftovers
    }

    /// The digests of the files that were written since the folder was listed.
    pub fn digests(&self) -> &BTreeMap<SitePath, Digest> {
        &self.digests
    }

    /// Whether there is a file with this variant's name, complete or not.
    pub fn has_file(&self, path: &SitePath) -> bool {
        self.exists(path) || self.is_incomplete(path)
    }

    /// Whether a file with this variant's name is shorter or longer than its header says.
    pub fn is_incomplete(&self, path: &SitePath) -> bool {
        self.incomplete.contains_key(path)
    }

    /// Checks again whether files exist that existed when the folder was listed, and forgets files
    /// that are gone or have another size. Returns whether there were any.
    pub fn recheck_files<'p>(
        &mut self,
        site: &Site,
        paths: impl Iterator<Item = &'p SitePath>,
    ) -> bool {
        let mut has_changed = false;
        for path in paths {
            let Some(bytes) = self.size(path).filter(|_| self.exists(path)) else {
                continue;
            };
            let stamp = site.root.stamp(path);
            if !stamp.is_ok_and(|stamp| stamp.bytes == bytes) {
                self.stamps.remove(path);
                self.written.remove(path);
                self.appearances.remove(path);
                has_changed = true;
            }
        }
        has_changed
    }

    /// Treats a file as missing, so that it is written again.
    pub fn forget(&mut self, path: &SitePath) {
        if let Some(stamp) = self.stamps.remove(path) {
            self.incomplete.insert(path.clone(), stamp.bytes);
        }
    }

    /// Adds a variant that was made and has no file, because no record needs it.
    pub fn put_left_out(&mut self, path: SitePath, bytes: u64) {
        self.unlisted.push((path.clone(), bytes));
        self.left_out.insert(path, bytes);
    }

    /// Forgets the sizes of variants that have no file, so that they are made again.
    pub fn forget_left_out(&mut self, variants: &[(SitePath, u64)]) {
        for (path, _) in variants {
            self.left_out.remove(path);
        }
    }

    /// The variants that were left out since the list was last written.
    pub fn unlisted(&self) -> &[(SitePath, u64)] {
        &self.unlisted
    }

    /// Adds a file that has just been written.
    pub fn put(&mut self, written: Written) {
        let Written {
            path,
            bytes,
            digest,
            is_cached,
            ..
        } = written;
        // A text may name a file that was there before, even a damaged one, so only other files may
        // be left out again.
        if self.incomplete.remove(&path).is_none() {
            self.unsorted.insert(path.clone(), is_cached);
        }
        self.appearances.remove(&path);
        self.digests.insert(path.clone(), digest);
        self.written.insert(path, bytes);
    }

    /// Computes the appearance of the files that exist, at the given level, on all threads. Decodes
    /// each file at most once, and no file whose content the ledger (`known`) has. Returns the
    /// files that cannot be read or decoded.
    pub fn decode_appearances<'p>(
        &mut self,
        site: &Site,
        files: impl IntoIterator<Item = (&'p SitePath, AppearanceLevel)>,
        known: &Ledger,
        decoder: &dyn Decode,
        stop: &AtomicBool,
    ) -> Vec<Undecodable> {
        let is_lacking = |(path, wanted): &(&SitePath, AppearanceLevel)| {
            let seen = self.appearances.get(*path).map(|seen| &seen.appearance);
            self.exists(path)
                && seen.is_none_or(|known| known.as_ref().is_some_and(|known| !known.has(*wanted)))
        };
        let lacking: Vec<(&SitePath, AppearanceLevel)> =
            files.into_iter().filter(is_lacking).collect();
        let decoding = Decoding {
            site,
            known,
            decoder,
            transforms: Transforms::default(),
        };
        let decoded: Vec<DecodedFile<'_>> = lacking
            .into_par_iter()
            .filter(|_| !stop.load(Ordering::Relaxed))
            .map(|(path, wanted)| (path, self.appearance_of(path, wanted, &decoding)))
            .collect();
        let mut unseen = Vec::new();
        let seen = decoded
            .into_iter()
            .filter_map(|(path, result)| match result {
                Ok((seen, reason)) => {
                    unseen.extend(reason.map(|reason| (path.clone(), reason)));
                    Some((path.clone(), seen))
                }
                Err(error) => {
                    unseen.push((path.clone(), error.full()));
                    None
                }
            });
        let mut appearances: BTreeMap<SitePath, KnownAppearance> = seen.collect();
        self.appearances.append(&mut appearances);
        unseen
    }

    /// Returns the appearance of one file, and the reason if it could not be decoded.
    fn appearance_of(
        &self,
        path: &SitePath,
        wanted: AppearanceLevel,
        decoding: &Decoding<'_>,
    ) -> Result<(KnownAppearance, Option<String>), SiteError> {
        let has_all =
            |known: &&KnownAppearance| known.appearance.as_ref().is_some_and(|one| one.has(wanted));
        let known = decoding.known.appearance(path).filter(has_all);
        let is_same = |known: &&KnownAppearance| {
            known.stamp.is_some() && known.stamp.as_ref() == self.stamps.get(path)
        };
        if let Some(known) = known.filter(is_same) {
            return Ok((known.clone(), None));
        }
        let (bytes, stamp) = decoding.site.root.read(path, u64::MAX)?;
        let digest = Digest::of(&bytes);
        let decoded = match known.filter(|known| known.digest == digest) {
            Some(KnownAppearance {
                appearance: Some(appearance),
                ..
            }) => Ok(appearance.clone()),
            _ => decoding.appearance(&bytes, wanted),
        };
        let (appearance, reason) = match decoded {
            Ok(appearance) => (Some(appearance), None),
            Err(reason) => (None, Some(reason)),
        };
        let seen = KnownAppearance {
            stamp: Some(stamp),
            digest,
            appearance,
        };
        Ok((seen, reason))
    }

    /// The appearance of all files that were decoded.
    pub fn appearances(&self) -> &BTreeMap<SitePath, KnownAppearance> {
        &self.appearances
    }

    /// The current snapshot of the variants.
    pub fn snapshot(&self) -> Snapshot<'_> {
        Snapshot {
            listed: Some(&self.stamps),
            written: Some(&self.written),
            made: None,
            left_out: Some(&self.left_out),
            appearances: Some(&self.appearances),
        }
    }

    /// Returns the variants of an image plan, if all that records need exist and all widths are
    /// decided. Placeholders may be unknown: pages do not show them.
    pub fn files_set<'s>(&'s self, image: &'s ImagePlan) -> Option<CompleteSet<'s>> {
        let has_files = image.has_files(self.snapshot());
        has_files.then_some(CompleteSet { image, index: self })
    }

    /// Returns the variants of an image plan, if all that records need exist and the placeholders
    /// of records can be computed.
    pub fn complete_set<'s>(&'s self, image: &'s ImagePlan) -> Option<CompleteSet<'s>> {
        let is_complete = image.is_complete(self.snapshot());
        is_complete.then_some(CompleteSet { image, index: self })
    }
}

/// Whether a variant's file has the length that its container claims.
fn is_complete(site: &Site, path: &SitePath, bytes: u64) -> bool {
    let read = |offset: u64, length: usize| site.root.read_at(path, offset, length).ok();
    format::is_complete(path.as_str(), bytes, &read)
}

/// The inputs for decoding files.
struct Decoding<'l> {
    site: &'l Site,
    known: &'l Ledger,
    decoder: &'l dyn Decode,
    transforms: Transforms,
}

impl Decoding<'_> {
    fn appearance(&self, bytes: &[u8], wanted: AppearanceLevel) -> Result<Appearance, String> {
        let limits = self.site.config.limits.for_images();
        Appearance::of_file(bytes, &limits, &self.transforms, wanted, self.decoder)
    }
}

/// A file, with its appearance or the reason why it has none.
type DecodedFile<'p> = (
    &'p SitePath,
    Result<(KnownAppearance, Option<String>), SiteError>,
);

impl CompleteSet<'_> {
    /// Returns the record for a reference with this value.
    pub fn record(&self, value: &str) -> Record<Verified> {
        let snapshot = self.index.snapshot();
        let placeholders = self.image.placeholders(snapshot);
        let content = Content {
            placeholders: placeholders.unwrap_or_default(),
            ..self.image.content(value, snapshot)
        };
        Record::new(content, Verified(()))
    }
}
