//! Renders changes in JSON: `, "key": {…}` after the image's value, on its line.

use std::ops::Range;

use crate::record::OurKeys;
use crate::tree::{NodeId, Tree, Value};

use super::changes::Change;
use super::inline::{self, Notation};
use super::setting::Setting;
use super::splice::{Patch, Rendered};

/// Returns the edits of one change, or the reason why it cannot be placed.
pub(super) fn render(text: &str, tree: &Tree<'_>, change: &Change, keys: &OurKeys) -> Rendered {
    match change {
        Change::Insert {
            mapping,
            entry,
            content,
        } => {
            let key = &text[tree.node(tree.entries(*mapping)[*entry].key).span.clone()];
            let key = key.strip_suffix('"').unwrap_or(key);
            let suffix = keys.names.suffix.as_str();
            let record = inline::record(content, Notation::Json);
            let end = value_span(tree, *mapping, *entry).end;
            one(end..end, format!(", {key}{suffix}\": {record}"))
        }
        Change::Replace {
            mapping,
            entry,
            content,
        } => replace(
            tree,
            *mapping,
            *entry,
            inline::record(content, Notation::Json),
        ),
        Change::ReplaceList {
            mapping,
            entry,
            contents,
        } => replace(
            tree,
            *mapping,
            *entry,
            inline::list(contents, Notation::Json),
        ),
        Change::Remove { mapping, entries } => inline::remove(tree, *mapping, entries),
        Change::InsertList {
            contents,
            is_only_entry,
        } => {
            let root = tree.root().map(|root| (root, &tree.node(root).value));
            let Some((root, Value::Mapping { entries, .. })) = root else {
                return Err("a list of records needs an object at the root");
            };
            let pair = format!(
                "\"{}\": {}",
                keys.names.list_key.as_str(),
                inline::list(contents, Notation::Json)
            );
            match entries.last() {
                Some(last) if !is_only_entry => {
                    let end = tree.node(last.value).span.end;
                    one(end..end, format!(", {pair}"))
                }
                _ => {
                    let start = tree.node(root).span.start + 1;
                    one(start..start, pair)
                }
            }
        }
        Change::Skip { reason, .. } => Err(reason),
    }
}

/// Returns the edit that sets a key of an object to a text: it replaces the existing value, or
/// inserts the key after the entry with the index `beside`.
pub(super) fn set(
    tree: &Tree<'_>,
    mapping: NodeId,
    beside: usize,
    setting: &Setting<'_>,
) -> Rendered {
    let quoted = inline::double_quoted(setting.text);
    match tree.get(mapping, setting.key) {
        Some(entry) => inline::set_value(tree, entry, setting, quoted),
        None => {
            let key = inline::double_quoted(setting.key);
            let end = value_span(tree, mapping, beside).end;
            one(end..end, format!(", {key}: {quoted}"))
        }
    }
}

fn value_span(tree: &Tree<'_>, mapping: NodeId, entry: usize) -> Range<usize> {
    tree.node(tree.entries(mapping)[entry].value).span.clone()
}

fn replace(tree: &Tree<'_>, mapping: NodeId, entry: usize, text: String) -> Rendered {
    one(value_span(tree, mapping, entry), text)
}

fn one(range: Range<usize>, text: String) -> Rendered {
    Ok(vec![Patch::replacing(range, text)])
}
