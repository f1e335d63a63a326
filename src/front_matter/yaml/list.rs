//! Inserts the list of records.

use super::Yaml;
use super::format::block_list;
use crate::front_matter::lines::{document_end, eol_at, line_end, whole_lines};
use crate::front_matter::splice::{Patch, Rendered};
use crate::record::{Content, SHARED_MAPPING};
use crate::tree::yaml::{Event, Properties};
use crate::tree::{Layout, NodeId, Style, Value};

impl Yaml<'_, '_> {
    pub(super) fn insert_list(&self, contents: &[Content], alone: bool) -> Rendered {
        let list_key = self.keys.names.list_key.as_str();
        let plain = |text: &str| Event::Scalar {
            text: text.to_owned().into(),
            style: Style::Plain,
            properties: Properties::default(),
        };
        let map_start = || Event::MappingStart {
            layout: Layout::Block,
            properties: Properties::default(),
        };
        let eol = eol_at(self.text, 0);
        let root = self.tree.root();
        let end = root.map_or(self.text.len(), |root| {
            document_end(self.text, self.tree.node(root).span.end)
        });
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
        let indent_in = |mapping: NodeId| {
            let entry = self.tree.entries(mapping)[0];
            self.indent(mapping, &entry)
        };
        let indent = match holder.or(root) {
            Some(mapping) => indent_in(mapping)?,
            None => String::new(),
        };
        let (at, indent, parent) = match (holder, self.keys.list_parent) {
            // Within an existing parent, after its last line.
            (Some(holder), Some(_)) => (
                line_end(self.text, self.tree.node(holder).span.end),
                indent,
                None,
            ),
            (None, Some(parent)) => (end, format!("{indent}  "), Some((indent, parent))),
            (_, None) => (end, indent, None),
        };
        let (list, list_events) = block_list(contents, &indent, eol);
        let mut lines = format!("{indent}{list_key}:{eol}{indent}{list}");
        let mut events = vec![plain(list_key)];
        events.extend(list_events);
        if let Some((indent, parent)) = parent {
            lines = format!("{indent}{parent}:{eol}{lines}");
            events.insert(0, map_start());
            events.insert(0, plain(parent));
            events.push(Event::MappingEnd);
        }
        let events_at = match holder
            .or(root)
            .map(|mapping| &self.tree.node(mapping).events)
        {
            Some(mapping) if !alone => mapping.end - 1,
            // There is no mapping, or it is removed with all its entries.
            mapping => {
                events.insert(0, map_start());
                events.push(Event::MappingEnd);
                mapping.map_or(0, |mapping| mapping.end)
            }
        };
        Ok(vec![Patch {
            edit: whole_lines(self.text, at, lines, eol),
            events: Some((events_at..events_at, events)),
        }])
    }
}
