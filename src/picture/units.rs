//! Numbers with a unit or a range, as types that cannot hold a wrong value.

mod byte_size;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use byte_size::ByteSize;

/// Width and height of an image in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Dimensions {
    pub width: u32,
    pub height: u32,
}

impl Dimensions {
    /// Returns the number of pixels.
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Returns width and height exchanged, as after a rotation by a quarter turn.
    pub fn transposed(self) -> Self {
        Dimensions {
            width: self.height,
            height: self.width,
        }
    }

    /// Returns the height at `width` with the same aspect ratio, rounded half up, at least 1.
    pub fn height_at(self, width: u32) -> u32 {
        let (own_width, own_height) = (u64::from(self.width.max(1)), u64::from(self.height));
        let height = (own_height * u64::from(width) * 2 + own_width) / (own_width * 2);
        u32::try_from(height).unwrap_or(u32::MAX).max(1)
    }
}

impl fmt::Display for Dimensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}", self.width, self.height)
    }
}

/// Defines a number that is always within a range.
macro_rules! bounded {
    (
        $(#[$attribute:meta])*
        $name:ident($inner:literal $number:ty), $what:literal, $least:literal to $most:expr, $range:literal
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(try_from = $inner, into = $inner)]
        pub struct $name($number);

        impl $name {
            /// Creates the value.
            ///
            /// # Errors
            ///
            /// Returns an error if the number is out of range.
            pub fn new(value: $number) -> Result<Self, OutOfRange> {
                // A range contains no NaN.
                if ($least..=$most).contains(&value) {
                    Ok($name(value))
                } else {
                    Err(OutOfRange {
                        what: $what,
                        value: short(value),
                        range: $range,
                    })
                }
            }

            /// Returns the number.
            pub fn get(self) -> $number {
                self.0
            }
        }

        impl TryFrom<$number> for $name {
            type Error = OutOfRange;

            fn try_from(value: $number) -> Result<Self, OutOfRange> {
                $name::new(value)
            }
        }

        impl From<$name> for $number {
            fn from(value: $name) -> $number {
                value.0
            }
        }
    };
}

bounded! {
    /// The quality of a lossy image, 0 to 100, on libwebp's scale.
    Quality("f32" f32), "quality", 0.0 to 100.0, "0 to 100"
}

bounded! {
    /// A SSIMULACRA2 score, 0 to 100, on the scale of libjxl's `ssimulacra2`: 90 is visually
    /// lossless side by side, 70 is high quality.
    Score("f32" f32), "score", 0.0 to 100.0, "0 to 100"
}

bounded! {
    /// How much time an encoder spends, on the scale of libwebp's "method": 0 (fast, large files)
    /// to 6 (slow, small files).
    #[derive(Eq)]
    Effort("u8" u8), "effort", 0 to 6, "0 to 6"
}

/// Returns a number in few characters.
fn short(number: impl fmt::Display + fmt::LowerExp) -> String {
    let plain = number.to_string();
    if plain.len() > 12 {
        format!("{number:e}")
    } else {
        plain
    }
}

/// The largest width and height, in pixels, of a WebP (RFC 9649, section 2.5).
pub const WEBP_MAX_SIDE: u32 = 16_383;

bounded! {
    /// The width of a variant, 1 to 16383 pixels.
    #[derive(Eq, Ord, Hash)]
    Width("u32" u32), "width", 1 to WEBP_MAX_SIDE, "1 to 16383 pixels"
}

/// A value out of the range of its type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{value}` is not {range}")]
pub struct OutOfRange {
    pub what: &'static str,
    pub value: String,
    pub range: &'static str,
}

/// Implements `JsonSchema` for a type whose schema is written by hand, so that text editors show
/// the range that the type enforces.
#[macro_export]
macro_rules! schema {
    ($type:ty, $name:literal, $schema:tt) => {
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }
        }
    };
}
pub use schema;

schema!(Quality, "Quality", { "type": "number", "minimum": 0, "maximum": 100 });
schema!(Score, "Score", { "type": "number", "minimum": 0, "maximum": 100 });
schema!(Effort, "Effort", { "type": "integer", "minimum": 0, "maximum": 6 });
schema!(Width, "Width", { "type": "integer", "minimum": 1, "maximum": WEBP_MAX_SIDE });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_round_half_up_and_never_vanish() {
        let photo = Dimensions {
            width: 4000,
            height: 3001,
        };
        assert_eq!(photo.height_at(320), 240);
        assert_eq!(photo.height_at(4000), 3001);
        let strip = Dimensions {
            width: 1000,
            height: 1,
        };
        assert_eq!(strip.height_at(320), 1);
        let half = Dimensions {
            width: 2,
            height: 1,
        };
        assert_eq!(half.height_at(1), 1);
    }

    #[test]
    fn quality_and_effort_refuse_what_the_encoder_cannot_take() {
        for value in [f32::NAN, -0.1, 100.1, f32::INFINITY] {
            assert!(Quality::new(value).is_err(), "{value}");
        }
        assert!(Quality::new(0.0).is_ok() && Quality::new(100.0).is_ok());
        assert!(Effort::new(7).is_err());
        assert!(Width::new(0).is_err() && Width::new(16384).is_err());
    }
}
