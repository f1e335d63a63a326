//! Units that cross module borders, as types that cannot hold a wrong value.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Width and height of a picture in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Dimensions {
    pub width: u32,
    pub height: u32,
}

impl Dimensions {
    /// Number of pixels.
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Height and width exchanged, as a rotation by a quarter turn does.
    pub fn transposed(self) -> Self {
        Dimensions {
            width: self.height,
            height: self.width,
        }
    }

    /// The height that goes with `width` at the same aspect, rounded half up, at least 1.
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

/// Lossy quality, 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f32", into = "f32")]
pub struct Quality(f32);

impl Quality {
    pub fn new(value: f32) -> Result<Self, OutOfRange> {
        if value.is_finite() && (0.0..=100.0).contains(&value) {
            Ok(Quality(value))
        } else {
            Err(OutOfRange {
                what: "quality",
                value: value.to_string(),
                range: "0 to 100",
            })
        }
    }

    pub fn get(self) -> f32 {
        self.0
    }
}

impl TryFrom<f32> for Quality {
    type Error = OutOfRange;

    fn try_from(value: f32) -> Result<Self, OutOfRange> {
        Quality::new(value)
    }
}

impl From<Quality> for f32 {
    fn from(quality: Quality) -> f32 {
        quality.0
    }
}

/// A SSIMULACRA2 score that a variant is to reach, 0 to 100: 90 is not told from the original side by
/// side, 70 is high quality (the scale of libjxl's `ssimulacra2`).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f32", into = "f32")]
pub struct Score(f32);

impl Score {
    pub fn new(value: f32) -> Result<Self, OutOfRange> {
        if value.is_finite() && (0.0..=100.0).contains(&value) {
            Ok(Score(value))
        } else {
            Err(OutOfRange {
                what: "score",
                value: value.to_string(),
                range: "0 to 100",
            })
        }
    }

    pub fn get(self) -> f32 {
        self.0
    }
}

impl TryFrom<f32> for Score {
    type Error = OutOfRange;

    fn try_from(value: f32) -> Result<Self, OutOfRange> {
        Score::new(value)
    }
}

impl From<Score> for f32 {
    fn from(score: Score) -> f32 {
        score.0
    }
}

/// Encoder effort, libwebp's "method": 0 (fast, large) to 6 (slow, small).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Effort(u8);

impl Effort {
    pub fn new(value: u8) -> Result<Self, OutOfRange> {
        if value <= 6 {
            Ok(Effort(value))
        } else {
            Err(OutOfRange {
                what: "effort",
                value: value.to_string(),
                range: "0 to 6",
            })
        }
    }

    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Effort {
    type Error = OutOfRange;

    fn try_from(value: u8) -> Result<Self, OutOfRange> {
        Effort::new(value)
    }
}

impl From<Effort> for u8 {
    fn from(effort: Effort) -> u8 {
        effort.0
    }
}

/// The largest side, in pixels, that WebP can hold (RFC 9649, section 2.5).
pub const WEBP_MAX_SIDE: u32 = 16_383;

/// The width of a rung: 1 to 16383 pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Width(u32);

impl Width {
    pub fn new(value: u32) -> Result<Self, OutOfRange> {
        if (1..=WEBP_MAX_SIDE).contains(&value) {
            Ok(Width(value))
        } else {
            Err(OutOfRange {
                what: "width",
                value: value.to_string(),
                range: "1 to 16383 pixels",
            })
        }
    }

    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Width {
    type Error = OutOfRange;

    fn try_from(value: u32) -> Result<Self, OutOfRange> {
        Width::new(value)
    }
}

impl From<Width> for u32 {
    fn from(width: Width) -> u32 {
        width.0
    }
}

/// A number of bytes, written as `512`, `100MiB`, `2GB` or `64kB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "NumberOrText", into = "String")]
pub struct ByteSize(pub u64);

const BYTE_UNITS: [(&str, u64); 7] = [
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("b", 1),
];

impl FromStr for ByteSize {
    type Err = OutOfRange;

    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        let wrong = || OutOfRange {
            what: "size",
            value: text.to_owned(),
            range: "a number of bytes such as `104857600`, `100MiB` or `2GB`",
        };
        let lower = text.trim().to_ascii_lowercase();
        let (digits, factor) = BYTE_UNITS
            .iter()
            .find_map(|(unit, factor)| Some((lower.strip_suffix(unit)?, *factor)))
            .unwrap_or((lower.as_str(), 1));
        let number: u64 = digits.trim_end().parse().map_err(|_| wrong())?;
        number.checked_mul(factor).map(ByteSize).ok_or_else(wrong)
    }
}

impl fmt::Display for ByteSize {
    /// The largest unit of 1024 with one decimal: `2.1 MiB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0 as f64;
        for (unit, size) in [("GiB", 1u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
            if self.0 >= size {
                return write!(f, "{:.1} {unit}", bytes / size as f64);
            }
        }
        write!(f, "{} B", self.0)
    }
}

impl From<ByteSize> for String {
    fn from(size: ByteSize) -> String {
        let exact = BYTE_UNITS[..3]
            .iter()
            .rev()
            .zip(["GiB", "MiB", "KiB"])
            .find(|((_, factor), _)| size.0 >= *factor && size.0.is_multiple_of(*factor));
        match exact {
            Some(((_, factor), unit)) => format!("{}{unit}", size.0 / factor),
            None => size.0.to_string(),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum NumberOrText {
    Number(u64),
    Text(String),
}

impl TryFrom<NumberOrText> for ByteSize {
    type Error = OutOfRange;

    fn try_from(value: NumberOrText) -> Result<Self, OutOfRange> {
        match value {
            NumberOrText::Number(bytes) => Ok(ByteSize(bytes)),
            NumberOrText::Text(text) => text.parse(),
        }
    }
}

/// A value outside the range that its unit allows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{value}` is not {range}")]
pub struct OutOfRange {
    pub what: &'static str,
    pub value: String,
    pub range: &'static str,
}

/// Schemas are written by hand so that editors show the range that the type enforces.
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
schema!(ByteSize, "ByteSize", {
    "type": ["string", "integer"], "pattern": "^ *[0-9]+ *([kKmMgG][iI]?)?[bB]? *$"
});

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
    fn sizes_are_read_and_written() {
        for (text, bytes) in [
            ("0", 0),
            ("512", 512),
            ("100MiB", 100 << 20),
            ("100 mib", 100 << 20),
            ("2GB", 2_000_000_000),
            ("64kB", 64_000),
            ("7b", 7),
        ] {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
        for text in [
            "",
            "MiB",
            "-1",
            "1.5GB",
            "1TB",
            "99999999999999999999",
            "1e9",
        ] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
        for bytes in [0, 1, 1023, 1024, 100 << 20, 1 << 30, (1 << 30) + 1] {
            let text = String::from(ByteSize(bytes));
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
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
