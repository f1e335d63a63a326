//! Builds a tree from the events of `granit-parser`.
//!
//! The parser's spans are corrected here, so that a [`Node`]'s span means the same in every syntax:
//!
//! - the parser returns an empty value as a scalar `~` of zero width before the colon: it becomes
//!   an empty text that ends where its colon, dash, tag or anchor ends;
//! - the end event of a block collection comes after the blank lines and comments that follow it:
//!   the span ends with the last value;
//! - the span of a block scalar includes the blank lines that follow it: they are excluded.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event as ParserEvent, ScalarStyle, Span, StructureStyle, Tag};

use super::{Event, Properties};
use crate::tree::{Entry, Layout, Node, NodeId, Style, SyntaxError, Tree, Value};

/// Returns the byte range of a span.
pub(super) fn bytes(span: &Span) -> Range<usize> {
    span.byte_range()
        .expect("a parser over a whole text counts bytes")
}

pub(super) struct Anchor<'a> {
    pub id: usize,
    pub name: Cow<'a, str>,
    pub at: Range<usize>,
}

/// A collection that has not ended yet.
struct Open {
    id: NodeId,
    /// Key of a mapping whose value has not been added yet.
    key: Option<NodeId>,
}

pub(super) struct Builder<'a> {
    text: &'a str,
    tree: Tree<'a>,
    open: Vec<Open>,
    anchors: HashMap<usize, (NodeId, Cow<'a, str>)>,
    /// Number of bytes of text that aliases expand to so far.
    expanded: usize,
    documents: usize,
}

/// Maximum number of bytes of text that the aliases of a document may expand to.
const EXPANSION_LIMIT: usize = 4 << 20;

impl<'a> Builder<'a> {
    pub fn new(text: &'a str) -> Self {
        Builder {
            text,
            tree: Tree::default(),
            open: Vec::new(),
            anchors: HashMap::new(),
            expanded: 0,
            documents: 0,
        }
    }

    pub fn finish(self) -> Tree<'a> {
        self.tree
    }

    /// Processes the next event. `anchor` is the anchor of its node.
    pub fn take(
        &mut self,
        event: ParserEvent<'a>,
        span: &Span,
        anchor: Option<Anchor<'a>>,
    ) -> Result<(), SyntaxError> {
        let at = bytes(span);
        match event {
            ParserEvent::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let message = "more than one YAML document".to_owned();
                    return Err(SyntaxError::limit(at.start, message));
                }
            }
            ParserEvent::Scalar(text, style, _, tag) => {
                let properties = self.properties(tag, anchor.as_ref());
                let (text, style, at) = self.scalar(text, style, at, span, anchor.as_ref());
                self.tree.events.push(Event::Scalar {
                    text: text.clone(),
                    style,
                    properties,
                });
                let outer = outer_start(&at, span, anchor.as_ref());
                let id = self.add(Value::Scalar { text, style }, at, outer);
                self.remember(anchor, id);
                self.place(id);
            }
            ParserEvent::Alias(target) => {
                let (of, name) = self
                    .anchors
                    .get(&target)
                    .cloned()
                    .expect("the parser refuses unknown aliases");
                self.tree.node_mut(of).shared = true;
                self.count_expansion(of, &at)?;
                self.tree.events.push(Event::Alias(name));
                let outer = at.start;
                let id = self.add(Value::Alias { of }, at, outer);
                self.place(id);
            }
            ParserEvent::SequenceStart(style, _, tag) => {
                let properties = self.properties(tag, anchor.as_ref());
                let layout = layout(style);
                self.tree
                    .events
                    .push(Event::SequenceStart { layout, properties });
                let value = Value::Sequence {
                    layout,
                    items: Vec::new(),
                };
                self.begin(value, at, span, anchor);
            }
            ParserEvent::MappingStart(style, _, tag) => {
                let properties = self.properties(tag, anchor.as_ref());
                let layout = layout(style);
                self.tree
                    .events
                    .push(Event::MappingStart { layout, properties });
                // Without a brace, the mapping is the single pair of a flow sequence.
                let layout = match layout {
                    Layout::Flow if at.is_empty() => Layout::SinglePair,
                    layout => layout,
                };
                let value = Value::Mapping {
                    layout,
                    entries: Vec::new(),
                };
                self.begin(value, at, span, anchor);
            }
            ParserEvent::SequenceEnd => self.end(Event::SequenceEnd, at),
            ParserEvent::MappingEnd => self.end(Event::MappingEnd, at),
            // Stream and document marks, and anchors, which were read ahead.
            _ => {}
        }
        Ok(())
    }

    /// Adds the text that an alias expands to; an error beyond the limit.
    fn count_expansion(&mut self, of: NodeId, at: &Range<usize>) -> Result<(), SyntaxError> {
        if let Value::Scalar { text, .. } = &self.tree.node(of).value {
            self.expanded += text.len();
        }
        if self.expanded > EXPANSION_LIMIT {
            let message = format!(
                "its aliases expand to more than {} MiB of text",
                EXPANSION_LIMIT >> 20
            );
            return Err(SyntaxError::limit(at.start, message));
        }
        Ok(())
    }

    fn properties(&self, tag: Option<Cow<'a, Tag>>, anchor: Option<&Anchor<'a>>) -> Properties<'a> {
        Properties {
            anchor: anchor.map(|anchor| anchor.name.clone()),
            tag: tag.map(|tag| Cow::Owned(format!("{}{}", tag.handle(), tag.suffix()))),
        }
    }

    /// Returns a scalar's text, style and byte range, corrected.
    fn scalar(
        &self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        at: Range<usize>,
        span: &Span,
        anchor: Option<&Anchor<'a>>,
    ) -> (Cow<'a, str>, Style, Range<usize>) {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        match style {
            Style::Plain if at.is_empty() => {
                let end = self.end_of_empty(at.start, span, anchor);
                (Cow::Borrowed(""), style, end..end)
            }
            Style::Literal | Style::Folded => {
                let content = self.text[at.clone()].trim_end_matches(['\n', '\r', ' ', '\t']);
                (text, style, at.start..at.start + content.len())
            }
            _ => (text, style, at),
        }
    }

    /// Returns the end of an empty value: after its tag, its anchor, or the indicator (`:`, `-`,
    /// `?`) that announces it.
    fn end_of_empty(&self, at: usize, span: &Span, anchor: Option<&Anchor<'a>>) -> usize {
        let tag = span.tag_span().map(|tag| bytes(&tag).end);
        let anchor = anchor.map(|anchor| anchor.at.end);
        if let Some(end) = tag.max(anchor) {
            return end.max(at);
        }
        let rest = &self.text[at..];
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        match rest.as_bytes().get(blanks) {
            Some(b':' | b'-' | b'?') => at + blanks + 1,
            _ => at,
        }
    }

    fn add(&mut self, value: Value<'a>, span: Range<usize>, outer_start: usize) -> NodeId {
        let last = self.tree.events.len();
        self.tree.push(Node {
            value,
            span,
            outer_start,
            parent: self.open.last().map(|open| open.id),
            shared: false,
            events: last - 1..last,
        })
    }

    fn remember(&mut self, anchor: Option<Anchor<'a>>, id: NodeId) {
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor.id, (id, anchor.name));
        }
    }

    fn begin(
        &mut self,
        value: Value<'a>,
        at: Range<usize>,
        span: &Span,
        anchor: Option<Anchor<'a>>,
    ) {
        let outer = outer_start(&at, span, anchor.as_ref());
        let id = self.add(value, at, outer);
        self.remember(anchor, id);
        self.place(id);
        self.open.push(Open { id, key: None });
    }

    fn end(&mut self, event: Event<'a>, at: Range<usize>) {
        self.tree.events.push(event);
        let Some(open) = self.open.pop() else { return };
        let node = self.tree.node(open.id);
        let last = match &node.value {
            Value::Mapping { entries, .. } => entries.last().map(|entry| entry.value),
            Value::Sequence { items, .. } => items.last().copied(),
            _ => None,
        };
        let flow = matches!(
            node.value,
            Value::Mapping {
                layout: Layout::Flow,
                ..
            } | Value::Sequence {
                layout: Layout::Flow,
                ..
            }
        );
        let end = match last {
            _ if flow => at.end,
            Some(last) => self.tree.node(last).span.end,
            None => node.span.start,
        };
        let events = self.tree.events.len();
        let node = self.tree.node_mut(open.id);
        node.span.end = end.max(node.span.start);
        node.events.end = events;
    }

    /// Adds a node to the open collection.
    fn place(&mut self, id: NodeId) {
        let Some(open) = self.open.last_mut() else {
            self.tree.root = Some(id);
            return;
        };
        let parent = open.id;
        let pair = match &self.tree.node(parent).value {
            Value::Mapping { .. } => match open.key.take() {
                None => {
                    open.key = Some(id);
                    None
                }
                Some(key) => Some(key),
            },
            _ => None,
        };
        let explicit = pair.is_some_and(|key| self.is_explicit(key));
        match &mut self.tree.node_mut(parent).value {
            Value::Mapping { entries, .. } => {
                if let Some(key) = pair {
                    entries.push(Entry {
                        key,
                        value: id,
                        explicit,
                    });
                }
            }
            Value::Sequence { items, .. } => items.push(id),
            _ => {}
        }
    }

    /// Whether a key is preceded by `?`, or is not a scalar.
    fn is_explicit(&self, key: NodeId) -> bool {
        let node = self.tree.node(key);
        if !matches!(node.value, Value::Scalar { .. }) {
            return true;
        }
        // Looks only at the blanks and the character before the key: a line may contain many keys.
        let before = self.text[..node.span.start].trim_end_matches([' ', '\t', '\r']);
        if let Some(ahead) = before.strip_suffix('?') {
            return ahead.is_empty() || ahead.ends_with([' ', '\t', '\n', '{', '[', ',']);
        }
        let Some(above) = before.strip_suffix('\n') else {
            return false;
        };
        let line = above.rfind('\n').map_or(0, |feed| feed + 1);
        #[cfg(test)]
        crate::tree::work::add(above.len() - line);
        above[line..]
            .trim_start_matches([' ', '-', '\t'])
            .trim_end()
            == "?"
    }
}

/// Returns the start of a node, including its tag and anchor.
fn outer_start(at: &Range<usize>, span: &Span, anchor: Option<&Anchor<'_>>) -> usize {
    let tag = span.tag_span().map(|tag| bytes(&tag).start);
    let anchor = anchor.map(|anchor| anchor.at.start);
    [tag, anchor]
        .into_iter()
        .flatten()
        .fold(at.start, usize::min)
}

fn layout(style: StructureStyle) -> Layout {
    match style {
        StructureStyle::Block => Layout::Block,
        StructureStyle::Flow => Layout::Flow,
    }
}
