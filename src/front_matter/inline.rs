//! Formats records within brackets, on one line: YAML flow style, TOML inline tables, JSON.

use std::ops::Range;

use crate::record::{Content, Field};
use crate::tree::{Entry, NodeId, Style, Tree, Value};

use super::setting::Setting;
use super::splice::{Patch, Rendered};

/// Syntax of keys and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    /// `{key: "value"}`
    Yaml,
    /// `{"key": "value"}`
    Json,
    /// `{ key = "value" }`
    Toml,
}

/// Formats a record as one value.
pub(super) fn record(content: &Content, notation: Notation) -> String {
    mapping(&content.fields(), notation)
}

fn mapping(fields: &[(&str, Field<'_>)], notation: Notation) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, field)| {
            let (key, value) = (key(name, notation), value(field, notation));
            match notation {
                Notation::Yaml | Notation::Json => format!("{key}: {value}"),
                Notation::Toml => format!("{key} = {value}"),
            }
        })
        .collect();
    let pairs = pairs.join(", ");
    match notation {
        Notation::Yaml | Notation::Json => format!("{{{pairs}}}"),
        Notation::Toml => format!("{{ {pairs} }}"),
    }
}

/// Formats a key, quoted if its name or the notation requires it.
pub(super) fn key(name: &str, notation: Notation) -> String {
    if notation != Notation::Json && is_plain_key(name) {
        name.to_owned()
    } else {
        double_quoted(name)
    }
}

/// Whether a key is read as itself without quotes, in YAML 1.1 and 1.2 and in TOML.
pub(super) fn is_plain_key(name: &str) -> bool {
    const OTHER_MEANINGS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let is_safe = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(is_safe)
        && !OTHER_MEANINGS.contains(&name.to_ascii_lowercase().as_str())
}

/// Returns the edit that replaces the text of an entry. `quoted` is the new text as TOML and JSON
/// write it.
pub(super) fn set_value(
    tree: &Tree<'_>,
    entry: &Entry,
    setting: &Setting<'_>,
    quoted: String,
) -> Rendered {
    let value = tree.node(entry.value);
    match &value.value {
        Value::Scalar { style, .. } if *style == Style::Plain => {
            // An unquoted value: a number, a date, a boolean or null.
            Ok(vec![Patch::replacing(value.span.clone(), quoted)])
        }
        Value::Scalar { text, .. } if *text == setting.text => Ok(Vec::new()),
        Value::Scalar { .. } => Ok(vec![Patch::replacing(value.span.clone(), quoted)]),
        _ => Err("its value is not a text"),
    }
}

/// Formats a list of records as one value.
pub(super) fn list(contents: &[Content], notation: Notation) -> String {
    sequence(contents.iter().map(|content| record(content, notation)))
}

fn sequence(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// Formats the value of a field, quoted if it is text.
pub(super) fn value(field: &Field<'_>, notation: Notation) -> String {
    match field {
        Field::Text(text) => double_quoted(text),
        Field::Candidates(candidates) => double_quoted(&candidates.join(", ")),
        Field::Number(number) => number.to_string(),
        Field::Sources(sources) => sequence(
            sources
                .iter()
                .map(|source| mapping(&source.fields(), notation)),
        ),
        Field::Mapping(fields) => mapping(fields, notation),
    }
}

/// Formats a text as a string on one line that YAML (1.2.2, section 7.3.1), TOML and JSON read the
/// same way.
pub(super) fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            // Not printable, or a line break to one of the two YAML parsers.
            c if c.is_control()
                || matches!(
                    c,
                    '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
                ) =>
            {
                quoted.push_str(&format!("\\u{:04X}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Returns the edits that remove entries of a mapping within brackets.
pub(super) fn remove(tree: &Tree<'_>, mapping: NodeId, removed: &[usize]) -> Rendered {
    let ranges = removals(tree, mapping, removed).into_iter();
    Ok(ranges
        .map(|range| Patch::replacing(range, String::new()))
        .collect())
}

/// Returns the bytes that each removed entry of a mapping within brackets takes up, including a
/// comma. The range is empty for an entry that follows another removed one.
pub(super) fn removals(tree: &Tree<'_>, mapping: NodeId, removed: &[usize]) -> Vec<Range<usize>> {
    let entries = tree.entries(mapping);
    let start = |index: usize| tree.node(entries[index].key).outer_start;
    let end = |index: usize| tree.node(entries[index].value).span.end;
    let mut ranges: Vec<Range<usize>> = Vec::with_capacity(removed.len());
    let mut at = 0;
    while at < removed.len() {
        let first = removed[at];
        let run = removed[at..]
            .iter()
            .zip(first..)
            .take_while(|(index, next)| **index == *next)
            .count();
        let last = first + run - 1;
        let range = if first > 0 {
            end(first - 1)..end(last)
        } else if last + 1 < entries.len() {
            start(first)..start(last + 1)
        } else {
            start(first)..end(last)
        };
        ranges.push(range.clone());
        ranges.extend(std::iter::repeat_n(range.end..range.end, run - 1));
        at += run;
    }
    ranges
}
