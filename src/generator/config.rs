//! Reads a generator's own configuration: a file in YAML, TOML or JSON goes in, an owned [`Value`]
//! comes out.

use super::Files;
use crate::finding::{Code, Finding, Position};
use crate::path::SitePath;
use crate::tree::{self, NodeId, Tree};

/// Maximum number of values that one file may expand to: YAML aliases can repeat whole collections.
const VALUES_LIMIT: usize = 100_000;

/// A value of a configuration. Numbers and booleans are read as texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

/// How keys are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    Exact,
    /// `contentDir` and `contentdir` are the same key (Hugo). Lookups must be in lower case.
    AnyCase,
}

impl Default for Value {
    fn default() -> Self {
        Value::Map(Vec::new())
    }
}

impl Value {
    /// Reads the first of `names` that exists; an empty map if none does.
    pub fn first(
        files: &dyn Files,
        names: &[&str],
        keys: Keys,
        findings: &mut Vec<Finding>,
    ) -> Value {
        let mut paths = names.iter().filter_map(|name| SitePath::normalise(name));
        paths
            .find_map(|path| Value::read(files, &path, keys, findings))
            .unwrap_or_default()
    }

    /// Reads one file, in the syntax of its extension. Returns `None` if it does not exist. If it
    /// has an error, adds a finding and returns an empty map, so that the generator's defaults
    /// apply.
    pub fn read(
        files: &dyn Files,
        path: &SitePath,
        keys: Keys,
        findings: &mut Vec<Finding>,
    ) -> Option<Value> {
        let text = files.text(path)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let parsed = match path.extension().as_str() {
            "toml" => tree::toml::parse(text),
            "json" => tree::json::parse(text),
            _ => tree::yaml::parse(text),
        };
        Some(match parsed {
            Ok(tree) => {
                let mut left = VALUES_LIMIT;
                let root = tree.root();
                root.map(|root| owned(&tree, root, keys, &mut left, 0))
                    .unwrap_or_default()
            }
            Err(error) => {
                findings.push(
                    Finding::new(Code::Configuration, error.message)
                        .in_file(path.as_str())
                        .at(Position::of(text.as_bytes(), error.offset))
                        .hint("correct the line"),
                );
                Value::default()
            }
        })
    }

    /// Returns the value at a path of keys. Of two equal keys, the last one counts.
    pub fn get(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(self, |value, key| match value {
            Value::Map(entries) => {
                let entry = entries.iter().rfind(|(name, _)| name == key)?;
                Some(&entry.1)
            }
            _ => None,
        })
    }

    /// Returns the text at a path of keys, if it is not empty.
    pub fn text(&self, path: &[&str]) -> Option<String> {
        match self.get(path)? {
            Value::Text(text) if !text.is_empty() => Some(text.clone()),
            _ => None,
        }
    }

    /// Returns the texts of a list, or a single text.
    pub fn list(&self, path: &[&str]) -> Vec<String> {
        match self.get(path) {
            Some(Value::Text(text)) if !text.is_empty() => vec![text.clone()],
            Some(Value::List(items)) => items.iter().filter_map(Value::as_text).collect(),
            _ => Vec::new(),
        }
    }

    /// Returns the keys of a map, or the texts of a list.
    pub fn names(&self, path: &[&str]) -> Vec<String> {
        match self.get(path) {
            Some(Value::Map(entries)) => entries.iter().map(|(name, _)| name.clone()).collect(),
            _ => self.list(path),
        }
    }

    /// Returns the items of a list.
    pub fn items(&self, path: &[&str]) -> &[Value] {
        match self.get(path) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    fn as_text(&self) -> Option<String> {
        match self {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// Wraps this value in maps, so that it is at a path of keys.
    pub fn under(self, path: &[&str]) -> Value {
        path.iter().rev().fold(self, |value, key| {
            Value::Map(vec![((*key).to_owned(), value)])
        })
    }

    /// Merges `other` into this value: maps key by key, everything else by replacing.
    pub fn merge(&mut self, other: Value) {
        match (self, other) {
            (Value::Map(entries), Value::Map(others)) => {
                for (key, value) in others {
                    match entries.iter_mut().rfind(|(name, _)| *name == key) {
                        Some((_, old)) => old.merge(value),
                        None => entries.push((key, value)),
                    }
                }
            }
            (value, other) => *value = other,
        }
    }
}

/// Maximum nesting depth: an alias within its own anchor would expand forever.
const DEPTH_LIMIT: usize = 2 * tree::NESTING_LIMIT;

fn owned(tree: &Tree<'_>, node: NodeId, keys: Keys, left: &mut usize, depth: usize) -> Value {
    if *left == 0 || depth > DEPTH_LIMIT {
        return Value::default();
    }
    *left -= 1;
    match &tree.node(node).value {
        tree::Value::Alias { of } => owned(tree, *of, keys, left, depth + 1),
        tree::Value::Scalar { .. } if tree.is_empty(node) => Value::Text(String::new()),
        tree::Value::Scalar { text, .. } => Value::Text(text.clone().into_owned()),
        tree::Value::Sequence { items, .. } => {
            let items = items
                .iter()
                .map(|item| owned(tree, *item, keys, left, depth + 1));
            Value::List(items.collect())
        }
        tree::Value::Mapping { entries, .. } => {
            let entries = entries.iter().filter_map(|entry| {
                let key = tree.key(entry)?;
                let key = match keys {
                    Keys::Exact => key.to_owned(),
                    Keys::AnyCase => key.to_lowercase(),
                };
                Some((key, owned(tree, entry.value, keys, left, depth + 1)))
            });
            Value::Map(entries.collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::files::tests::Map;
    use super::*;

    #[test]
    fn files_of_every_syntax_are_read_and_merged() {
        let files = Map(&[
            ("a.toml", "Title = 'a'\n[Params]\nx = 1\n"),
            ("b.yaml", "params: { X: 2, y: 3 }\nlist: [p, q]\n"),
            ("c.json", "{ \"one\": \"r\" }"),
            ("d.yml", "a: [\n"),
        ]);
        let mut findings = Vec::new();
        let mut read = |name| {
            let path = SitePath::normalise(name).unwrap();
            Value::read(&files, &path, Keys::AnyCase, &mut findings)
        };
        let mut value = read("a.toml").unwrap();
        value.merge(read("b.yaml").unwrap());
        value.merge(read("c.json").unwrap().under(&["deep"]));
        assert_eq!(read("absent.yml"), None);
        assert_eq!(read("d.yml"), Some(Value::default()));
        assert_eq!(value.text(&["title"]).as_deref(), Some("a"));
        assert_eq!(value.text(&["params", "x"]).as_deref(), Some("2"));
        assert_eq!(value.names(&["params"]), ["x", "y"]);
        assert_eq!(value.list(&["list"]), ["p", "q"]);
        assert_eq!(value.text(&["deep", "one"]).as_deref(), Some("r"));
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].file.as_deref(), Some("d.yml"));
    }
}
