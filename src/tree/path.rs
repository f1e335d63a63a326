//! Key paths: where a value stands in a document, and the patterns of rules that match them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The keys and indices that lead from a document's root to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyPath(Vec<Segment>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Segment {
    /// The `nth` (from 0) entry of that name: YAML as Jekyll reads it allows a key twice.
    Key { name: String, nth: u32 },
    /// The item at that index, from 0.
    Index(u32),
}

impl Segment {
    pub fn key(name: &str, nth: usize) -> Self {
        Segment::Key {
            name: name.to_owned(),
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

    /// The path of the collection that holds this value.
    pub fn parent(&self) -> Option<KeyPath> {
        let (_, parents) = self.0.split_last()?;
        Some(KeyPath(parents.to_vec()))
    }
}

impl FromIterator<Segment> for KeyPath {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        KeyPath(segments.into_iter().collect())
    }
}

impl fmt::Display for KeyPath {
    /// As a rule writes it, with indices: `une-ou-diaporama[0].image`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key { name, .. } => {
                    if position > 0 {
                        f.write_str(".")?;
                    }
                    write_key(f, name)?;
                }
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

fn write_key(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    if name.is_empty() || name.contains(['.', '[', ']', '*', '"', '\\']) || name == "body" {
        f.write_str(&serde_json::Value::from(name).to_string())
    } else {
        f.write_str(name)
    }
}

/// The left side of a rule: which key paths it takes.
///
/// Keys joined by `.`, `[]` for any item, `*` for any key, and `"…"` around a key that holds one
/// of these characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Key(String),
    AnyKey,
    AnyItem,
}

/// A pattern that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{pattern}` is not a key path: {reason}")]
pub struct PatternError {
    pattern: String,
    reason: &'static str,
}

impl Pattern {
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let error = |reason| PatternError {
            pattern: text.to_owned(),
            reason,
        };
        let mut parts = Vec::new();
        let mut rest = text;
        let mut key_wanted = true;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("[]") {
                if key_wanted && !parts.is_empty() {
                    return Err(error("a key is missing after `.`"));
                }
                parts.push(Part::AnyItem);
                rest = after;
                key_wanted = false;
            } else if let Some(after) = rest.strip_prefix('.') {
                if key_wanted {
                    return Err(error("a key is missing before `.`"));
                }
                rest = after;
                key_wanted = true;
            } else if !key_wanted {
                return Err(error("`.` or `[]` is missing between two keys"));
            } else if rest.starts_with('"') {
                let end = closing_quote(rest).ok_or_else(|| error("a quote is not closed"))?;
                let key = serde_json::from_str(&rest[..end])
                    .map_err(|_| error("a quoted key is not valid"))?;
                parts.push(Part::Key(key));
                rest = &rest[end..];
                key_wanted = false;
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let key = &rest[..end];
                if key.is_empty() || key.contains([']', '"']) {
                    return Err(error("brackets hold nothing: `[]` is any item"));
                }
                parts.push(if key == "*" {
                    Part::AnyKey
                } else {
                    Part::Key(key.to_owned())
                });
                rest = &rest[end..];
                key_wanted = false;
            }
        }
        if key_wanted {
            return Err(error("it ends without a key"));
        }
        Ok(Pattern(parts))
    }

    pub fn matches(&self, path: &KeyPath) -> bool {
        self.0.len() == path.0.len()
            && self
                .0
                .iter()
                .zip(&path.0)
                .all(|(part, segment)| match (part, segment) {
                    (Part::Key(wanted), Segment::Key { name, .. }) => wanted == name,
                    (Part::AnyKey, Segment::Key { .. }) | (Part::AnyItem, Segment::Index(_)) => {
                        true
                    }
                    _ => false,
                })
    }

    /// Whether every path that `other` matches is matched by this pattern.
    pub fn covers(&self, other: &Pattern) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|(mine, theirs)| {
                mine == theirs || matches!((mine, theirs), (Part::AnyKey, Part::Key(_)))
            })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, part) in self.0.iter().enumerate() {
            let dot = if position > 0 { "." } else { "" };
            match part {
                Part::Key(name) => {
                    f.write_str(dot)?;
                    write_key(f, name)?;
                }
                Part::AnyKey => write!(f, "{dot}*")?,
                Part::AnyItem => f.write_str("[]")?,
            }
        }
        Ok(())
    }
}

fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> KeyPath {
        text.split('/')
            .map(|part| match part.parse::<usize>() {
                Ok(index) => Segment::index(index),
                Err(_) => Segment::key(part, 0),
            })
            .collect()
    }

    #[test]
    fn patterns_match_key_paths() {
        for (pattern, at, expected) in [
            ("image", "image", true),
            ("image", "hero/image", false),
            ("une-ou-diaporama[].image", "une-ou-diaporama/3/image", true),
            ("une-ou-diaporama[].image", "une-ou-diaporama/image", false),
            ("*.image", "hero/image", true),
            ("*.image", "list/0", false),
            ("a[][]", "a/0/1", true),
            ("\"odd.key[]\".x", "odd.key[]/x", true),
            ("[].image", "0/image", true),
        ] {
            let parsed = Pattern::parse(pattern).expect(pattern);
            assert_eq!(parsed.matches(&path(at)), expected, "{pattern} on {at}");
        }
    }

    #[test]
    fn bad_patterns_are_refused() {
        for pattern in [
            "", ".", "a.", ".a", "a..b", "a[0]", "a[", "a]", "\"a", "a\"b\"", "[]a", "a.[]",
        ] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_covers_what_it_always_takes_first() {
        let covers = |a, b| {
            Pattern::parse(a)
                .unwrap()
                .covers(&Pattern::parse(b).unwrap())
        };
        assert!(covers("a[].x", "a[].x"));
        assert!(covers("*.x", "a.x"));
        assert!(!covers("a.x", "*.x"));
        assert!(!covers("a", "a.x"));
    }

    #[test]
    fn paths_print_as_rules_write_them() {
        assert_eq!(
            path("une-ou-diaporama/0/image").to_string(),
            "une-ou-diaporama[0].image"
        );
        assert_eq!(path("odd.key/x").to_string(), "\"odd.key\".x");
    }
}
