//! The values of a tree outside our keys, to compare two trees by.

use super::ours::{list_holder, ours_in};
use crate::record::OurKeys;
use crate::tree::{NodeId, Style, Tree, Value};

/// All values outside our keys.
pub(in crate::front_matter) fn without_ours(tree: &Tree<'_>, keys: &OurKeys) -> Option<PlainValue> {
    let holder = list_holder(tree, keys);
    tree.root().map(|root| plain(tree, root, holder, keys))
}

/// A value without its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::front_matter) enum PlainValue {
    Scalar(String, Style),
    Mapping(Vec<(String, PlainValue)>),
    Sequence(Vec<PlainValue>),
}

fn plain(tree: &Tree<'_>, id: NodeId, holder: Option<NodeId>, keys: &OurKeys) -> PlainValue {
    match &tree.node(id).value {
        Value::Scalar { text, style } => PlainValue::Scalar(text.to_string(), *style),
        Value::Alias { of } => plain(tree, *of, holder, keys),
        Value::Sequence { items, .. } => PlainValue::Sequence(
            items
                .iter()
                .map(|item| plain(tree, *item, holder, keys))
                .collect(),
        ),
        Value::Mapping { entries, .. } => {
            let ours = ours_in(tree, id, holder, keys);
            // The list's parent may exist for the list alone.
            let is_parent = |key: &str| tree.root() == Some(id) && keys.list_parent == Some(key);
            let pairs = entries
                .iter()
                .enumerate()
                .filter(|(index, _)| ours.binary_search(index).is_err())
                .map(|(_, entry)| {
                    let key = tree.key(entry).unwrap_or_default().to_owned();
                    (key, plain(tree, entry.value, holder, keys))
                })
                .filter(|(key, value)| {
                    !is_parent(key) || *value != PlainValue::Mapping(Vec::new())
                });
            PlainValue::Mapping(pairs.collect())
        }
    }
}
