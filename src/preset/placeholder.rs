//! Which placeholders a record carries.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::OutOfRange;

/// What a page can show in a picture's place until it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlaceholderKind {
    /// The average colour.
    Colour,
    /// A `ThumbHash`, which a script draws.
    Thumbhash,
    /// A WebP of a few pixels, as a data URI.
    Blur,
}

impl PlaceholderKind {
    /// As presets and records call it.
    pub fn name(self) -> &'static str {
        match self {
            PlaceholderKind::Colour => "colour",
            PlaceholderKind::Thumbhash => "thumbhash",
            PlaceholderKind::Blur => "blur",
        }
    }
}

/// Kinds of placeholders, none twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<PlaceholderKind>")]
pub struct PlaceholderKinds(Vec<PlaceholderKind>);

impl PlaceholderKinds {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

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
                range: "a list of `colour`, `thumbhash` and `blur`, none twice",
            });
        }
        Ok(PlaceholderKinds(kinds))
    }
}
