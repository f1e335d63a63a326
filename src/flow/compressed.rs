//! Finds compressed text files whose format is not read: the variants that they name cannot be
//! seen.

use std::collections::HashSet;

use crate::path::SitePath;

/// File extensions of compressed files: the formats that servers send, and others for single files.
/// Files that are compressed with gzip are read.
const FORMATS: [&str; 10] = [
    "br", "bz2", "bzip2", "deflate", "lz4", "lzma", "xz", "zst", "zstd", "zz",
];
/// Hidden folders that sites publish or are made from.
const OF_SITES: [&str; 3] = [".vitepress", ".vuepress", ".well-known"];

/// File extensions of texts that may name images.
const TEXTS: [&str; 61] = [
    "adoc",
    "asciidoc",
    "astro",
    "atom",
    "cjs",
    "css",
    "csv",
    "cts",
    "ejs",
    "erb",
    "haml",
    "hbs",
    "htm",
    "html",
    "ics",
    "ipynb",
    "jinja",
    "jinja2",
    "js",
    "json",
    "jsonl",
    "jsx",
    "less",
    "liquid",
    "log",
    "map",
    "markdown",
    "md",
    "mdx",
    "mjs",
    "mts",
    "mustache",
    "njk",
    "org",
    "php",
    "pug",
    "rss",
    "rst",
    "sass",
    "scss",
    "slim",
    "sql",
    "svelte",
    "svg",
    "tera",
    "tex",
    "textile",
    "toml",
    "ts",
    "tsx",
    "txt",
    "vtt",
    "vue",
    "webc",
    "webmanifest",
    "xhtml",
    "xml",
    "xsl",
    "xslt",
    "yaml",
    "yml",
];

/// Returns the first compressed text that has no plain copy beside it.
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

/// Whether a compressed file that cannot be decompressed can be left out: there is a plain copy
/// beside it, or it does not belong to the site.
pub(super) fn needs_no_reading<'f>(
    path: &SitePath,
    mut files: impl Iterator<Item = &'f SitePath>,
) -> bool {
    let name = path.name().rsplit_once('.').map(|(name, _)| name);
    let plain = name.map(|name| path.parent().child(name));
    is_foreign(path) || files.any(|file| Some(file) == plain.as_ref())
}

/// Whether a file is in `node_modules` or a hidden folder: it belongs to a package or a cache.
fn is_foreign(path: &SitePath) -> bool {
    let parent = path.parent();
    let mut folders = parent.as_str().split('/');
    folders.any(|folder| {
        folder == "node_modules" || folder.starts_with('.') && !OF_SITES.contains(&folder)
    })
}

/// Returns the path that the plain copy of a compressed text would have; `None` for other files.
fn plain(path: &SitePath) -> Option<SitePath> {
    let (inner, format) = path.name().rsplit_once('.')?;
    if !FORMATS.contains(&format.to_ascii_lowercase().as_str()) {
        return None;
    }
    let (_, extension) = inner.rsplit_once('.')?;
    let is_text = TEXTS.contains(&extension.to_ascii_lowercase().as_str());
    (is_text && !is_foreign(path)).then(|| path.parent().child(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_without_a_plain_copy_are_named() {
        for (files, expected) in [
            (&["a/x.html.br", "a/x.html"][..], None),
            (&["a/x.html.br", "x.html"], Some("a/x.html.br")),
            (&["x.html.gz", "x.svgz"], None),
            (&[".well-known/x.vue.lz4"], Some(".well-known/x.vue.lz4")),
            (&["x.CSS.BR"], Some("x.CSS.BR")),
            (
                &["a.zip", "a.tar.br", "a.txz", "a.xz", "a.jpg.xz", "br"],
                None,
            ),
            (&["node_modules/a/x.json.br", ".cache/x.js.zst"], None),
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
