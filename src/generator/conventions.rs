//! How a generator reads a site: where articles are, what URLs mean, where variants go.

use crate::path::SitePath;
use crate::published::{Output, UploadFolder};

use super::{Filter, Generator};

/// How a generator reads a site.
pub struct Conventions {
    pub generator: Generator,
    /// The files that the conventions were read from, or would be.
    pub settings: Vec<SitePath>,
    /// Folders whose every file belongs to the generator's configuration.
    pub settings_folders: Vec<SitePath>,
    pub dialect: Dialect,
    pub templates: Templates,
    pub markdown: MarkdownRules,
    /// The root key that holds the list of records, if it is not at the root itself.
    pub list_parent: Option<&'static str>,
    /// Whether the generator copies a page without front matter verbatim (Jekyll).
    pub needs_front_matter: bool,
    /// The folders that hold the articles.
    pub starts: Vec<SitePath>,
    pub filter: Box<dyn Filter + Send + Sync>,
    /// The folders that a URL's path may lead to, in the order in which they are tried.
    pub uploads: Vec<UploadFolder>,
    /// What a relative reference is relative to, in the order in which it is tried.
    pub relative: Vec<RelativeTo>,
    /// Prefixes of references that stand for a folder, such as `@/` for `src`.
    pub aliases: Vec<(String, SitePath)>,
    /// The folder of variants, and its URL.
    pub output: Output,
    /// The folders of `uploads` whose files the generator does not simply copy.
    pub unpublished: Vec<SitePath>,
    /// The folders of templates, which may show records.
    pub templates_in: Vec<SitePath>,
    /// The folder that the generator writes the site to.
    pub destination: SitePath,
    /// Hosts of the site's own absolute URLs, in lower case.
    pub hosts: Vec<String>,
    /// The path that the site is published under, such as `/blog`; empty at a host's root.
    pub base_path: String,
}

/// What a generator accepts as front matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// `...` closes YAML front matter too (Jekyll).
    pub dots_close: bool,
    /// TOML between `+++` lines.
    pub toml: bool,
    /// A JSON object at the very start.
    pub json: bool,
    /// The closing delimiter may be the end of a longer line (Zola).
    pub closes_at_line_end: bool,
    /// Blank lines may precede the first delimiter.
    pub leading_blanks: bool,
    /// A page that begins with a byte order mark is not read (Jekyll).
    pub bom_hides: bool,
    /// The largest front matter that is read, in bytes.
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
    /// Braces are text.
    Plain,
}

/// How a generator's Markdown differs from CommonMark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MarkdownRules {
    /// Lines indented by four spaces are code; Eleventy switches that off.
    pub indented_code: bool,
    /// Markdown within HTML blocks is read (kramdown's `parse_block_html`).
    pub block_html: bool,
}

impl Default for MarkdownRules {
    fn default() -> Self {
        MarkdownRules {
            indented_code: true,
            block_html: false,
        }
    }
}

/// Where a reference without a leading slash may lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelativeTo {
    /// The article's own folder.
    Article,
    /// The article's own folder if the page keeps it: in Jekyll, outside the folders whose names
    /// begin with `_`. For other articles the folder only serves hints: their page's URL is
    /// another one.
    Page,
    Folder(SitePath),
}
