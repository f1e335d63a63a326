//! Placeholders as values: the kinds that a preset requests, and the values in a record.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::OutOfRange;

/// What a page can show in an image's place until the image has loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlaceholderKind {
    /// The average color, such as `#336699`.
    Color,
    /// A ThumbHash, about 30 bytes, which a script draws as a blurred image.
    Thumbhash,
    /// A tiny WebP as a data URI, which CSS shows as a blurred background.
    Blur,
}

impl PlaceholderKind {
    /// Returns the name that presets use.
    pub fn name(self) -> &'static str {
        match self {
            PlaceholderKind::Color => "color",
            PlaceholderKind::Thumbhash => "thumbhash",
            PlaceholderKind::Blur => "blur",
        }
    }
}

/// A list of placeholders, without duplicates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<PlaceholderKind>")]
pub struct PlaceholderKinds(Vec<PlaceholderKind>);

impl PlaceholderKinds {
    /// Returns whether no placeholder is requested.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether this kind is requested.
    pub fn has(&self, kind: PlaceholderKind) -> bool {
        self.0.contains(&kind)
    }
}

impl TryFrom<Vec<PlaceholderKind>> for PlaceholderKinds {
    type Error = OutOfRange;

    fn try_from(kinds: Vec<PlaceholderKind>) -> Result<Self, OutOfRange> {
        let is_new = |(index, kind)| !kinds[..index].contains(kind);
        if !kinds.iter().enumerate().all(is_new) {
            let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
            return Err(OutOfRange {
                what: "placeholder",
                value: format!("[{}]", names.join(", ")),
                range: "a list of `color`, `thumbhash` and `blur`, each at most once",
            });
        }
        Ok(PlaceholderKinds(kinds))
    }
}

/// Exclusive upper limit of the length of a `blur`, in bytes.
pub const BLUR_LIMIT: usize = 300;
/// Prefix of every `blur`.
pub const BLUR_SCHEME: &str = "data:image/webp;base64,";
/// Lengths of a ThumbHash in bytes: a header of five or six, and half a byte for each of at most
/// 38 coefficients.
const HASH_BYTES: std::ops::RangeInclusive<usize> = 5..=25;

/// Values that a page can show in an image's place until the image has loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placeholders {
    /// Average color as `#rrggbb`. `None` for an image with transparency: the color would stay
    /// visible through it.
    pub color: Option<String>,
    /// A ThumbHash in Base64 (RFC 4648, section 4).
    pub thumbhash: Option<String>,
    /// A WebP as a data URI (RFC 2397), shorter than [`BLUR_LIMIT`]. `None` if `color` is, or if no
    /// WebP is short enough.
    pub blur: Option<String>,
}

impl Placeholders {
    /// Returns only the placeholders of these kinds.
    #[must_use]
    pub fn of_kinds(&self, kinds: &PlaceholderKinds) -> Placeholders {
        let select = |kind, text: &Option<String>| text.clone().filter(|_| kinds.has(kind));
        Placeholders {
            color: select(PlaceholderKind::Color, &self.color),
            thumbhash: select(PlaceholderKind::Thumbhash, &self.thumbhash),
            blur: select(PlaceholderKind::Blur, &self.blur),
        }
    }

    /// Returns whether some image could have these placeholders if these kinds are requested.
    pub fn are_possible_for(&self, kinds: &PlaceholderKinds) -> bool {
        // An image with transparency has a ThumbHash only.
        let is_opaque = self.color.is_some() || self.blur.is_some();
        let agrees = |kind, text: &Option<String>| text.is_some() == kinds.has(kind);
        agrees(PlaceholderKind::Thumbhash, &self.thumbhash)
            && (!is_opaque
                || agrees(PlaceholderKind::Color, &self.color)
                    && agrees(PlaceholderKind::Blur, &self.blur))
            && self.color.as_deref().is_none_or(is_hex_color)
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
