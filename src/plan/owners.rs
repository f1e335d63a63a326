//! Assigns file names to originals: variants of different originals must not overwrite each other.

use crate::finding::{Code, Finding};
use crate::original::Original;
use crate::path::{PathMap, SitePath};

/// The original that each file name belongs to. Originals with different bytes must not share a
/// name.
#[derive(Default)]
pub(super) struct NameOwners<'o> {
    owners: PathMap<SitePath, &'o Original>,
    pub clashes: Vec<Finding>,
}

impl<'o> NameOwners<'o> {
    /// Claims a name. Returns whether it belongs to this original, or to one with the same bytes.
    pub fn claim(&mut self, name: &SitePath, original: &'o Original) -> bool {
        let owner = *self.owners.entry(name.clone()).or_insert(original);
        let is_own = owner.digest == original.digest;
        if !is_own {
            self.clashes.push(
                Finding::new(
                    Code::NameClash,
                    format!(
                        "its variants would get the same file names as those of `{}`",
                        owner.path
                    ),
                )
                .in_file(original.path.as_str()),
            );
        }
        is_own
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::info::{Digest, ImageInfo};
    use crate::picture::units::Dimensions;

    #[test]
    fn a_name_belongs_to_the_bytes_that_took_it_first() {
        let original = |path: &str, bytes: &[u8]| Original {
            path: SitePath::normalise(path).unwrap(),
            digest: Digest::of(bytes),
            bytes: 1,
            info: ImageInfo::Vector {
                dimensions: Dimensions {
                    width: 1,
                    height: 1,
                },
            },
        };
        let name = SitePath::normalise("v/a-320.0123456789.webp").unwrap();
        let first = original("a.png", b"1");
        let copy = original("copy-of-a.png", b"1");
        let other = original("b.png", b"2");
        let mut names = NameOwners::default();
        assert!(names.claim(&name, &first));
        assert!(names.claim(&name, &copy));
        assert!(!names.claim(&name, &other));
        let shown: Vec<String> = names.clashes.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "b.png: its variants would get the same file names as those of `a.png` – hint: rename one of the two files"
            ]
        );
    }
}
