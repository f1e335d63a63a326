//! A snapshot of the variants on disk: their sizes and appearance, as far as known.

use std::collections::BTreeMap;

use crate::ledger::KnownAppearance;
use crate::path::{PathMap, SitePath};
use crate::picture::appearance::Appearance;
use crate::site::Stamp;

/// A view of the variants that exist and are complete. Nothing is read from disk through it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Snapshot<'a> {
    /// Stamps of the files that were there when the folder was listed.
    pub listed: Option<&'a PathMap<SitePath, Stamp>>,
    /// Sizes in bytes of the files that were written after that.
    pub written: Option<&'a PathMap<SitePath, u64>>,
    /// Sizes in bytes of the variants that were made once and need no file.
    pub left_out: Option<&'a PathMap<SitePath, u64>>,
    /// Sizes in bytes of variants that have just been made and have no file yet.
    pub made: Option<&'a PathMap<SitePath, u64>>,
    /// The appearance of the files that were decoded.
    pub appearances: Option<&'a BTreeMap<SitePath, KnownAppearance>>,
}

impl<'a> Snapshot<'a> {
    /// Returns the size of a variant in bytes, whether its file exists or was left out; `None` if
    /// it is unknown.
    pub fn size(&self, path: &SitePath) -> Option<u64> {
        let others = [self.made, self.left_out].into_iter().flatten();
        self.file(path)
            .or_else(|| others.filter_map(|sizes| sizes.get(path).copied()).next())
    }

    /// Whether the file of a variant exists.
    pub fn exists(&self, path: &SitePath) -> bool {
        self.file(path).is_some()
    }

    /// Returns the size of a variant's file in bytes, if the file exists.
    fn file(&self, path: &SitePath) -> Option<u64> {
        let written = self.written.and_then(|written| written.get(path));
        written
            .copied()
            .or_else(|| Some(self.listed?.get(path)?.bytes))
    }

    /// Returns the appearance of a variant, if it was decoded.
    pub fn appearance(&self, path: &SitePath) -> Option<&'a Appearance> {
        self.appearances?.get(path)?.appearance.as_ref()
    }
}
