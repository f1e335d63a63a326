//! Recognizes kinds of files by their extensions.

use crate::path::SitePath;

/// Extensions of pages in Markdown.
const MARKDOWN: [&str; 7] = ["md", "markdown", "mkd", "mkdn", "mkdown", "mdx", "mdoc"];

/// Extensions of pages in HTML.
const HTML: [&str; 3] = ["html", "htm", "xhtml"];

/// Extensions of known binary formats.
const BINARY: [&str; 40] = [
    "png", "jpg", "jpeg", "jpe", "gif", "webp", "avif", "svg", "bmp", "tif", "tiff", "ico", "heic",
    "jxl", "pdf", "zip", "gz", "tar", "7z", "mp3", "mp4", "m4a", "webm", "ogg", "wav", "mov",
    "avi", "woff", "woff2", "ttf", "otf", "eot", "doc", "docx", "xls", "xlsx", "odt", "ods", "ppt",
    "pptx",
];

/// Whether the extension is that of Markdown.
pub fn is_markdown(path: &SitePath) -> bool {
    MARKDOWN.contains(&path.extension().as_str())
}

/// Whether the extension is that of HTML.
pub fn is_html(path: &SitePath) -> bool {
    HTML.contains(&path.extension().as_str())
}

/// Whether the extension is that of a known binary format.
pub fn is_binary(path: &SitePath) -> bool {
    BINARY.contains(&path.extension().as_str())
}

/// Whether the extension is that of Markdown, of HTML, or one of `more`.
pub(super) fn is_page(path: &SitePath, more: &[&str]) -> bool {
    is_markdown(path) || is_html(path) || more.contains(&path.extension().as_str())
}
