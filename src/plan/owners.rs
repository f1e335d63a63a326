//! Owners of file names: variants of different originals must not overwrite each other.

use crate::finding::{Code, Finding};
use crate::original::Original;
use crate::path::{PathMap, SitePath};
use crate::picture::info::Digest;

/// Which original a file name belongs to. Originals with different bytes must not share one.
#[derive(Default)]
pub(super) struct NameOwners {
    owners: PathMap<SitePath, (Digest, SitePath)>,
    pub clashes: Vec<Finding>,
}

impl NameOwners {
    /// Claims a name. Returns whether it belongs to this original, or to one with the same bytes.
    pub fn claim(&mut self, name: &SitePath, original: &Original) -> bool {
        let owner = self
            .owners
            .entry(name.clone())
            .or_insert_with(|| (original.digest, original.path.clone()));
        let is_own = owner.0 == original.digest;
        if !is_own {
            self.clashes.push(
                Finding::new(
                    Code::NameClash,
                    format!(
                        "its variants would get the same file names as those of `{}`",
                        owner.1
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
    use crate::picture::info::ImageInfo;
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
        let mut names = NameOwners::default();
        assert!(names.claim(&name, &original("a.png", b"1")));
        assert!(names.claim(&name, &original("copy-of-a.png", b"1")));
        assert!(!names.claim(&name, &original("b.png", b"2")));
        let shown: Vec<String> = names.clashes.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "b.png: its variants would get the same file names as those of `a.png` – hint: rename one of the two files"
            ]
        );
    }
}
