//! Renders changes in YAML: where the lines of a record go, and what they contain. A change goes
//! in, edits of the text come out.
//!
//! In a block mapping, whole lines are inserted after the line where the image's value ends,
//! indented like its key. In a flow mapping, `, key: {…}` is inserted after the value's last byte.

mod format;
mod guard;
mod insert;
mod list;
mod remove;
mod replace;
mod set;

use crate::record::OurKeys;
use crate::tree::yaml::{Event, Properties};
use crate::tree::{Entry, Layout, NodeId, Style, Tree, Value};

use super::changes::Change;
use super::lines::{indent_of_key, own_line_indent};
use super::splice::Rendered;
use format::Quoting;
pub(super) use guard::guard;
use replace::What;
pub(super) use set::set;

/// Returns the edits of one change, or the reason why it cannot be placed.
pub(super) fn render(text: &str, tree: &Tree<'_>, change: &Change, keys: &OurKeys) -> Rendered {
    let yaml = Yaml { text, tree, keys };
    match change {
        Change::Insert {
            mapping,
            entry,
            content,
        } => yaml.insert(*mapping, *entry, content),
        Change::Replace {
            mapping,
            entry,
            content,
        } => yaml.replace(*mapping, *entry, What::Record(content)),
        Change::ReplaceList {
            mapping,
            entry,
            contents,
        } => yaml.replace(*mapping, *entry, What::List(contents)),
        Change::Remove { mapping, entries } => yaml.remove(*mapping, entries),
        Change::InsertList {
            contents,
            is_only_entry,
        } => yaml.insert_list(contents, *is_only_entry),
        Change::Skip { reason, .. } => Err(reason),
    }
}

struct Yaml<'y, 'a> {
    text: &'y str,
    tree: &'y Tree<'a>,
    keys: &'y OurKeys,
}

impl Yaml<'_, '_> {
    fn layout(&self, mapping: NodeId) -> Layout {
        match &self.tree.node(mapping).value {
            Value::Mapping { layout, .. } | Value::Sequence { layout, .. } => *layout,
            _ => Layout::Block,
        }
    }

    /// Returns the indentation of the entries of a block mapping.
    fn indent(&self, mapping: NodeId, entry: &Entry) -> Result<String, &'static str> {
        let key = |entry: &Entry| self.tree.node(entry.key).span.start;
        indent_of_key(self.text, key(entry))
            .or_else(|| {
                let siblings = self.tree.entries(mapping).iter();
                siblings
                    .into_iter()
                    .find_map(|entry| own_line_indent(self.text, key(entry)))
            })
            .ok_or("its indentation is unclear")
    }

    /// Returns our key for an entry, quoted like the entry's key: its text, its quoting and its
    /// event.
    fn our_key(&self, entry: &Entry) -> (String, Quoting, Event<'static>) {
        let node = self.tree.node(entry.key);
        let suffix = self.keys.names.suffix.as_str();
        let written = &self.text[node.span.clone()];
        let (style, name) = match &node.value {
            Value::Scalar { style, text } => (*style, format!("{text}{suffix}")),
            _ => (Style::Plain, suffix.to_owned()),
        };
        let (written, quoting) = match (style, written.chars().next_back()) {
            (Style::SingleQuoted | Style::DoubleQuoted, Some(quote)) => (
                format!("{}{suffix}{quote}", &written[..written.len() - 1]),
                Quoting::Quoted,
            ),
            _ => (format!("{written}{suffix}"), Quoting::Plain),
        };
        let event = Event::Scalar {
            text: name.into(),
            style,
            properties: Properties::default(),
        };
        (written, quoting, event)
    }
}

/// Copies the anchor and the tag of a value to its replacement.
fn keep_properties(old: &Event<'_>, new: &mut [Event<'static>]) {
    let owned = |properties: &Properties<'_>| Properties {
        anchor: properties
            .anchor
            .as_ref()
            .map(|anchor| anchor.to_string().into()),
        tag: properties.tag.as_ref().map(|tag| tag.to_string().into()),
    };
    let old = match old {
        Event::Scalar { properties, .. }
        | Event::SequenceStart { properties, .. }
        | Event::MappingStart { properties, .. } => owned(properties),
        _ => return,
    };
    if let Some(
        Event::Scalar { properties, .. }
        | Event::SequenceStart { properties, .. }
        | Event::MappingStart { properties, .. },
    ) = new.first_mut()
    {
        *properties = old;
    }
}
