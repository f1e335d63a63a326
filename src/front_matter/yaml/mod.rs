//! Changes in YAML: where a record's lines go, and what they are.
//!
//! Block mappings get whole new lines behind the line where the picture's value ends, indented
//! like its key; flow mappings get `, key: {…}` behind the value's last byte.

mod format;
mod guard;

use std::ops::Range;

use crate::record::{Content, OurKeys};
use crate::tree::yaml::{Event, Properties};
use crate::tree::{Entry, Layout, NodeId, Style, Tree, Value};

use super::changes::Change;
use super::inline;
use super::splice::{Edit, Patch, Rendered};

pub(super) use guard::guard;

use super::lines::{
    document_end, eol_at, indent_of_key, line_end, line_start, lines_of, own_line_indent,
    rest_is_blank, whole_lines,
};
use format::{Quoting, block_list, block_record, flow_list, flow_record};

/// The edits of one change, or why it cannot be placed.
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
        Change::InsertList { contents, alone } => yaml.insert_list(contents, *alone),
        Change::Skip { reason, .. } => Err(reason),
    }
}

struct Yaml<'y, 'a> {
    text: &'y str,
    tree: &'y Tree<'a>,
    keys: &'y OurKeys,
}

/// A value of ours.
#[derive(Clone, Copy)]
enum What<'c> {
    Record(&'c Content),
    List(&'c [Content]),
}

impl What<'_> {
    /// In block style at `indent`, as (text, events): from the first key or dash on, without the
    /// first line's indentation and the last line's end.
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

    /// How much further than its key a block value stands.
    fn step(self) -> &'static str {
        match self {
            What::Record(_) => "  ",
            // Un-indented, as Psych and the content managers built on it write lists.
            What::List(_) => "",
        }
    }
}

impl Yaml<'_, '_> {
    fn layout(&self, mapping: NodeId) -> Layout {
        match &self.tree.node(mapping).value {
            Value::Mapping { layout, .. } | Value::Sequence { layout, .. } => *layout,
            _ => Layout::Block,
        }
    }

    fn insert(&self, mapping: NodeId, index: usize, content: &Content) -> Rendered {
        let entry = self.tree.entries(mapping)[index];
        let value = self.tree.node(entry.value);
        if let Value::Scalar {
            style: Style::Literal | Style::Folded,
            ..
        } = value.value
        {
            return Err("its value is a block scalar; write it on the key's line");
        }
        let (key, quoting, key_event) = self.our_key(&entry);
        let events = |value: Vec<Event<'static>>| {
            let at = self.tree.node(entry.value).events.end;
            let mut events = vec![key_event];
            events.extend(value);
            Some((at..at, events))
        };
        match self.layout(mapping) {
            Layout::SinglePair => {
                Err("it is the single pair of a flow sequence; write braces around it")
            }
            Layout::Flow => {
                let (record, record_events) = flow_record(content, quoting);
                Ok(vec![Patch {
                    edit: Edit {
                        range: value.span.end..value.span.end,
                        text: format!(", {key}: {record}"),
                    },
                    events: events(record_events),
                }])
            }
            Layout::Block => {
                let indent = self.indent(mapping, &entry)?;
                let at = line_end(self.text, value.span.end);
                if !rest_is_blank(self.text, value.span.end) {
                    return Err("something follows the value on its line");
                }
                let eol = eol_at(self.text, value.span.end);
                let inner = format!("{indent}  ");
                let (record, record_events) = block_record(content, &inner, eol);
                let lines = format!("{indent}{key}:{eol}{inner}{record}");
                Ok(vec![Patch {
                    edit: whole_lines(self.text, at, lines, eol),
                    events: events(record_events),
                }])
            }
        }
    }

    /// How far the entries of a block mapping are indented.
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

    /// Our key beside an entry, written as the entry's own key is.
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

    fn replace(&self, mapping: NodeId, index: usize, what: What<'_>) -> Rendered {
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

    /// The keys of a flow collection of ours: whether they are quoted.
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

    /// Where the first key of a block mapping, or the first dash of a block sequence, stands, and
    /// the blanks before it; none where it does not begin a line.
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

    /// A value in the place of an empty one.
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

    fn remove(&self, mapping: NodeId, removed: &[usize]) -> Rendered {
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
                // It shares the line of its item's dash: the next key takes its place.
                let next = (index + 1..entries.len())
                    .find(|next| !removed.contains(next))
                    .ok_or("without it the list item would not stay a mapping")?;
                let next = self.tree.node(entries[next].key).outer_start;
                let between = &self.text[line_end(self.text, end).min(next)..next];
                let follows = removed.contains(&(index + 1)) || between.trim().is_empty();
                if !follows || !rest_is_blank(self.text, end) {
                    return Err("a comment stands between it and the next key");
                }
                Ok(patch(key..next, *index))
            })
            .collect()
    }

    /// A mapping that holds nothing but ours.
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
            return Err("without it the list item would not stay a mapping");
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
        // The list's parent was made for the list.
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

    fn insert_list(&self, contents: &[Content], alone: bool) -> Rendered {
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
            return Err(
                "its mapping is anchored and used elsewhere too, where the record would show",
            );
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
            // Within a parent that is there: behind its last line.
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
            // There is no mapping, or it goes with all that it holds.
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

/// A value that is replaced keeps the anchor and tag that stand before it.
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
