//! An image that a template shows by itself, for the generators to write as a use of their snippet.

use crate::path::SitePath;

/// An `<img>` of a template whose `src` is a key of the front matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownImage<'t> {
    pub template: &'t SitePath,
    /// The expression of its `src`, such as `page.une.image`.
    pub src: &'t str,
    /// The expression of the record: that of the `src`, with the suffix of records at its key.
    pub record: &'t str,
    pub alt: ShownText<'t>,
    pub class: Option<&'t str>,
    pub loading: Option<&'t str>,
}

/// The text of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownText<'t> {
    Literal(&'t str),
    Expression(&'t str),
}

impl ShownText<'_> {
    /// Returns the text as an argument of a template tag; `None` if it contains the quote.
    pub(super) fn argument(&self) -> Option<String> {
        match self {
            ShownText::Literal(text) => quoted(text),
            ShownText::Expression(expression) => Some((*expression).to_owned()),
        }
    }
}

/// A text in double quotes; `None` if it would need an escape or contains character references.
pub(super) fn quoted(text: &str) -> Option<String> {
    (!text.contains(['"', '\\', '&', '\n', '{', '}'])).then(|| format!("\"{text}\""))
}

/// Joins the arguments that are there, each after `separator` and its name.
pub(super) fn named(
    arguments: &[(&str, Option<&str>)],
    between: &str,
    separator: &str,
) -> Option<String> {
    arguments
        .iter()
        .filter_map(|(name, value)| value.map(|value| (name, value)))
        .map(|(name, value)| Some(format!("{between}{name}{separator}{}", quoted(value)?)))
        .collect()
}
