//! Parses the subject of a selector: the selector goes in, which images it may match comes out.

use cssparser::{Parser, ParserInput, Token};

use super::index::{Need, Of};
use super::slot::Slot;

/// The last compound of a selector (its subject): an element by its classes and id.
#[derive(Clone, Debug, Default)]
pub(super) struct Subject {
    pub classes: Vec<String>,
    pub id: Option<String>,
    /// Whether the compound contains the name `img`.
    pub is_named: bool,
    /// Whether name, classes and id are the whole selector.
    pub is_all: bool,
    /// Whether the element must be the child of another one (`>`).
    pub must_stay_child: bool,
    /// Whether no part of the compound was read yet.
    is_fresh: bool,
}

/// Splits a list of selectors at its commas. The selectors are as written.
pub(super) fn selectors(list: &str) -> impl Iterator<Item = &str> {
    let mut parts = Vec::new();
    let mut input = ParserInput::new(list);
    let mut parser = Parser::new(&mut input);
    loop {
        let start = parser.position();
        while !matches!(parser.next(), Ok(Token::Comma) | Err(_)) {}
        let part = parser.slice_from(start).trim_end();
        let is_end = parser.is_exhausted();
        parts.push(if is_end && !part.ends_with(',') {
            part
        } else {
            part.strip_suffix(',').unwrap_or(part)
        });
        if is_end {
            return parts.into_iter().map(str::trim);
        }
    }
}

impl Subject {
    /// Returns the subject of a selector; `None` if it cannot be an image.
    pub fn of(selector: &str) -> Option<Self> {
        let mut subject = Subject::new();
        let mut input = ParserInput::new(selector);
        let mut parser = Parser::new(&mut input);
        let mut is_image = true;
        let mut has_space = false;
        while let Ok(token) = parser.next_including_whitespace().cloned() {
            let is_combinator = matches!(token, Token::Delim('>' | '+' | '~'));
            if matches!(token, Token::WhiteSpace(_)) {
                has_space = true;
                continue;
            }
            if is_combinator || has_space && !subject.is_fresh {
                // Another compound begins.
                is_image = true;
                subject = Subject {
                    must_stay_child: token == Token::Delim('>'),
                    is_all: false,
                    is_fresh: is_combinator,
                    ..Subject::new()
                };
            }
            has_space = false;
            if is_combinator {
                continue;
            }
            subject.is_fresh = false;
            is_image &= subject.add(&token, &mut parser);
        }
        is_image.then_some(subject)
    }

    /// Whether the element may be the subject, by classes and id.
    pub fn may_be(&self, slot: &Slot) -> bool {
        let classes = || {
            slot.class
                .iter()
                .flat_map(|class| class.split_ascii_whitespace())
        };
        let has_class = |class: &String| classes().any(|own| own == class);
        self.classes.iter().all(has_class)
            && self
                .id
                .as_ref()
                .is_none_or(|id| slot.id.as_ref() == Some(id))
    }

    /// Returns the id and the classes that the element needs.
    pub fn needs(&self) -> impl Iterator<Item = (Need<'_>, Of)> {
        let classes = self.classes.iter().map(|class| Need::Class(class));
        let id = self.id.iter().map(|id| Need::Id(id));
        classes.chain(id).map(|need| (need, Of::Element))
    }

    fn new() -> Self {
        Subject {
            is_all: true,
            is_fresh: true,
            ..Subject::default()
        }
    }

    /// Adds a part of the compound. Returns whether the element may still be an image.
    fn add(&mut self, token: &Token<'_>, parser: &mut Parser<'_, '_>) -> bool {
        match token {
            Token::Ident(name) => {
                let state = parser.state();
                if parser.next_including_whitespace() == Ok(&Token::Delim('|')) {
                    // The name was that of a namespace.
                    self.is_all = false;
                    return true;
                }
                parser.reset(&state);
                self.is_named = name.eq_ignore_ascii_case("img");
                return self.is_named;
            }
            Token::IDHash(id) | Token::Hash(id) => self.id = Some(id.to_string()),
            Token::Delim('.') => match parser.next_including_whitespace() {
                Ok(Token::Ident(class)) => self.classes.push(class.to_string()),
                _ => self.is_all = false,
            },
            Token::Colon => {
                self.is_all = false;
                return !is_pseudo_element(parser);
            }
            Token::Delim('*' | '|') => {}
            _ => self.is_all = false,
        }
        true
    }
}

/// Whether a selector selects pseudo-elements.
pub(super) fn is_of_pseudo_elements(selector: &str) -> bool {
    let mut input = ParserInput::new(selector);
    let mut parser = Parser::new(&mut input);
    while let Ok(token) = parser.next().cloned() {
        if token == Token::Colon && is_pseudo_element(&mut parser) {
            return true;
        }
    }
    false
}

/// Whether a pseudo-element, which is never an image, follows the colon. Advances past its name or
/// that of a pseudo-class.
fn is_pseudo_element(parser: &mut Parser<'_, '_>) -> bool {
    match parser.next_including_whitespace() {
        Ok(Token::Colon) => true,
        Ok(Token::Ident(name)) => {
            let old = ["before", "after", "first-line", "first-letter"];
            old.iter().any(|old| name.eq_ignore_ascii_case(old))
        }
        _ => false,
    }
}
