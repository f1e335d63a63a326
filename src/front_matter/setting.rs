//! What an edit writes beside an image.

/// What to write beside a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting<'s> {
    pub key: &'s str,
    pub text: &'s str,
    /// Whether the text means itself without quotes in YAML, in any place.
    pub is_plain: bool,
}
