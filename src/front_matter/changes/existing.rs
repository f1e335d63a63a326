//! Reads the records that an article already has.

use std::collections::HashMap;

use super::ours::list_holder;
use crate::record::{Content, OurKeys, is_record};
use crate::tree::path::{KeyPath, Segment};
use crate::tree::{Tree, Value};

/// Records of a front matter, by the place or the value that they belong to.
#[derive(Clone, Debug, Default)]
pub struct ExistingRecords {
    beside: HashMap<KeyPath, Content>,
    listed: HashMap<String, Vec<Content>>,
}

impl ExistingRecords {
    /// Reads the records of a tree.
    pub fn read(tree: &Tree<'_>, keys: &OurKeys) -> Self {
        let mut records = ExistingRecords::default();
        let suffix = keys.names.suffix.as_str();
        tree.walk(&mut |path, id| {
            let Value::Mapping { entries, .. } = &tree.node(id).value else {
                return true;
            };
            for entry in entries {
                let key = tree.key(entry).and_then(|key| key.strip_suffix(suffix));
                let Some(key) = key.filter(|_| is_record(tree, entry.value)) else {
                    continue;
                };
                if let Some(content) = Content::read(tree, entry.value) {
                    let at = path.child(Segment::key(key, 0));
                    records.beside.entry(at).or_insert(content);
                }
            }
            true
        });
        for content in listed(tree, keys) {
            let same = records.listed.entry(content.original.clone());
            same.or_default().push(content);
        }
        records
    }

    /// Returns the record next to the value at `path`.
    pub fn beside(&self, path: &KeyPath) -> Option<&Content> {
        self.beside.get(&path.first_of_name())
    }

    /// Returns the records of our list whose `original` is this value.
    pub fn listed(&self, original: &str) -> &[Content] {
        self.listed.get(original).map_or(&[], Vec::as_slice)
    }
}

/// Returns the records of our list, in order.
pub(super) fn listed(tree: &Tree<'_>, keys: &OurKeys) -> Vec<Content> {
    let list =
        list_holder(tree, keys).and_then(|holder| tree.get(holder, keys.names.list_key.as_str()));
    let items = list.map_or(&[][..], |entry| tree.items(entry.value)).iter();
    items
        .filter_map(|item| Content::read(tree, *item))
        .collect()
}
