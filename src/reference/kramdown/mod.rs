//! Differences between kramdown, Jekyll's Markdown, and CommonMark.
//!
//! A block of HTML ends with its element instead of a blank line, inline HTML starts no block,
//! `markdown="1"` makes an element's content Markdown, a destination may contain spaces, and there
//! are definition lists, math and `{::comment}`.
//!
//! Nothing here parses Markdown. A text comes in, and a text of the same length comes out in which
//! a CommonMark parser finds the images that kramdown finds.

mod blocks;
mod extensions;
mod html;
mod links;

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

use super::template::Masked;
use extensions::Extensions;

/// Prepares a masked text for a CommonMark parser. Returns the text to parse, and the ranges of the
/// masked text that are HTML to kramdown, in order.
pub(super) fn prepare(
    masked: &mut Masked<'_>,
    options: Options,
    parse_block_html: bool,
) -> (String, Vec<Range<usize>>) {
    let extensions = Extensions::find(masked.text(), options, parse_block_html);
    masked.erase(&extensions.erased);
    masked.hide(links::spaced_destinations(masked.text()));
    if let Some(text) = links::as_common_mark(masked.text(), options) {
        masked.replace(text);
    }
    let Structure { blocks, code } = Structure::of(masked.text(), options);
    let is_parsed = |at| extensions.parses_block_html(at);
    let mut html = html::ranges(masked.text(), &blocks, &code, &is_parsed);
    html.extend(extensions.raw);
    html.sort_by_key(|range| range.start);
    let text = html::filled(masked.text(), &html);
    (blocks::with_definitions(text), html)
}

/// Parts of a text as a CommonMark parser finds them.
#[derive(Debug, Default)]
struct Structure {
    /// Blocks of HTML.
    blocks: Vec<Range<usize>>,
    /// Fenced code blocks and code spans.
    code: Vec<Range<usize>>,
}

impl Structure {
    fn of(text: &str, options: Options) -> Self {
        let mut structure = Structure::default();
        if !text.contains('<') {
            return structure;
        }
        for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
            match event {
                Event::Start(Tag::HtmlBlock) => structure.blocks.push(range),
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) | Event::Code(_) => {
                    structure.code.push(range);
                }
                _ => {}
            }
        }
        structure
    }
}

/// Returns the ranges of all code of a text, indented code included, in order.
fn code_ranges(text: &str, options: Options) -> Vec<Range<usize>> {
    Parser::new_ext(text, options)
        .into_offset_iter()
        .filter(|(event, _)| matches!(event, Event::Start(Tag::CodeBlock(_)) | Event::Code(_)))
        .map(|(_, range)| range)
        .collect()
}

/// Whether `at` is in one of these ranges, which are in order and do not overlap.
fn is_within(ranges: &[Range<usize>], at: usize) -> bool {
    let after = ranges.partition_point(|range| range.start <= at);
    after > 0 && at < ranges[after - 1].end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> Vec<&str> {
        let options = Options::empty();
        let Structure { blocks, code } = Structure::of(text, options);
        let ranges = html::ranges(text, &blocks, &code, &|_| false);
        ranges.into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn a_block_ends_with_its_element() {
        for (text, expected) in [
            ("<p>a</p>### b\nc", &["<p>a</p>"][..]),
            (
                "<div>\n\n    <b>\n\n</div>\n![](c)",
                &["<div>\n\n    <b>\n\n</div>"],
            ),
            (
                "<p>a</p> <p>b</p>\n<p>c</p>",
                &["<p>a</p>", "<p>b</p>", "<p>c</p>"],
            ),
            ("<div><div>a</div>b</div>c", &["<div><div>a</div>b</div>"]),
            ("<!-- <p> -->\n<p>a</p>b", &["<!-- <p> -->", "<p>a</p>"]),
            ("<br>\n![](a)", &["<br>"]),
            (
                "<div markdown=\"1\">\n![](a)\n</div>\nb",
                &["<div markdown=\"1\">", "</div>"],
            ),
            ("<div>\nnever closed\n\n![](a)", &[]),
            ("<p>a</p>\n```\n<p>b</p>\n```\n", &["<p>a</p>"]),
            ("```\n<div>\n```\n\n<div>a</div>b", &["<div>a</div>"]),
            ("no html", &[]),
        ] {
            assert_eq!(html(text), expected, "{text}");
        }
    }
}
