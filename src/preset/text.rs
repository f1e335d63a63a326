//! Text of a preset that ends up in HTML attributes: checked to be safe in HTML and in YAML.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::picture::units::OutOfRange;

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

impl Sizes {
    /// Returns the attribute's value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
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

impl TryFrom<String> for Sizes {
    type Error = OutOfRange;

    fn try_from(text: String) -> Result<Self, OutOfRange> {
        if is_safe(&text, "\"'<>&`\\") {
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
