//! Parses JSON (RFC 8259), with the byte ranges of `jsonc-parser`: a text goes in, a tree comes
//! out.
//!
//! That parser accepts more than JSON, such as raw line breaks in strings, so `serde_json` first
//! checks that a text is valid JSON.

use std::borrow::Cow;

use jsonc_parser::ast::Value as JsonValue;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};
use serde::de::IgnoredAny;

use super::words;
use super::{Entry, Layout, NESTING_LIMIT, Node, NodeId, Style, SyntaxError, Tree, Value};

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Parses a JSON document; an empty text results in an empty tree.
pub fn parse(text: &str) -> Result<Tree<'_>, SyntaxError> {
    if text.trim_ascii().is_empty() {
        return Ok(Tree::default());
    }
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        let offset = offset(text, error.line(), error.column());
        return Err(not_json(offset, &error.to_string()));
    }
    let collect = CollectOptions {
        comments: CommentCollectionStrategy::Off,
        tokens: false,
    };
    let parsed = parse_to_ast(text, &collect, &STRICT)
        .map_err(|error| not_json(error.range().start, &error.kind().to_string()))?;
    let mut tree = Tree::default();
    if let Some(value) = parsed.value {
        let root = add(&mut tree, text, value, None, 0)?;
        tree.root = Some(root);
    }
    Ok(tree)
}

fn not_json(offset: usize, said: &str) -> SyntaxError {
    if words::is_about_depth(said) {
        return SyntaxError::too_deep(offset);
    }
    SyntaxError::invalid(offset, format!("not valid JSON: {}", words::of_json(said)))
}

/// Converts a line and a column in bytes, both from 1, into a byte offset. Column 0 is the line
/// break before.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = before.map(str::len).sum();
    (start + column).saturating_sub(1).min(text.len())
}

fn add<'a>(
    tree: &mut Tree<'a>,
    text: &'a str,
    value: JsonValue<'a>,
    parent: Option<NodeId>,
    depth: usize,
) -> Result<NodeId, SyntaxError> {
    let range = value.range();
    if depth > NESTING_LIMIT {
        return Err(SyntaxError::too_deep(range.start));
    }
    let mut push = |value| {
        tree.push(Node {
            value,
            span: range.start..range.end,
            outer_start: range.start,
            parent,
            shared: false,
            events: 0..0,
        })
    };
    Ok(match value {
        JsonValue::Object(object) => {
            let id = push(Value::Mapping {
                layout: Layout::Flow,
                entries: Vec::new(),
            });
            let mut entries = Vec::with_capacity(object.properties.len());
            for property in object.properties {
                let name = property.name.range();
                let key = tree.push(Node {
                    value: Value::Scalar {
                        text: Cow::Owned(property.name.into_string()),
                        style: Style::DoubleQuoted,
                    },
                    span: name.start..name.end,
                    outer_start: name.start,
                    parent: Some(id),
                    shared: false,
                    events: 0..0,
                });
                entries.push(Entry {
                    key,
                    value: add(tree, text, property.value, Some(id), depth + 1)?,
                    explicit: false,
                });
            }
            if let Value::Mapping { entries: slot, .. } = &mut tree.node_mut(id).value {
                *slot = entries;
            }
            id
        }
        JsonValue::Array(array) => {
            let id = push(Value::Sequence {
                layout: Layout::Flow,
                items: Vec::new(),
            });
            let mut items = Vec::with_capacity(array.elements.len());
            for element in array.elements {
                items.push(add(tree, text, element, Some(id), depth + 1)?);
            }
            if let Value::Sequence { items: slot, .. } = &mut tree.node_mut(id).value {
                *slot = items;
            }
            id
        }
        JsonValue::StringLit(string) => push(Value::Scalar {
            text: string.value,
            style: Style::DoubleQuoted,
        }),
        JsonValue::NumberLit(_) | JsonValue::BooleanLit(_) | JsonValue::NullKeyword(_) => {
            push(Value::Scalar {
                text: Cow::Borrowed(&text[range.start..range.end]),
                style: Style::Plain,
            })
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_strictly_with_its_bytes() {
        let text = "{ \"image\": \"/\\u00e9.png\", \"n\": [1, null] }";
        let tree = parse(text).expect("valid");
        let root = tree.root().expect("a root");
        let image = tree.get(root, "image").expect("image");
        assert_eq!(tree.text(image.value), Some("/é.png"));
        assert_eq!(
            &text[tree.node(image.value).span.clone()],
            "\"/\\u00e9.png\""
        );
        for wrong in [
            "{a: 1}",
            "{\"a\": 1,}",
            "{\"a\": 'x'}",
            "{} x",
            "// c\n{}",
            "{\"a\": \"x\ny\"}",
            "[01]",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse("{\n \"é\": x}").expect_err("no value").offset, 9);
        assert!(parse("").expect("empty").root().is_none());
        let deep = format!("{}1{}", "[".repeat(70), "]".repeat(70));
        assert!(parse(&deep).is_err());
    }
}
