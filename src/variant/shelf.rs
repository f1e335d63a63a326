//! Which variants stand: complete files under their names.

use std::collections::HashMap;

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
            if is_known || is_complete(site, &path, stamp.bytes) {
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
        let stands = wanted.specs().iter().all(|spec| self.stands(&spec.path));
        stands.then_some(VariantSet {
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

/// Whether a WebP is as long as its own header says (RFC 9649, section 2.4).
fn is_complete(site: &Site, path: &SitePath, bytes: u64) -> bool {
    let Ok(header) = site.root.read_start(path, 12) else {
        return false;
    };
    riff_length(&header) == Some(bytes)
}

fn riff_length(header: &[u8]) -> Option<u64> {
    if header.get(..4) != Some(b"RIFF") || header.get(8..12) != Some(b"WEBP") {
        return None;
    }
    let size = u32::from_le_bytes(header.get(4..8)?.try_into().ok()?);
    // The field counts what follows it, and a chunk's padding with it.
    Some(u64::from(size) + 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_tells_its_own_length() {
        assert_eq!(riff_length(b"RIFF\x04\0\0\0WEBP"), Some(12));
        assert_eq!(
            riff_length(b"RIFF\xff\xff\xff\xffWEBP"),
            Some((1 << 32) + 7)
        );
        assert_eq!(riff_length(b"RIFX\x04\0\0\0WEBP"), None);
        assert_eq!(riff_length(b"RIFF\x04\0"), None);
        assert_eq!(riff_length(b""), None);
    }
}
