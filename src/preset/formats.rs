//! The list of formats of a preset.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::picture::info::Format;
use crate::picture::units::OutOfRange;

/// A list of one or more formats, without duplicates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<Format>")]
pub struct Formats(#[schemars(length(min = 1))] Vec<Format>);

impl Formats {
    /// Creates a list of one format.
    pub fn only(format: Format) -> Self {
        Formats(vec![format])
    }

    /// Returns the formats in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Format> + '_ {
        self.0.iter().copied()
    }
}

impl TryFrom<Vec<Format>> for Formats {
    type Error = OutOfRange;

    fn try_from(formats: Vec<Format>) -> Result<Self, OutOfRange> {
        let is_new = |(index, format)| !formats[..index].contains(format);
        if formats.is_empty() || !formats.iter().enumerate().all(is_new) {
            let names: Vec<&str> = formats.iter().map(|format| format.spec().name).collect();
            return Err(OutOfRange {
                what: "formats",
                value: format!("[{}]", names.join(", ")),
                range: "a list of one or more formats, each at most once",
            });
        }
        Ok(Formats(formats))
    }
}
