//! A key and its text that an edit writes beside an image.

/// A key and its text, to be written beside a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting<'s> {
    pub key: &'s str,
    pub text: &'s str,
    /// Whether YAML reads the text as itself without quotes, in any place.
    pub is_plain: bool,
}
