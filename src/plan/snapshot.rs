//! A snapshot of the variants on disk: their sizes and appearance, as far as known.

use std::collections::BTreeMap;

use crate::ledger::KnownLook;
use crate::path::{PathMap, SitePath};
use crate::picture::appearance::Appearance;
use crate::site::Stamp;

/// A view of the variants that exist and are complete. Nothing is read from disk through it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Snapshot<'a> {
    /// Stamps of the files that were there when the folder was listed.
    pub listed: Option<&'a PathMap<SitePath, Stamp>>,
    /// Bytes of the files that were written after that.
    pub written: Option<&'a PathMap<SitePath, u64>>,
    /// What files look like that were decoded.
    pub looks: Option<&'a BTreeMap<SitePath, KnownLook>>,
}

impl<'a> Snapshot<'a> {
    /// The size of a variant in bytes, or `None` if it does not exist.
    pub fn size(&self, path: &SitePath) -> Option<u64> {
        let written = self.written.and_then(|written| written.get(path));
        written
            .copied()
            .or_else(|| Some(self.listed?.get(path)?.bytes))
    }

    /// Whether a variant exists.
    pub fn exists(&self, path: &SitePath) -> bool {
        self.size(path).is_some()
    }

    /// What a variant looks like, if it was decoded.
    pub fn look(&self, path: &SitePath) -> Option<&'a Appearance> {
        self.looks?.get(path)?.look.as_ref()
    }
}
