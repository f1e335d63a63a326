//! Finds unused uploads: images in the folders of referenced uploads, or below them, that no
//! article references and no file of the site names.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::data::SheetFile;
use crate::flow::View;
use crate::path::SitePath;
use crate::picture::format::is_image_extension;
use crate::site::ArticleFile;
use crate::survey::SurveyedArticle;

/// Maximum size in bytes of a text that is searched for names.
const LONGEST: u64 = 8 << 20;

/// Returns the unused uploads, sorted by path.
pub(super) fn unused(view: &View<'_>) -> Vec<SheetFile> {
    let articles = view.survey.articles().iter();
    let targets = articles.flat_map(SurveyedArticle::references);
    let used: BTreeSet<&SitePath> = targets.filter_map(|(_, target)| target.upload()).collect();
    let folders: BTreeSet<SitePath> = used.iter().map(|path| path.parent()).collect();
    let is_beside = |path: &SitePath| {
        let parent = path.parent();
        folders.contains(&parent)
            || folders
                .iter()
                .any(|folder| !folder.is_root() && parent.below(folder.as_str()).is_some())
    };
    let walked = view.site.walk_everything();
    let (images, texts): (Vec<_>, Vec<_>) = walked
        .candidates
        .iter()
        .partition(|file| is_image_extension(&file.path.extension()));
    let unreferenced = images.into_iter().filter(|file| {
        !used.contains(&file.path) && !view.site.is_output(&file.path) && is_beside(&file.path)
    });
    let mut unused: BTreeMap<&SitePath, u64> = unreferenced
        .map(|file| (&file.path, file.stamp.bytes))
        .collect();
    if unused.is_empty() {
        return Vec::new();
    }
    let names = Names::new(unused.keys().map(|path| path.name()));
    let root = &view.site.root;
    let named: BTreeSet<&str> = texts
        .par_iter()
        .filter(|file| is_searched(file))
        .filter_map(|file| root.read(&file.path, LONGEST).ok())
        .flat_map_iter(|(text, _)| names.found_in(&text))
        .collect();
    unused.retain(|path, _| !named.contains(path.name()));
    let unused = unused.into_iter();
    unused
        .map(|(path, bytes)| SheetFile {
            path: path.to_string(),
            bytes,
        })
        .collect()
}

/// Whether a file is searched for upload names. Third-party packages do not name them.
fn is_searched(file: &ArticleFile) -> bool {
    let mut folders = file.path.as_str().split('/');
    file.stamp.bytes <= LONGEST && !folders.any(|folder| folder == "node_modules")
}

/// Names of files to search for, grouped by extension, which includes the dot.
struct Names<'n>(BTreeMap<&'n str, Vec<&'n str>>);

impl<'n> Names<'n> {
    fn new(names: impl Iterator<Item = &'n str>) -> Self {
        let mut by_extension: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for name in names {
            if let Some(dot) = name.rfind('.') {
                by_extension.entry(&name[dot..]).or_default().push(name);
            }
        }
        Names(by_extension)
    }

    /// Returns the names that a text contains, as they are or percent-encoded.
    fn found_in(&self, text: &[u8]) -> Vec<&'n str> {
        let mut found = self.look(text);
        if text.contains(&b'%') {
            let decoded: Vec<u8> = percent_encoding::percent_decode(text).collect();
            found.extend(self.look(&decoded));
        }
        found
    }

    fn look(&self, text: &[u8]) -> Vec<&'n str> {
        let mut found = Vec::new();
        for (dot, _) in text.iter().enumerate().filter(|(_, byte)| **byte == b'.') {
            for (extension, names) in &self.0 {
                if !text[dot..].starts_with(extension.as_bytes()) {
                    continue;
                }
                let end = dot + extension.len();
                let is_named = |name: &&&str| text[..end].ends_with(name.as_bytes());
                found.extend(names.iter().filter(is_named));
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_as_they_are_and_percent_encoded() {
        let names = Names::new(["a b.jpg", "é.png", "c.jpg", "d.JPG"].into_iter());
        let found = names.found_in(b"url(../a%20b.jpg) %C3%A9.png src=d.JPG c.jpeg");
        let found: BTreeSet<&str> = found.into_iter().collect();
        assert_eq!(found, BTreeSet::from(["a b.jpg", "d.JPG", "é.png"]));
    }
}
