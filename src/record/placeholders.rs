//! The placeholders that a record carries, and whether a record's placeholders are well formed.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::preset::{PlaceholderKind, PlaceholderKinds};

/// Exclusive upper limit of the length of a `blur`, in bytes.
pub const BLUR_LIMIT: usize = 300;
/// The start of every `blur`.
pub const BLUR_SCHEME: &str = "data:image/webp;base64,";
/// Lengths of a ThumbHash in bytes: a header of five or six, and half a byte for each of at most
/// 38 coefficients.
const HASH_BYTES: std::ops::RangeInclusive<usize> = 5..=25;

/// What a page can show in an image's place until the image has loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placeholders {
    /// `#rrggbb`. `None` for an image with transparency, which would let it show through for good.
    pub colour: Option<String>,
    /// A ThumbHash in Base64 (RFC 4648, section 4).
    pub thumbhash: Option<String>,
    /// A WebP as a data URI (RFC 2397), shorter than [`BLUR_LIMIT`]. `None` if `colour` is.
    pub blur: Option<String>,
}

impl Placeholders {
    /// Returns only the placeholders of these kinds.
    #[must_use]
    pub fn of_kinds(&self, kinds: &PlaceholderKinds) -> Placeholders {
        let select = |kind, text: &Option<String>| text.clone().filter(|_| kinds.has(kind));
        Placeholders {
            colour: select(PlaceholderKind::Colour, &self.colour),
            thumbhash: select(PlaceholderKind::Thumbhash, &self.thumbhash),
            blur: select(PlaceholderKind::Blur, &self.blur),
        }
    }

    /// Returns whether some image could have these placeholders if these kinds are requested.
    pub fn are_possible_for(&self, kinds: &PlaceholderKinds) -> bool {
        // An image with transparency has a ThumbHash only.
        let is_opaque = self.colour.is_some() || self.blur.is_some();
        let agrees = |kind, text: &Option<String>| text.is_some() == kinds.has(kind);
        agrees(PlaceholderKind::Thumbhash, &self.thumbhash)
            && (!is_opaque
                || agrees(PlaceholderKind::Colour, &self.colour)
                    && agrees(PlaceholderKind::Blur, &self.blur))
            && self.colour.as_deref().is_none_or(is_hex_color)
            && self.thumbhash.as_deref().is_none_or(is_thumbhash)
            && self.blur.as_deref().is_none_or(is_blur)
    }
}

fn is_hex_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    digits.len() == 6 && digits.bytes().all(is_digit)
}

fn is_thumbhash(text: &str) -> bool {
    BASE64_STANDARD
        .decode(text)
        .is_ok_and(|hash| HASH_BYTES.contains(&hash.len()))
}

fn is_blur(text: &str) -> bool {
    let webp = text
        .strip_prefix(BLUR_SCHEME)
        .and_then(|base64| BASE64_STANDARD.decode(base64).ok());
    text.len() < BLUR_LIMIT && webp.is_some_and(|webp| webp.starts_with(b"RIFF"))
}
