//! Finds the start and the end of front matter.
//!
//! The generators agree on `---` lines around YAML, and on little else. What some of them read
//! differently is refused, because an edit would change what the others see.

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
    /// A language that is not edited, such as JavaScript: the range of its name.
    Foreign { language: Range<usize> },
}

type Error = (usize, Refusal);

/// The offset after a byte order mark, or 0.
pub(super) fn after_bom(bytes: &[u8]) -> usize {
    let bom = "\u{feff}".as_bytes();
    if bytes.starts_with(bom) { bom.len() } else { 0 }
}

/// What the first line of a page opens.
struct Opening {
    delimiter: &'static [u8; 3],
    /// `None` for a language that is not edited.
    syntax: Option<Syntax>,
    language: Range<usize>,
}

/// Reads the first line of a page. Returns `None` if it opens no front matter.
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
pub(super) fn begins(bytes: &[u8], dialect: &Dialect) -> bool {
    let start = after_bom(bytes);
    let first = Lines { bytes, at: start }.next();
    first.is_some_and(|line| opening(bytes, line.text(), dialect).is_some())
}

/// Finds the front matter of a page. Returns `None` if there is none, or if it is not closed.
pub(super) fn split(bytes: &[u8], dialect: &Dialect) -> Result<Option<Parts>, Error> {
    let mut start = after_bom(bytes);
    if dialect.leading_blanks {
        start += bytes[start..]
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
    }
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

/// Whether a line is the delimiter and blanks.
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
    /// The offset after the line feed.
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
        ..Dialect::common(1000)
    };
    const HUGO: Dialect = Dialect {
        toml: true,
        json: JsonFrontMatter::AnyBrace,
        ..Dialect::common(1000)
    };
    const ZOLA: Dialect = Dialect {
        closes_at_line_end: true,
        leading_blanks: true,
        json: JsonFrontMatter::Never,
        ..HUGO
    };

    const ELEVENTY: Dialect = Dialect {
        languages: true,
        ..Dialect::common(1000)
    };
    const NONE: Dialect = Dialect {
        json: JsonFrontMatter::Object,
        ..Dialect::common(1000)
    };

    fn parts(text: &str, dialect: &Dialect) -> Result<Option<(String, String)>, Refusal> {
        let bytes = text.as_bytes();
        match split(bytes, dialect) {
            Ok(None) => Ok(None),
            Ok(Some(parts)) => {
                let text = |range| String::from_utf8_lossy(&bytes[range]).into_owned();
                let front_matter = match parts.front_matter {
                    FrontMatter::Text { syntax, range } => {
                        let name = match syntax {
                            Syntax::Json if dialect.languages => "json:",
                            _ => "",
                        };
                        format!("{name}{}", text(range))
                    }
                    FrontMatter::Foreign { language } => format!("foreign:{}", text(language)),
                };
                Ok(Some((front_matter, text(parts.body))))
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

    /// As `gray-matter` 4 splits them.
    #[test]
    fn a_language_may_follow_the_first_delimiter() {
        for (text, expected) in [
            (
                "---json\n{ \"a\": 1 }\n---\nB",
                found("json:{ \"a\": 1 }\n", "B"),
            ),
            ("--- json \r\n{}\r\n---\r\nB", found("json:{}\r\n", "B")),
            ("---yaml\na: 1\n---\nB", found("a: 1\n", "B")),
            ("---yml\na: 1\n---\nB", found("a: 1\n", "B")),
            ("---js\n{ a: 1 }\n---\nB", found("foreign:js", "B")),
            ("---toml\na = 1\n---\nB", found("foreign:toml", "B")),
            ("---json\n{}\n", Ok(None)),
            ("----\na: 1\n---\n", Ok(None)),
            ("--- # c\na: 1\n---\n", Ok(None)),
            (
                "---json\n{}\n--- x\n---\n",
                Err(Refusal::AmbiguousDelimiter),
            ),
        ] {
            assert_eq!(parts(text, &ELEVENTY), expected, "{text:?}");
        }
        assert_eq!(parts("---json\n{}\n---\nB", &JEKYLL), Ok(None));
    }

    #[test]
    fn a_template_is_no_json_without_a_generator() {
        for text in ["{% extends x %}\n", "{{ a }}\n", "{# c #}\n", "{{< x >}}"] {
            assert_eq!(parts(text, &NONE), Ok(None), "{text:?}");
        }
        for text in ["{\"a\": 1}", "{}", "{ \"a\": 1 }", "{\n}"] {
            assert_eq!(parts(text, &NONE), found(text, ""), "{text:?}");
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
