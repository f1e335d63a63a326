//! Replaces a record or the list.

use std::ops::Range;

use super::format::{Quoting, block_list, block_record, flow_list, flow_record};
use super::{Yaml, keep_properties};
use crate::front_matter::lines::{eol_at, line_start};
use crate::front_matter::splice::{Edit, Patch, Rendered};
use crate::record::Content;
use crate::tree::yaml::Event;
use crate::tree::{Entry, Layout, NodeId, Style, Value};

/// A value of ours: a record or the list.
#[derive(Clone, Copy)]
pub(super) enum What<'c> {
    Record(&'c Content),
    List(&'c [Content]),
}

impl What<'_> {
    /// Formats the value in block style at `indent`, without the first line's indentation and the
    /// last line break. Returns its text and its events.
    fn block(self, indent: &str, eol: &str) -> (String, Vec<Event<'static>>) {
        match self {
            What::Record(content) => block_record(content, indent, eol),
            What::List(contents) => block_list(contents, indent, eol),
        }
    }

    fn flow(self, quoting: Quoting) -> (String, Vec<Event<'static>>) {
        match self {
            What::Record(content) => flow_record(content, quoting),
            What::List(contents) => flow_list(contents, quoting),
        }
    }

    /// Returns the indentation of a block value relative to its key.
    fn step(self) -> &'static str {
        match self {
            What::Record(_) => "  ",
            // Not indented, as Psych and the content managers that use it write lists.
            What::List(_) => "",
        }
    }
}

impl Yaml<'_, '_> {
    pub(super) fn replace(&self, mapping: NodeId, index: usize, what: What<'_>) -> Rendered {
        let entry = self.tree.entries(mapping)[index];
        let value = self.tree.node(entry.value);
        let (range, text, mut events) = match (&value.value, self.layout(entry.value)) {
            (Value::Mapping { .. } | Value::Sequence { .. }, Layout::Flow) => {
                let (text, events) = what.flow(self.quoting(entry.value));
                (value.span.clone(), text, events)
            }
            (Value::Mapping { .. } | Value::Sequence { .. }, _) => {
                let (start, indent) = self
                    .block_start(entry.value)
                    .ok_or("its indentation is unclear")?;
                let (text, events) = what.block(&indent, eol_at(self.text, value.span.end));
                (start..value.span.end, text, events)
            }
            (_, _) => self.fill(mapping, &entry, what)?,
        };
        keep_properties(&self.tree.events[value.events.start], &mut events);
        Ok(vec![Patch {
            edit: Edit { range, text },
            events: Some((value.events.clone(), events)),
        }])
    }

    /// Whether the keys of a flow collection of ours are quoted.
    fn quoting(&self, collection: NodeId) -> Quoting {
        let mapping = self
            .tree
            .items(collection)
            .first()
            .copied()
            .unwrap_or(collection);
        let first = self.tree.entries(mapping).first();
        match first.map(|entry| &self.tree.node(entry.key).value) {
            Some(Value::Scalar {
                style: Style::DoubleQuoted,
                ..
            }) => Quoting::Quoted,
            _ => Quoting::Plain,
        }
    }

    /// Returns the position of the first key of a block mapping, or of the first dash of a block
    /// sequence, and the blanks before it. `None` if it does not start a line.
    fn block_start(&self, value: NodeId) -> Option<(usize, String)> {
        let node = self.tree.node(value);
        let first = match &node.value {
            Value::Mapping { entries, .. } => self.tree.node(entries.first()?.key).span.start,
            Value::Sequence { items, .. } => self.tree.node(*items.first()?).span.start,
            _ => return None,
        };
        let line = line_start(self.text, first);
        let before = &self.text[line..first];
        let blanks = before.len() - before.trim_start_matches(' ').len();
        let indicators = &before[blanks..];
        let clean = match node.value {
            Value::Sequence { .. } => indicators.trim_end() == "-",
            _ => indicators.is_empty(),
        };
        clean.then(|| (line + blanks, before[..blanks].to_owned()))
    }

    /// Returns the range of an empty value, and the text and events that replace it.
    fn fill(
        &self,
        mapping: NodeId,
        entry: &Entry,
        what: What<'_>,
    ) -> Result<(Range<usize>, String, Vec<Event<'static>>), &'static str> {
        let value = self.tree.node(entry.value);
        let colon = self.text[..value.span.start]
            .trim_end_matches([' ', '\t'])
            .len();
        let range = colon..value.span.end;
        if self.layout(mapping) == Layout::Flow {
            let quoting = match &self.tree.node(entry.key).value {
                Value::Scalar {
                    style: Style::Plain,
                    ..
                } => Quoting::Plain,
                _ => Quoting::Quoted,
            };
            let (text, events) = what.flow(quoting);
            return Ok((range, format!(" {text}"), events));
        }
        let indent = format!("{}{}", self.indent(mapping, entry)?, what.step());
        let eol = eol_at(self.text, value.span.end);
        let (text, events) = what.block(&indent, eol);
        Ok((range, format!("{eol}{indent}{text}"), events))
    }
}
