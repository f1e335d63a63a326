//! How wide: the widths of a ladder, or one width at several densities.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{OutOfRange, WEBP_MAX_SIDE, Width};

/// One to 32 distinct widths, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<Width>")]
pub struct Ladder(Vec<Width>);

/// More candidates than this help no browser and cost an encode each.
const MAX_WIDTHS: usize = 32;

impl Ladder {
    pub fn widths(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.0.iter().map(|width| width.get())
    }

    pub fn largest(&self) -> u32 {
        self.0.last().expect("a ladder has a width").get()
    }

    /// The only width, where there is one.
    pub fn only(&self) -> Option<u32> {
        match self.0[..] {
            [width] => Some(width.get()),
            _ => None,
        }
    }
}

impl TryFrom<Vec<Width>> for Ladder {
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
        Ok(Ladder(widths))
    }
}

/// Pixels of the file for each CSS pixel (the `x` descriptor, HTML, section 4.8.4.2.1): one to
/// eight of them, from 1 to 8, ascending.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f64>")]
pub struct Densities(Vec<f64>);

impl Densities {
    /// The widths of a place that is `width` CSS pixels wide, as far as a picture can have them.
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

crate::units::schema!(Densities, "Densities", {
    "type": "array", "minItems": 1, "maxItems": 8,
    "items": { "type": "number", "minimum": 1, "maximum": 8 }
});
