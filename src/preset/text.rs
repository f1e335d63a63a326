//! Text of a preset that ends up in HTML attributes: checked to be safe in HTML and in YAML.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::path::SitePath;
use crate::picture::units::OutOfRange;

/// Placeholder in the name of a source file for the stem of the original's file name.
const STEM: &str = "{stem}";

/// A `sizes` attribute (HTML, section 4.8.4.2.2) without characters that need escaping in HTML or
/// YAML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Sizes(#[schemars(regex(pattern = "^[^\"'<>&`\\\\]+$"))] String);

/// A media condition (Media Queries 4, section 3) without characters that need escaping in HTML or
/// YAML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Media(#[schemars(regex(pattern = "^[^\"'<>&`{};\\\\]+$"))] String);

/// The name of a file beside the original, such as `{stem}-dark` or `{stem}-dark.png`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct SourceFile(#[schemars(regex(pattern = "^[^/{}]*[{]stem[}][^/{}]*$"))] String);

impl SourceFile {
    /// Returns the pattern.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the file beside `original`, with its extension unless the pattern has one. Returns
    /// `None` if it is the original itself.
    pub fn beside(&self, original: &SitePath) -> Option<SitePath> {
        let stem = original.stem();
        let mut name = self.0.replacen(STEM, stem, 1);
        let (_, behind) = self.0.split_once(STEM)?;
        if !behind.contains('.') {
            name.push_str(&original.name()[stem.len()..]);
        }
        let path = original.parent().child(&name);
        (path != *original).then_some(path)
    }
}

impl Sizes {
    /// Returns the attribute's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Sizes {
    /// Returns why browsers do not use an entry, and what to do about it. Comments are not looked
    /// into.
    pub(super) fn fault(&self) -> Option<(&'static str, &'static str)> {
        if self.0.contains("/*") {
            return None;
        }
        let entries: Vec<Vec<&str>> = outside_parentheses(&self.0, |c| c == ',')
            .map(|entry| outside_parentheses(entry, char::is_whitespace).collect())
            .collect();
        for (index, parts) in entries.iter().enumerate() {
            let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
                continue;
            };
            let number = last.parse::<f64>();
            if last.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
                && number.is_ok_and(|number| number != 0.0)
            {
                return Some((
                    "a length in `sizes` has no unit, so browsers ignore it",
                    "add the unit, such as `px`, `em` or `vw`",
                ));
            }
            if last.ends_with('%') {
                return Some((
                    "a length in `sizes` is a percentage, so browsers ignore it",
                    "write a part of the window, such as `50vw`, or a length such as `30em`",
                ));
            }
            let is_auto = index == 0 && last.eq_ignore_ascii_case("auto");
            let has_condition = parts.len() > 1 || first.starts_with('(');
            if !has_condition && !is_auto && index + 1 < entries.len() {
                return Some((
                    "an entry of `sizes` without a condition is not the last one, so browsers never \
                     use those after it",
                    "move it to the end, or remove the entries after it",
                ));
            }
        }
        None
    }
}

/// Splits a text at characters that are not within parentheses, and leaves out empty parts.
fn outside_parentheses(
    text: &str,
    is_separator: impl Fn(char) -> bool,
) -> impl Iterator<Item = &str> {
    let mut depth = 0i32;
    let parts = text.split(move |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth == 0 && is_separator(c)
    });
    parts.map(str::trim).filter(|part| !part.is_empty())
}

impl Media {
    /// Returns the attribute's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns whether parentheses are balanced, there is text between commas, and there is neither a
/// control character nor one of `forbidden`.
fn is_safe(text: &str, forbidden: &str) -> bool {
    let mut depth = 0i32;
    let is_balanced = text.chars().all(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth >= 0
    }) && depth == 0;
    let has_text = text.split(',').all(|entry| !entry.trim().is_empty());
    let is_forbidden = |c: char| c.is_control() || forbidden.contains(c);
    is_balanced && has_text && !text.contains(is_forbidden)
}

/// Returns whether an entry of `sizes` ends in what may be a length, a function, or `auto`.
/// Browsers ignore an attribute without such an entry.
fn is_size(entry: &str) -> bool {
    let last = entry.split_whitespace().next_back().unwrap_or_default();
    last == "auto" || last.ends_with(')') || last.contains(|c: char| c.is_ascii_digit())
}

impl TryFrom<String> for Sizes {
    type Error = OutOfRange;

    fn try_from(text: String) -> Result<Self, OutOfRange> {
        if is_safe(&text, "\"'<>&`\\") && text.split(',').any(is_size) {
            return Ok(Sizes(text));
        }
        Err(OutOfRange {
            what: "sizes",
            value: text,
            range: "a `sizes` attribute such as `(min-width: 62em) 62em, 100vw`",
        })
    }
}

impl TryFrom<String> for Media {
    type Error = OutOfRange;

    fn try_from(text: String) -> Result<Self, OutOfRange> {
        if is_safe(&text, "\"'<>&`\\{};") {
            return Ok(Media(text));
        }
        Err(OutOfRange {
            what: "media",
            value: text,
            range: "a media condition such as `(max-width: 40em)`",
        })
    }
}

impl TryFrom<String> for SourceFile {
    type Error = OutOfRange;

    fn try_from(text: String) -> Result<Self, OutOfRange> {
        let around = text.split_once(STEM);
        let is_name = |(before, behind): (&str, &str)| {
            let is_wrong = |c: char| c.is_control() || "/{}".contains(c);
            !before.contains(is_wrong) && !behind.contains(is_wrong) && before != "."
        };
        if text != STEM && around.is_some_and(is_name) {
            return Ok(SourceFile(text));
        }
        Err(OutOfRange {
            what: "from",
            value: text,
            range: "the name of a file beside the original, such as `{stem}-dark`",
        })
    }
}

impl From<SourceFile> for String {
    fn from(file: SourceFile) -> String {
        file.0
    }
}

impl From<Sizes> for String {
    fn from(sizes: Sizes) -> String {
        sizes.0
    }
}

impl From<Media> for String {
    fn from(media: Media) -> String {
        media.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_sizes_that_browsers_do_not_use_is_a_fault() {
        // HTML, section 4.8.4.3.8: an entry that is no length is skipped, and the first entry
        // without a condition ends the search.
        for (text, fault) in [
            ("48", Some("no unit")),
            ("(min-width: 50em) 48, 100vw", Some("no unit")),
            ("100%", Some("percentage")),
            ("100vw, (min-width: 50em) 48em", Some("without a condition")),
            ("calc(1px + 2vw), 3px", Some("without a condition")),
            ("0", None),
            ("auto", None),
            ("auto, (min-width: 50em) 48em, 100vw", None),
            (
                "(min-width: 62em) min(100vw, 40em), calc(100vw - 2 * 16px)",
                None,
            ),
            ("(min-width:62em)31em, 100vw", None),
            ("not (min-width: 62em) 10px, 20px", None),
            ("/* 48 */ 100vw", None),
        ] {
            let sizes = Sizes::try_from(text.to_owned()).unwrap();
            let found = sizes.fault().map(|(why, _)| why);
            let is_expected = match (found, fault) {
                (Some(found), Some(fault)) => found.contains(fault),
                (found, fault) => found.is_none() && fault.is_none(),
            };
            assert!(is_expected, "{text}: {found:?}");
        }
    }

    #[test]
    fn a_file_beside_the_original_is_named_by_its_stem() {
        let beside = |pattern: &str, original: &str| {
            let file = SourceFile::try_from(pattern.to_owned()).unwrap();
            let path = file.beside(&SitePath::normalise(original).unwrap());
            path.map(|path| path.to_string())
        };
        for (pattern, original, expected) in [
            ("{stem}-dark", "uploads/hero.JPG", "uploads/hero-dark.JPG"),
            ("dark.{stem}", "a.b.png", "dark.a.b.png"),
            ("{stem}.dark.webp", "u/a.png", "u/a.dark.webp"),
            ("{stem}-dark", "u/no-extension", "u/no-extension-dark"),
        ] {
            assert_eq!(beside(pattern, original).as_deref(), Some(expected));
        }
        assert_eq!(beside("{stem}.png", "u/a.png"), None, "itself");
        for wrong in [
            "",
            "{stem}",
            "dark",
            "../{stem}",
            "d/{stem}",
            "{stem}{stem}",
            "{stem",
        ] {
            assert!(SourceFile::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
