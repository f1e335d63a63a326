//! Patterns of key paths, by which rules select the values that they apply to.

use std::fmt;

use super::NESTING_LIMIT;
use super::path::{KeyPath, Segment, write_key};

/// A pattern of key paths: keys joined by `.`, `[]` for any item, `*` for any key, and `"…"` around
/// a key that contains one of these characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Key(String),
    AnyKey,
    AnyItem,
}

/// A pattern that cannot be parsed.
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
                    return Err(error("brackets must be empty: `[]` is any item"));
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
        // No value is deeper. The limit also bounds the work of comparing patterns.
        if parts.len() > NESTING_LIMIT {
            return Err(error("it is deeper than any value can be"));
        }
        Ok(Pattern(parts))
    }

    pub fn matches(&self, path: &KeyPath) -> bool {
        self.0.len() == path.segments().len()
            && self
                .0
                .iter()
                .zip(path.segments())
                .all(|(part, segment)| match (part, segment) {
                    (Part::Key(wanted), Segment::Key { name, .. }) => **wanted == **name,
                    (Part::AnyKey, Segment::Key { .. }) | (Part::AnyItem, Segment::Index(_)) => {
                        true
                    }
                    _ => false,
                })
    }

    /// Whether the matching paths end with a key, not with an item of a list.
    pub fn ends_with_key(&self) -> bool {
        !matches!(self.0.last(), Some(Part::AnyItem))
    }

    /// Whether this pattern matches every path that `other` matches.
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
    use super::super::path::tests::path;
    use super::*;

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
    fn a_pattern_covers_what_it_always_matches_first() {
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
}
