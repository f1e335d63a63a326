//! Removes our entries.

use std::ops::Range;

use super::{Yaml, keep_properties};
use crate::front_matter::inline;
use crate::front_matter::lines::{line_end, lines_of, own_line_indent, rest_is_blank};
use crate::front_matter::splice::{Edit, Patch, Rendered};
use crate::tree::yaml::{Event, Properties};
use crate::tree::{Layout, NodeId, Style};

impl Yaml<'_, '_> {
    pub(super) fn remove(&self, mapping: NodeId, removed: &[usize]) -> Rendered {
        let entries = self.tree.entries(mapping);
        if removed.len() == entries.len() {
            return self.remove_all(mapping, removed);
        }
        let patch = |range: Range<usize>, index: usize| {
            let entry = entries[index];
            let events =
                self.tree.node(entry.key).events.start..self.tree.node(entry.value).events.end;
            Patch {
                edit: Edit {
                    range,
                    text: String::new(),
                },
                events: Some((events, Vec::new())),
            }
        };
        if self.layout(mapping) != Layout::Block {
            let ranges = inline::removals(self.tree, mapping, removed);
            return Ok(ranges
                .into_iter()
                .zip(removed)
                .map(|(range, index)| patch(range, *index))
                .collect());
        }
        removed
            .iter()
            .map(|index| {
                let entry = entries[*index];
                let key = self.tree.node(entry.key).outer_start;
                let end = self.tree.node(entry.value).span.end;
                if own_line_indent(self.text, key).is_some() {
                    return Ok(patch(lines_of(self.text, key, end), *index));
                }
                // The entry is on the line of its item's dash: the next key takes its place.
                let next = (index + 1..entries.len())
                    .find(|next| removed.binary_search(next).is_err())
                    .ok_or("the list item would be empty without it")?;
                let next = self.tree.node(entries[next].key).outer_start;
                let between = &self.text[line_end(self.text, end).min(next)..next];
                let follows =
                    removed.binary_search(&(index + 1)).is_ok() || between.trim().is_empty();
                if !follows || !rest_is_blank(self.text, end) {
                    return Err("there is a comment between it and the next key");
                }
                Ok(patch(key..next, *index))
            })
            .collect()
    }

    /// Empties a mapping that contains only our entries.
    fn remove_all(&self, mapping: NodeId, removed: &[usize]) -> Rendered {
        let node = self.tree.node(mapping);
        let first = self
            .tree
            .node(self.tree.entries(mapping)[0].key)
            .outer_start;
        if self.layout(mapping) != Layout::Block {
            let range = inline::removals(self.tree, mapping, removed).swap_remove(0);
            return Ok(vec![Patch {
                edit: Edit {
                    range,
                    text: String::new(),
                },
                events: Some((node.events.start + 1..node.events.end - 1, Vec::new())),
            }]);
        }
        if own_line_indent(self.text, first).is_none() {
            return Err("the list item would be empty without it");
        }
        let Some(parent) = node.parent else {
            return Ok(vec![Patch {
                edit: Edit {
                    range: lines_of(self.text, first, node.span.end),
                    text: String::new(),
                },
                events: Some((node.events.clone(), Vec::new())),
            }]);
        };
        // The list's parent was inserted with the list, and is removed with it.
        let root_entry = self.tree.entries(parent).iter().position(|entry| {
            entry.value == mapping && self.tree.key(entry) == self.keys.list_parent
        });
        if let (Some(index), None, true) = (
            root_entry,
            self.tree.node(parent).parent,
            self.keys.list_parent.is_some(),
        ) {
            return self.remove(parent, &[index]);
        }
        let mut empty = vec![Event::Scalar {
            text: "".into(),
            style: Style::Plain,
            properties: Properties::default(),
        }];
        keep_properties(&self.tree.events[node.events.start], &mut empty);
        Ok(vec![Patch {
            edit: Edit {
                range: lines_of(self.text, first, node.span.end),
                text: String::new(),
            },
            events: Some((node.events.clone(), empty)),
        }])
    }
}
