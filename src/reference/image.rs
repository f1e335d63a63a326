//! An image found in a text, before its place and preset are known.

use super::{AltText, Certainty, ReadBy};

/// An image in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Image {
    pub value: String,
    /// Byte offset of the image, or of the attribute that names it.
    pub offset: usize,
    pub certainty: Certainty,
    pub read_by: ReadBy,
    /// Whether a record can be used: `false` if the image is already responsive, or is not an
    /// `<img>`.
    pub wants_record: bool,
    pub alt: AltText,
}
