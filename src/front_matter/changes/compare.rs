//! Extracts the values of a tree outside of our keys, so that two trees can be compared.

use super::ours::{list_holder, ours_in};
use crate::record::OurKeys;
use crate::tree::{Entry, NodeId, Style, Tree, Value};

/// Returns all values outside of our keys.
pub(in crate::front_matter) fn without_ours(tree: &Tree<'_>, keys: &OurKeys) -> Option<PlainValue> {
    let holder = list_holder(tree, keys);
    let left_out = |id: NodeId| ours_in(tree, id, holder, keys);
    // The list's parent may exist only for the list.
    let is_empty_parent = |id: NodeId, key: &str, value: &PlainValue| {
        let is_parent = tree.root() == Some(id) && keys.list_parent == Some(key);
        is_parent && *value == PlainValue::Mapping(Vec::new())
    };
    let compared = Compared {
        tree,
        left_out: &left_out,
        is_dropped: &is_empty_parent,
    };
    tree.root().map(|root| compared.plain(root))
}

/// Returns all values, except those of one key of one mapping.
pub(in crate::front_matter) fn without_key(
    tree: &Tree<'_>,
    mapping: NodeId,
    key: &str,
) -> Option<PlainValue> {
    let is_left_out = |entry: &Entry| tree.key(entry) == Some(key);
    let left_out = |id: NodeId| -> Vec<usize> {
        let entries = tree.entries(id).iter().enumerate();
        let of_key = entries.filter(|(_, entry)| id == mapping && is_left_out(entry));
        of_key.map(|(index, _)| index).collect()
    };
    let compared = Compared {
        tree,
        left_out: &left_out,
        is_dropped: &|_, _, _| false,
    };
    tree.root().map(|root| compared.plain(root))
}

/// A value without its position in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::front_matter) enum PlainValue {
    Scalar(String, Style),
    Mapping(Vec<(String, PlainValue)>),
    Sequence(Vec<PlainValue>),
}

/// Selects the values of a tree that are compared.
struct Compared<'c, 'a> {
    tree: &'c Tree<'a>,
    /// Returns the indices of the entries of a mapping to ignore, in ascending order.
    left_out: &'c dyn Fn(NodeId) -> Vec<usize>,
    /// Whether an entry of a mapping is ignored because of its value.
    is_dropped: &'c dyn Fn(NodeId, &str, &PlainValue) -> bool,
}

impl Compared<'_, '_> {
    fn plain(&self, id: NodeId) -> PlainValue {
        let tree = self.tree;
        match &tree.node(id).value {
            Value::Scalar { text, style } => PlainValue::Scalar(text.to_string(), *style),
            Value::Alias { of } => self.plain(*of),
            Value::Sequence { items, .. } => {
                PlainValue::Sequence(items.iter().map(|item| self.plain(*item)).collect())
            }
            Value::Mapping { entries, .. } => {
                let left_out = (self.left_out)(id);
                let pairs = entries
                    .iter()
                    .enumerate()
                    .filter(|(index, _)| left_out.binary_search(index).is_err())
                    .map(|(_, entry)| {
                        let key = tree.key(entry).unwrap_or_default().to_owned();
                        (key, self.plain(entry.value))
                    })
                    .filter(|(key, value)| !(self.is_dropped)(id, key, value));
                PlainValue::Mapping(pairs.collect())
            }
        }
    }
}
