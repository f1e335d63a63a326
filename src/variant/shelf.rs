//! Which variants stand: complete files under their names.

use std::collections::HashMap;

use super::complete;
use crate::plan::{Wanted, is_variant_name};
use crate::record::Record;
use crate::site::{Site, SiteError, SitePath, Stamp};

/// Proof that every file that a record names stood complete on disk when it was made. Only this
/// module can make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing(());

/// The variants that stand, with their sizes in bytes.
#[derive(Debug, Default)]
pub struct Shelf {
    sizes: HashMap<SitePath, u64>,
    stamps: HashMap<SitePath, Stamp>,
    /// Files under a variant's name that are shorter or longer than they say, with their sizes.
    incomplete: HashMap<SitePath, u64>,
    /// Temporary files that a run has left behind.
    pub leftovers: Vec<SitePath>,
}

/// The variants that one place wants of one original, all of them standing.
#[derive(Clone, Copy, Debug)]
pub struct VariantSet<'s> {
    wanted: &'s Wanted,
    shelf: &'s Shelf,
}

impl Shelf {
    /// Looks at the files in the output folder. A file whose stamp is `known` was looked into
    /// before; of any other the container's own length must agree with the file's.
    pub fn inspect(site: &Site, known: &HashMap<SitePath, Stamp>) -> Result<Shelf, SiteError> {
        let found = site.root.files_below(&site.output_folder())?;
        let mut shelf = Shelf {
            leftovers: found.leftovers,
            ..Shelf::default()
        };
        for (path, stamp) in found.files {
            if !is_variant_name(path.name()) {
                continue;
            }
            let is_known = known.get(&path) == Some(&stamp);
            if is_known || complete::is_complete(site, &path, stamp.bytes) {
                shelf.sizes.insert(path.clone(), stamp.bytes);
                shelf.stamps.insert(path, stamp);
            } else {
                shelf.incomplete.insert(path, stamp.bytes);
            }
        }
        Ok(shelf)
    }

    pub fn stands(&self, path: &SitePath) -> bool {
        self.sizes.contains_key(path)
    }

    pub fn size(&self, path: &SitePath) -> Option<u64> {
        self.sizes.get(path).copied()
    }

    /// The stamps of the files that were looked at.
    pub fn stamps(&self) -> &HashMap<SitePath, Stamp> {
        &self.stamps
    }

    /// Every file under a variant's name with its size, complete or not, in no order.
    pub fn files(&self) -> impl Iterator<Item = (&SitePath, u64)> {
        let files = self.sizes.iter().chain(&self.incomplete);
        files.map(|(path, bytes)| (path, *bytes))
    }

    /// Puts a file on the shelf that has just been written.
    pub(super) fn put(&mut self, path: SitePath, bytes: u64) {
        self.incomplete.remove(&path);
        self.sizes.insert(path, bytes);
    }

    /// The set of what is wanted, if all of it stands.
    pub fn set<'s>(&'s self, wanted: &'s Wanted) -> Option<VariantSet<'s>> {
        let is_decided = wanted.open_ladders().next().is_none();
        let stands = wanted.specs().all(|spec| self.stands(&spec.path));
        (is_decided && stands).then_some(VariantSet {
            wanted,
            shelf: self,
        })
    }
}

impl VariantSet<'_> {
    /// The record for a reference of that value.
    pub fn record(&self, value: &str) -> Record<Standing> {
        let content = self.wanted.content(value, &|path| self.shelf.size(path));
        Record::new(content, Standing(()))
    }
}
