//! Finds the rules of style sheets that depend on an attribute that is added to images: a selector
//! goes in, the tests of such attributes and the images that they are of come out.
//!
//! No test matches an image that lacks the attribute. So an attribute changes which rules apply if,
//! and only if, a test matches its value: `[width]` any value, `[width="9"]` just 9.

use cssparser::{ParseError, Parser, ParserInput, Token};

use super::attribute::{Attribute, Test};
use super::index::Index;
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
    fn of(name: &str) -> Self {
        let mut added = ADDED.iter();
        let place = added.position(|added| name.eq_ignore_ascii_case(added));
        Attributes(place.map_or(0, |place| 1 << place))
    }

    pub fn has(self, name: &str) -> bool {
        self.0 & Attributes::of(name).0 != 0
    }

    pub fn insert(&mut self, name: &str) {
        self.0 |= Attributes::of(name).0;
    }
}

/// Tests of added attributes, by one selector.
#[derive(Clone, Debug)]
pub(super) struct Tested {
    tests: Vec<Attribute>,
    /// Which images are tested; `None` for any.
    subject: Option<Subject>,
    /// Whether the rule only lets the height of an image follow its width, which matters to images
    /// with the attribute `height`.
    only_of_height: bool,
}

impl Tested {
    /// Returns the tests of a selector: those of its subject, and those of other images.
    /// `only_of_height` is whether the rule only lets the height of images follow their width.
    pub fn by(selector: &str, only_of_height: bool) -> impl Iterator<Item = Tested> {
        let mut input = ParserInput::new(selector);
        // lazysizes asks for `img:not([src]):not([srcset])`. Images that planche changes have
        // `src`.
        let may_match = selector.contains('[') && !selector.contains(":not([src])");
        let found = match may_match {
            true => read(&mut Parser::new(&mut input), 0),
            false => Found::default(),
        };
        let of_subject = Subject::of(selector).map(|subject| Tested {
            tests: found.subject,
            subject: Some(subject),
            only_of_height,
        });
        let of_others = Tested {
            tests: found.others,
            subject: None,
            only_of_height,
        };
        let all = of_subject.into_iter().chain([of_others]);
        all.filter(|tested| !tested.tests.is_empty())
    }
}

/// The tests of added attributes in the style sheets of a page.
#[derive(Debug, Default)]
pub(super) struct Presence {
    tested: Vec<Tested>,
    index: Index,
    /// Attributes that a test matches with any value.
    any_value: Attributes,
}

impl Presence {
    pub fn extend(&mut self, tested: &[Tested]) {
        for tested in tested {
            let subject = tested.subject.as_ref();
            let needs = subject.into_iter().flat_map(Subject::needs);
            self.index.add(self.tested.len(), needs);
            let any = tested.tests.iter().filter(|test| test.test == Test::Exists);
            any.for_each(|test| self.any_value.insert(&test.name));
            self.tested.push(tested.clone());
        }
    }

    /// Whether some image may have a test that matches any value of the attribute.
    pub fn may_match_any_value(&self, name: &str) -> bool {
        self.any_value.has(name)
    }

    /// Returns the tests of the attributes that an image lacks.
    pub fn of<'p>(&'p self, image: &Slot) -> Tests<'p> {
        let mut found = Vec::new();
        let (class, id) = (image.class.as_deref(), image.id.as_deref());
        self.index.of_element(class, id, &mut found);
        let tested = found.into_iter().map(|number| &self.tested[number]);
        let of_image = tested.filter(|tested| {
            let subject = tested.subject.as_ref();
            let matters = !tested.only_of_height || image.has("height");
            matters && subject.is_none_or(|subject| subject.may_be(image))
        });
        let tests = of_image.flat_map(|tested| &tested.tests);
        Tests(tests.filter(|test| !image.has(&test.name)).collect())
    }
}

/// Tests of attributes that an image lacks.
pub(super) struct Tests<'p>(Vec<&'p Attribute>);

impl Tests<'_> {
    /// Whether a test matches this value of the attribute, so that it must not be added.
    pub fn matches_value(&self, name: &str, value: &str) -> bool {
        let mut tests = self.0.iter().filter(|test| test.name == name);
        tests.any(|test| test.matches_value(value))
    }

    /// Whether a test matches any value of the attribute, so that it must not be added at all.
    pub fn matches_any_value(&self, name: &str) -> bool {
        let mut tests = self.0.iter().filter(|test| test.name == name);
        tests.any(|test| test.test == Test::Exists)
    }

    /// Whether there is any test of the attribute.
    pub fn has_test_of(&self, name: &str) -> bool {
        self.0.iter().any(|test| test.name == name)
    }
}

/// Tests of a selector.
#[derive(Clone, Debug, Default)]
struct Found {
    subject: Vec<Attribute>,
    /// Those of elements next to the subject or in it.
    others: Vec<Attribute>,
}

impl Found {
    /// Tests that match any value.
    fn all() -> Self {
        let tests = ADDED.map(|name| Attribute::new(name, Test::Exists, ""));
        Found {
            subject: tests.to_vec(),
            others: tests.to_vec(),
        }
    }
}

/// Reads a list of selectors at this depth of nesting.
fn read(parser: &mut Parser<'_, '_>, depth: usize) -> Found {
    let mut found = Found::default();
    let mut compound: Vec<Attribute> = Vec::new();
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
                Token::Comma => found.subject.extend(ended),
                Token::Delim('+' | '~') => found.others.extend(ended),
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
                let test = parser.parse_nested_block(|test| {
                    let start = test.state();
                    let read = Attribute::parse(test).or_else(|_| {
                        // A test that is not understood may match any value.
                        test.reset(&start);
                        let name = test.expect_ident()?.to_ascii_lowercase();
                        Ok::<_, ParseError<'_, ()>>(Attribute::new(&name, Test::Exists, ""))
                    });
                    while test.next().is_ok() {}
                    read
                });
                let test = test.ok().filter(|test| ADDED.contains(&test.name.as_str()));
                compound.extend(test.filter(|_| is_image));
            }
            Token::Colon => {
                let next = parser.next_including_whitespace().cloned();
                let Ok(Token::Function(name)) = next else {
                    continue;
                };
                let inner = parser.parse_nested_block(|list| {
                    Ok::<_, ParseError<'_, ()>>(match depth < DEEPEST {
                        true => read(list, depth + 1),
                        false => Found::all(),
                    })
                });
                // What is not read may test anything.
                let inner = inner.unwrap_or_else(|_| Found::all());
                found.others.extend(inner.others);
                if name.eq_ignore_ascii_case("has") {
                    found.others.extend(inner.subject);
                } else if is_image {
                    compound.extend(inner.subject);
                }
            }
            _ => {}
        }
    }
    found.subject.extend(compound);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::scan::first;

    fn presence(selector: &str) -> Presence {
        let mut presence = Presence::default();
        let tested: Vec<Tested> = Tested::by(selector, false).collect();
        presence.extend(&tested);
        presence
    }

    /// Returns the attributes that an image must not get, whatever their values.
    fn barred(selector: &str, image: &str) -> Vec<&'static str> {
        let presence = presence(selector);
        let tests = presence.of(&first(image));
        let names = ADDED.into_iter();
        names.filter(|name| tests.matches_any_value(name)).collect()
    }

    #[test]
    fn attributes_that_selectors_test_are_found() {
        let image = "<img class=a src=a.png>";
        for (selector, expected) in [
            ("img[width]", &["width"][..]),
            ("[WIDTH]", &["width"]),
            ("p > img.a[srcset][sizes]", &["srcset", "sizes"]),
            ("img[loading=lazy]", &[]),
            ("img[loading!=lazy]", &["loading"]),
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

    /// By the definition of each operator (Selectors 4, section 6).
    #[test]
    fn a_test_matches_values_by_its_operator() {
        for (test, name, value, expected) in [
            ("[width]", "width", "300", true),
            ("[width='300']", "width", "300", true),
            ("[width='30']", "width", "300", false),
            ("[width~='300']", "width", "300", true),
            ("[width~='30']", "width", "300", false),
            ("[width|='300']", "width", "300", true),
            ("[width|='3']", "width", "300", false),
            ("[width^='3']", "width", "300", true),
            ("[width^='']", "width", "300", false),
            ("[width$='00']", "width", "300", true),
            ("[width$='%']", "width", "300", false),
            ("[width*='0']", "width", "300", true),
            ("[width*='px']", "width", "300", false),
            (":not([width='300'])", "width", "300", true),
            (":not([width='9'])", "width", "300", false),
            ("[width='300']", "height", "300", false),
            ("[loading=eager]", "loading", "lazy", false),
            ("[loading=LAZY]", "loading", "lazy", false),
            ("[loading=LAZY i]", "loading", "lazy", true),
            ("[sizes^='auto,' i]", "sizes", "auto, 50vw", true),
            ("[sizes^='auto,' i]", "sizes", "50vw", false),
            ("[sizes=auto i]", "sizes", "auto, 50vw", false),
        ] {
            let presence = presence(&format!("img{test}"));
            let tests = presence.of(&first("<img src=a.png>"));
            assert_eq!(tests.matches_value(name, value), expected, "{test} {value}");
        }
    }
}
