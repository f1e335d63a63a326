//! Key paths, which locate values in a document.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::path::shared;

/// The keys and indices that lead from a document's root to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyPath(Vec<Segment>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Segment {
    /// The `nth` entry of that name, from 0, as Jekyll's YAML allows a key twice. Clones share the
    /// name.
    Key {
        #[serde(deserialize_with = "shared")]
        name: Arc<str>,
        nth: u32,
    },
    /// The item at that index, from 0.
    Index(u32),
}

impl Segment {
    pub fn key(name: &str, nth: usize) -> Self {
        Segment::Key {
            name: name.into(),
            nth: u32::try_from(nth).unwrap_or(u32::MAX),
        }
    }

    pub fn index(index: usize) -> Self {
        Segment::Index(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

impl KeyPath {
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    pub(super) fn push(&mut self, segment: Segment) {
        self.0.push(segment);
    }

    pub(super) fn pop(&mut self) {
        self.0.pop();
    }

    /// Returns the path of a value in the collection at this path.
    pub fn child(&self, segment: Segment) -> KeyPath {
        self.0.iter().cloned().chain([segment]).collect()
    }

    /// Returns the path as a rule writes it, for all items: `une-ou-diaporama[].image`.
    pub fn pattern(&self) -> String {
        let mut pattern = String::new();
        self.write(&mut pattern, |out, _| write!(out, "[]"))
            .expect("strings can be written to");
        pattern
    }

    fn write<W: fmt::Write>(
        &self,
        out: &mut W,
        write_index: impl Fn(&mut W, u32) -> fmt::Result,
    ) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key { name, .. } => {
                    if position > 0 {
                        out.write_char('.')?;
                    }
                    write_key(out, name)?;
                }
                Segment::Index(index) => write_index(out, *index)?,
            }
        }
        Ok(())
    }

    /// Returns the path of the first entry with the same name in the same mapping.
    pub fn first_of_name(&self) -> KeyPath {
        let mut path = self.clone();
        if let Some(Segment::Key { nth, .. }) = path.0.last_mut() {
            *nth = 0;
        }
        path
    }
}

impl FromIterator<Segment> for KeyPath {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        KeyPath(segments.into_iter().collect())
    }
}

impl fmt::Display for KeyPath {
    /// Writes the path as in a rule, with indices: `une-ou-diaporama[0].image`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, |f, index| write!(f, "[{index}]"))
    }
}

/// Writes a key as a path contains it: quoted if it would be read differently otherwise.
pub(super) fn write_key(out: &mut impl fmt::Write, name: &str) -> fmt::Result {
    if name.is_empty() || name.contains(['.', '[', ']', '*', '"', '\\']) || name == "body" {
        out.write_str(&serde_json::Value::from(name).to_string())
    } else {
        out.write_str(name)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Returns the path that a text with `/` between its segments names.
    pub(in crate::tree) fn path(text: &str) -> KeyPath {
        text.split('/')
            .map(|part| match part.parse::<usize>() {
                Ok(index) => Segment::index(index),
                Err(_) => Segment::key(part, 0),
            })
            .collect()
    }

    #[test]
    fn paths_print_as_rules_write_them() {
        assert_eq!(
            path("une-ou-diaporama/0/image").to_string(),
            "une-ou-diaporama[0].image"
        );
        assert_eq!(path("odd.key/x").to_string(), "\"odd.key\".x");
        assert_eq!(path("0/odd.key/1/x").pattern(), "[].\"odd.key\"[].x");
        assert_eq!(path("a[0]/0").pattern(), "\"a[0]\"[]");
    }
}
