//! Gives generators access to the files of a site, and remembers files that could not be read.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;

use super::error::{Operation, SiteError};
use super::kind::Kind;
use super::root::Root;
use crate::generator::{Files, Name};
use crate::path::SitePath;

impl Files for Root {
    fn text(&self, path: &SitePath) -> Option<String> {
        self.read_text(path).ok().flatten()
    }

    /// Also true for a file that cannot be read, such as a link that leads out of the site: reading
    /// it reports why.
    fn has_file(&self, path: &SitePath) -> bool {
        let is_special = || match self.stamp(path) {
            Ok(_) => !self.has_folder(path),
            Err(error) => !error.is_missing() && self.exists(path),
        };
        self.is_file(path.as_str()) || !path.extension().is_empty() && is_special()
    }

    fn has_folder(&self, path: &SitePath) -> bool {
        self.is_dir(path.as_str())
    }

    fn names(&self, folder: &SitePath) -> Vec<Name> {
        names(self, folder).unwrap_or_default()
    }
}

fn names(root: &Root, folder: &SitePath) -> io::Result<Vec<Name>> {
    let names = root.list(folder)?.names.into_iter();
    let names = names.map(|(name, kind)| {
        let is_folder = match kind {
            Kind::Folder => true,
            Kind::Link => root.has_folder(&folder.child(&name)),
            Kind::File | Kind::Pipe | Kind::Socket | Kind::Device => false,
        };
        Name { name, is_folder }
    });
    Ok(names.collect())
}

/// Reads files for a generator, and remembers which of them exist but cannot be read: if the
/// generator's configuration could not be read, its defaults would choose other articles.
pub struct CheckedFiles<'r> {
    root: &'r Root,
    unreadable: RefCell<BTreeMap<SitePath, SiteError>>,
}

impl<'r> CheckedFiles<'r> {
    pub fn new(root: &'r Root) -> Self {
        CheckedFiles {
            root,
            unreadable: RefCell::default(),
        }
    }

    /// The files and folders that could not be read, and why.
    pub fn unreadable(self) -> BTreeMap<SitePath, SiteError> {
        self.unreadable.into_inner()
    }

    fn note(&self, path: &SitePath, error: SiteError) {
        self.unreadable.borrow_mut().insert(path.clone(), error);
    }
}

impl Files for CheckedFiles<'_> {
    fn text(&self, path: &SitePath) -> Option<String> {
        match self.root.read_text(path) {
            Ok(text) => text,
            Err(error) => {
                // The error may mean that a parent of the path is a file; then the path does not
                // exist.
                if self.root.exists(path) {
                    self.note(path, error);
                }
                None
            }
        }
    }

    fn has_file(&self, path: &SitePath) -> bool {
        self.root.has_file(path)
    }

    fn has_folder(&self, path: &SitePath) -> bool {
        self.root.has_folder(path)
    }

    fn names(&self, folder: &SitePath) -> Vec<Name> {
        names(self.root, folder).unwrap_or_else(|error| {
            if self.root.has_folder(folder) {
                self.note(folder, SiteError::io(Operation::Read, folder)(error));
            }
            Vec::new()
        })
    }

    fn article(&self, path: &SitePath) -> Option<String> {
        self.root.text(path)
    }

    fn content(&self, folder: &SitePath) -> Vec<Name> {
        names(self.root, folder).unwrap_or_default()
    }
}
