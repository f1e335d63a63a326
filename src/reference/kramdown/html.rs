//! Finds the HTML in a kramdown text: the ranges that contain no Markdown.

use std::collections::HashMap;
use std::ops::Range;

/// Elements that do not start a block (kramdown's `HTML_SPAN_ELEMENTS`).
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

/// Elements whose content is Markdown with `markdown="1"` (kramdown's `HTML_CONTENT_MODEL_BLOCK`
/// and `HTML_CONTENT_MODEL_SPAN`). The content of all others is HTML.
const MARKDOWN: [&str; 67] = [
    "address",
    "applet",
    "article",
    "aside",
    "blockquote",
    "body",
    "dd",
    "details",
    "div",
    "dl",
    "fieldset",
    "figure",
    "figcaption",
    "footer",
    "form",
    "header",
    "hgroup",
    "iframe",
    "li",
    "main",
    "map",
    "menu",
    "nav",
    "noscript",
    "object",
    "section",
    "summary",
    "td",
    "a",
    "abbr",
    "acronym",
    "b",
    "bdo",
    "big",
    "button",
    "cite",
    "caption",
    "del",
    "dfn",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "i",
    "ins",
    "label",
    "legend",
    "optgroup",
    "p",
    "q",
    "rb",
    "rbc",
    "rp",
    "rt",
    "rtc",
    "ruby",
    "select",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "th",
];

/// How deep HTML and Markdown may alternate. Markdown nested deeper is treated as HTML.
const NESTING_LIMIT: usize = 32;

/// Returns the ranges of a text that are HTML to kramdown, in order. `blocks` are the HTML blocks
/// of CommonMark, `code` its code.
pub(super) fn ranges(
    text: &str,
    blocks: &[Range<usize>],
    code: &[Range<usize>],
    parses_block_html: &dyn Fn(usize) -> bool,
) -> Vec<Range<usize>> {
    if blocks.is_empty() {
        return Vec::new();
    }
    let tags = Tags::of(text, code);
    let mut scan = Scan {
        text,
        with_markdown: tags.with_markdown(text),
        tags,
        parses_block_html,
        found: Vec::new(),
    };
    for block in blocks {
        let taken = scan.found.last().map_or(0, |range| range.end);
        scan.markdown(block.start.max(taken)..block.end, 0);
    }
    scan.found
}

/// Fills these ranges of a text with letters, or with spaces where an HTML block ends its line.
pub(super) fn filled(text: &str, ranges: &[Range<usize>]) -> String {
    let mut filled = String::with_capacity(text.len());
    for range in ranges {
        let start = range.start.max(filled.len());
        if start >= range.end {
            continue;
        }
        filled.push_str(&text[filled.len()..start]);
        let bytes = text[start..range.end].bytes();
        filled.extend(bytes.map(|byte| match byte {
            b'\n' => '\n',
            b'\r' => '\r',
            _ => 'x',
        }));
        // If nothing follows on the line, it is blanked: the next line starts a new block, and may
        // be indented code.
        let rest = text[range.end..].trim_start_matches([' ', '\t', '\r']);
        if !rest.is_empty() && !rest.starts_with('\n') {
            continue;
        }
        let line = filled.rfind('\n').map_or(0, |feed| feed + 1);
        if is_html_alone(text, &filled, line, start) {
            filled.truncate(line.max(start));
            filled.extend(std::iter::repeat_n(' ', range.end - filled.len()));
        }
    }
    filled.push_str(&text[filled.len()..]);
    filled
}

/// Whether a line contains only HTML before `start`.
fn is_html_alone(text: &str, filled: &str, line: usize, start: usize) -> bool {
    let Some(before) = filled.get(line..start) else {
        return true;
    };
    let is_filled = before
        .bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'x'));
    is_filled && (before.trim().is_empty() || text[line..].trim_start().starts_with('<'))
}

/// An opening tag, by the position of its `<`.
#[derive(Debug)]
struct TagAt {
    start: usize,
    /// Start and end of its closing tag.
    closed_by: Option<(usize, usize)>,
}

/// The opening tags of a text in order, without those in code and comments.
#[derive(Debug, Default)]
struct Tags(Vec<TagAt>);

impl Tags {
    fn of(text: &str, code: &[Range<usize>]) -> Self {
        let mut tags: Vec<TagAt> = Vec::new();
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
            let same = open.entry(name.to_ascii_lowercase()).or_default();
            if !rest.starts_with("</") {
                same.push(tags.len());
                tags.push(TagAt {
                    start: at,
                    closed_by: None,
                });
                continue;
            }
            let after = rest[2 + name.len()..].trim_start();
            if let Some(after) = after.strip_prefix('>')
                && let Some(opening) = same.pop()
            {
                tags[opening].closed_by = Some((at, text.len() - after.len()));
            }
        }
        Tags(tags)
    }

    /// Returns the indices of the opening tags that have an attribute `markdown`, in order.
    fn with_markdown(&self, text: &str) -> Vec<usize> {
        let mut found: Vec<usize> = ["markdown=", "MARKDOWN="]
            .iter()
            .flat_map(|name| text.match_indices(name))
            .filter_map(|(at, _)| self.0.partition_point(|tag| tag.start < at).checked_sub(1))
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn at(&self, start: usize) -> Option<&TagAt> {
        let index = self.0.binary_search_by_key(&start, |tag| tag.start).ok()?;
        self.0.get(index)
    }
}

struct Scan<'s> {
    text: &'s str,
    tags: Tags,
    with_markdown: Vec<usize>,
    parses_block_html: &'s dyn Fn(usize) -> bool,
    found: Vec<Range<usize>>,
}

impl Scan<'_> {
    /// Finds the HTML in a range of Markdown: HTML that starts on a line of its own, and HTML that
    /// follows it directly.
    fn markdown(&mut self, range: Range<usize>, depth: usize) {
        let text = self.text;
        let mut at = range.start;
        while at < range.end {
            let start = at + blanks(&text[at..range.end]);
            let rest = &text[start..];
            if rest.starts_with('<') {
                // An element that is never closed is read as in CommonMark.
                let Some(end) = self.html(start, range.end, depth) else {
                    break;
                };
                at = end;
                if text[at + blanks(&text[at..])..].starts_with('<') {
                    continue;
                }
            } else if rest.starts_with("```") || rest.starts_with("~~~") {
                // Code after the element is left to the parser.
                break;
            }
            at = text[at..]
                .find('\n')
                .map_or(text.len(), |feed| at + feed + 1);
        }
    }

    /// Adds the HTML that starts at `start`: a comment, an element, or a tag alone. Returns its
    /// end.
    fn html(&mut self, start: usize, limit: usize, depth: usize) -> Option<usize> {
        if self.text[start..].starts_with("<!--") {
            let length = self.text[start..].find("-->")? + 3;
            self.found.push(start..start + length);
            return Some(start + length);
        }
        let tag = Tag::read(self.text.get(start..limit)?)?;
        if tag.is_alone() || self.holds_markdown(&tag, start) {
            let end = start + tag.text.len();
            self.found.push(start..end);
            return Some(end);
        }
        let (_, end) = self.tags.at(start)?.closed_by?;
        self.element(start, end, depth);
        Some(end)
    }

    fn holds_markdown(&self, tag: &Tag<'_>, at: usize) -> bool {
        match tag.markdown() {
            Some("block" | "span") => true,
            Some("1") => tag.may_hold_markdown(),
            Some("0") => false,
            _ => (self.parses_block_html)(at) && tag.may_hold_markdown(),
        }
    }

    /// Adds an element of HTML, without the Markdown of those elements within it that ask for it.
    fn element(&mut self, start: usize, end: usize, depth: usize) {
        let mut at = start;
        let mut next = self
            .with_markdown
            .partition_point(|index| self.tags.0[*index].start <= start);
        while let Some(tag_at) = self
            .with_markdown
            .get(next)
            .map(|index| &self.tags.0[*index])
            && tag_at.start < end
            && depth < NESTING_LIMIT
        {
            next += 1;
            let (tag_start, closed_by) = (tag_at.start, tag_at.closed_by);
            let Some((close, _)) = closed_by.filter(|_| tag_start >= at) else {
                continue;
            };
            let Some(tag) = Tag::read(&self.text[tag_start..close]) else {
                continue;
            };
            let is_markdown = match tag.markdown() {
                Some("1") => tag.may_hold_markdown(),
                Some("block" | "span") => true,
                _ => false,
            };
            if is_markdown && close <= end {
                let content = tag_start + tag.text.len();
                self.found.push(at..content);
                self.markdown(content..close, depth + 1);
                at = close;
                next = self
                    .with_markdown
                    .partition_point(|index| self.tags.0[*index].start < close);
            }
        }
        self.found.push(at..end);
    }
}

struct Tag<'t> {
    /// Source text from `<` to `>`.
    text: &'t str,
    name: String,
}

impl<'t> Tag<'t> {
    /// Parses the tag at the start of a text.
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

    /// Whether the tag opens no block element.
    fn is_alone(&self) -> bool {
        self.text.starts_with("</")
            || self.text.ends_with("/>")
            || VOID.contains(&self.name.as_str())
            || SPANS.contains(&self.name.as_str())
    }

    /// Returns the value of the attribute `markdown`.
    fn markdown(&self) -> Option<&'t str> {
        let word = self.text.split_ascii_whitespace().find(|word| {
            word.get(..9)
                .is_some_and(|name| name.eq_ignore_ascii_case("markdown="))
        })?;
        let value = word[9..].split(['>', '/']).next()?;
        Some(value.trim_matches(['"', '\'']))
    }

    fn may_hold_markdown(&self) -> bool {
        MARKDOWN.contains(&self.name.as_str())
    }
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// Returns the name of the opening or closing tag at the start of a text.
fn tag_name(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('<')?;
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '_');
    let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
    rest.starts_with(|c: char| c.is_ascii_alphabetic())
        .then_some(&rest[..end])
}
