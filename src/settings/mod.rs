//! Reads settings files: takes YAML text, returns a checked type, or a finding with line, column
//! and hint.

mod error;
mod limited;
mod places;
mod schema;
mod value;

pub use error::with_hint;
pub use limited::{Excess, MOST_ENTRIES, MOST_FOLDERS, MOST_PRESETS, at_most};
pub use places::Places;
pub use schema::schema;
use serde::de::DeserializeOwned;

use self::error::Error;
use self::value::Source;
use crate::finding::{Code, Finding, Position};
use crate::tree::path::KeyPath;
use crate::tree::yaml;

/// Second spellings of keys and values, each with the first spelling, which it is read as.
const SPELLINGS: [(&str, &str); 3] = [
    ("colour", "color"),
    ("centre", "center"),
    ("rasterize", "rasterise"),
];

/// Reads `text`, the content of `file`. An empty text is an empty mapping.
///
/// # Errors
///
/// Returns a finding at the key or value at fault: YAML that does not parse, an unknown key or
/// value (with the nearest known name as the hint), a key set twice, a value that is out of range.
pub fn read<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Finding> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let finding = |offset: usize, message: String| {
        Finding::new(Code::Configuration, message)
            .in_file(file)
            .at(Some(Position::of(text.as_bytes(), offset)))
    };
    let tree = yaml::parse(text).map_err(|error| {
        finding(error.offset, error.message)
            .hint("check the indentation, quotes and brackets near this place")
    })?;
    let source = Source::new(&tree);
    let value = match source.root() {
        Some(root) => T::deserialize(root),
        None => {
            let nothing = std::iter::empty::<(&str, &str)>();
            T::deserialize(serde::de::value::MapDeserializer::<_, Error>::new(nothing))
        }
    };
    value.map_err(|error| {
        let message = error.to_string();
        let hint = error.hint();
        let finding = finding(error.offset.unwrap_or(0), message);
        match hint {
            Some(hint) => finding.hint(hint),
            None => finding,
        }
    })
}

/// Returns the position of the value at `path` in a YAML text, or `None` if there is no such value.
/// For several values use [`Places`].
pub fn position_of(text: &str, path: &KeyPath) -> Option<Position> {
    Places::new(text).of(path)
}

#[cfg(test)]
pub use places::PARSES;

#[cfg(test)]
mod tests;
