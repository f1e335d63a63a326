//! Access to the files that detection and conventions may read, without the rest of the disk.

use crate::path::SitePath;

/// Read access to the files of a folder.
///
/// Generators see a site through this trait only, so that they can be tested without a disk.
pub trait Files {
    /// Returns the text of a file; `None` if it does not exist or cannot be read.
    fn text(&self, path: &SitePath) -> Option<String>;

    fn has_file(&self, path: &SitePath) -> bool;

    fn has_folder(&self, path: &SitePath) -> bool;

    /// Returns the entries of a folder, sorted by name; empty if it does not exist or cannot be
    /// read.
    fn names(&self, folder: &SitePath) -> Vec<Name>;

    /// Returns the text of an article, like [`Self::text`]. It is not part of the configuration, so
    /// that nothing depends on whether it can be read.
    fn article(&self, path: &SitePath) -> Option<String> {
        self.text(path)
    }

    /// Returns the entries of a folder of articles or images, like [`Self::names`].
    fn content(&self, folder: &SitePath) -> Vec<Name> {
        self.names(folder)
    }
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub name: String,
    /// Whether the entry is a folder, or a link to one.
    pub is_folder: bool,
}

/// A sub-folder, seen as a separate site.
pub(super) struct Below<'f> {
    pub files: &'f dyn Files,
    pub folder: SitePath,
}

impl Below<'_> {
    fn path(&self, path: &SitePath) -> SitePath {
        if path.is_root() {
            self.folder.clone()
        } else {
            self.folder.child(path.as_str())
        }
    }
}

impl Files for Below<'_> {
    fn text(&self, path: &SitePath) -> Option<String> {
        self.files.text(&self.path(path))
    }

    fn has_file(&self, path: &SitePath) -> bool {
        self.files.has_file(&self.path(path))
    }

    fn has_folder(&self, path: &SitePath) -> bool {
        self.files.has_folder(&self.path(path))
    }

    fn names(&self, folder: &SitePath) -> Vec<Name> {
        self.files.names(&self.path(folder))
    }

    fn article(&self, path: &SitePath) -> Option<String> {
        self.files.article(&self.path(path))
    }

    fn content(&self, folder: &SitePath) -> Vec<Name> {
        self.files.content(&self.path(folder))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Files in memory: paths and texts.
    pub struct Map<'f>(pub &'f [(&'f str, &'f str)]);

    impl Files for Map<'_> {
        fn text(&self, path: &SitePath) -> Option<String> {
            let mut files = self.0.iter();
            let (_, text) = files.find(|(name, _)| *name == path.as_str())?;
            Some((*text).to_owned())
        }

        fn has_file(&self, path: &SitePath) -> bool {
            self.0.iter().any(|(name, _)| *name == path.as_str())
        }

        fn has_folder(&self, path: &SitePath) -> bool {
            !self.names(path).is_empty()
        }

        fn names(&self, folder: &SitePath) -> Vec<Name> {
            let below = |name: &str| -> Option<Name> {
                let path = SitePath::normalise(name)?;
                let below = path.below(folder.as_str())?;
                Some(match below.split_once('/') {
                    Some((name, _)) => Name {
                        name: name.to_owned(),
                        is_folder: true,
                    },
                    None => Name {
                        name: below.to_owned(),
                        is_folder: false,
                    },
                })
            };
            let mut names: Vec<Name> = self.0.iter().filter_map(|(name, _)| below(name)).collect();
            names.sort_by(|a, b| a.name.cmp(&b.name));
            names.dedup();
            names
        }
    }
}
