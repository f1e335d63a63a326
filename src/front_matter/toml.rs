//! Renders changes in TOML: an inline table on the next line, and `[[responsive_images]]` tables at
//! the end.

use std::ops::Range;

use crate::record::{Content, OurKeys};
use crate::tree::{Entry, Layout, NodeId, Tree, Value};

use super::changes::Change;
use super::inline::{self, Notation};
use super::lines::{eol_at, line_end, line_start, lines_of, whole_lines};
use super::setting::Setting;
use super::splice::{Edit, Patch, Rendered};

/// Returns the edits of one change, or the reason why it cannot be placed.
pub(super) fn render(text: &str, tree: &Tree<'_>, change: &Change, keys: &OurKeys) -> Rendered {
    let toml = Toml { text, tree, keys };
    match change {
        Change::Insert {
            mapping,
            entry,
            content,
        } => toml.insert(*mapping, *entry, content),
        Change::Replace {
            mapping,
            entry,
            content,
        } => toml.replace(*mapping, *entry, content),
        Change::ReplaceList {
            mapping,
            entry,
            contents,
        } => toml.replace_list(*mapping, *entry, contents),
        Change::Remove { mapping, entries } => toml.remove(*mapping, entries),
        Change::InsertList { contents, .. } => toml.insert_list(contents),
        Change::Skip { reason, .. } => Err(reason),
    }
}

/// Returns the edit that sets a key of a mapping to a text: it replaces the existing value, or
/// inserts the key after the entry with the index `beside`.
pub(super) fn set(
    text: &str,
    tree: &Tree<'_>,
    mapping: NodeId,
    beside: usize,
    setting: &Setting<'_>,
    keys: &OurKeys,
) -> Rendered {
    let toml = Toml { text, tree, keys };
    let quoted = inline::double_quoted(setting.text);
    match tree.get(mapping, setting.key) {
        Some(entry) => inline::set_value(tree, entry, setting, quoted),
        None => {
            let key = inline::key(setting.key, Notation::Toml);
            toml.insert_pair(mapping, beside, &format!("{key} = {quoted}"))
        }
    }
}

struct Toml<'t, 'a> {
    text: &'t str,
    tree: &'t Tree<'a>,
    keys: &'t OurKeys,
}

const DOTTED: &str = "it is written with dotted keys; write a table instead";

impl Toml<'_, '_> {
    fn entry(&self, mapping: NodeId, index: usize) -> Entry {
        self.tree.entries(mapping)[index]
    }

    fn layout(&self, id: NodeId) -> Layout {
        match &self.tree.node(id).value {
            Value::Mapping { layout, .. } | Value::Sequence { layout, .. } => *layout,
            _ => Layout::Flow,
        }
    }

    fn insert(&self, mapping: NodeId, index: usize, content: &Content) -> Rendered {
        let entry = self.entry(mapping, index);
        let key = self.tree.node(entry.key).span.clone();
        let pair = format!(
            "{} = {}",
            self.our_key(&self.text[key]),
            inline::record(content, Notation::Toml)
        );
        self.insert_pair(mapping, index, &pair)
    }

    /// Inserts a key and its value after an entry.
    fn insert_pair(&self, mapping: NodeId, index: usize, pair: &str) -> Rendered {
        let entry = self.entry(mapping, index);
        let key = self.tree.node(entry.key).span.start;
        let end = self.tree.node(entry.value).span.end;
        match self.layout(mapping) {
            Layout::SinglePair => Err(DOTTED),
            Layout::Flow => Ok(vec![Patch::replacing(end..end, format!(", {pair}"))]),
            Layout::Block => {
                // Blanks, and the first parts of a dotted key.
                let prefix = &self.text[line_start(self.text, key)..key];
                let eol = eol_at(self.text, end);
                let at = line_end(self.text, end);
                let line = format!("{prefix}{pair}");
                Ok(vec![Patch::of(whole_lines(self.text, at, line, eol))])
            }
        }
    }

    fn our_key(&self, written: &str) -> String {
        let suffix = self.keys.names.suffix.as_str();
        match written.chars().next_back() {
            Some(quote @ ('"' | '\'')) => {
                format!("{}{suffix}{quote}", &written[..written.len() - 1])
            }
            _ => format!("{written}{suffix}"),
        }
    }

    fn replace(&self, mapping: NodeId, index: usize, content: &Content) -> Rendered {
        let value = self.entry(mapping, index).value;
        let span = self.tree.node(value).span.clone();
        match self.layout(value) {
            Layout::Flow => Ok(vec![Patch::replacing(
                span,
                inline::record(content, Notation::Toml),
            )]),
            // A content manager may have written the record as a separate table.
            _ if self.has_header(value) => {
                let eol = eol_at(self.text, span.start);
                let start = line_end(self.text, span.start);
                let lines = table_lines(content, eol);
                // An emptied table has no lines to replace.
                let edit = if self.tree.entries(value).is_empty() {
                    whole_lines(self.text, start, lines, eol)
                } else {
                    let range = start..span.end.max(start);
                    Edit { range, text: lines }
                };
                Ok(vec![Patch::of(edit)])
            }
            _ => Err(DOTTED),
        }
    }

    /// Whether a table has its own header.
    fn has_header(&self, table: NodeId) -> bool {
        self.text[self.tree.node(table).span.start..].starts_with('[')
    }

    fn replace_list(&self, mapping: NodeId, index: usize, contents: &[Content]) -> Rendered {
        let value = self.entry(mapping, index).value;
        if self.layout(value) == Layout::Flow {
            let span = self.tree.node(value).span.clone();
            return Ok(vec![Patch::replacing(
                span,
                inline::list(contents, Notation::Toml),
            )]);
        }
        let mut ranges = self.tables(value)?.into_iter();
        let first = ranges.next().ok_or(DOTTED)?;
        let eol = eol_at(self.text, first.start);
        let header = self.text[first.start..line_end(self.text, first.start)].trim_end();
        let mut lines = self.list_lines(header, contents, eol);
        if self.text[first.clone()].ends_with('\n') {
            lines.push_str(eol);
        }
        let mut patches = vec![Patch::replacing(first, lines)];
        patches.extend(ranges.map(|range| Patch::replacing(range, String::new())));
        Ok(patches)
    }

    /// Returns the lines of each table of an array of tables.
    fn tables(&self, list: NodeId) -> Result<Vec<Range<usize>>, &'static str> {
        let items = self.tree.items(list);
        if !items.iter().all(|item| self.has_header(*item)) {
            return Err(DOTTED);
        }
        Ok(items
            .iter()
            .map(|item| {
                let span = &self.tree.node(*item).span;
                lines_of(self.text, span.start, span.end)
            })
            .collect())
    }

    fn list_lines(&self, header: &str, contents: &[Content], eol: &str) -> String {
        let tables: Vec<String> = contents
            .iter()
            .map(|content| format!("{header}{eol}{}", table_lines(content, eol)))
            .collect();
        tables.join(eol)
    }

    fn remove(&self, mapping: NodeId, removed: &[usize]) -> Rendered {
        if self.layout(mapping) != Layout::Block {
            return inline::remove(self.tree, mapping, removed);
        }
        let mut patches = Vec::new();
        for index in removed {
            let entry = self.entry(mapping, *index);
            let node = self.tree.node(entry.value);
            match (&node.value, self.layout(entry.value)) {
                (Value::Sequence { .. }, Layout::Block) => {
                    let tables = self.tables(entry.value)?.into_iter();
                    patches.extend(tables.map(|range| Patch::replacing(range, String::new())));
                }
                (Value::Mapping { .. }, Layout::Block) => {
                    if !self.has_header(entry.value) {
                        return Err(DOTTED);
                    }
                    patches.push(Patch::replacing(
                        lines_of(self.text, node.span.start, node.span.end),
                        String::new(),
                    ));
                }
                _ => {
                    let key = self.tree.node(entry.key).span.start;
                    patches.push(Patch::replacing(
                        lines_of(self.text, key, node.span.end),
                        String::new(),
                    ));
                }
            }
        }
        Ok(patches)
    }

    fn insert_list(&self, contents: &[Content]) -> Rendered {
        let list_key = self.keys.names.list_key.as_str();
        let parent = self
            .keys
            .list_parent
            .and_then(|parent| self.tree.get(self.tree.root()?, parent));
        if let Some(parent) = parent
            && !matches!(
                self.tree.node(parent.value).value,
                Value::Mapping {
                    layout: Layout::Block,
                    ..
                }
            )
        {
            // Only Zola has such a parent.
            return Err(
                "the images in the text need a list in `extra`, which is an inline table: write it \
                 as `[extra]`, with a line for each key",
            );
        }
        let header = match self.keys.list_parent {
            Some(parent) => format!("[[{parent}.{list_key}]]"),
            None => format!("[[{list_key}]]"),
        };
        let eol = eol_at(self.text, 0);
        let lines = self.list_lines(&header, contents, eol);
        let edit = whole_lines(self.text, self.text.len(), lines, eol);
        Ok(vec![Patch::of(edit)])
    }
}

/// Formats a record as the lines of a table, without the last line break.
fn table_lines(content: &Content, eol: &str) -> String {
    let lines: Vec<String> = content
        .fields()
        .iter()
        .map(|(key, field)| format!("{key} = {}", inline::value(field, Notation::Toml)))
        .collect();
    lines.join(eol)
}
