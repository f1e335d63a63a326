//! Parses YAML with `granit-parser`: a text goes in, a tree comes out, with the events that the
//! guard compares.

mod builder;
mod event;

use granit_parser::{Event as ParserEvent, Options, Parser, ScanError};

use super::{NESTING_LIMIT, SyntaxError, Tree, words};
use builder::{Anchor, Builder, bytes};
pub use event::{Event, Properties};

/// Which YAML is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// What libyaml, and so Jekyll, accepts.
    AsLibyaml,
    /// YAML 1.2 to the letter.
    Standard,
}

fn options(strictness: Strictness) -> Options {
    let mut options = Options::default();
    options.emit_comments = false;
    options.emit_anchor_events = true;
    options.flow_nesting_limit = NESTING_LIMIT;
    options.block_nesting_limit = NESTING_LIMIT;
    match strictness {
        Strictness::AsLibyaml => {
            options.block_scalar_eof_without_line_feed = true;
            options.bom_inside_document_as_content = true;
        }
        Strictness::Standard => options.strict_indentation = true,
    }
    options
}

/// Whether `text` is valid YAML 1.2.
pub fn is_standard(text: &str) -> bool {
    Parser::new_from_str_with_options(text, options(Strictness::Standard))
        .all(|event| event.is_ok())
}

/// Parses a text of at most one document.
pub fn parse(text: &str) -> Result<Tree<'_>, SyntaxError> {
    parse_as(text, Strictness::AsLibyaml)
}

/// Parses a text as YAML 1.2. Returns `None` if it is not valid, or if [`parse`] may read it
/// differently: the last line of a block scalar may have no line break.
pub fn parse_standard(text: &str) -> Option<Tree<'_>> {
    let has_end = text.is_empty() || text.ends_with('\n');
    has_end.then(|| parse_as(text, Strictness::Standard).ok())?
}

fn parse_as(text: &str, strictness: Strictness) -> Result<Tree<'_>, SyntaxError> {
    let mut builder = Builder::new(text);
    let mut parser = Parser::new_from_str_with_options(text, options(strictness)).peekable();
    while let Some(event) = parser.next() {
        let (event, span) = event.map_err(|error| syntax_error(text, &error))?;
        // The anchor's own event follows its node's.
        let anchor = match parser.peek() {
            Some(Ok((ParserEvent::Anchor(id, name), at))) => Some(Anchor {
                id: *id,
                name: name.clone(),
                at: bytes(at),
            }),
            _ => None,
        };
        builder.take(event, &span, anchor)?;
    }
    Ok(builder.finish())
}

fn syntax_error(text: &str, error: &ScanError) -> SyntaxError {
    let offset = error.marker().byte_offset().unwrap_or_else(|| {
        let mut characters = text.char_indices();
        let at = characters.nth(error.marker().index());
        at.map_or(text.len(), |(at, _)| at)
    });
    match unclosed_quote(&text[..offset]) {
        _ if words::is_about_depth(&error.info()) => SyntaxError::too_deep(offset),
        Some(opening) if error.info().contains("-quoted") => SyntaxError::invalid(
            opening,
            "not valid YAML: the quote that opens here is closed on a later line, within another \
             value"
                .to_owned(),
        ),
        _ => SyntaxError::invalid(
            offset,
            format!("not valid YAML: {}", words::of_yaml(&error.info())),
        ),
    }
}

/// Returns the start of the quoted scalar that ends at the end of `before`, if it spans a line that
/// looks like a key of its own: its closing quote is then the opening quote of another value.
fn unclosed_quote(before: &str) -> Option<usize> {
    let closing = before.rfind(['"', '\''])?;
    let quote = before[closing..].chars().next()?;
    let content = &before[..closing];
    let is_escape = |at: usize| match quote {
        '"' => {
            let before = content[..at].trim_end_matches('\\');
            (at - before.len()) % 2 == 1
        }
        _ => false,
    };
    let mut quotes = content.rmatch_indices(quote).map(|(at, _)| at);
    let opening = quotes.find(|at| !is_escape(*at))?;
    let is_key = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ");
        let end = line.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-')));
        end.is_some_and(|end| end > 0 && line[end..].starts_with(": "))
    };
    let mut lines = content[opening..].split('\n').skip(1);
    lines.any(is_key).then_some(opening)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unclosed_quote_is_reported_where_it_opens() {
        for (text, offset) in [
            ("title: \"T\nimage: \"/a.png\"\n", 7),
            ("title: \"T\nimage: /a.png\nquote: \"b\"\n", 7),
            ("list:\n- name: 'T\n- name: 'U'\n", 14),
            ("title: \"T \\\" x\nimage: \"/a.png\"\n", 7),
            // The quote is closed, and the text after it is the error.
            ("title: 'it's\nimage: /a.png\n", 11),
            ("title: \"T\n  more\" x\nimage: /a.png\n", 18),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.offset, offset, "{text} {}", error.message);
        }
    }
}
