//! Finds kramdown's extensions `{::comment}`, `{::nomarkdown}` and `{::options}`, and math.

use std::collections::HashSet;
use std::ops::Range;

use pulldown_cmark::Options;

use super::{code_ranges, is_within};

/// Longest extension tag that is read, in bytes.
const MAX_TAG: usize = 200;

/// The extensions of a text.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    /// Ranges of comments and math, in order: nothing in them is an image.
    pub erased: Vec<Range<usize>>,
    /// Ranges of the contents of `{::nomarkdown}`, in order: they are written out unchanged.
    pub raw: Vec<Range<usize>>,
    /// Positions where the option `parse_block_html` is set, with its value, in order.
    options: Vec<(usize, bool)>,
    parse_block_html: bool,
    /// Names of extensions without a closing tag.
    unclosed: HashSet<String>,
}

impl Extensions {
    pub fn find(text: &str, options: Options, parse_block_html: bool) -> Self {
        let mut found = Extensions {
            parse_block_html,
            ..Extensions::default()
        };
        if !text.contains("{::") && !text.contains("$$") {
            return found;
        }
        let code = code_ranges(text, options);
        let mut at = 0;
        while let Some(mark) = next_mark(text, at) {
            at = mark + 2;
            if is_within(&code, mark) || text[..mark].ends_with('\\') {
                continue;
            }
            let end = if text[mark..].starts_with("$$") {
                found.take_math(text, mark)
            } else {
                found.take_extension(text, mark)
            };
            at = end.unwrap_or(at);
        }
        found
    }

    /// Whether the content of an HTML block at this position is Markdown.
    pub fn parses_block_html(&self, at: usize) -> bool {
        let after = self.options.partition_point(|(from, _)| *from <= at);
        match after.checked_sub(1) {
            Some(last) => self.options[last].1,
            None => self.parse_block_html,
        }
    }

    /// Adds the math that starts at `start`. Returns its end; `None` if it is not math.
    fn take_math(&mut self, text: &str, start: usize) -> Option<usize> {
        let content = &text[start + 2..];
        let length = content.find("$$")?;
        let before = text[..start].trim_end_matches([' ', '\t']);
        let is_block = before.is_empty() || before.ends_with('\n');
        // Inline math ends with its paragraph.
        if !is_block && content[..length].contains("\n\n") {
            return None;
        }
        let end = start + 2 + length + 2;
        self.erased.push(start..end);
        Some(end)
    }

    /// Adds the extension that starts at `start`. Returns its end; `None` if it is not an extension
    /// that is read.
    fn take_extension(&mut self, text: &str, start: usize) -> Option<usize> {
        let inner = &text[start + 3..];
        let close = inner.bytes().take(MAX_TAG).position(|byte| byte == b'}')?;
        let tag = &inner[..close];
        let after = start + 3 + close + 1;
        let name = tag.split([' ', '/']).next().unwrap_or_default();
        if name == "options" {
            self.options
                .extend(parse_block_html(tag).map(|value| (start, value)));
            return Some(after);
        }
        if !matches!(name, "comment" | "nomarkdown") || tag.ends_with('/') {
            return None;
        }
        if self.unclosed.contains(name) {
            return None;
        }
        let closing = format!("{{:/{name}}}");
        let rest = &text[after..];
        let end = rest.match_indices("{:/").find_map(|(at, _)| {
            [closing.as_str(), "{:/}"]
                .iter()
                .find(|closing| rest[at..].starts_with(**closing))
                .map(|closing| (at, closing.len()))
        });
        let Some((at, length)) = end else {
            self.unclosed.insert(name.to_owned());
            return None;
        };
        let end = after + at + length;
        if name == "comment" {
            self.erased.push(start..end);
        } else {
            self.raw.push(after..after + at);
        }
        Some(end)
    }
}

/// Returns the next position of `{::` or `$$` at or after `from`.
fn next_mark(text: &str, from: usize) -> Option<usize> {
    text[from..]
        .match_indices(['{', '$'])
        .map(|(at, _)| from + at)
        .find(|at| text[*at..].starts_with("{::") || text[*at..].starts_with("$$"))
}

/// Parses the value of `parse_block_html` in `options parse_block_html="true" /`.
fn parse_block_html(tag: &str) -> Option<bool> {
    let (_, value) = tag.split_once("parse_block_html=")?;
    match value.trim_start_matches(['"', '\'']) {
        value if value.starts_with("true") => Some(true),
        value if value.starts_with("false") => Some(false),
        _ => None,
    }
}
