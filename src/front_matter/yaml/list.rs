//! Inserts the list of records.

use super::Yaml;
use super::format::{block_list, mapping, scalar};
use crate::front_matter::lines::{document_end, eol_at, line_end, whole_lines};
use crate::front_matter::splice::{Patch, Rendered};
use crate::record::{Content, SHARED_MAPPING};
use crate::tree::{Layout, NodeId, Style, Value};

/// Where the list is inserted.
struct Place {
    /// Byte offset of the end of a line.
    at: usize,
    /// Indentation of the list's key.
    indent: String,
    /// The key of the mapping that must be inserted around the list, and its indentation.
    parent: Option<(String, &'static str)>,
}

impl Yaml<'_, '_> {
    /// Inserts the list of records, with its key, at the end of the root or within its parent,
    /// which is inserted if it does not exist. `is_only_entry` is whether all other entries of that
    /// mapping are removed: the parser then sees a new mapping instead of a new entry.
    pub(super) fn insert_list(&self, contents: &[Content], is_only_entry: bool) -> Rendered {
        let list_key = self.keys.names.list_key.as_str();
        let holder = self.holder()?;
        let Place { at, indent, parent } = self.place(holder)?;
        let eol = eol_at(self.text, 0);
        let (list, list_events) = block_list(contents, &indent, eol);
        let mut lines = format!("{indent}{list_key}:{eol}{indent}{list}");
        let mut events = vec![scalar(list_key, Style::Plain)];
        events.extend(list_events);
        if let Some((indent, parent)) = parent {
            lines = format!("{indent}{parent}:{eol}{lines}");
            events = mapping(Layout::Block, events);
            events.insert(0, scalar(parent, Style::Plain));
        }
        let around = holder.or(self.tree.root());
        let around = around.map(|mapping| &self.tree.node(mapping).events);
        let events_at = match around {
            Some(around) if !is_only_entry => around.end - 1,
            // There is no mapping, or it is removed with all its entries.
            around => {
                events = mapping(Layout::Block, events);
                around.map_or(0, |around| around.end)
            }
        };
        Ok(vec![Patch {
            edit: whole_lines(self.text, at, lines, eol),
            events: Some((events_at..events_at, events)),
        }])
    }

    /// Returns the mapping that the list belongs to; `None` if there is none yet.
    ///
    /// # Errors
    ///
    /// If the list cannot be inserted.
    fn holder(&self) -> Result<Option<NodeId>, &'static str> {
        let root = self.tree.root();
        let holder = match (root, self.keys.list_parent) {
            (Some(root), Some(parent)) => self.tree.get(root, parent).map(|entry| entry.value),
            (root, _) => root,
        };
        let is_block = |id: NodeId| matches!(&self.tree.node(id).value, Value::Mapping { layout: Layout::Block, entries } if !entries.is_empty());
        if root.is_some_and(|root| !is_block(root))
            || holder.is_some_and(|holder| !is_block(holder))
        {
            return Err("a list of records needs a front matter of `key: value` lines");
        }
        if holder.is_some_and(|holder| self.tree.is_shared(holder)) {
            return Err(SHARED_MAPPING);
        }
        Ok(holder)
    }

    /// Returns where the list is inserted into its mapping.
    fn place(&self, holder: Option<NodeId>) -> Result<Place, &'static str> {
        let root = self.tree.root();
        let indent = match holder.or(root) {
            Some(mapping) => self.indent(mapping, &self.tree.entries(mapping)[0])?,
            None => String::new(),
        };
        let end = root.map_or(self.text.len(), |root| {
            document_end(self.text, self.tree.node(root).span.end)
        });
        Ok(match (holder, self.keys.list_parent) {
            // Within an existing parent, after its last line.
            (Some(holder), Some(_)) => Place {
                at: line_end(self.text, self.tree.node(holder).span.end),
                indent,
                parent: None,
            },
            (None, Some(parent)) => Place {
                at: end,
                indent: format!("{indent}  "),
                parent: Some((indent, parent)),
            },
            (_, None) => Place {
                at: end,
                indent,
                parent: None,
            },
        })
    }
}
