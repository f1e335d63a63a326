//! Sets a key of the author beside an entry: inserts it, or replaces its value.

use super::super::inline::{double_quoted, is_plain_key};
use super::super::lines::{eol_at, whole_lines};
use super::super::setting::Setting;
use super::super::splice::{Edit, Patch, Rendered};
use super::Yaml;
use super::format::scalar;
use crate::record::OurKeys;
use crate::tree::yaml::{Event, Properties};
use crate::tree::{Entry, Layout, NodeId, Style, Tree, Value};

/// Returns the edit that sets a key of a mapping to a text: it replaces the existing value, or
/// inserts the key after the entry with the index `beside`.
pub(in crate::front_matter) fn set(
    text: &str,
    tree: &Tree<'_>,
    mapping: NodeId,
    beside: usize,
    setting: &Setting<'_>,
    keys: &OurKeys,
) -> Rendered {
    let yaml = Yaml { text, tree, keys };
    match tree.get(mapping, setting.key) {
        Some(entry) => yaml.set_value(entry, setting),
        None => yaml.insert_key(mapping, beside, setting),
    }
}

impl Yaml<'_, '_> {
    fn insert_key(&self, mapping: NodeId, beside: usize, setting: &Setting<'_>) -> Rendered {
        let entry = self.tree.entries(mapping)[beside];
        let end = self.tree.node(entry.value).span.end;
        let (key, key_style) = match self.style(entry.key) {
            Style::Plain if is_plain_key(setting.key) => (setting.key.to_owned(), Style::Plain),
            _ => (double_quoted(setting.key), Style::DoubleQuoted),
        };
        let (value, value_style) = written(setting, Style::Plain);
        let edit = match self.layout(mapping) {
            Layout::SinglePair => {
                return Err("it is the single pair of a flow sequence: write braces around it");
            }
            Layout::Flow => Edit {
                range: end..end,
                text: format!(", {key}: {value}"),
            },
            Layout::Block => {
                let indent = self.indent(mapping, &entry)?;
                let at = self.line_after(&entry)?;
                let line = format!("{indent}{key}: {value}");
                whole_lines(self.text, at, line, eol_at(self.text, end))
            }
        };
        let key = scalar(setting.key, key_style);
        let value = vec![scalar(setting.text, value_style)];
        Ok(vec![Patch {
            edit,
            events: Some(self.events_after(&entry, key, value)),
        }])
    }

    fn set_value(&self, entry: &Entry, setting: &Setting<'_>) -> Rendered {
        let value = self.tree.node(entry.value);
        let Value::Scalar { text, style } = &value.value else {
            return Err("its value is not a text");
        };
        if *text == setting.text {
            return Ok(Vec::new());
        }
        match &self.tree.events[value.events.start] {
            Event::Scalar { properties, .. } if *properties == Properties::default() => {}
            _ => return Err("its value has an anchor or a tag"),
        }
        let (new, new_style) = written(setting, *style);
        let edit = match style {
            Style::SingleQuoted | Style::DoubleQuoted => Edit {
                range: value.span.clone(),
                text: new,
            },
            // From the colon on: an empty value has no position of its own, and the indicator of a
            // block scalar comes before its text.
            Style::Plain | Style::Literal | Style::Folded => {
                let key = self.tree.node(entry.key).span.end;
                let colon = self.text[key..].find(':').ok_or("its colon is missing")?;
                Edit {
                    range: key + colon + 1..value.span.end,
                    text: format!(" {new}"),
                }
            }
        };
        let events = vec![scalar(setting.text, new_style)];
        Ok(vec![Patch {
            edit,
            events: Some((value.events.clone(), events)),
        }])
    }

    fn style(&self, id: NodeId) -> Style {
        match &self.tree.node(id).value {
            Value::Scalar { style, .. } => *style,
            _ => Style::Plain,
        }
    }
}

/// Formats a text that replaces a scalar of the style `before`. Returns it with its own style.
fn written(setting: &Setting<'_>, before: Style) -> (String, Style) {
    let text = setting.text;
    let is_printable = !text.is_empty() && !text.chars().any(needs_escape);
    match before {
        Style::SingleQuoted if is_printable => {
            let text = text.replace('\'', "''");
            (format!("'{text}'"), Style::SingleQuoted)
        }
        Style::Plain if setting.is_plain => (text.to_owned(), Style::Plain),
        _ => (double_quoted(text), Style::DoubleQuoted),
    }
}

/// Whether a character needs the escape of a double-quoted text.
fn needs_escape(c: char) -> bool {
    double_quoted(c.encode_utf8(&mut [0; 4])).starts_with("\"\\u")
}
