//! Finds compressed text files. The variants that a compressed text names cannot be seen.

use std::collections::HashSet;

use crate::path::SitePath;

/// File extensions of compressed files: the formats that servers send, and others for single files.
const FORMATS: [&str; 5] = ["gz", "br", "zst", "bz2", "xz"];

/// File extensions of texts that may name images.
const TEXTS: [&str; 26] = [
    "atom",
    "cjs",
    "css",
    "csv",
    "htm",
    "html",
    "js",
    "json",
    "jsonl",
    "liquid",
    "map",
    "markdown",
    "md",
    "mdx",
    "mjs",
    "njk",
    "php",
    "rss",
    "svg",
    "toml",
    "txt",
    "webmanifest",
    "xhtml",
    "xml",
    "yaml",
    "yml",
];

/// Returns the first compressed text that has no plain copy beside it. Files in `node_modules` and
/// in hidden folders do not count: they belong to packages and caches, not to the site.
pub(super) fn compressed<'f>(
    files: impl Iterator<Item = &'f SitePath> + Clone,
) -> Option<&'f SitePath> {
    let plain: Vec<(&SitePath, SitePath)> = files
        .clone()
        .filter_map(|path| Some((path, plain(path)?)))
        .collect();
    if plain.is_empty() {
        return None;
    }
    let all: HashSet<&SitePath> = files.collect();
    let mut plain = plain.into_iter();
    plain.find_map(|(path, plain)| (!all.contains(&plain)).then_some(path))
}

/// Returns the path that the plain copy of a compressed text would have; `None` for other files.
fn plain(path: &SitePath) -> Option<SitePath> {
    let (inner, format) = path.name().rsplit_once('.')?;
    let inner = match format.to_ascii_lowercase().as_str() {
        "svgz" => format!("{inner}.svg"),
        format if FORMATS.contains(&format) => inner.to_owned(),
        _ => return None,
    };
    let (_, extension) = inner.rsplit_once('.')?;
    let is_text = TEXTS.contains(&extension.to_ascii_lowercase().as_str());
    let parent = path.parent();
    let mut folders = parent.as_str().split('/');
    let is_foreign = folders.any(|folder| folder == "node_modules" || folder.starts_with('.'));
    (is_text && !is_foreign).then(|| parent.child(&inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_without_a_plain_copy_are_named() {
        for (files, expected) in [
            (&["a/x.html.gz", "a/x.html"][..], None),
            (&["a/x.html.gz", "x.html"], Some("a/x.html.gz")),
            (&["x.svgz", "x.svg"], None),
            (&["x.svgz"], Some("x.svgz")),
            (&["x.CSS.BR"], Some("x.CSS.BR")),
            (
                &["a.zip", "a.tar.gz", "a.tgz", "a.gz", "a.jpg.xz", "gz"],
                None,
            ),
            (&["node_modules/a/x.json.gz", ".cache/x.js.zst"], None),
        ] {
            let files: Vec<SitePath> = files
                .iter()
                .map(|path| SitePath::normalise(path).unwrap())
                .collect();
            let found = compressed(files.iter());
            assert_eq!(found.map(SitePath::as_str), expected, "{files:?}");
        }
    }
}
