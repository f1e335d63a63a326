//! Parses the tests of attributes in selectors, such as `[width="9"]`, and applies them to values.

use cssparser::{ParseError, Parser, Token};

/// Starts of the names of classes that scripts commonly set: states, and the parts that sliders and
/// galleries add.
const OF_SCRIPTS: [&str; 34] = [
    "active", "aos-", "current", "dark", "expanded", "fancybox", "fixed", "flickity", "glide",
    "has-", "hidden", "hover", "in-view", "is-", "js", "lazy", "lb-", "lg-", "lightbox", "loaded",
    "loading", "mfp-", "no-js", "open", "owl-", "pswp", "selected", "show", "slick", "splide",
    "sticky", "swiper", "visible", "wf-",
];

/// A test of an attribute. No test matches an element without the attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    pub name: String,
    pub test: Test,
    pub value: String,
    ignores_case: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Exists,
    Is,
    /// One word of the value is equal (`~=`).
    Includes,
    /// The whole value, or its start before a hyphen, is equal (`|=`).
    Dash,
    Prefix,
    Suffix,
    Substring,
}

impl Attribute {
    pub fn new(name: &str, test: Test, value: &str) -> Self {
        Attribute {
            name: name.to_owned(),
            test,
            value: value.to_owned(),
            ignores_case: false,
        }
    }

    /// Parses the content of square brackets.
    pub fn parse<'i>(parser: &mut Parser<'i, '_>) -> Result<Self, ParseError<'i, ()>> {
        let name = parser.expect_ident()?.to_ascii_lowercase();
        let operator = parser.next().cloned();
        let test = match operator {
            Err(_) => return Ok(Attribute::new(&name, Test::Exists, "")),
            Ok(Token::Delim('=')) => Test::Is,
            Ok(Token::IncludeMatch) => Test::Includes,
            Ok(Token::DashMatch) => Test::Dash,
            Ok(Token::PrefixMatch) => Test::Prefix,
            Ok(Token::SuffixMatch) => Test::Suffix,
            Ok(Token::SubstringMatch) => Test::Substring,
            Ok(_) => return Err(parser.new_custom_error(())),
        };
        let value = parser.expect_ident_or_string()?.to_string();
        let flag = parser.try_parse(|parser| parser.expect_ident().cloned());
        Ok(Attribute {
            ignores_case: flag.is_ok_and(|flag| flag.eq_ignore_ascii_case("i")),
            ..Attribute::new(&name, test, &value)
        })
    }

    /// Whether the attribute is one of those that scripts commonly set, judging by name and value.
    pub fn is_of_scripts(&self) -> bool {
        let value = self.value.to_ascii_lowercase();
        match self.name.as_str() {
            "class" => OF_SCRIPTS.iter().any(|start| value.starts_with(start)),
            "hidden" | "open" => true,
            name => name.starts_with("data-") || name.starts_with("aria-"),
        }
    }

    /// Whether the test matches an element whose attribute has this value.
    pub fn matches_value(&self, own: &str) -> bool {
        if self.ignores_case {
            return self.compare(&own.to_ascii_lowercase(), &self.value.to_ascii_lowercase());
        }
        self.compare(own, &self.value)
    }

    /// Returns the id that the test requires, if it requires one.
    pub fn id(&self) -> Option<&str> {
        let is_id = self.name == "id" && self.test == Test::Is && !self.ignores_case;
        is_id.then_some(self.value.as_str())
    }

    /// Returns the class that the test requires, if it requires one.
    pub fn class(&self) -> Option<&str> {
        let is_class = self.name == "class" && self.test == Test::Includes && !self.ignores_case;
        is_class.then_some(self.value.as_str())
    }

    fn compare(&self, own: &str, value: &str) -> bool {
        let is_part = !value.is_empty();
        match self.test {
            Test::Exists => true,
            Test::Is => own == value,
            Test::Includes => own.split_ascii_whitespace().any(|word| word == value),
            Test::Dash => {
                let rest = own.strip_prefix(value);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            }
            Test::Prefix => is_part && own.starts_with(value),
            Test::Suffix => is_part && own.ends_with(value),
            Test::Substring => is_part && own.contains(value),
        }
    }
}
