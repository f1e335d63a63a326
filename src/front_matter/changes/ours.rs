//! Finds the entries of a tree that are ours.

use std::collections::HashMap;

use crate::record::{OurKeys, is_record};
use crate::tree::{NodeId, Tree};

/// Who wrote the value of one of our keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Ours,
    /// Ours, but emptied by hand or by a CMS.
    Empty,
    Foreign,
}

pub(super) fn owner_of_record(tree: &Tree<'_>, value: NodeId) -> Owner {
    if tree.is_empty(value) {
        Owner::Empty
    } else if is_record(tree, value) {
        Owner::Ours
    } else {
        Owner::Foreign
    }
}

pub(super) fn owner_of_list(tree: &Tree<'_>, value: NodeId) -> Owner {
    let items = tree.items(value);
    if tree.is_empty(value) {
        Owner::Empty
    } else if !items.is_empty() && items.iter().all(|item| is_record(tree, *item)) {
        Owner::Ours
    } else {
        Owner::Foreign
    }
}

/// The entries of a mapping by key.
pub(super) struct Siblings<'t> {
    by_key: HashMap<&'t str, SameKey>,
}

/// Entries with the same key.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SameKey {
    pub count: usize,
    /// Index of the first one.
    pub first: usize,
    /// Whether one of them is a text that is not empty.
    pub has_text: bool,
}

impl<'t> Siblings<'t> {
    pub fn new(tree: &'t Tree<'_>, mapping: NodeId) -> Self {
        let mut by_key: HashMap<&str, SameKey> = HashMap::new();
        for (index, entry) in tree.entries(mapping).iter().enumerate() {
            if let Some(key) = tree.key(entry) {
                let same = by_key.entry(key).or_insert(SameKey {
                    first: index,
                    ..SameKey::default()
                });
                same.count += 1;
                same.has_text |= tree.text(entry.value).is_some() && !tree.is_empty(entry.value);
            }
        }
        Siblings { by_key }
    }

    pub fn named(&self, key: &str) -> SameKey {
        self.by_key.get(key).copied().unwrap_or_default()
    }
}

/// Returns the mapping that contains the list key, if it exists: the root, or the root's
/// `list_parent`.
pub(super) fn list_holder(tree: &Tree<'_>, keys: &OurKeys) -> Option<NodeId> {
    let root = tree.root()?;
    match keys.list_parent {
        None => Some(root),
        Some(parent) => tree.get(root, parent).map(|entry| entry.value),
    }
}

/// Returns the list's entries under current and previous keys: the index of each, and whether its
/// key is the current one.
pub(super) fn list_entries(tree: &Tree<'_>, holder: NodeId, keys: &OurKeys) -> Vec<(usize, bool)> {
    tree.entries(holder)
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| {
            let key = tree.key(entry).filter(|key| keys.is_list_key(key))?;
            Some((index, key == keys.names.list_key.as_str()))
        })
        .collect()
}

/// Returns the indices of the entries of one mapping that are ours, in order.
pub(super) fn ours_in(
    tree: &Tree<'_>,
    mapping: NodeId,
    list_holder: Option<NodeId>,
    keys: &OurKeys,
) -> Vec<usize> {
    let siblings = Siblings::new(tree, mapping);
    let mut all: Vec<usize> = tree
        .entries(mapping)
        .iter()
        .enumerate()
        .filter(|(_, entry)| {
            let base = tree.key(entry).and_then(|key| keys.base_of(key));
            base.is_some_and(|(base, _)| match owner_of_record(tree, entry.value) {
                Owner::Ours => true,
                // An empty value is ours only next to the text that it would describe.
                Owner::Empty => siblings.named(base).has_text,
                Owner::Foreign => false,
            })
        })
        .map(|(index, _)| index)
        .collect();
    if list_holder == Some(mapping) {
        let lists = list_entries(tree, mapping, keys).into_iter();
        all.extend(lists.map(|(index, _)| index).filter(|index| {
            owner_of_list(tree, tree.entries(mapping)[*index].value) != Owner::Foreign
        }));
        all.sort_unstable();
        all.dedup();
    }
    all
}
