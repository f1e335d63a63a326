//! Where front matter begins and ends.
//!
//! The generators agree on `---` lines around YAML, and on little else; what only some of them
//! read in the same way is refused, because an edit would then change what the others see.

use std::ops::Range;

use super::Syntax;
use crate::site::Dialect;

/// Why a file is left alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the front matter is not UTF-8")]
    NotUtf8,
    #[error("the front matter is longer than the limit of {limit} bytes")]
    TooLong { limit: usize },
    #[error(
        "a line of the front matter begins with `---` and goes on; generators disagree on whether it closes there"
    )]
    AmbiguousDelimiter,
    #[error(
        "a line of the front matter ends in its delimiter; generators disagree on whether it closes there"
    )]
    AmbiguousLineEnd,
    #[error("a carriage return stands without a line feed")]
    LoneCarriageReturn,
    #[error("{0}")]
    Syntax(String),
    #[error("`{key}` exists and is not a record of planche")]
    Foreign { key: String },
    #[error("two YAML parsers read this front matter differently")]
    ParsersDisagree,
    #[error("the edit would change more than our keys ({0})")]
    Guard(&'static str),
}

impl Refusal {
    /// What its owner can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Refusal::NotUtf8 => "save the file as UTF-8",
            Refusal::TooLong { .. } => "raise `limits: { front_matter: … }` in planche.yml",
            Refusal::AmbiguousDelimiter | Refusal::AmbiguousLineEnd => "indent or reword that line",
            Refusal::LoneCarriageReturn => "save the file with line feeds, or with CRLF throughout",
            Refusal::Syntax(_) => "the generator cannot read it either: correct the line",
            Refusal::Foreign { .. } => {
                "remove it, and planche writes it anew; or choose other names with `front_matter:` in planche.yml"
            }
            Refusal::ParsersDisagree | Refusal::Guard(_) => {
                "write the picture's lines more plainly, one `key: \"value\"` a line"
            }
        }
    }
}

pub(super) struct Parts {
    pub syntax: Syntax,
    pub front_matter: Range<usize>,
    pub body: Range<usize>,
}

type Error = (usize, Refusal);

/// The offset behind a byte order mark, if there is one.
pub(super) fn after_bom(bytes: &[u8]) -> usize {
    let bom = "\u{feff}".as_bytes();
    if bytes.starts_with(bom) { bom.len() } else { 0 }
}

/// Whether a page begins as one with front matter does.
pub(super) fn begins(bytes: &[u8], dialect: &Dialect) -> bool {
    let start = after_bom(bytes);
    let mut lines = Lines { bytes, at: start };
    lines.next().is_some_and(|first| {
        let line = &bytes[first.text()];
        is_delimiter(line, b"---") || dialect.toml && is_delimiter(line, b"+++")
    })
}

/// Finds the front matter of a page; none where there is none, or where it is not closed.
pub(super) fn split(bytes: &[u8], dialect: &Dialect) -> Result<Option<Parts>, Error> {
    let mut start = after_bom(bytes);
    if dialect.leading_blanks {
        start += bytes[start..]
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
    }
    if dialect.json && bytes[start..].starts_with(b"{") {
        return split_json(bytes, start, dialect);
    }
    let mut lines = Lines { bytes, at: start };
    let Some(first) = lines.next() else {
        return Ok(None);
    };
    let (delimiter, syntax) = match &bytes[first.text()] {
        line if is_delimiter(line, b"---") => (b"---", Syntax::Yaml),
        line if dialect.toml && is_delimiter(line, b"+++") => (b"+++", Syntax::Toml),
        _ => return Ok(None),
    };
    let front = first.end;
    // Remembered, and only wrong if the front matter turns out to be closed.
    let mut doubtful = None;
    for line in lines {
        let text = &bytes[line.text()];
        let closes = is_delimiter(text, delimiter)
            || syntax == Syntax::Yaml && dialect.dots_close && is_delimiter(text, b"...");
        if closes {
            let range = front..line.start;
            check_text(bytes, range.clone(), dialect.limit)?;
            if let Some(error) = doubtful {
                return Err(error);
            }
            return Ok(Some(Parts {
                syntax,
                front_matter: range,
                body: line.end..bytes.len(),
            }));
        }
        if doubtful.is_none() {
            if syntax == Syntax::Yaml && text.starts_with(b"---") {
                doubtful = Some((line.start, Refusal::AmbiguousDelimiter));
            } else if dialect.closes_at_line_end && text.trim_ascii_end().ends_with(delimiter) {
                doubtful = Some((line.start, Refusal::AmbiguousLineEnd));
            }
        }
    }
    Ok(None)
}

fn split_json(bytes: &[u8], start: usize, dialect: &Dialect) -> Result<Option<Parts>, Error> {
    let mut depth = 0usize;
    let mut in_string = false;
    let mut escaped = false;
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' if !in_string => depth += 1,
            b'}' if !in_string => {
                depth -= 1;
                if depth == 0 {
                    let end = at + 1;
                    check_text(bytes, start..end, dialect.limit)?;
                    return Ok(Some(Parts {
                        syntax: Syntax::Json,
                        front_matter: start..end,
                        body: end..bytes.len(),
                    }));
                }
            }
            _ => {}
        }
    }
    Ok(None)
}

/// Refuses what no editor of ours may touch: too long, not UTF-8, a lone carriage return.
pub(super) fn check_text(bytes: &[u8], range: Range<usize>, limit: usize) -> Result<(), Error> {
    if range.len() > limit {
        return Err((range.start, Refusal::TooLong { limit }));
    }
    let text = &bytes[range.clone()];
    if let Err(error) = std::str::from_utf8(text) {
        return Err((range.start + error.valid_up_to(), Refusal::NotUtf8));
    }
    let lone = text
        .iter()
        .enumerate()
        .find(|(at, byte)| **byte == b'\r' && text.get(at + 1) != Some(&b'\n'));
    match lone {
        Some((at, _)) => Err((range.start + at, Refusal::LoneCarriageReturn)),
        None => Ok(()),
    }
}

/// `---` and blanks.
fn is_delimiter(line: &[u8], delimiter: &[u8; 3]) -> bool {
    line.strip_prefix(delimiter)
        .is_some_and(|rest| rest.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r')))
}

struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
}

struct Line {
    start: usize,
    /// Behind the line feed.
    end: usize,
    has_line_feed: bool,
}

impl Line {
    fn text(&self) -> Range<usize> {
        self.start..self.end - usize::from(self.has_line_feed)
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        let rest = &self.bytes[self.at..];
        if rest.is_empty() {
            return None;
        }
        let feed = rest.iter().position(|byte| *byte == b'\n');
        let start = self.at;
        self.at += feed.map_or(rest.len(), |at| at + 1);
        Some(Line {
            start,
            end: self.at,
            has_line_feed: feed.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JEKYLL: Dialect = Dialect {
        dots_close: true,
        toml: false,
        json: false,
        closes_at_line_end: false,
        leading_blanks: false,
        bom_hides: false,
        limit: 1000,
    };
    const HUGO: Dialect = Dialect {
        dots_close: false,
        toml: true,
        json: true,
        closes_at_line_end: false,
        leading_blanks: false,
        bom_hides: false,
        limit: 1000,
    };
    const ZOLA: Dialect = Dialect {
        closes_at_line_end: true,
        leading_blanks: true,
        json: false,
        ..HUGO
    };

    fn parts(text: &str, dialect: &Dialect) -> Result<Option<(String, String)>, Refusal> {
        let bytes = text.as_bytes();
        match split(bytes, dialect) {
            Ok(None) => Ok(None),
            Ok(Some(parts)) => {
                let text = |range| String::from_utf8_lossy(&bytes[range]).into_owned();
                Ok(Some((text(parts.front_matter), text(parts.body))))
            }
            Err((_, refusal)) => Err(refusal),
        }
    }

    fn found(front: &str, body: &str) -> Result<Option<(String, String)>, Refusal> {
        Ok(Some((front.to_owned(), body.to_owned())))
    }

    #[test]
    fn front_matter_is_found_as_the_generators_find_it() {
        for (text, dialect, expected) in [
            ("---\na: 1\n---\nB\n", JEKYLL, found("a: 1\n", "B\n")),
            (
                "\u{feff}---\r\na: 1\r\n---\r\nB",
                JEKYLL,
                found("a: 1\r\n", "B"),
            ),
            ("---  \na: 1\n---\t\nB", JEKYLL, found("a: 1\n", "B")),
            ("---\na: 1\n---", JEKYLL, found("a: 1\n", "")),
            ("---\n---\n", JEKYLL, found("", "")),
            ("---\na: 1\n...\nB", JEKYLL, found("a: 1\n", "B")),
            (
                "---\na: 1\n...\nB\n---\n",
                HUGO,
                found("a: 1\n...\nB\n", ""),
            ),
            ("---\na: 1\n", JEKYLL, Ok(None)),
            ("--- # c\na: 1\n---\n", JEKYLL, Ok(None)),
            ("\n---\na: 1\n---\n", JEKYLL, Ok(None)),
            ("", JEKYLL, Ok(None)),
            (
                "---\na: |\n ---\n---\nB",
                JEKYLL,
                found("a: |\n ---\n", "B"),
            ),
            (
                "---\n---- x\n---\n",
                JEKYLL,
                Err(Refusal::AmbiguousDelimiter),
            ),
            ("---\na: x ---\n---\n", JEKYLL, found("a: x ---\n", "")),
            ("---\na: x ---\n---\n", ZOLA, Err(Refusal::AmbiguousLineEnd)),
            (
                "---\na: 1\rb\n---\n",
                JEKYLL,
                Err(Refusal::LoneCarriageReturn),
            ),
            ("+++\na = 1\n+++\nB", HUGO, found("a = 1\n", "B")),
            ("\n \n+++\na = 1\n+++\nB", ZOLA, found("a = 1\n", "B")),
            (
                "+++\na = 'C+++\n+++\nB",
                ZOLA,
                Err(Refusal::AmbiguousLineEnd),
            ),
            ("+++\na = 1\n+++\nB", JEKYLL, Ok(None)),
            (
                "{\"a\": \"}\\\"\"}\nB",
                HUGO,
                found("{\"a\": \"}\\\"\"}", "\nB"),
            ),
            ("{\"a\": 1", HUGO, Ok(None)),
        ] {
            assert_eq!(parts(text, &dialect), expected, "{text:?}");
        }
    }

    #[test]
    fn encoding_and_length_are_checked_in_the_front_matter_only() {
        let latin1 = b"---\na: \xe9\n---\nB";
        assert_eq!(split(latin1, &JEKYLL).err(), Some((7, Refusal::NotUtf8)));
        assert!(split(b"---\na: 1\n---\n\xe9", &JEKYLL).is_ok());
        let long = format!("---\n{}---\n", "a: 1\n".repeat(300));
        assert_eq!(
            split(long.as_bytes(), &JEKYLL)
                .err()
                .map(|(_, refusal)| refusal),
            Some(Refusal::TooLong { limit: 1000 })
        );
    }
}
