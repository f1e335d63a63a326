//! Decides which changes remove everything that is ours.

use super::ours::{list_holder, ours_in};
use super::{Change, obstacle};
use crate::record::OurKeys;
use crate::tree::{Tree, Value};

/// Returns the changes that remove all records from a tree.
pub(in crate::front_matter) fn strip_all(tree: &Tree<'_>, keys: &OurKeys) -> Vec<Change> {
    let holder = list_holder(tree, keys);
    let mut changes = Vec::new();
    tree.walk(&mut |_, mapping| {
        if !matches!(tree.node(mapping).value, Value::Mapping { .. }) {
            return true;
        }
        let mut removed = Vec::new();
        for index in ours_in(tree, mapping, holder, keys) {
            match obstacle(tree, mapping, &tree.entries(mapping)[index], 1) {
                Some(reason) => changes.push(Change::Skip {
                    mapping,
                    entry: index,
                    reason,
                    twin: None,
                }),
                None => removed.push(index),
            }
        }
        if !removed.is_empty() {
            changes.push(Change::Remove {
                mapping,
                entries: removed,
            });
        }
        true
    });
    changes
}
