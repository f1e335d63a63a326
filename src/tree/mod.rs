//! Parses structured texts: YAML, TOML or JSON goes in, a tree of values with their byte ranges
//! comes out.
//!
//! The three parsers return the same [`Tree`], for finding references, reading records back and
//! placing edits. A tree is never serialized: edits are splices into the text that it was parsed
//! from.

pub mod json;
pub mod path;
pub mod pattern;
pub mod toml;
pub mod words;
pub mod yaml;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use path::{KeyPath, Segment};

/// Counts steps, to test that work is linear in the input.
#[cfg(test)]
pub(crate) mod work {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<u64> = const { Cell::new(0) };
    }

    /// Adds steps: visited nodes, or bytes that were searched.
    pub fn add(steps: usize) {
        STEPS.with(|count| count.set(count.get() + steps as u64));
    }

    /// Returns the number of steps that `run` takes on this thread.
    pub fn of(run: impl FnOnce()) -> u64 {
        let before = STEPS.with(Cell::get);
        run();
        STEPS.with(Cell::get) - before
    }
}

/// Maximum nesting depth of collections. Deeper texts are refused.
pub const NESTING_LIMIT: usize = 64;

/// Index of a node in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// A parsed text.
#[derive(Debug, Default)]
pub struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    root: Option<NodeId>,
    /// The parser's events, which the guard compares. YAML only.
    pub(crate) events: Vec<yaml::Event<'a>>,
}

/// A value and its byte range.
#[derive(Debug)]
pub struct Node<'a> {
    pub value: Value<'a>,
    /// The bytes of the value. The span of a block scalar excludes its indicator and the blank
    /// lines after it.
    pub span: Range<usize>,
    /// Start of the value including its YAML anchor and tag, which the span excludes.
    pub outer_start: usize,
    /// The collection that contains this node.
    pub parent: Option<NodeId>,
    /// Whether the value is anchored, and an alias or a merge key uses it elsewhere, so that an
    /// edit would change both places. YAML only.
    pub shared: bool,
    /// The node's events in [`Tree::events`]. YAML only.
    pub(crate) events: Range<usize>,
}

#[derive(Debug)]
pub enum Value<'a> {
    Scalar {
        text: Cow<'a, str>,
        style: Style,
    },
    Mapping {
        layout: Layout,
        entries: Vec<Entry>,
    },
    Sequence {
        layout: Layout,
        items: Vec<NodeId>,
    },
    /// YAML `*name`, with the node that it refers to.
    Alias {
        of: NodeId,
    },
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: a YAML plain scalar, or a TOML or JSON number, boolean, date or null.
    Plain,
    SingleQuoted,
    DoubleQuoted,
    /// YAML `|`, TOML `"""` and `'''`.
    Literal,
    /// YAML `>`.
    Folded,
}

/// How a collection is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Each entry on its own lines: YAML block style, TOML tables.
    Block,
    /// Within brackets: YAML flow style, TOML inline tables and arrays, JSON.
    Flow,
    /// YAML `[key: value]`: a mapping without braces inside a flow sequence.
    SinglePair,
}

/// A key and its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub key: NodeId,
    pub value: NodeId,
    /// Whether the key is written with `?`, or is a collection. YAML only.
    pub explicit: bool,
}

/// Why a text is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// Byte offset in the text.
    pub offset: usize,
    pub message: String,
    /// Whether the text is not valid. If not, only planche refuses it, because of a limit.
    pub is_invalid: bool,
}

impl SyntaxError {
    fn invalid(offset: usize, message: String) -> Self {
        SyntaxError {
            offset,
            message,
            is_invalid: true,
        }
    }

    fn limit(offset: usize, message: String) -> Self {
        SyntaxError {
            offset,
            message,
            is_invalid: false,
        }
    }

    /// An error about a text that is nested deeper than [`NESTING_LIMIT`], or than its parser
    /// permits.
    fn too_deep(offset: usize) -> Self {
        let message = "it is nested deeper than planche reads".to_owned();
        SyntaxError::limit(offset, message)
    }
}

impl<'a> Tree<'a> {
    pub fn root(&self) -> Option<NodeId> {
        self.root
    }

    pub fn node(&self, id: NodeId) -> &Node<'a> {
        #[cfg(test)]
        work::add(1);
        &self.nodes[id.0 as usize]
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node<'a> {
        &mut self.nodes[id.0 as usize]
    }

    fn push(&mut self, node: Node<'a>) -> NodeId {
        #[cfg(test)]
        work::add(1);
        let id = NodeId(u32::try_from(self.nodes.len()).expect("texts are limited to 4 GiB"));
        self.nodes.push(node);
        id
    }

    /// Returns the text of a scalar, also through an alias to a scalar.
    pub fn text(&self, id: NodeId) -> Option<&str> {
        self.scalar(id).map(|(text, _)| text)
    }

    /// Returns the text and the style of a scalar, also through an alias to a scalar.
    pub fn scalar(&self, id: NodeId) -> Option<(&str, Style)> {
        match &self.node(id).value {
            Value::Scalar { text, style } => Some((text, *style)),
            Value::Alias { of } => match &self.node(*of).value {
                Value::Scalar { text, style } => Some((text, *style)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns all nodes, parents before their children.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.nodes.len()).map(|index| NodeId(index as u32))
    }

    /// Returns the entries of a mapping. Empty for another value.
    pub fn entries(&self, id: NodeId) -> &[Entry] {
        match &self.node(id).value {
            Value::Mapping { entries, .. } => entries,
            _ => &[],
        }
    }

    /// Returns the items of a sequence. Empty for another value.
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        match &self.node(id).value {
            Value::Sequence { items, .. } => items,
            _ => &[],
        }
    }

    /// Returns the text of an entry's key, if it is a scalar.
    pub fn key(&self, entry: &Entry) -> Option<&str> {
        self.text(entry.key)
    }

    /// Returns the first two keys of `mapping` with the same text. The merge key `<<` may be
    /// repeated.
    pub fn duplicate_key(&self, mapping: NodeId) -> Option<[NodeId; 2]> {
        let mut seen: HashMap<&str, NodeId> = HashMap::new();
        self.entries(mapping).iter().find_map(|entry| {
            let key = self.key(entry).filter(|key| *key != "<<")?;
            let first = seen.insert(key, entry.key)?;
            Some([first, entry.key])
        })
    }

    /// Returns the first entry of `mapping` whose key is `name`.
    pub fn get(&self, mapping: NodeId, name: &str) -> Option<&Entry> {
        self.entries(mapping)
            .iter()
            .find(|entry| self.key(entry) == Some(name))
    }

    /// Whether the value is empty: YAML `key:`, `~` or `null` (YAML 1.2.2, section 10.3.2), JSON
    /// `null`, or an empty string or collection.
    pub fn is_empty(&self, id: NodeId) -> bool {
        match &self.node(id).value {
            Value::Scalar { text, style } => {
                let nulls = ["~", "null", "Null", "NULL"];
                text.is_empty() || *style == Style::Plain && nulls.contains(&text.as_ref())
            }
            Value::Mapping { entries, .. } => entries.is_empty(),
            Value::Sequence { items, .. } => items.is_empty(),
            Value::Alias { .. } => false,
        }
    }

    /// Returns the node at `path`, if it exists.
    pub fn find(&self, path: &KeyPath) -> Option<NodeId> {
        let mut at = self.root?;
        for segment in path.segments() {
            at = match segment {
                Segment::Key { name, nth } => {
                    self.entries(at)
                        .iter()
                        .filter(|entry| self.key(entry) == Some(name.as_ref()))
                        .nth(*nth as usize)?
                        .value
                }
                Segment::Index(index) => *self.items(at).get(*index as usize)?,
            };
        }
        Some(at)
    }

    /// Calls `visit` for every value, parents first, in the order of the text. Aliases are not
    /// followed. If `visit` returns `false`, the value's children are skipped.
    pub fn walk(&self, visit: &mut dyn FnMut(&KeyPath, NodeId) -> bool) {
        if let Some(root) = self.root {
            self.walk_from(root, &mut KeyPath::default(), visit);
        }
    }

    fn walk_from(
        &self,
        id: NodeId,
        path: &mut KeyPath,
        visit: &mut dyn FnMut(&KeyPath, NodeId) -> bool,
    ) {
        if !visit(path, id) {
            return;
        }
        match &self.node(id).value {
            Value::Mapping { entries, .. } => {
                let mut seen: HashMap<&str, usize> = HashMap::new();
                for entry in entries {
                    let Some(name) = self.key(entry) else {
                        continue;
                    };
                    let nth = seen.entry(name).or_default();
                    path.push(Segment::key(name, *nth));
                    *nth += 1;
                    self.walk_from(entry.value, path, visit);
                    path.pop();
                }
            }
            Value::Sequence { items, .. } => {
                for (index, item) in items.iter().enumerate() {
                    path.push(Segment::index(index));
                    self.walk_from(*item, path, visit);
                    path.pop();
                }
            }
            Value::Scalar { .. } | Value::Alias { .. } => {}
        }
    }

    /// Whether an edit inside `id` would also change another place.
    pub fn is_shared(&self, id: NodeId) -> bool {
        let mut at = Some(id);
        while let Some(id) = at {
            let node = self.node(id);
            if node.shared {
                return true;
            }
            at = node.parent;
        }
        false
    }
}
