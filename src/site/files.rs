//! What generators may read of a site's folder.

use super::kind::Kind;
use super::root::Root;
use crate::generator::{Files, Name};
use crate::path::SitePath;

impl Files for Root {
    fn text(&self, path: &SitePath) -> Option<String> {
        self.read_text(path).ok().flatten()
    }

    fn has_file(&self, path: &SitePath) -> bool {
        self.is_file(path.as_str())
    }

    fn has_folder(&self, path: &SitePath) -> bool {
        self.is_dir(path.as_str())
    }

    fn names(&self, folder: &SitePath) -> Vec<Name> {
        let listed = self.list(folder).unwrap_or_default();
        let names = listed.names.into_iter();
        names
            .map(|(name, kind)| {
                let is_folder = match kind {
                    Kind::Folder => true,
                    Kind::Link => self.has_folder(&folder.child(&name)),
                    Kind::File | Kind::Other => false,
                };
                Name { name, is_folder }
            })
            .collect()
    }
}
