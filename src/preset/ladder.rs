//! The widths of a preset's variants: listed, chosen by file size, or one width at several
//! densities.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::visitors::Demand;
use crate::picture::units::{ByteSize, OutOfRange, WEBP_MAX_SIDE, Width};

/// The widths of a preset's variants.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Ladder {
    /// An explicit list of widths.
    Listed(Widths),
    /// A smallest and a largest width, and widths between them that save enough bytes.
    ByBytes(ByteLadder),
}

impl Ladder {
    /// Returns the largest width, in pixels.
    pub fn largest(&self) -> u32 {
        match self {
            Ladder::Listed(widths) => widths.largest(),
            Ladder::ByBytes(ladder) => ladder.max.get(),
        }
    }

    /// Returns the ladder that has only the largest width.
    pub fn only_largest(&self) -> Ladder {
        Ladder::Listed(match self {
            Ladder::Listed(Widths(widths)) => Widths(widths.last().copied().into_iter().collect()),
            Ladder::ByBytes(ladder) => Widths(vec![ladder.max]),
        })
    }

    /// Returns the only width; `None` if there may be several.
    pub fn only(&self) -> Option<u32> {
        match self {
            Ladder::Listed(Widths(widths)) => match widths[..] {
                [width] => Some(width.get()),
                _ => None,
            },
            Ladder::ByBytes(_) => None,
        }
    }
}

impl<'de> Deserialize<'de> for Ladder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Ladder;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of widths, or `{ min: 320, max: 1280, step_bytes: 25kB }`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Ladder, A::Error> {
                Widths::deserialize(SeqAccessDeserializer::new(list)).map(Ladder::Listed)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Ladder, A::Error> {
                ByteLadder::deserialize(MapAccessDeserializer::new(map)).map(Ladder::ByBytes)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Ladder {
    fn schema_name() -> Cow<'static, str> {
        "Ladder".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let list = generator.subschema_for::<Widths>();
        let by_bytes = generator.subschema_for::<WrittenByteLadder>();
        schemars::json_schema!({ "anyOf": [list, by_bytes] })
    }
}

/// A list of 1 to 32 widths, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<Width>")]
pub struct Widths(Vec<Width>);

/// Maximum number of widths: more would not help browsers, and each must be encoded.
pub const MAX_WIDTHS: usize = 32;

impl Widths {
    /// Returns the widths, ascending.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.0.iter().map(|width| width.get())
    }

    /// Returns the largest width, in pixels.
    pub fn largest(&self) -> u32 {
        self.0.last().expect("a ladder has a width").get()
    }
}

impl TryFrom<Vec<Width>> for Widths {
    type Error = OutOfRange;

    fn try_from(widths: Vec<Width>) -> Result<Self, OutOfRange> {
        let ascending = widths.windows(2).all(|pair| pair[0] < pair[1]);
        if widths.is_empty() || widths.len() > MAX_WIDTHS || !ascending {
            let list: Vec<String> = widths.iter().map(|width| width.get().to_string()).collect();
            return Err(OutOfRange {
                what: "widths",
                value: format!("[{}]", list.join(", ")),
                range: "a list of 1 to 32 widths, each larger than the one before",
            });
        }
        Ok(Widths(widths))
    }
}

/// A smallest and a largest width. The widths between them follow from the sizes of those two
/// files, so that each saves at least `step_bytes` against the next larger one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "WrittenByteLadder")]
pub struct ByteLadder {
    pub min: Width,
    pub max: Width,
    pub step_bytes: ByteSize,
    #[serde(skip_serializing_if = "Option::is_none")]
    /// The name of the table of visitors in `presets/`.
    pub visitors: Option<String>,
    /// The widths that these visitors need, computed from the slot's `sizes`.
    #[serde(skip)]
    pub demand: Option<Demand>,
}

/// Widths by file size: between `min` and `max`, each image gets the widths that save bytes.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WrittenByteLadder {
    /// The smallest width, in pixels.
    min: Width,
    /// The largest width, in pixels.
    max: Width,
    /// How many bytes a width must save against the next larger one, such as `25kB`.
    step_bytes: ByteSize,
    /// The name of a CSV file in `presets/` with the columns `width,density,weight`: the number
    /// of visitors by window width. The widths are chosen so that they load the fewest bytes.
    visitors: Option<String>,
}

impl TryFrom<WrittenByteLadder> for ByteLadder {
    type Error = OutOfRange;

    fn try_from(written: WrittenByteLadder) -> Result<Self, OutOfRange> {
        let WrittenByteLadder {
            min,
            max,
            step_bytes,
            visitors,
        } = written;
        if min >= max {
            return Err(OutOfRange {
                what: "min",
                value: min.get().to_string(),
                range: "smaller than `max`",
            });
        }
        if step_bytes.0 == 0 {
            return Err(OutOfRange {
                what: "step_bytes",
                value: String::from(step_bytes),
                range: "at least one byte",
            });
        }
        Ok(ByteLadder {
            min,
            max,
            step_bytes,
            visitors,
            demand: None,
        })
    }
}

/// A list of 1 to 8 pixel densities from 1 to 8, ascending (the `x` descriptor, HTML, section
/// 4.8.4.2.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f64>")]
pub struct Densities(Vec<f64>);

impl Densities {
    /// Returns the variant widths for a slot of `width` CSS pixels.
    pub fn widths(&self, width: u32) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().map(move |density| {
            let pixels = f64::from(width) * density;
            (pixels.round() as u32).clamp(1, WEBP_MAX_SIDE)
        })
    }
}

impl TryFrom<Vec<f64>> for Densities {
    type Error = OutOfRange;

    fn try_from(densities: Vec<f64>) -> Result<Self, OutOfRange> {
        let ascending = densities.windows(2).all(|pair| pair[0] < pair[1]);
        let possible = densities
            .iter()
            .all(|density| (1.0..=8.0).contains(density));
        if !(1..=8).contains(&densities.len()) || !ascending || !possible {
            let list: Vec<String> = densities.iter().map(f64::to_string).collect();
            return Err(OutOfRange {
                what: "densities",
                value: format!("[{}]", list.join(", ")),
                range: "a list of 1 to 8 densities from 1 to 8, each larger than the one before",
            });
        }
        Ok(Densities(densities))
    }
}

crate::picture::units::schema!(Densities, "Densities", {
    "type": "array", "minItems": 1, "maxItems": 8,
    "items": { "type": "number", "minimum": 1, "maximum": 8 }
});
