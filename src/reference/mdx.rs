//! Prepares MDX for a CommonMark parser.
//!
//! In MDX, there is no indented code, elements are JSX whose content is Markdown, and `{…}` is
//! JavaScript, where `{/* … */}` is a comment (MDX 3, "Syntax").
//!
//! Nothing here parses Markdown. A text comes in, and a text of the same length comes out in which
//! a CommonMark parser without indented code finds the images that MDX finds.

use std::ops::Range;

use super::template::Masked;

/// How often each byte may be read, on average: more than any text needs.
const LOOKS_PER_BYTE: usize = 16;

/// Prepares a text for a CommonMark parser. Returns the text to parse, and the ranges of tags and
/// expressions, in order.
pub(super) fn prepare(masked: &mut Masked<'_>) -> (String, Vec<Range<usize>>) {
    let parts = Parts::of(masked.text());
    masked.erase(&parts.comments);
    let mut bytes = masked.text().as_bytes().to_vec();
    for range in &parts.fences {
        fill(&mut bytes, range.clone());
    }
    for range in &parts.tags {
        fill(&mut bytes, range.clone());
    }
    for range in &parts.expressions {
        // The braces are kept: a path with an expression in it names no file.
        fill(&mut bytes, range.start + 1..range.end - 1);
    }
    let text = String::from_utf8(bytes).expect("whole characters were replaced with ASCII");
    let mut html = [parts.tags, parts.expressions].concat();
    html.sort_by_key(|range| range.start);
    (text, html)
}

/// Fills a range with spaces if nothing else is on its lines, or else with letters, which neither
/// end a paragraph nor indent one. Line breaks are kept.
fn fill(bytes: &mut [u8], range: Range<usize>) {
    let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
    let before = bytes[..range.start].iter().rev().find(|b| !is_blank(b));
    let after = bytes[range.end..].iter().find(|b| !is_blank(b));
    let is_end = |byte: Option<&u8>| byte.is_none_or(|byte| matches!(byte, b'\r' | b'\n'));
    let filler = if is_end(before) && is_end(after) {
        b' '
    } else {
        b'x'
    };
    for byte in &mut bytes[range] {
        if !matches!(*byte, b'\r' | b'\n') {
            *byte = filler;
        }
    }
}

/// Ranges of a text that are not Markdown, each kind in order.
#[derive(Debug, Default)]
struct Parts {
    comments: Vec<Range<usize>>,
    /// Fenced code, which may be indented within an element.
    fences: Vec<Range<usize>>,
    tags: Vec<Range<usize>>,
    expressions: Vec<Range<usize>>,
}

impl Parts {
    fn of(text: &str) -> Self {
        let mut parts = Parts::default();
        let mut scanner = Scanner {
            text,
            bytes: text.as_bytes(),
            looks: text.len().saturating_mul(LOOKS_PER_BYTE),
        };
        let mut at = 0;
        while let Some(byte) = scanner.bytes.get(at) {
            at = match byte {
                b'\\' => at + 2,
                b'`' | b'~' => match scanner.fence(at) {
                    Some(end) => {
                        parts.fences.push(at..end);
                        end
                    }
                    None => scanner.after_ticks(at),
                },
                b']' if scanner.has(at + 1, "(") => scanner.after_destination(at + 2),
                b'{' => match scanner.expression(at) {
                    Some((end, comments)) => {
                        let inner = scanner.without(at + 1..end - 1, &comments);
                        if inner.is_empty() && !comments.is_empty() {
                            parts.comments.push(at..end);
                        } else {
                            parts.comments.extend(comments);
                            parts.expressions.push(at..end);
                        }
                        end
                    }
                    None => at + 1,
                },
                b'<' if scanner.has(at, "<!--") => match scanner.find("-->", at + 4) {
                    Some(end) => {
                        parts.comments.push(at..end + 3);
                        end + 3
                    }
                    None => at + 1,
                },
                b'<' => match scanner.tag(at) {
                    Some(end) => {
                        parts.tags.push(at..end);
                        end
                    }
                    None => at + 1,
                },
                _ => at + 1,
            };
        }
        parts
    }
}

/// Reads the bytes of a text. The ranges that it finds start and end with ASCII characters.
struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    /// Number of bytes that may still be read: the end of a construct that is never closed would be
    /// searched for again and again.
    looks: usize,
}

impl Scanner<'_> {
    fn has(&self, at: usize, wanted: &str) -> bool {
        self.bytes
            .get(at..)
            .is_some_and(|rest| rest.starts_with(wanted.as_bytes()))
    }

    /// Returns the byte at a position; `None` at the end, and once the limit is reached.
    fn look(&mut self, at: usize) -> Option<u8> {
        self.looks = self.looks.checked_sub(1)?;
        self.bytes.get(at).copied()
    }

    fn find(&mut self, wanted: &str, from: usize) -> Option<usize> {
        let mut at = from;
        while self.look(at).is_some() {
            if self.has(at, wanted) {
                return Some(at);
            }
            at += 1;
        }
        None
    }

    /// Returns the end of the line at a position, without its line feed.
    fn line_end(&self, at: usize) -> usize {
        let rest = &self.bytes[at..];
        at + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())
    }

    /// Returns the length of the run of equal bytes that starts at a position.
    fn run(&self, at: usize) -> usize {
        let first = self.bytes[at];
        self.bytes[at..].iter().take_while(|b| **b == first).count()
    }

    /// Returns the end of the fenced code that starts at a position; `None` if there is none.
    fn fence(&self, at: usize) -> Option<usize> {
        let length = self.run(at);
        let mark = self.bytes[at];
        let is_marker = |byte: &&u8| byte.is_ascii_digit() || b" \t>*+-.)".contains(byte);
        let before = self.bytes[..at].iter().rev().find(|b| !is_marker(b));
        if length < 3 || before.is_some_and(|byte| *byte != b'\n') {
            return None;
        }
        let mut end = self.line_end(at);
        if mark == b'`' && self.bytes[at + length..end].contains(&b'`') {
            return None;
        }
        while end < self.bytes.len() {
            let start = end + 1;
            end = self.line_end(start);
            let line = self.text[start..end].trim_matches([' ', '\t', '>', '\r']);
            let is_closing = line.len() >= length && line.bytes().all(|byte| byte == mark);
            if is_closing {
                break;
            }
        }
        Some(end)
    }

    /// Returns the end of the code span that starts at a position, or of the backticks alone. A
    /// span ends within its paragraph.
    fn after_ticks(&mut self, start: usize) -> usize {
        let length = self.run(start);
        let mut at = start + length;
        if self.bytes[start] != b'`' {
            return at;
        }
        while let Some(byte) = self.look(at) {
            match byte {
                b'`' => {
                    let run = self.run(at);
                    at += run;
                    if run == length {
                        return at;
                    }
                }
                b'\n' if self.text[at + 1..self.line_end(at + 1)].trim().is_empty() => break,
                _ => at += 1,
            }
        }
        start + length
    }

    /// Returns the end of the destination in `](<a b.jpg>)`, which is not a tag.
    fn after_destination(&mut self, start: usize) -> usize {
        let mut at = start;
        while self.has(start, "<") {
            match self.look(at) {
                Some(b'>') => return at + 1,
                None | Some(b'\n') => break,
                Some(_) => at += 1,
            }
        }
        start
    }

    /// Returns the end of the JavaScript between braces, and the comments in it.
    fn expression(&mut self, start: usize) -> Option<(usize, Vec<Range<usize>>)> {
        let mut comments = Vec::new();
        let mut depth = 0_usize;
        let mut at = start;
        loop {
            at = match self.look(at)? {
                b'{' => {
                    depth += 1;
                    at + 1
                }
                b'}' if depth == 1 => return Some((at + 1, comments)),
                b'}' => {
                    depth -= 1;
                    at + 1
                }
                b'/' if self.has(at, "/*") => {
                    let end = self.find("*/", at + 2)? + 2;
                    comments.push(at..end);
                    end
                }
                quote @ (b'"' | b'\'' | b'`') => self.after_string(at, quote),
                _ => at + 1,
            };
        }
    }

    /// Returns the end of a string. An apostrophe in a text does not open one.
    fn after_string(&mut self, start: usize, quote: u8) -> usize {
        let mut at = start + 1;
        while let Some(byte) = self.look(at) {
            match byte {
                b'\\' => at += 2,
                b'\n' if quote != b'`' => break,
                byte if byte == quote => return at + 1,
                _ => at += 1,
            }
        }
        start + 1
    }

    /// Returns the end of the tag that starts at a position; `None` if there is none.
    fn tag(&mut self, start: usize) -> Option<usize> {
        let first = *self.bytes.get(start + 1)?;
        if !first.is_ascii_alphabetic() && !matches!(first, b'/' | b'>' | b'_' | b'$') {
            return None;
        }
        let mut at = start + 1;
        loop {
            at = match self.look(at)? {
                b'>' => return Some(at + 1),
                b'<' => return None,
                quote @ (b'"' | b'\'') => {
                    self.find(if quote == b'"' { "\"" } else { "'" }, at + 1)? + 1
                }
                b'{' => self.expression(at)?.0,
                _ => at + 1,
            };
        }
    }

    /// Returns the text of a range without the comments in it, and without blanks around it.
    fn without(&self, range: Range<usize>, comments: &[Range<usize>]) -> String {
        let mut text = String::new();
        let mut at = range.start;
        for comment in comments {
            text.push_str(self.text[at..comment.start].trim());
            at = comment.end;
        }
        text.push_str(self.text[at..range.end].trim());
        text
    }
}
