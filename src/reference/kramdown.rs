//! Where kramdown, Jekyll's Markdown, reads otherwise than CommonMark does: a block of HTML ends
//! with its element and not with a blank line, inline HTML begins no block, `markdown="1"` makes
//! an element's content Markdown, and a destination may hold spaces.
//!
//! Nothing here parses Markdown: it says what to keep from a CommonMark parser's sight, so that
//! the parser sees in the rest what kramdown sees.

use std::collections::HashMap;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag as MarkdownTag};

/// Elements that begin no block (kramdown's `HTML_SPAN_ELEMENTS`).
const SPANS: [&str; 43] = [
    "a", "abbr", "acronym", "b", "bdo", "big", "br", "button", "cite", "code", "del", "dfn", "em",
    "i", "img", "input", "ins", "kbd", "label", "mark", "option", "q", "rb", "rbc", "rp", "rt",
    "rtc", "ruby", "s", "samp", "select", "small", "span", "strike", "strong", "sub", "sup",
    "textarea", "time", "tt", "u", "var", "wbr",
];

/// Elements without content.
const VOID: [&str; 10] = [
    "area", "base", "col", "embed", "hr", "link", "meta", "param", "source", "track",
];

/// The ranges of a text that are HTML to kramdown, in order, of those that begin where CommonMark
/// too sees a block of HTML.
pub(super) fn html_blocks(text: &str, options: Options) -> Vec<Range<usize>> {
    if !text.contains('<') {
        return Vec::new();
    }
    let mut blocks = Vec::new();
    let mut code = Vec::new();
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(MarkdownTag::HtmlBlock) => blocks.push(range),
            Event::Start(MarkdownTag::CodeBlock(CodeBlockKind::Fenced(_))) | Event::Code(_) => {
                code.push(range);
            }
            _ => {}
        }
    }
    let ends = element_ends(text, &code);
    let mut html: Vec<Range<usize>> = Vec::new();
    for block in blocks {
        let taken = html.last().map_or(0, |range| range.end);
        let mut at = block.start.max(taken);
        while at < block.end {
            let start = at + blanks(&text[at..]);
            let rest = &text[start..];
            if rest.starts_with('<') {
                // An element that is never closed is left as CommonMark reads it.
                let Some(end) = end_of_html(text, start, block.end, &ends) else {
                    break;
                };
                html.push(start..end);
                at = end;
                if text[at + blanks(&text[at..])..].starts_with('<') {
                    continue;
                }
            } else if rest.starts_with("```") || rest.starts_with("~~~") {
                // Behind the element, code: the parser will see it.
                break;
            }
            at = text[at..]
                .find('\n')
                .map_or(text.len(), |feed| at + feed + 1);
        }
    }
    html
}

/// The text with these ranges made a word of the same length.
pub(super) fn filled(text: &str, ranges: &[Range<usize>]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        filled.push_str(&text[at..range.start]);
        let bytes = text[range.clone()].bytes();
        filled.extend(bytes.map(|byte| match byte {
            b'\n' => '\n',
            b'\r' => '\r',
            _ => 'x',
        }));
        at = range.end;
    }
    filled.push_str(&text[at..]);
    filled
}

/// The destinations of links, images and definitions that hold spaces, in order.
pub(super) fn spaced_destinations(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = text
        .match_indices("](")
        .filter_map(|(at, _)| destination(text, at + 2))
        .collect();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let Some((id, rest)) = line.split_once("]:") else {
            continue;
        };
        if id.trim_start().starts_with('[') && id.len() - id.trim_start().len() < 4 {
            let end = rest.find(['"', '\'']).unwrap_or(rest.len());
            let from = start + id.len() + 2;
            found.push(from..from + end);
        }
    }
    found.sort_by_key(|range| range.start);
    let mut last = 0;
    found.retain_mut(|range| {
        let bare = text[range.clone()].trim();
        range.start += text[range.clone()].len() - text[range.clone()].trim_start().len();
        range.end = range.start + bare.len();
        let is_spaced = bare.contains(' ') && !bare.starts_with('<') && bare.len() >= 4;
        let is_kept = is_spaced && range.start >= last;
        if is_kept {
            last = range.end;
        }
        is_kept
    });
    found
}

/// From `start`, to the parenthesis that closes it or to its title.
fn destination(text: &str, start: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut depth = 1;
    for at in start..bytes.len() {
        let next = bytes.get(at + 1);
        match bytes[at] {
            b'\n' => return None,
            // Another link; ending here keeps the whole linear.
            b']' if next == Some(&b'(') => return None,
            b' ' | b'\t' if matches!(next, Some(b'"' | b'\'')) => return Some(start..at),
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(start..at),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// The end of the HTML that begins at `start` and that is no Markdown: a comment, an element, or
/// a tag alone.
fn end_of_html(
    text: &str,
    start: usize,
    limit: usize,
    ends: &HashMap<usize, usize>,
) -> Option<usize> {
    if text[start..].starts_with("<!--") {
        return text[start..].find("-->").map(|at| start + at + 3);
    }
    let tag = Tag::read(text.get(start..limit)?)?;
    if tag.holds_html() {
        return ends.get(&start).copied();
    }
    Some(start + tag.text.len())
}

struct Tag<'t> {
    /// From `<` to `>`.
    text: &'t str,
    name: String,
}

impl<'t> Tag<'t> {
    /// The tag that a text begins with.
    fn read(text: &'t str) -> Option<Self> {
        let name = tag_name(text)?;
        let mut quote = None;
        for (at, byte) in text.bytes().enumerate() {
            match (quote, byte) {
                (None, b'>') => {
                    return Some(Tag {
                        text: &text[..=at],
                        name: name.to_ascii_lowercase(),
                    });
                }
                (None, b'"' | b'\'') => quote = Some(byte),
                (Some(open), byte) if open == byte => quote = None,
                _ => {}
            }
        }
        None
    }

    /// Whether it opens an element whose content is HTML alone.
    fn holds_html(&self) -> bool {
        let is_alone = self.text.starts_with("</")
            || self.text.ends_with("/>")
            || VOID.contains(&self.name.as_str())
            || SPANS.contains(&self.name.as_str());
        let words = self.text.split_ascii_whitespace();
        let is_markdown = words
            .filter_map(|word| word.strip_prefix("markdown="))
            .any(|value| {
                let value = value.trim_end_matches('>').trim_matches(['"', '\'']);
                matches!(value, "1" | "span" | "block")
            });
        !is_alone && !is_markdown
    }
}

/// The name of the tag that a text begins with, opening or closing.
fn tag_name(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('<')?;
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '_');
    let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
    rest.starts_with(|c: char| c.is_ascii_alphabetic())
        .then_some(&rest[..end])
}

/// Where each element ends, by where it begins; code and comments aside.
fn element_ends(text: &str, code: &[Range<usize>]) -> HashMap<usize, usize> {
    let mut ends = HashMap::new();
    let mut open: HashMap<String, Vec<usize>> = HashMap::new();
    let last_comment = text.rfind("-->").unwrap_or(0);
    let mut code = code.iter().peekable();
    let mut skipped = 0;
    for (at, _) in text.match_indices('<') {
        while let Some(range) = code.next_if(|range| range.start <= at) {
            skipped = skipped.max(range.end);
        }
        if at < skipped {
            continue;
        }
        let rest = &text[at..];
        if rest.starts_with("<!--") && at < last_comment {
            skipped = rest.find("-->").map_or(at, |end| at + end);
            continue;
        }
        let Some(name) = tag_name(rest) else {
            continue;
        };
        let starts = open.entry(name.to_ascii_lowercase()).or_default();
        if !rest.starts_with("</") {
            starts.push(at);
            continue;
        }
        let behind = rest[2 + name.len()..].trim_start();
        if let Some(behind) = behind.strip_prefix('>')
            && let Some(start) = starts.pop()
        {
            ends.insert(start, text.len() - behind.len());
        }
    }
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> Vec<&str> {
        let ranges = html_blocks(text, Options::empty());
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

    #[test]
    fn destinations_with_spaces_are_found() {
        for (text, expected) in [
            ("![a](/b c.png)", &["/b c.png"][..]),
            ("![a]( /b c.png \"d e\")", &["/b c.png"]),
            ("![a](/b (c d).png) (e f)", &["/b (c d).png"]),
            ("![a](/b.png) ![a](</b c.png>) ![a](/b.png \"c d\")", &[]),
            ("[a]: /b c.png 'd'\n [e]: /f.png\n", &["/b c.png"]),
            (
                "[![a](/b c.png)]([d](/e f.pdf \"g\")",
                &["/b c.png", "/e f.pdf"],
            ),
            ("[a](", &[]),
        ] {
            let found = spaced_destinations(text).into_iter();
            let found: Vec<&str> = found.map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
