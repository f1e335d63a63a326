//! Access to the files of the site, for resolving references.

use super::pages::Pages;
use crate::path::{Lookup, SitePath};
use crate::project::Site;
use crate::reference::Files;
use crate::site::Listings;

/// Files below the site's root, looked up in the folders that were listed in this run.
pub(super) struct SiteFiles<'s> {
    pub site: &'s Site,
    pub listings: &'s Listings,
    pub pages: &'s Pages<'s>,
}

impl Files for SiteFiles<'_> {
    fn look_up(&self, path: &SitePath) -> Lookup {
        self.listings.look_up(&self.site.root, path)
    }

    fn known(&self, value: &str) -> Option<SitePath> {
        self.listings.file_of(value)
    }

    fn remember(&self, value: &str, file: &SitePath) {
        self.listings.remember(value, file);
    }

    fn is_output(&self, path: &SitePath) -> bool {
        self.site.is_output(path)
    }

    fn names(&self, folder: &SitePath, is_wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        self.listings.names(&self.site.root, folder, is_wanted)
    }

    fn page_folder(&self, url: &str) -> Option<SitePath> {
        self.pages.folder(url)
    }

    fn url_of(&self, path: &SitePath) -> Option<String> {
        self.site.conventions.url_of(path)
    }
}
