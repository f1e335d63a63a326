//! Finds images in the bundles of other pages, whose URLs need not be those of their folders.

use super::candidates::{Attempts, in_url, is_numbered, without_dots, without_query};
use crate::generator::Templates;
use crate::path::{Lookup, SitePath, decode_percent};
use crate::reference::PageUrl;

impl Attempts<'_> {
    /// Returns the file that a path such as `../page/a.svg` refers to from the page's URL, if the
    /// folder of the other page has a number or a date before that name. Zola removes a date from
    /// the URL; a number is left out if the front matter sets the URL by `path` or `slug`. The
    /// other page may be in any folder above the article.
    pub(super) fn in_other_bundle(&self, value: &str) -> Option<SitePath> {
        let is_zola = self.conventions.dialect.templates == Templates::Tera;
        if !is_zola || !value.starts_with("../") || !self.is_resolved_by_browser() {
            return None;
        }
        let bare = without_query(value);
        let form = decode_percent(bare).unwrap_or_else(|| bare.to_owned());
        let (page, file) = without_dots(&form).split_once('/')?;
        let is_page = |name: &str| {
            let has_end = |name: &str| name.strip_suffix(page).is_some_and(is_numbered);
            has_end(name) || has_end(&in_url(name))
        };
        let mut folder = self.article.parent();
        while self.is_in_content(&folder) {
            folder = folder.parent();
            for name in self.files.names(&folder, &is_page) {
                let path = SitePath::normalise(&format!("{folder}/{name}/{file}"))?;
                if let Lookup::File(path) = self.files.look_up(&path) {
                    return Some(path);
                }
            }
        }
        None
    }

    /// Returns the file that a URL refers to, if it is in the bundle of a page whose front matter
    /// sets its URL.
    pub(super) fn in_named_page(&self, value: &str) -> Option<SitePath> {
        let templates = self.conventions.dialect.templates;
        let has_bundles = matches!(templates, Templates::Go | Templates::Tera);
        if !has_bundles || !self.is_resolved_by_browser() {
            return None;
        }
        let bare = without_query(value);
        let form = decode_percent(bare).unwrap_or_else(|| bare.to_owned());
        let mut segments: Vec<String> = match (form.starts_with('/'), self.page_url) {
            (true, _) => Vec::new(),
            (false, Some(PageUrl::Whole(url))) => url.split('/').map(str::to_owned).collect(),
            (false, _) => self.page_folder().split('/').map(str::to_owned).collect(),
        };
        for segment in form.split('/') {
            match segment {
                "" | "." => {}
                ".." => drop(segments.pop()),
                name => segments.push(name.to_owned()),
            }
        }
        let mut ends = (0..segments.len()).rev();
        ends.find_map(|end| {
            let folder = self.files.page_folder(&segments[..end].join("/"))?;
            let rest = segments[end..].join("/");
            let path = SitePath::normalise(&format!("{folder}/{rest}"))?;
            match self.files.look_up(&path) {
                Lookup::File(path) => Some(path),
                _ => None,
            }
        })
    }

    /// Whether a folder is below an articles folder.
    fn is_in_content(&self, folder: &SitePath) -> bool {
        let mut starts = self.conventions.starts.iter();
        starts.any(|start| {
            folder
                .below(start.as_str())
                .is_some_and(|below| !below.is_empty())
        })
    }
}
