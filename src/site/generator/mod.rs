//! What each site generator does with a site's folders, one file a generator.

mod astro;
mod eleventy;
mod hugo;
mod jekyll;
mod none;
mod settings;
mod zola;

use crate::config::{Generator, Output, UploadFolder};
use crate::finding::Finding;

use super::root::Root;
use super::walk::Filter;
use crate::path::SitePath;

/// How a generator reads a site: where articles are, what URLs mean, where variants go.
pub struct Conventions {
    pub generator: Generator,
    /// The generator's own configuration files: the first that exists is read.
    pub settings: &'static [&'static str],
    pub dialect: Dialect,
    pub templates: Templates,
    /// The root key that holds the list of records, where it is not the root itself.
    pub list_parent: Option<&'static str>,
    /// A page without front matter is no page (Jekyll copies it as it is).
    pub needs_front_matter: bool,
    /// Folders that hold the articles.
    pub starts: Vec<SitePath>,
    pub filter: Box<dyn Filter + Send + Sync>,
    /// Where a URL's path leads, in the order in which they are tried.
    pub uploads: Vec<UploadFolder>,
    /// What a relative reference is relative to, in the order in which they are tried.
    pub relative: Vec<RelativeTo>,
    pub output: Output,
    /// Of the folders of uploads, those that are not published as they lie.
    pub unpublished: Vec<SitePath>,
    /// Where templates lie that may show a record.
    pub templates_in: Vec<SitePath>,
    /// Folders that the generator writes, which say what the articles said at its last run.
    pub destination: SitePath,
    /// Hosts of the site's own absolute URLs, in lower case.
    pub hosts: Vec<String>,
    /// The path that the site is published under, such as `/blog`; empty at a host's root.
    pub base_path: String,
}

/// What a generator takes for front matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// `...` closes YAML front matter too (Jekyll).
    pub dots_close: bool,
    /// `+++` lines around TOML.
    pub toml: bool,
    /// A JSON object at the very start.
    pub json: bool,
    /// A line that ends in the delimiter may close front matter (Zola).
    pub closes_at_line_end: bool,
    /// Blank lines may stand before the first delimiter.
    pub leading_blanks: bool,
    /// A page that begins with a byte order mark is not read (Jekyll).
    pub bom_hides: bool,
    /// Bytes that a front matter may have.
    pub limit: usize,
}

/// The template language in a generator's articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Templates {
    /// Jekyll: `{{ … }}`, `{% … %}`; Markdown by kramdown.
    Liquid,
    /// Eleventy: Liquid or Nunjucks, with `{# … #}`.
    Nunjucks,
    /// Zola: `{{ … }}`, `{% … %}`, `{# … #}`.
    Tera,
    /// Hugo shortcodes: `{{< … >}}`, `{{% … %}}`, `{{/* … */}}`.
    Go,
    /// None: braces are text.
    Plain,
}

/// Where a reference without a leading slash may lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelativeTo {
    /// The article's own folder.
    Article,
    /// The article's own folder, where its page keeps it: in Jekyll, outside the folders whose
    /// names begin with `_`. Elsewhere only to say in a finding that the file is there: the page's
    /// URL is another one.
    Page,
    Folder(SitePath),
}

/// The generator that a folder's files speak of; none if none is recognised.
pub fn detect(root: &Root) -> Option<Generator> {
    let found = [
        (Generator::Jekyll, jekyll::is_here(root)),
        (Generator::Zola, zola::is_here(root)),
        (Generator::Hugo, hugo::is_here(root)),
        (Generator::Astro, astro::is_here(root)),
        (Generator::Eleventy, eleventy::is_here(root)),
    ];
    found
        .into_iter()
        .find_map(|(generator, is_here)| is_here.then_some(generator))
}

/// The generator that a folder's content points to, where no configuration of one is there: what
/// its packages name, or folders that only it has.
pub fn guess(root: &Root) -> Option<Generator> {
    let packages = root.read_text(&folder("package.json")).ok().flatten();
    let packages = packages.unwrap_or_default();
    let found = [
        (Generator::Astro, astro::is_likely(root, &packages)),
        (Generator::Eleventy, eleventy::is_likely(root, &packages)),
    ];
    found
        .into_iter()
        .find_map(|(generator, is_likely)| is_likely.then_some(generator))
}

/// The conventions of a generator in this folder. What its own configuration says wrong becomes a
/// finding, and its defaults hold.
pub fn conventions(generator: Generator, root: &Root, limit: usize) -> (Conventions, Vec<Finding>) {
    let mut findings = Vec::new();
    let conventions = match generator {
        Generator::Jekyll => jekyll::conventions(root, limit, &mut findings),
        Generator::Hugo => hugo::conventions(root, limit, &mut findings),
        Generator::Eleventy => eleventy::conventions(root, limit),
        Generator::Zola => zola::conventions(root, limit, &mut findings),
        Generator::Astro => astro::conventions(root, limit),
        Generator::Auto | Generator::None => none::conventions(limit),
    };
    (conventions, findings)
}

/// A folder of the conventions, with or without slashes around it.
fn folder(path: &str) -> SitePath {
    SitePath::normalise(path.trim_start_matches('/')).unwrap_or_default()
}

/// A folder that a configuration names; the default where it names none, or one outside the site.
fn folder_or(configured: Option<String>, default: &str) -> SitePath {
    configured
        .and_then(|path| SitePath::normalise(path.trim_start_matches('/')))
        .unwrap_or_else(|| folder(default))
}

fn uploads(url: &str, dir: &str) -> Option<UploadFolder> {
    Some(UploadFolder {
        url: url.to_owned().try_into().ok()?,
        dir: dir.to_owned().try_into().ok()?,
    })
}

fn output(dir: &str, url: &str) -> Output {
    Output {
        dir: dir.to_owned().try_into().unwrap_or_else(|_| default_dir()),
        url: url.to_owned().try_into().unwrap_or_else(|_| default_url()),
    }
}

fn default_dir() -> crate::config::FolderPath {
    "uploads/variants"
        .to_owned()
        .try_into()
        .expect("a folder within the site")
}

fn default_url() -> crate::config::UrlPrefix {
    "/uploads/variants/"
        .to_owned()
        .try_into()
        .expect("a URL path")
}

/// The host and the path of an absolute URL: `https://a.org/blog/` → (`a.org`, `/blog`).
fn split_url(url: &str) -> (Option<String>, String) {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    match rest {
        Some(rest) => {
            let (host, path) = rest
                .find('/')
                .map_or((rest, ""), |slash| rest.split_at(slash));
            let host = host.to_ascii_lowercase();
            (
                Some(host).filter(|host| !host.is_empty()),
                path.trim_end_matches('/').to_owned(),
            )
        }
        None => (None, url.trim_end_matches('/').to_owned()),
    }
}

/// Whether a path is `folder` or lies in it.
fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Extensions of pages in Markdown.
const MARKDOWN: [&str; 7] = ["md", "markdown", "mkd", "mkdn", "mkdown", "mdx", "mdoc"];
/// Extensions of pages in HTML.
const HTML: [&str; 3] = ["html", "htm", "xhtml"];

/// Extensions of files that hold no text of an author's.
const BINARY: [&str; 40] = [
    "png", "jpg", "jpeg", "jpe", "gif", "webp", "avif", "svg", "bmp", "tif", "tiff", "ico", "heic",
    "jxl", "pdf", "zip", "gz", "tar", "7z", "mp3", "mp4", "m4a", "webm", "ogg", "wav", "mov",
    "avi", "woff", "woff2", "ttf", "otf", "eot", "doc", "docx", "xls", "xlsx", "odt", "ods", "ppt",
    "pptx",
];

/// Whether a file is none that an author writes text in, by its name.
pub fn is_binary(path: &SitePath) -> bool {
    BINARY.contains(&path.extension().as_str())
}

fn is_page(path: &SitePath, more: &[&str]) -> bool {
    let extension = path.extension();
    [&MARKDOWN[..], &HTML[..], more]
        .iter()
        .any(|known| known.contains(&extension.as_str()))
}
