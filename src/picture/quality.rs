//! Quality and effort as requested by a preset: a number, or a rule that decides it for each
//! variant.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::units::{Dimensions, Effort, Quality, Score, schema};

/// The requested quality of lossy variants.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum QualitySpec {
    /// The same for every variant.
    Fixed(Quality),
    /// For each variant, the lowest quality that reaches a score.
    Target(Target),
}

/// How similar a variant must be to the resized original.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub ssimulacra2: Score,
}

/// The requested effort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EffortSpec {
    Fixed(Effort),
    /// Depends on the variant's number of pixels.
    Auto,
}

schema!(QualitySpec, "Quality", {
    "anyOf": [
        { "type": "number", "minimum": 0, "maximum": 100 },
        {
            "type": "object",
            "properties": { "ssimulacra2": { "type": "number", "minimum": 0, "maximum": 100 } },
            "required": ["ssimulacra2"],
            "additionalProperties": false
        }
    ]
});
schema!(EffortSpec, "Effort", {
    "anyOf": [{ "type": "integer", "minimum": 0, "maximum": 6 }, { "const": "auto" }]
});

impl QualitySpec {
    /// Returns the quality to use without a search. For a target, it is the quality at which a
    /// typical photograph reaches the target, by the table that searches start from.
    pub fn estimate(self) -> Quality {
        match self {
            QualitySpec::Fixed(quality) => quality,
            QualitySpec::Target(target) => crate::estimate::quality_at(target.ssimulacra2),
        }
    }
}

/// Numbers of pixels, and the effort that `effort: auto` uses for variants of up to that many
/// pixels.
///
/// Measured over photographs (`cargo bench --bench quality`): compared with 4, effort 5 saves 2%
/// of the bytes for 1.1 times the encoder's time, and 6 saves 4.5% for 2 times, at all sizes.
/// Variants of up to 320 × 313 pixels have a fiftieth of a ladder's pixels and are loaded by
/// phones, so effort 6 costs almost nothing for them. From 768 × 651 pixels on, encoding time
/// dominates.
const EFFORTS: [(u64, u8); 2] = [(100_000, 6), (500_000, 5)];
/// The effort of `effort: auto` for larger variants.
const EFFORT_OF_LARGE: u8 = 4;

impl EffortSpec {
    /// Returns the effort for a variant of that size.
    pub fn for_dimensions(self, dimensions: Dimensions) -> Effort {
        match self {
            EffortSpec::Fixed(effort) => effort,
            EffortSpec::Auto => {
                let pixels = dimensions.pixels();
                let row = EFFORTS.iter().find(|(most, _)| pixels <= *most);
                let effort = row.map_or(EFFORT_OF_LARGE, |(_, effort)| *effort);
                Effort::new(effort).expect("the table holds efforts")
            }
        }
    }
}

/// Returns the value at a quality, interpolated linearly in a table of (quality of libwebp, value)
/// that ascends from 0 to 100.
pub fn interpolate(table: &[(f32, f32)], quality: Quality) -> f32 {
    let quality = quality.get();
    let upper = table.iter().position(|(at, _)| *at >= quality);
    let upper = upper.unwrap_or(table.len() - 1).max(1);
    let (below, above) = (table[upper - 1], table[upper]);
    let part = (quality - below.0) / (above.0 - below.0);
    below.1 + (above.1 - below.1) * part
}

impl From<Quality> for QualitySpec {
    fn from(quality: Quality) -> Self {
        QualitySpec::Fixed(quality)
    }
}

impl From<Effort> for EffortSpec {
    fn from(effort: Effort) -> Self {
        EffortSpec::Fixed(effort)
    }
}

impl fmt::Display for QualitySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QualitySpec::Fixed(quality) => write!(f, "{}", quality.get()),
            QualitySpec::Target(target) => write!(f, "ssimulacra2:{}", target.ssimulacra2.get()),
        }
    }
}

impl fmt::Display for EffortSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EffortSpec::Fixed(effort) => write!(f, "{}", effort.get()),
            EffortSpec::Auto => f.write_str("auto"),
        }
    }
}

impl Serialize for EffortSpec {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            EffortSpec::Fixed(effort) => effort.serialize(serializer),
            EffortSpec::Auto => serializer.serialize_str("auto"),
        }
    }
}

impl<'de> Deserialize<'de> for QualitySpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(QualityVisitor)
    }
}

struct QualityVisitor;

impl<'de> Visitor<'de> for QualityVisitor {
    type Value = QualitySpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number from 0 to 100, or `{ ssimulacra2: 75 }`")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<QualitySpec, E> {
        self.visit_f64(value as f64)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<QualitySpec, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<QualitySpec, E> {
        let quality = Quality::new(value as f32).map_err(E::custom)?;
        Ok(QualitySpec::Fixed(quality))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<QualitySpec, A::Error> {
        let target = Target::deserialize(MapAccessDeserializer::new(map))?;
        Ok(QualitySpec::Target(target))
    }
}

impl<'de> Deserialize<'de> for EffortSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EffortVisitor)
    }
}

struct EffortVisitor;

impl Visitor<'_> for EffortVisitor {
    type Value = EffortSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 0 to 6, or `auto`")
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<EffortSpec, E> {
        let effort = u8::try_from(value).ok().map(Effort::new);
        let effort = effort.unwrap_or_else(|| Effort::new(u8::MAX));
        Ok(EffortSpec::Fixed(effort.map_err(E::custom)?))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<EffortSpec, E> {
        match value {
            "auto" => Ok(EffortSpec::Auto),
            other => Err(E::unknown_variant(other, &["auto"])),
        }
    }
}
