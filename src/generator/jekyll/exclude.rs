//! Adds our files to Jekyll's `exclude:`: a configuration's bytes go in, the same bytes with one
//! insertion come out.

use super::super::Edited;
use crate::tree::{NodeId, Tree, Value, yaml};

/// Our files, which Jekyll would copy into the published site. It ignores the last one anyway.
const OURS: [&str; 3] = ["planche.yml", "presets", ".planche"];

/// Our entries, as text for messages.
pub(super) const ADDS: &str = "planche.yml, presets, .planche";

/// Files that Jekyll 3 excludes by default, and publishes as soon as `exclude:` is given.
const DEFAULTS: [&str; 7] = [
    "Gemfile",
    "Gemfile.lock",
    "node_modules",
    "vendor/bundle/",
    "vendor/cache/",
    "vendor/gems/",
    "vendor/ruby/",
];

/// Adds our entries to the `exclude:` of a configuration.
pub(super) fn add(bytes: &[u8], name: &str) -> Edited {
    if name.ends_with(".toml") {
        return Edited::Refused("it is TOML");
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Edited::Refused("it is not UTF-8");
    };
    let Ok(tree) = yaml::parse(text) else {
        return Edited::Refused("it cannot be read");
    };
    match insertion(text, &tree) {
        Ok(Some((at, inserted, added))) => {
            let mut new = text.to_owned();
            new.insert_str(at, &inserted);
            let Some(old) = read(text) else {
                return Edited::Refused("its values cannot be checked after an edit");
            };
            if read(&new).is_some_and(|new| says(old, &new, &added)) {
                let undo = if added.len() > OURS.len() {
                    format!("remove the list `exclude:` at the end of {name}")
                } else {
                    format!("remove {} from `exclude:` in {name}", added.join(", "))
                };
                Edited::Text { text: new, undo }
            } else {
                Edited::Refused("its `exclude:` is written in an unusual way")
            }
        }
        Ok(None) => Edited::Unchanged,
        Err(reason) => Edited::Refused(reason),
    }
}

/// Byte offset of an insertion, its text, and the entries that it adds.
type Insertion = (usize, String, Vec<&'static str>);

fn insertion(text: &str, tree: &Tree<'_>) -> Result<Option<Insertion>, &'static str> {
    let feed = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let exclude = match tree.root() {
        None => None,
        Some(root) => match tree.node(root).value {
            Value::Mapping { .. } => tree.get(root, "exclude").map(|entry| entry.value),
            _ => return Err("it is not a mapping"),
        },
    };
    let Some(list) = exclude else {
        let added: Vec<&str> = OURS.into_iter().chain(DEFAULTS).collect();
        let items: String = added
            .iter()
            .map(|entry| format!("  - {entry}{feed}"))
            .collect();
        let before = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            feed
        };
        return Ok(Some((
            text.len(),
            format!("{before}exclude:{feed}{items}"),
            added,
        )));
    };
    let Value::Sequence { items, .. } = &tree.node(list).value else {
        return Err("its `exclude:` is not a list");
    };
    let has = |entry: &str| {
        let is =
            |item: &NodeId| tree.text(*item).map(|text| text.trim_end_matches('/')) == Some(entry);
        items.iter().any(is)
    };
    let added: Vec<&str> = OURS.into_iter().filter(|entry| !has(entry)).collect();
    if added.is_empty() {
        return Ok(None);
    }
    let Some(last) = items.last() else {
        let open = tree.node(list).span.start + 1;
        return Ok(Some((open, added.join(", "), added)));
    };
    let span = &tree.node(*last).span;
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[start..span.start];
    if before.trim() == "-" {
        // In a block list, new lines go after that of the last entry.
        let end = text[span.end..].find('\n').map(|at| span.end + at + 1);
        let lines: String = added
            .iter()
            .map(|entry| format!("{before}{entry}{feed}"))
            .collect();
        return Ok(Some(match end {
            Some(end) => (end, lines, added),
            None => (text.len(), format!("{feed}{lines}"), added),
        }));
    }
    Ok(Some((span.end, format!(", {}", added.join(", ")), added)))
}

/// Reads a text with a second parser, which refuses integers of more than 64 bits.
fn read(text: &str) -> Option<serde_yaml::Value> {
    serde_yaml::from_str(text).ok()
}

/// Whether the new values are the old ones plus the entries.
fn says(old: serde_yaml::Value, new: &serde_yaml::Value, added: &[&str]) -> bool {
    let mut expected = match old {
        serde_yaml::Value::Mapping(mapping) => mapping,
        serde_yaml::Value::Null => serde_yaml::Mapping::new(),
        _ => return false,
    };
    let list = expected
        .entry("exclude".into())
        .or_insert_with(|| serde_yaml::Value::Sequence(Vec::new()));
    let Some(list) = list.as_sequence_mut() else {
        return false;
    };
    list.extend(added.iter().map(|entry| serde_yaml::Value::from(*entry)));
    *new == serde_yaml::Value::Mapping(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_added_and_no_other_byte_changes() {
        for (text, expected) in [
            (
                "title: A\nexclude:\n- README.md # read\n- Gemfile\n\nurl: x\n",
                "title: A\nexclude:\n- README.md # read\n- Gemfile\n- planche.yml\n- presets\n- .planche\n\nurl: x\n",
            ),
            (
                "exclude:\r\n    - presets/\r\n    - \"a b\" # c\r\n",
                "exclude:\r\n    - presets/\r\n    - \"a b\" # c\r\n    - planche.yml\r\n    - .planche\r\n",
            ),
            (
                "exclude: [a, 'b']\nurl: x\n",
                "exclude: [a, 'b', planche.yml, presets, .planche]\nurl: x\n",
            ),
            (
                "exclude:\n  - a",
                "exclude:\n  - a\n  - planche.yml\n  - presets\n  - .planche\n",
            ),
            (
                "exclude: []\n",
                "exclude: [planche.yml, presets, .planche]\n",
            ),
        ] {
            match add(text.as_bytes(), "_config.yml") {
                Edited::Text {
                    text: new,
                    undo: said,
                } => {
                    assert_eq!(new, expected);
                    assert!(said.starts_with("remove planche.yml, "), "{said}");
                }
                other => panic!("{text}: {other:?}"),
            }
            assert_eq!(add(expected.as_bytes(), "_config.yml"), Edited::Unchanged);
        }
    }

    #[test]
    fn without_a_list_jekylls_own_defaults_stay() {
        for text in ["", "title: A\n", "---\ntitle: A", "# nothing\n"] {
            let Edited::Text { text: new, undo } = add(text.as_bytes(), "_config.yml") else {
                panic!("{text}");
            };
            assert!(new.starts_with(text), "{new}");
            assert!(new.contains("\n  - planche.yml\n") && new.ends_with("  - vendor/ruby/\n"));
            assert!(undo.contains("the list `exclude:`"), "{undo}");
        }
    }

    #[test]
    fn unusual_configurations_are_left_to_their_owner() {
        for text in [
            "exclude: &a\n  b: c\n",
            "exclude: README.md\n",
            "exclude:\n",
            "- a\n",
            "a: [\n",
            "a: &e [x]\nexclude: *e\n",
            "title: A\n...\n",
        ] {
            assert!(
                matches!(add(text.as_bytes(), "_config.yml"), Edited::Refused(_)),
                "{text}"
            );
        }
        let large = "exclude: [a]\nid: 101827554735084402671\n";
        assert_eq!(
            add(large.as_bytes(), "_config.yml"),
            Edited::Refused("its values cannot be checked after an edit")
        );
        assert!(matches!(add(b"a = 1", "_config.toml"), Edited::Refused(_)));
        assert!(matches!(add(b"\xff", "_config.yml"), Edited::Refused(_)));
    }
}
