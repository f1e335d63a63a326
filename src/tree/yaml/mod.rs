//! YAML through `granit-parser`: a text goes in, and a tree and the events that the guard compares
//! come out.

mod builder;
mod event;

use granit_parser::{Event as ParserEvent, Options, Parser};

use super::{NESTING_LIMIT, SyntaxError, Tree};
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
/// differently: a block scalar whose last line does not end.
pub fn parse_standard(text: &str) -> Option<Tree<'_>> {
    let has_end = text.is_empty() || text.ends_with('\n');
    has_end.then(|| parse_as(text, Strictness::Standard).ok())?
}

fn parse_as(text: &str, strictness: Strictness) -> Result<Tree<'_>, SyntaxError> {
    let mut builder = Builder::new(text);
    let mut parser = Parser::new_from_str_with_options(text, options(strictness)).peekable();
    while let Some(event) = parser.next() {
        let (event, span) = event.map_err(|error| SyntaxError {
            offset: error.marker().byte_offset().unwrap_or_else(|| {
                text.char_indices()
                    .nth(error.marker().index())
                    .map_or(text.len(), |(at, _)| at)
            }),
            message: format!("not valid YAML: {}", error.info()),
        })?;
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
