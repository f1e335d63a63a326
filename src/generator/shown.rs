//! An image that a template shows itself, so that a generator can show it with its snippet instead.

use crate::path::SitePath;

/// An `<img>` of a template whose `src` is a front-matter key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownImage<'t> {
    pub template: &'t SitePath,
    /// Expression of its `src`, such as `page.une.image`.
    pub src: &'t str,
    pub record: ShownRecord<'t>,
    pub alt: ShownText<'t>,
    pub class: Option<&'t str>,
    pub loading: Option<&'t str>,
}

/// Where the record of an image is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownRecord<'t> {
    /// Expression of the record: that of the `src`, with the suffix of records added to its key.
    Beside(&'t str),
    /// Expression of the list with the records of all items of lists.
    In(&'t str),
}

/// Value of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownText<'t> {
    Literal(&'t str),
    Expression(&'t str),
}

impl ShownText<'_> {
    /// Returns the text as an argument of a template tag; `None` if it cannot be quoted.
    pub(super) fn argument(&self) -> Option<String> {
        match self {
            ShownText::Literal(text) => quoted(text),
            ShownText::Expression(expression) => Some((*expression).to_owned()),
        }
    }
}

/// Puts a text in double quotes; `None` if it contains a quote, a line feed, a brace, or a
/// character that starts an escape or a character reference.
pub(super) fn quoted(text: &str) -> Option<String> {
    (!text.contains(['"', '\\', '&', '\n', '{', '}'])).then(|| format!("\"{text}\""))
}

/// Joins the arguments that have a value, each as `between`, name, `separator` and quoted value;
/// `None` if a value cannot be quoted.
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
