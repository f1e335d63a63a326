//! Parses TOML 1.1, with the spans of `toml_edit`: a text goes in, a tree comes out.
//!
//! Tables are mappings in block layout, inline tables and arrays in flow layout. The span of a
//! table with a header runs from the header's first byte to the end of its last value.

use std::borrow::Cow;
use std::ops::Range;

use toml_edit::{Document, InlineTable, Item, Key, Table, Value as TomlValue};

use super::words;
use super::{Entry, Layout, Node, NodeId, Style, SyntaxError, Tree, Value};

/// Parses a TOML document.
pub fn parse(text: &str) -> Result<Tree<'_>, SyntaxError> {
    let document = Document::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        not_toml(offset, error.message())
    })?;
    let mut builder = Builder {
        text,
        tree: Tree::default(),
    };
    let root = builder.table(document.as_table(), None, 0);
    builder.tree.root = Some(root);
    Ok(builder.tree)
}

fn not_toml(offset: usize, said: &str) -> SyntaxError {
    if words::is_about_depth(said) {
        return SyntaxError::too_deep(offset);
    }
    SyntaxError::invalid(offset, format!("not valid TOML: {}", words::of_toml(said)))
}

struct Builder<'a> {
    text: &'a str,
    tree: Tree<'a>,
}

impl<'a> Builder<'a> {
    fn node(&mut self, value: Value<'a>, span: Range<usize>, parent: Option<NodeId>) -> NodeId {
        self.tree.push(Node {
            value,
            outer_start: span.start,
            span,
            parent,
            shared: false,
            events: 0..0,
        })
    }

    /// Adds a table. `start` is the start of its header, or of the key that defines it.
    fn table(&mut self, table: &Table, parent: Option<NodeId>, start: usize) -> NodeId {
        let id = self.node(
            Value::Mapping {
                layout: Layout::Block,
                entries: Vec::new(),
            },
            start..table.span().map_or(start, |span| span.end.max(start)),
            parent,
        );
        let keys = table
            .iter()
            .filter_map(|(name, _)| table.get_key_value(name));
        let entries = keys.map(|(key, item)| self.entry(key, item, id)).collect();
        self.close(id, entries);
        id
    }

    fn inline_table(&mut self, table: &InlineTable, span: Range<usize>, parent: NodeId) -> NodeId {
        // The table of a dotted key has no braces into which an entry could be put.
        let layout = if table.is_dotted() {
            Layout::SinglePair
        } else {
            Layout::Flow
        };
        let id = self.node(
            Value::Mapping {
                layout,
                entries: Vec::new(),
            },
            span,
            Some(parent),
        );
        let keys = table
            .iter()
            .filter_map(|(name, _)| table.get_key_value(name));
        let entries = keys.map(|(key, item)| self.entry(key, item, id)).collect();
        if let Value::Mapping { entries: slot, .. } = &mut self.tree.node_mut(id).value {
            *slot = entries;
        }
        id
    }

    /// Stores the entries of a block collection, and extends its span to the end of the last one.
    fn close(&mut self, id: NodeId, entries: Vec<Entry>) {
        let end = entries
            .iter()
            .map(|entry| self.tree.node(entry.value).span.end)
            .max();
        let node = self.tree.node_mut(id);
        if let Some(end) = end {
            node.span.end = node.span.end.max(end);
        }
        if let Value::Mapping { entries: slot, .. } = &mut node.value {
            *slot = entries;
        }
    }

    fn entry(&mut self, key: &Key, item: &Item, parent: NodeId) -> Entry {
        let span = key.span().unwrap_or_default();
        let key_node = self.node(
            Value::Scalar {
                text: Cow::Owned(key.get().to_owned()),
                style: Style::Plain,
            },
            span.clone(),
            Some(parent),
        );
        let value = match item {
            Item::Value(value) => self.value(value, span.start, parent),
            Item::Table(table) => {
                let start = table.span().map_or(span.start, |own| own.start);
                self.table(table, Some(parent), start)
            }
            Item::ArrayOfTables(tables) => {
                let id = self.node(
                    Value::Sequence {
                        layout: Layout::Block,
                        items: Vec::new(),
                    },
                    span.start..span.end,
                    Some(parent),
                );
                let items: Vec<NodeId> = tables
                    .iter()
                    .map(|table| {
                        let start = table.span().map_or(span.start, |own| own.start);
                        self.table(table, Some(id), start)
                    })
                    .collect();
                let start = items.first().map(|item| self.tree.node(*item).span.start);
                let end = items.last().map(|item| self.tree.node(*item).span.end);
                let node = self.tree.node_mut(id);
                if let (Some(start), Some(end)) = (start, end) {
                    node.span = start..end;
                }
                if let Value::Sequence { items: slot, .. } = &mut node.value {
                    *slot = items;
                }
                id
            }
            Item::None => self.node(
                Value::Scalar {
                    text: Cow::Borrowed(""),
                    style: Style::Plain,
                },
                span.end..span.end,
                Some(parent),
            ),
        };
        Entry {
            key: key_node,
            value,
            explicit: false,
        }
    }

    fn value(&mut self, value: &TomlValue, key_start: usize, parent: NodeId) -> NodeId {
        let span = value.span().unwrap_or(key_start..key_start);
        match value {
            TomlValue::Array(array) => {
                let id = self.node(
                    Value::Sequence {
                        layout: Layout::Flow,
                        items: Vec::new(),
                    },
                    span,
                    Some(parent),
                );
                let items = array
                    .iter()
                    .map(|item| self.value(item, key_start, id))
                    .collect();
                if let Value::Sequence { items: slot, .. } = &mut self.tree.node_mut(id).value {
                    *slot = items;
                }
                id
            }
            TomlValue::InlineTable(table) => self.inline_table(table, span, parent),
            TomlValue::String(string) => {
                let written = &self.text[span.clone()];
                let style = if written.starts_with("\"\"\"") || written.starts_with("'''") {
                    Style::Literal
                } else if written.starts_with('\'') {
                    Style::SingleQuoted
                } else {
                    Style::DoubleQuoted
                };
                let text = Cow::Owned(string.value().clone());
                self.node(Value::Scalar { text, style }, span, Some(parent))
            }
            _ => {
                let text = Cow::Borrowed(&self.text[span.clone()]);
                let style = Style::Plain;
                self.node(Value::Scalar { text, style }, span, Some(parent))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_cover_what_an_edit_must_know() {
        let text = "title = \"x\"\nhero.image = '/a.png' # c\nimgs = [\"/a\", {image=\"/q\"}]\n\
                    [[list]]\na = \"\"\"\nq\"\"\"\n\n# tail\n[[list]]\nb = 1\n";
        let tree = parse(text).expect("valid");
        let mut seen = Vec::new();
        tree.walk(&mut |path, id| {
            let node = tree.node(id);
            if !matches!(node.value, Value::Mapping { .. }) || path.segments().len() > 1 {
                seen.push(format!("{path}={}", &text[node.span.clone()]));
            }
            true
        });
        assert_eq!(
            seen,
            [
                "title=\"x\"",
                "hero.image='/a.png'",
                "imgs=[\"/a\", {image=\"/q\"}]",
                "imgs[0]=\"/a\"",
                "imgs[1]={image=\"/q\"}",
                "imgs[1].image=\"/q\"",
                "list=[[list]]\na = \"\"\"\nq\"\"\"\n\n# tail\n[[list]]\nb = 1",
                "list[0]=[[list]]\na = \"\"\"\nq\"\"\"",
                "list[0].a=\"\"\"\nq\"\"\"",
                "list[1]=[[list]]\nb = 1",
                "list[1].b=1",
            ]
        );
    }

    #[test]
    fn errors_name_their_place() {
        let error = parse("a = 1\nb = \n").expect_err("no value");
        assert!(error.offset >= 6, "{error:?}");
    }
}
