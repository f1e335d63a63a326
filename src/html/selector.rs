//! Parses the selectors of style sheets, and matches them against an element and its ancestors.
//!
//! A page is read from its start, so later siblings, states and scripts are not known: a selector
//! that depends on them may match.

use std::cell::Cell;

use cssparser::{ParseError, Parser, ParserInput, Token};

use super::attribute::{Attribute, Test};
use super::index::{Need, Of};

/// How deep `:is()` and others may nest in a selector that is parsed: the parser is recursive.
const DEEPEST: usize = 16;

/// Number of comparisons for one selector and one element; beyond it, the selector may match.
const MOST_STEPS: u32 = 20_000;

/// Functional pseudo-classes whose arguments are not read: any element may match them.
const COUNTING: [&str; 6] = [
    "nth-child",
    "nth-last-child",
    "nth-of-type",
    "nth-last-of-type",
    "lang",
    "dir",
];

/// Whether a selector matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Match {
    No,
    Maybe,
    Yes,
}

impl Match {
    fn not(self) -> Self {
        match self {
            Match::No => Match::Yes,
            Match::Maybe => Match::Maybe,
            Match::Yes => Match::No,
        }
    }
}

impl From<bool> for Match {
    fn from(is: bool) -> Self {
        if is { Match::Yes } else { Match::No }
    }
}

/// An element with the attributes that selectors test.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    /// Name in lower case.
    pub name: String,
    /// Names and values; the values are without character references.
    pub attributes: Vec<(String, String)>,
}

impl Node {
    pub fn named(name: &str) -> Self {
        Node {
            name: name.to_owned(),
            attributes: Vec::new(),
        }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// An element and its ancestors, from the outermost ancestor to the element itself.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    pub nodes: &'p [&'p Node],
    /// Whether the outermost elements are missing.
    pub is_cut: bool,
    /// Whether what scripts commonly set counts as possible.
    pub has_scripts: bool,
}

/// Number of comparisons so far.
pub(super) type Work = Cell<u64>;

/// Number of ids, of classes and attributes, and of names.
pub(super) type Specificity = (u32, u32, u32);

/// A selector without commas.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    /// Compounds from the subject outwards, each with the combinator before it.
    compounds: Vec<(Compound, Combinator)>,
    pub specificity: Specificity,
}

type Compound = Vec<Part>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Combinator {
    /// There is no other compound before it.
    None,
    Descendant,
    Child,
    Sibling,
}

/// A condition of a compound (a simple selector).
#[derive(Clone, Debug)]
enum Part {
    Any,
    Name(String),
    Attribute(Attribute),
    Is(Vec<Selector>),
    Not(Vec<Selector>),
    /// A condition that the source of a page does not decide.
    Unknown,
}

type Unread<'i> = ParseError<'i, ()>;

impl Selector {
    /// Parses a selector. Returns `None` if its meaning or its specificity is not known.
    pub fn parse(text: &str) -> Option<Self> {
        // Each level needs an opening parenthesis; those in strings count as well.
        if text.matches('(').count() > DEEPEST {
            return None;
        }
        let mut input = ParserInput::new(text);
        let mut parser = Parser::new(&mut input);
        let mut list = list(&mut parser).ok()?;
        (list.len() == 1).then(|| list.remove(0))
    }

    /// Returns the names of the attributes that the selector tests.
    pub fn attributes(&self) -> Vec<&str> {
        let parts = self.compounds.iter().flat_map(|(compound, _)| compound);
        let names = parts.flat_map(|part| match part {
            Part::Attribute(attribute) => vec![attribute.name.as_str()],
            Part::Is(list) | Part::Not(list) => {
                list.iter().flat_map(Selector::attributes).collect()
            }
            Part::Any | Part::Name(_) | Part::Unknown => Vec::new(),
        });
        names.collect()
    }

    /// Whether a script may make the selector match: it tests a class that scripts commonly set, or
    /// an attribute of theirs.
    pub fn depends_on_scripts(&self) -> bool {
        let mut parts = self.compounds.iter().flat_map(|(compound, _)| compound);
        parts.any(|part| match part {
            Part::Attribute(attribute) => attribute.is_of_scripts(),
            Part::Is(list) | Part::Not(list) => list.iter().any(Selector::depends_on_scripts),
            Part::Any | Part::Name(_) | Part::Unknown => false,
        })
    }

    /// Returns the ids and classes without which the selector does not match, except for those that
    /// scripts commonly set.
    pub fn needs(&self) -> impl Iterator<Item = (Need<'_>, Of)> {
        // What a sibling must have is not known of the element and its ancestors.
        let mut of = Some(Of::Element);
        let compounds = self.compounds.iter().map(move |(compound, combinator)| {
            let own = of;
            of = match combinator {
                Combinator::Sibling => None,
                _ => Some(Of::Ancestor),
            };
            own.map(|of| (compound, of))
        });
        compounds.flatten().flat_map(|(compound, of)| {
            let needs = compound.iter().filter_map(|part| match part {
                Part::Attribute(attribute) if !attribute.is_of_scripts() => {
                    let class = attribute.class().map(Need::Class);
                    class.or_else(|| attribute.id().map(Need::Id))
                }
                _ => None,
            });
            needs.map(move |need| (need, of))
        })
    }

    /// Whether the selector matches the last element of a path. Adds the number of comparisons to
    /// `work`.
    pub fn matches(&self, path: Path<'_>, work: &Work) -> Match {
        let Some(last) = path.nodes.len().checked_sub(1) else {
            return Match::No;
        };
        let left = Cell::new(MOST_STEPS);
        let found = self.matches_from(0, last, path, &left);
        work.set(work.get() + u64::from(MOST_STEPS - left.get()));
        found
    }

    /// Whether compound `nth` matches element `at`, and the outer compounds match its ancestors.
    /// `left` is the number of comparisons that are left.
    fn matches_from(&self, nth: usize, at: usize, path: Path<'_>, left: &Cell<u32>) -> Match {
        let Some(steps) = left.get().checked_sub(1) else {
            return Match::Maybe;
        };
        left.set(steps);
        let inner = Path {
            nodes: &path.nodes[..=at],
            ..path
        };
        let (compound, _) = &self.compounds[nth];
        let parts = compound.iter().map(|part| part.matches(inner, left));
        match parts.min() {
            Some(Match::No) => Match::No,
            Some(own) => own.min(self.matches_around(nth, at, path, left)),
            None => self.matches_around(nth, at, path, left),
        }
    }

    /// Whether the compounds outside of compound `nth` match around element `at`.
    fn matches_around(&self, nth: usize, at: usize, path: Path<'_>, left: &Cell<u32>) -> Match {
        let beyond = if path.is_cut { Match::Maybe } else { Match::No };
        // Siblings are not known, but their ancestors are those of the element.
        let mut combinators = self.compounds[nth..]
            .iter()
            .map(|(_, combinator)| combinator);
        let siblings = combinators.position(|combinator| *combinator != Combinator::Sibling);
        let siblings = siblings.unwrap_or(0);
        let most = match siblings {
            0 => Match::Yes,
            _ => Match::Maybe,
        };
        let nth = nth + siblings;
        // A script may put an element around this one, as sliders do.
        let outer = match self.compounds[nth].1 {
            Combinator::Child | Combinator::Descendant if path.has_scripts && left.get() > 0 => {
                self.compounds.get(nth + 1)
            }
            _ => None,
        };
        let inserted = match outer {
            Some((compound, _)) if is_of_scripts(compound) => {
                Match::Maybe.min(self.matches_around(nth + 1, at, path, left))
            }
            _ => Match::No,
        };
        let around = match self.compounds[nth].1 {
            Combinator::None | Combinator::Sibling => Match::Yes,
            Combinator::Child => match at.checked_sub(1) {
                Some(parent) => self.matches_from(nth + 1, parent, path, left),
                None => beyond,
            },
            Combinator::Descendant => {
                let mut best = beyond;
                for ancestor in (0..at).rev() {
                    best = best.max(self.matches_from(nth + 1, ancestor, path, left));
                    if best == Match::Yes {
                        break;
                    }
                }
                best
            }
        };
        around.max(inserted).min(most)
    }
}

/// Whether scripts commonly add elements that a compound matches.
fn is_of_scripts(compound: &[Part]) -> bool {
    let mut attributes = compound.iter().filter_map(|part| match part {
        Part::Attribute(attribute) => Some(attribute.is_of_scripts()),
        Part::Is(_) | Part::Not(_) => Some(false),
        Part::Any | Part::Name(_) | Part::Unknown => None,
    });
    attributes.next() == Some(true) && attributes.all(|is_one| is_one)
}

impl Part {
    fn matches(&self, path: Path<'_>, left: &Cell<u32>) -> Match {
        let at = path.nodes.len() - 1;
        let node = path.nodes[at];
        let any = |list: &[Selector]| {
            let matches = list.iter();
            let matches = matches.map(|selector| selector.matches_from(0, at, path, left));
            matches.max().unwrap_or(Match::No)
        };
        match self {
            Part::Any => Match::Yes,
            Part::Name(name) => (node.name == *name).into(),
            Part::Attribute(attribute) => {
                let own = node.get(&attribute.name);
                match own.is_some_and(|own| attribute.matches_value(own)) {
                    false if path.has_scripts && attribute.is_of_scripts() => Match::Maybe,
                    is => is.into(),
                }
            }
            Part::Is(list) => any(list),
            Part::Not(list) => any(list).not(),
            Part::Unknown => Match::Maybe,
        }
    }
}

fn list<'i>(parser: &mut Parser<'i, '_>) -> Result<Vec<Selector>, Unread<'i>> {
    parser.parse_comma_separated(selector)
}

fn selector<'i>(parser: &mut Parser<'i, '_>) -> Result<Selector, Unread<'i>> {
    let mut compounds: Vec<(Compound, Combinator)> = Vec::new();
    let mut specificity = (0, 0, 0);
    let mut compound = Vec::new();
    let mut before = Combinator::None;
    let mut next: Option<Combinator> = None;
    parser.skip_whitespace();
    while let Ok(token) = parser.next_including_whitespace().cloned() {
        let combinator = match token {
            Token::WhiteSpace(_) => Some(Combinator::Descendant),
            Token::Delim('>') => Some(Combinator::Child),
            Token::Delim('+' | '~') => Some(Combinator::Sibling),
            _ => None,
        };
        if let Some(combinator) = combinator {
            match next {
                None | Some(Combinator::Descendant) => next = Some(combinator),
                Some(_) if combinator == Combinator::Descendant => {}
                Some(_) => return Err(parser.new_custom_error(())),
            }
            continue;
        }
        if let Some(combinator) = next.take() {
            if compound.is_empty() {
                return Err(parser.new_custom_error(()));
            }
            compounds.push((std::mem::take(&mut compound), before));
            before = combinator;
        }
        compound.push(part(&token, parser, &mut specificity)?);
    }
    let is_open = next.is_some_and(|next| next != Combinator::Descendant);
    if compound.is_empty() || is_open {
        return Err(parser.new_custom_error(()));
    }
    compounds.push((compound, before));
    compounds.reverse();
    Ok(Selector {
        compounds,
        specificity,
    })
}

/// Parses the part of a compound that begins with a token, and adds to the specificity.
fn part<'i>(
    token: &Token<'i>,
    parser: &mut Parser<'i, '_>,
    (ids, classes, names): &mut Specificity,
) -> Result<Part, Unread<'i>> {
    match token {
        Token::Delim('*') => Ok(Part::Any),
        Token::Ident(name) => {
            *names += 1;
            Ok(Part::Name(name.to_ascii_lowercase()))
        }
        Token::IDHash(id) => {
            *ids += 1;
            Ok(Part::Attribute(Attribute::new("id", Test::Is, id)))
        }
        Token::Delim('.') => {
            *classes += 1;
            let class = parser.expect_ident()?;
            let class = Attribute::new("class", Test::Includes, class);
            Ok(Part::Attribute(class))
        }
        Token::SquareBracketBlock => {
            *classes += 1;
            let attribute = parser.parse_nested_block(Attribute::parse)?;
            Ok(Part::Attribute(attribute))
        }
        Token::Colon => match parser.next_including_whitespace()?.clone() {
            Token::Ident(name) => {
                *classes += 1;
                Ok(match name.to_ascii_lowercase().as_str() {
                    "root" => Part::Name("html".to_owned()),
                    _ => Part::Unknown,
                })
            }
            Token::Function(name) => {
                let name = name.to_ascii_lowercase();
                if COUNTING.contains(&name.as_str()) {
                    *classes += 1;
                    return Ok(Part::Unknown);
                }
                if !matches!(name.as_str(), "is" | "not" | "where") {
                    return Err(parser.new_custom_error(()));
                }
                let list = parser.parse_nested_block(list)?;
                let most = list.iter().map(|selector| selector.specificity).max();
                if let Some(most) = most.filter(|_| name != "where") {
                    *ids += most.0;
                    *classes += most.1;
                    *names += most.2;
                }
                Ok(match name.as_str() {
                    "not" => Part::Not(list),
                    _ => Part::Is(list),
                })
            }
            _ => Err(parser.new_custom_error(())),
        },
        _ => Err(parser.new_custom_error(())),
    }
}

#[cfg(test)]
mod tests;
