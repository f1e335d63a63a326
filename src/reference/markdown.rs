//! Images in Markdown, through `pulldown-cmark` with offsets, and in the HTML inside it.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::template::Masked;
use super::{Certainty, Image, html};
use crate::site::Templates;

/// The images of a Markdown text.
pub(super) fn images(masked: &mut Masked<'_>, templates: Templates) -> Vec<Image> {
    let text = masked.text().to_owned();
    let mut found: Vec<(String, usize)> = Vec::new();
    let mut code: Vec<Range<usize>> = Vec::new();
    // What is HTML, at its own offsets between blanks.
    let mut html_text = Blanked::new(&text);
    let mut open_blocks = 0usize;
    let options = Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
    for (event, range) in Parser::new_ext(&text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                found.push((dest_url.into_string(), range.start))
            }
            // A link to a picture is left alone, expressions included.
            Event::Start(Tag::Link { dest_url, .. }) => drop(masked.restore(&dest_url)),
            Event::Html(_) => {
                open_blocks = nesting(&text[range.clone()], open_blocks);
                html_text.show(range);
            }
            Event::InlineHtml(_) => html_text.show(range),
            // kramdown reads a block of HTML to its closing tag, indented or not.
            Event::Start(Tag::CodeBlock(CodeBlockKind::Indented))
                if templates == Templates::Liquid && open_blocks > 0 =>
            {
                open_blocks = nesting(&text[range.clone()], open_blocks);
                html_text.show(range);
            }
            Event::Start(Tag::CodeBlock(_)) | Event::Code(_) => code.push(range),
            Event::End(TagEnd::HtmlBlock) => {}
            _ => {}
        }
    }
    masked.forget(&code);
    let mut images: Vec<Image> = found
        .into_iter()
        .map(|(value, offset)| Image {
            value: masked.restore(&value),
            offset,
            certainty: Certainty::Named,
            wants_record: true,
        })
        .filter(|image| super::is_local_or_template(&image.value))
        .collect();
    images.extend(html::images(masked, &html_text.finish()));
    images
}

/// A text of the same length in which only some ranges are shown.
struct Blanked<'t> {
    text: &'t str,
    shown: String,
}

impl<'t> Blanked<'t> {
    fn new(text: &'t str) -> Self {
        Blanked {
            text,
            shown: String::with_capacity(text.len()),
        }
    }

    fn blank_to(&mut self, end: usize) {
        let at = self.shown.len();
        if end > at {
            self.shown.extend(std::iter::repeat_n(' ', end - at));
        }
    }

    fn show(&mut self, range: Range<usize>) {
        self.blank_to(range.start);
        let start = self.shown.len().max(range.start);
        if start < range.end {
            self.shown.push_str(&self.text[start..range.end]);
        }
    }

    fn finish(mut self) -> String {
        self.blank_to(self.text.len());
        self.shown
    }
}

/// How many block elements are open behind a piece of HTML.
fn nesting(html: &str, open: usize) -> usize {
    const BLOCKS: [&str; 22] = [
        "div", "section", "article", "aside", "figure", "table", "thead", "tbody", "tr", "td",
        "th", "ul", "ol", "li", "nav", "header", "footer", "main", "details", "center", "dl",
        "form",
    ];
    let mut open = open;
    for (at, _) in html.match_indices('<') {
        let rest = &html[at + 1..];
        let (closing, rest) = match rest.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let name = &rest[..end];
        if BLOCKS.iter().any(|block| name.eq_ignore_ascii_case(block)) {
            open = if closing {
                open.saturating_sub(1)
            } else {
                open + 1
            };
        }
    }
    open
}
