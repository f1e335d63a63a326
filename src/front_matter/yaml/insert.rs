//! Inserts a record after an image's entry.

use std::ops::Range;

use super::Yaml;
use super::format::{block_record, flow_record};
use crate::front_matter::lines::{eol_at, line_end, rest_is_blank, whole_lines};
use crate::front_matter::splice::{Edit, Patch, Rendered};
use crate::record::Content;
use crate::tree::yaml::Event;
use crate::tree::{Entry, Layout, NodeId, Style, Value};

impl Yaml<'_, '_> {
    pub(super) fn insert(&self, mapping: NodeId, index: usize, content: &Content) -> Rendered {
        let entry = self.tree.entries(mapping)[index];
        let value = self.tree.node(entry.value);
        let (key, quoting, key_event) = self.our_key(&entry);
        match self.layout(mapping) {
            Layout::SinglePair => {
                Err("it is the single pair of a flow sequence: write braces around it")
            }
            Layout::Flow => {
                let (record, record_events) = flow_record(content, quoting);
                Ok(vec![Patch {
                    edit: Edit {
                        range: value.span.end..value.span.end,
                        text: format!(", {key}: {record}"),
                    },
                    events: Some(self.events_after(&entry, key_event, record_events)),
                }])
            }
            Layout::Block => {
                let indent = self.indent(mapping, &entry)?;
                let at = self.line_after(&entry)?;
                let eol = eol_at(self.text, value.span.end);
                let inner = format!("{indent}  ");
                let (record, record_events) = block_record(content, &inner, eol);
                let lines = format!("{indent}{key}:{eol}{inner}{record}");
                Ok(vec![Patch {
                    edit: whole_lines(self.text, at, lines, eol),
                    events: Some(self.events_after(&entry, key_event, record_events)),
                }])
            }
        }
    }

    /// Returns the start of the line after the value of an entry of a block mapping.
    pub(super) fn line_after(&self, entry: &Entry) -> Result<usize, &'static str> {
        let value = self.tree.node(entry.value);
        if is_block_scalar(&value.value) {
            self.end_of_block_scalar(entry)
        } else if rest_is_blank(self.text, value.span.end) {
            Ok(line_end(self.text, value.span.end))
        } else {
            Err("something follows the value on its line")
        }
    }

    /// Returns the events of a key and a value to insert after an entry, with their place.
    pub(super) fn events_after(
        &self,
        entry: &Entry,
        key: Event<'static>,
        value: Vec<Event<'static>>,
    ) -> (Range<usize>, Vec<Event<'static>>) {
        let at = self.tree.node(entry.value).events.end;
        let mut events = vec![key];
        events.extend(value);
        (at..at, events)
    }

    /// Returns the start of the line after a block scalar (`image: >-` and a path below). The blank
    /// lines after its text belong to it if its header keeps them.
    fn end_of_block_scalar(&self, entry: &Entry) -> Result<usize, &'static str> {
        let value = self.tree.node(entry.value);
        let key_end = self.tree.node(entry.key).span.end;
        let header = self.text[key_end..].lines().next().unwrap_or_default();
        let header = header.split('#').next().unwrap_or_default();
        let mut at = line_end(self.text, value.span.end);
        let has_line_break = self.text[..at].ends_with('\n');
        if !has_line_break && !header.contains('-') {
            return Err("its value is a block scalar whose last line does not end");
        }
        if header.contains('+') {
            while at < self.text.len() && self.text[at..line_end(self.text, at)].trim().is_empty() {
                at = line_end(self.text, at);
            }
        }
        Ok(at)
    }
}

fn is_block_scalar(value: &Value<'_>) -> bool {
    matches!(
        value,
        Value::Scalar {
            style: Style::Literal | Style::Folded,
            ..
        }
    )
}
