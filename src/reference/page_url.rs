//! The URL of a page, as far as its front matter sets it. The files of the page's bundle are
//! published below this URL.

use serde::{Deserialize, Serialize};

use crate::generator::Templates;
use crate::tree::Tree;

/// URL setting in the front matter of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageUrl {
    /// Folder of the whole URL, without slashes around it: Hugo's `url`, Zola's `path`.
    Whole(Box<str>),
    /// Name that replaces the one of the bundle's folder: `slug`.
    Slug(Box<str>),
}

impl PageUrl {
    /// Reads the URL setting of a front matter. A whole URL takes precedence over a slug.
    pub(crate) fn of(tree: &Tree<'_>, templates: Templates) -> Option<Self> {
        let whole = match templates {
            Templates::Go => "url",
            Templates::Tera => "path",
            _ => return None,
        };
        let root = tree.root()?;
        let text = |name: &str| {
            let mut entries = tree.entries(root).iter();
            let is_meant = |key: &str| key.eq_ignore_ascii_case(name);
            let entry = entries.rfind(|entry| tree.key(entry).is_some_and(is_meant))?;
            let text = tree.text(entry.value)?.trim();
            (!text.trim_matches('/').is_empty()).then(|| text.to_owned())
        };
        if let Some(url) = text(whole) {
            // To Hugo, `trips/a.html` is a file in the folder `trips`, `trips/v1.2/` a folder. Zola
            // adds the slash at the end.
            let is_file = |name: &str| templates == Templates::Go && name.contains('.');
            let folder = match url.rsplit_once('/') {
                Some((folder, name)) if is_file(name) => folder,
                None if is_file(&url) => "",
                _ => url.as_str(),
            };
            return Some(PageUrl::Whole(folder.trim_matches('/').into()));
        }
        text("slug").map(|slug| PageUrl::Slug(slug.trim_matches('/').into()))
    }
}
