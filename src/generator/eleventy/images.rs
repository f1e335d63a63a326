//! Chooses the folder that variants go to, among several that Eleventy copies: the one whose images
//! the articles name.

use super::super::Files;
use super::super::places::{is_within, output, within};
use crate::path::SitePath;
use crate::published::{Output, UploadFolder, is_variant_name};

/// Maximum number of articles that are read, and of folders that are listed.
const MOST_FILES: usize = 5_000;
/// Maximum number of bytes of these articles.
const MOST_BYTES: usize = 64 << 20;
/// Maximum number of images that are looked for.
const MOST_IMAGES: usize = 10_000;
/// Ends of the paths of images.
const EXTENSIONS: [&str; 7] = [".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif", ".svg"];

/// Returns the folder of variants in a folder that is copied, and its URL.
pub(super) fn variants_in(copied: &UploadFolder) -> Output {
    let (dir, url) = (copied.dir.as_str(), copied.url.as_str());
    match url {
        // Published at the root: use a folder of our own below it.
        "/" => output(&format!("{dir}/uploads/variants"), "/uploads/variants/"),
        _ => output(&format!("{dir}/variants"), &format!("{url}variants/")),
    }
}

/// The articles of a site, as far as the configuration shows where they are.
pub(super) struct Articles<'f> {
    pub input: &'f SitePath,
    pub enters: &'f dyn Fn(&SitePath) -> bool,
    pub takes: &'f dyn Fn(&SitePath) -> bool,
}

/// Returns the index of the folder that variants go to, of several in the order of the
/// configuration.
///
/// It is the first one that has variants already, or that an article has records of, so that no
/// record changes. Otherwise, it is the one with most of the images that articles name, and the
/// first one if they name none.
pub(super) fn choose(
    copied: &[&UploadFolder],
    articles: &Articles<'_>,
    files: &dyn Files,
) -> Option<usize> {
    if copied.len() < 2 {
        return (!copied.is_empty()).then_some(0);
    }
    let has_variants = |copied: &&UploadFolder| {
        let dir = SitePath::normalise(variants_in(copied).dir.as_str());
        dir.is_some_and(|dir| holds_variants(&dir, files))
    };
    if let Some(own) = copied.iter().position(has_variants) {
        return Some(own);
    }
    let mut named = vec![0usize; copied.len()];
    let mut looked_for = 0;
    let mut bytes = 0;
    for article in read(articles, files) {
        bytes += article.len();
        if bytes > MOST_BYTES {
            break;
        }
        for path in paths(&article) {
            let of_variants = |copied: &&UploadFolder| {
                path.starts_with(variants_in(copied).url.as_str())
                    && is_variant_name(path.rsplit('/').next().unwrap_or_default())
            };
            if let Some(recorded) = copied.iter().position(of_variants) {
                return Some(recorded);
            }
            looked_for += 1;
            if looked_for <= MOST_IMAGES
                && let Some(folder) = folder_of(path, copied, articles.input, files)
            {
                named[folder] += 1;
            }
        }
    }
    let most = named.iter().max().copied().unwrap_or_default();
    named.iter().position(|count| *count == most)
}

/// Whether a folder contains a variant, directly or in the folders in it.
fn holds_variants(dir: &SitePath, files: &dyn Files) -> bool {
    let mut folders = vec![dir.clone()];
    let mut listed = 0;
    while let Some(folder) = folders.pop() {
        listed += 1;
        if listed > MOST_FILES {
            break;
        }
        for entry in files.content(&folder) {
            if entry.is_folder {
                folders.push(folder.child(&entry.name));
            } else if is_variant_name(&entry.name) {
                return true;
            }
        }
    }
    false
}

/// Returns the texts of the articles, in the order of their paths.
fn read<'f>(articles: &'f Articles<'_>, files: &'f dyn Files) -> impl Iterator<Item = String> + 'f {
    let mut folders = vec![articles.input.clone()];
    let mut found = Vec::new();
    let mut listed = 0;
    while let Some(folder) = folders.pop() {
        listed += 1;
        if listed > MOST_FILES || found.len() >= MOST_FILES {
            break;
        }
        for entry in files.content(&folder) {
            let path = folder.child(&entry.name);
            if entry.is_folder && entry.name != "node_modules" && (articles.enters)(&path) {
                folders.push(path);
            } else if !entry.is_folder && (articles.takes)(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    found.truncate(MOST_FILES);
    found.into_iter().filter_map(|path| files.article(&path))
}

/// Returns the parts of a text that look like paths to images.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    let is_between = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '"' | '\'' | '(' | ')' | '<' | '>' | ',' | '[' | ']' | '='
            )
    };
    text.split(is_between).filter(|word| {
        let path = word.split(['?', '#']).next().unwrap_or_default();
        EXTENSIONS.iter().any(|extension| {
            let start = path.len().checked_sub(extension.len());
            let end = start.map(|start| &path.as_bytes()[start..]);
            end.is_some_and(|end| end.eq_ignore_ascii_case(extension.as_bytes()))
        })
    })
}

/// Returns the index of the folder with an image.
fn folder_of(
    path: &str,
    copied: &[&UploadFolder],
    input: &SitePath,
    files: &dyn Files,
) -> Option<usize> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if !path.starts_with('/') {
        let relative = path.trim_start_matches("../").trim_start_matches("./");
        let file = within(input, relative);
        let is_in = |copied: &&UploadFolder| {
            let dir = SitePath::normalise(copied.dir.as_str());
            dir.is_some_and(|dir| is_within(&file, &dir))
        };
        return copied
            .iter()
            .position(is_in)
            .filter(|_| files.has_file(&file));
    }
    let has_it = |copied: &&UploadFolder| {
        let below = path.strip_prefix(copied.url.as_str());
        let file = below
            .and_then(|below| SitePath::normalise(&format!("{}/{below}", copied.dir.as_str())));
        file.is_some_and(|file| files.has_file(&file))
    };
    copied.iter().position(has_it)
}
