//! Finds the rules of style sheets that depend on whether an image has an attribute that is added to
//! images: a selector goes in, the attributes and the images that it is about come out.

use cssparser::{ParseError, Parser, ParserInput, Token};

use super::slot::Slot;
use super::subject::Subject;

/// The attributes that are added to images.
const ADDED: [&str; 7] = [
    "srcset",
    "sizes",
    "width",
    "height",
    "loading",
    "fetchpriority",
    "decoding",
];
/// How deep `:not()` and others may nest in a selector that is read: the parser is recursive.
const DEEPEST: usize = 16;

/// A set of the attributes that are added to images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Attributes(u8);

impl Attributes {
    const ALL: Attributes = Attributes(u8::MAX);

    fn of(name: &str) -> Self {
        let mut added = ADDED.iter();
        let place = added.position(|added| name.eq_ignore_ascii_case(added));
        Attributes(place.map_or(0, |place| 1 << place))
    }

    pub fn has(self, name: &str) -> bool {
        self.0 & Attributes::of(name).0 != 0
    }

    fn with(self, other: Self) -> Self {
        Attributes(self.0 | other.0)
    }
}

/// Attributes whose presence a selector tests.
#[derive(Clone, Debug)]
pub(super) struct Tested {
    attributes: Attributes,
    /// Which images are tested; `None` for any.
    subject: Option<Subject>,
}

impl Tested {
    /// Returns the attributes of the image that are tested, and that it lacks.
    pub fn lacking(all: &[Tested], slot: &Slot) -> Attributes {
        let of_image = all.iter().filter(|tested| {
            let subject = tested.subject.as_ref();
            subject.is_none_or(|subject| subject.may_be(slot))
        });
        let tested = of_image.map(|tested| tested.attributes);
        let tested = tested.fold(Attributes::default(), Attributes::with);
        let lacking = ADDED.iter().filter(|name| !slot.has(name));
        let lacking = lacking.map(|name| Attributes::of(name));
        Attributes(tested.0 & lacking.fold(Attributes::default(), Attributes::with).0)
    }

    /// Returns what a selector tests of its subject, and of other images.
    pub fn by(selector: &str) -> impl Iterator<Item = Tested> {
        let mut input = ParserInput::new(selector);
        // lazysizes asks for `img:not([src]):not([srcset])`. Images that planche changes have `src`.
        let may_match = selector.contains('[') && !selector.contains(":not([src])");
        let found = match may_match {
            true => read(&mut Parser::new(&mut input), 0),
            false => Found::default(),
        };
        let of_subject = Subject::of(selector).map(|subject| Tested {
            attributes: found.subject,
            subject: Some(subject),
        });
        let of_others = Tested {
            attributes: found.others,
            subject: None,
        };
        let all = of_subject.into_iter().chain([of_others]);
        all.filter(|tested| tested.attributes != Attributes::default())
    }
}

/// Attributes that a selector tests.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    subject: Attributes,
    /// Those of elements next to the subject or in it.
    others: Attributes,
}

impl Found {
    const ALL: Found = Found {
        subject: Attributes::ALL,
        others: Attributes::ALL,
    };
}

/// Reads a list of selectors at this depth of nesting.
fn read(parser: &mut Parser<'_, '_>, depth: usize) -> Found {
    let mut found = Found::default();
    let mut compound = Attributes::default();
    // Whether the current compound may be an image.
    let mut is_image = true;
    let mut was_space = false;
    while let Ok(token) = parser.next_including_whitespace().cloned() {
        let is_space = matches!(token, Token::WhiteSpace(_));
        let is_combinator = matches!(token, Token::Delim('>' | '+' | '~') | Token::Comma);
        // White space after a combinator ends no compound.
        if is_combinator || was_space && !is_space {
            let ended = std::mem::take(&mut compound);
            match token {
                Token::Comma => found.subject = found.subject.with(ended),
                Token::Delim('+' | '~') => found.others = found.others.with(ended),
                // Images contain no elements.
                _ => {}
            }
            is_image = true;
        }
        was_space = is_space;
        match token {
            Token::Ident(name) => is_image = name.eq_ignore_ascii_case("img"),
            // The name was that of a namespace.
            Token::Delim('|') => is_image = true,
            Token::Delim('.') => {
                let _ = parser.next_including_whitespace();
            }
            Token::SquareBracketBlock => {
                let name = parser.parse_nested_block(|test| {
                    let name = Attributes::of(test.expect_ident()?);
                    while test.next().is_ok() {}
                    Ok::<_, ParseError<'_, ()>>(name)
                });
                if let (Ok(name), true) = (name, is_image) {
                    compound = compound.with(name);
                }
            }
            Token::Colon => {
                let next = parser.next_including_whitespace().cloned();
                let Ok(Token::Function(name)) = next else {
                    continue;
                };
                let inner = parser.parse_nested_block(|list| {
                    Ok::<_, ParseError<'_, ()>>(match depth < DEEPEST {
                        true => read(list, depth + 1),
                        false => Found::ALL,
                    })
                });
                // What is not read may test anything.
                let inner = inner.unwrap_or(Found::ALL);
                found.others = found.others.with(inner.others);
                if name.eq_ignore_ascii_case("has") {
                    found.others = found.others.with(inner.subject);
                } else if is_image {
                    compound = compound.with(inner.subject);
                }
            }
            _ => {}
        }
    }
    found.subject = found.subject.with(compound);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::scan::first;

    /// Returns the attributes that a selector bars from being added to an image.
    fn barred(selector: &str, image: &str) -> Vec<&'static str> {
        let tested: Vec<Tested> = Tested::by(selector).collect();
        let lacking = Tested::lacking(&tested, &first(image));
        let names = ADDED.into_iter();
        names.filter(|name| lacking.has(name)).collect()
    }

    #[test]
    fn attributes_that_selectors_test_are_found() {
        let image = "<img class=a src=a.png>";
        for (selector, expected) in [
            ("img[width]", &["width"][..]),
            ("[WIDTH]", &["width"]),
            ("p > img.a[srcset][sizes]", &["srcset", "sizes"]),
            ("img[loading=lazy]", &["loading"]),
            ("img:not([width])", &["width"]),
            ("img:not(.b, :is([height]))", &["height"]),
            (".a:not(img[decoding])", &["decoding"]),
            ("img[width] + p", &["width"]),
            ("*|*[width] ~ p", &["width"]),
            ("a:has(> img[srcset])", &["srcset"]),
            ("p a:not(:has([width])) b", &["width"]),
            ("img", &[]),
            ("img[src]", &[]),
            ("svg[width]", &[]),
            ("svg[width] + img", &[]),
            ("svg:not([width], [height])", &[]),
            ("img:not([width], [height])", &["width", "height"]),
            ("td[width] img", &[]),
            ("[width] > img", &[]),
            (".b[width]", &[]),
            ("img.b:not([width])", &[]),
            ("a:has(> svg[width])", &[]),
            ("img[alt='[width]']", &[]),
            ("img:not([src]):not([srcset])", &[]),
        ] {
            assert_eq!(barred(selector, image), expected, "{selector}");
        }
        assert_eq!(barred("img[width]", "<img src=a.png width=9>"), [""; 0]);
        let deep = format!("{}[width]{}", ":not(".repeat(20), ")".repeat(20));
        assert_eq!(barred(&deep, image), ADDED);
    }
}
