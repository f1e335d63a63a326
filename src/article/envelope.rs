//! Splits a page into front matter and body: bytes go in, byte ranges come out.
//!
//! The generators agree on `---` lines around YAML, and on little else. Front matter that some of
//! them read differently is refused, because an edit would change what the others see.

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::{Refusal, Syntax};
use crate::generator::{Dialect, JsonFrontMatter};

/// The parts of a page.
pub(super) struct Parts {
    pub front_matter: FrontMatter,
    pub body: Range<usize>,
}

/// The front matter of a page.
pub(super) enum FrontMatter {
    /// Text between the delimiters that can be edited.
    Text { syntax: Syntax, range: Range<usize> },
    /// A language that is not edited, such as JavaScript, with the range of its name.
    Foreign { language: Range<usize> },
}

type Error = (usize, Refusal);

/// Returns the offset after a byte order mark; 0 if there is none.
pub(super) fn after_bom(bytes: &[u8]) -> usize {
    let bom = "\u{feff}".as_bytes();
    if bytes.starts_with(bom) { bom.len() } else { 0 }
}

/// Front matter that the first line of a page opens.
struct Opening {
    delimiter: &'static [u8; 3],
    /// Syntax of the front matter; `None` for a language that is not edited.
    syntax: Option<Syntax>,
    language: Range<usize>,
}

/// Parses the first line of a page. Returns `None` if it opens no front matter.
fn opening(bytes: &[u8], line: Range<usize>, dialect: &Dialect) -> Option<Opening> {
    let text = &bytes[line.clone()];
    let of = |delimiter, syntax, language| {
        Some(Opening {
            delimiter,
            syntax,
            language,
        })
    };
    if is_delimiter(text, b"---") {
        return of(b"---", Some(Syntax::Yaml), 0..0);
    }
    if dialect.toml && is_delimiter(text, b"+++") {
        return of(b"+++", Some(Syntax::Toml), 0..0);
    }
    let name = text
        .strip_prefix(b"---")
        .filter(|_| dialect.languages)?
        .trim_ascii();
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric();
    if name.is_empty() || !name.iter().all(is_word) {
        return None;
    }
    let start = line.start + (name.as_ptr() as usize - text.as_ptr() as usize);
    let syntax = match name {
        b"yaml" | b"yml" => Some(Syntax::Yaml),
        b"json" => Some(Syntax::Json),
        _ => None,
    };
    of(b"---", syntax, start..start + name.len())
}

/// Whether the first line of a page opens front matter.
fn begins(bytes: &[u8], dialect: &Dialect) -> bool {
    let start = after_bom(bytes);
    let first = Lines { bytes, at: start }.next();
    first.is_some_and(|line| opening(bytes, line.text(), dialect).is_some())
}

/// Returns the start of the front matter that a page opens, closed or not; `None` if it opens none.
pub(super) fn beginning(bytes: &[u8], dialect: &Dialect) -> Option<usize> {
    let start = start(bytes, dialect);
    let opens_json = dialect.json == JsonFrontMatter::AnyBrace && bytes[start..].starts_with(b"{");
    let opens = || {
        let first = Lines { bytes, at: start }.next();
        first.is_some_and(|line| opening(bytes, line.text(), dialect).is_some())
    };
    (opens_json || opens()).then_some(start)
}

/// Returns where the first front-matter line may be: after a byte order mark, and after blanks if
/// the dialect allows them.
fn start(bytes: &[u8], dialect: &Dialect) -> usize {
    let start = after_bom(bytes);
    let is_blank = |byte: &&u8| dialect.leading_blanks && byte.is_ascii_whitespace();
    start + bytes[start..].iter().take_while(is_blank).count()
}

/// Whether a page is UTF-16, with or without a byte order mark, and opens front matter.
fn begins_in_utf16(bytes: &[u8], dialect: &Dialect) -> bool {
    /// More code units than the first front-matter line has.
    const FIRST_LINE: usize = 64;
    // In UTF-16, one of the bytes of an ASCII character is zero.
    if !bytes.iter().take(4).any(|byte| *byte == 0) {
        return false;
    }
    let start = bytes.chunks_exact(2).take(FIRST_LINE);
    let readings = [u16::from_le_bytes, u16::from_be_bytes];
    readings.iter().any(|read| {
        let units = start.clone().map(|pair| read([pair[0], pair[1]]));
        let text: String = char::decode_utf16(units)
            .map(|read| read.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        begins(text.as_bytes(), dialect)
    })
}

/// Finds the front matter of a page. Returns `None` if there is none, or if it is not closed.
pub(super) fn split(bytes: &[u8], dialect: &Dialect) -> Result<Option<Parts>, Error> {
    if begins_in_utf16(bytes, dialect) {
        return Err((0, Refusal::Utf16));
    }
    let start = start(bytes, dialect);
    if opens_json(&bytes[start..], dialect.json) {
        return split_json(bytes, start, dialect);
    }
    let mut lines = Lines { bytes, at: start };
    let Some(first) = lines.next() else {
        return Ok(None);
    };
    let Some(opening) = opening(bytes, first.text(), dialect) else {
        return Ok(None);
    };
    let Opening {
        delimiter, syntax, ..
    } = opening;
    let front = first.end;
    // A doubtful line is an error only if the front matter turns out to be closed.
    let mut doubtful = None;
    for line in lines {
        let text = &bytes[line.text()];
        let closes = is_delimiter(text, delimiter)
            || syntax == Some(Syntax::Yaml) && dialect.dots_close && is_delimiter(text, b"...");
        if closes {
            let body = line.end..bytes.len();
            let Some(syntax) = syntax else {
                let language = opening.language;
                return Ok(Some(Parts {
                    front_matter: FrontMatter::Foreign { language },
                    body,
                }));
            };
            let range = front..line.start;
            check_text(bytes, range.clone(), dialect.limit)?;
            if let Some(error) = doubtful {
                return Err(error);
            }
            return Ok(Some(Parts {
                front_matter: FrontMatter::Text { syntax, range },
                body,
            }));
        }
        if doubtful.is_none() {
            if delimiter == b"---" && text.starts_with(b"---") {
                doubtful = Some((line.start, Refusal::AmbiguousDelimiter));
            } else if dialect.closes_at_line_end && text.trim_ascii_end().ends_with(delimiter) {
                doubtful = Some((line.start, Refusal::AmbiguousLineEnd));
            }
        }
    }
    Ok(None)
}

/// Whether a page opens JSON front matter.
fn opens_json(bytes: &[u8], json: JsonFrontMatter) -> bool {
    let is_object = |next: Option<&u8>| {
        next.is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'}'))
    };
    bytes.first() == Some(&b'{')
        && match json {
            JsonFrontMatter::Never => false,
            JsonFrontMatter::AnyBrace => true,
            JsonFrontMatter::Object => is_object(bytes.get(1)),
        }
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
                        front_matter: FrontMatter::Text {
                            syntax: Syntax::Json,
                            range: start..end,
                        },
                        body: end..bytes.len(),
                    }));
                }
            }
            _ => {}
        }
    }
    Ok(None)
}

/// Refuses a text that is too long, not UTF-8, or contains a lone carriage return.
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

/// Whether a line consists of the delimiter and blanks.
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
    /// Offset after the line feed.
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
