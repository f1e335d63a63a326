//! Changes to a front matter, in any syntax: which records are inserted, replaced and removed.

mod compare;
mod decide;
mod existing;
mod ours;
mod strip;

use std::collections::HashMap;

use crate::record::{Content, OurKeys, SHARED_MAPPING};
use crate::tree::{Entry, NodeId, Tree};

pub(super) use compare::{without_key, without_ours};
pub(super) use decide::decide;
pub use existing::ExistingRecords;
pub(super) use strip::strip_all;

/// One change to a front matter.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// Insert a record after an entry, under the entry's key with our suffix.
    Insert {
        mapping: NodeId,
        entry: usize,
        content: Content,
    },
    /// Replace a record of ours.
    Replace {
        mapping: NodeId,
        entry: usize,
        content: Content,
    },
    /// Remove entries of ours from one mapping. Indices are in ascending order.
    Remove {
        mapping: NodeId,
        entries: Vec<usize>,
    },
    /// Insert the list, at the end of the root or within its parent.
    InsertList {
        contents: Vec<Content>,
        /// Whether the list will be the only entry of the mapping that it is inserted into, as
        /// all others are removed.
        is_only_entry: bool,
    },
    /// Replace our list.
    ReplaceList {
        mapping: NodeId,
        entry: usize,
        contents: Vec<Content>,
    },
    /// Leave an entry alone, and report why.
    Skip {
        mapping: NodeId,
        entry: usize,
        reason: &'static str,
        /// The first entry with the same key, if that is the reason.
        twin: Option<usize>,
    },
}

impl Change {
    /// Returns the entry that the change is about; `None` for a list that does not exist yet.
    fn entry(&self, tree: &Tree<'_>) -> Option<Entry> {
        let (mapping, entry) = match self {
            Change::InsertList { .. } => return None,
            Change::Insert { mapping, entry, .. }
            | Change::Replace { mapping, entry, .. }
            | Change::ReplaceList { mapping, entry, .. }
            | Change::Skip { mapping, entry, .. } => (*mapping, *entry),
            Change::Remove { mapping, entries } => (*mapping, entries[0]),
        };
        Some(tree.entries(mapping)[entry])
    }
}

impl Change {
    /// Returns the byte offset of the first entry with the same key, if that is why it is skipped.
    pub fn twin(&self, tree: &Tree<'_>) -> Option<usize> {
        match self {
            Change::Skip {
                mapping,
                twin: Some(twin),
                ..
            } => {
                let entry = tree.entries(*mapping).get(*twin)?;
                Some(tree.node(entry.key).span.start)
            }
            _ => None,
        }
    }
}

/// Returns the places of changes, for messages: byte offset and key path of each.
pub(super) fn places(changes: &[&Change], tree: &Tree<'_>, keys: &OurKeys) -> Vec<(usize, String)> {
    let entries: Vec<Option<Entry>> = changes.iter().map(|change| change.entry(tree)).collect();
    let mut paths: HashMap<NodeId, String> = entries
        .iter()
        .flatten()
        .map(|entry| {
            let key = tree.key(entry).unwrap_or_default();
            (entry.value, key.to_owned())
        })
        .collect();
    if !paths.is_empty() {
        tree.walk(&mut |at, id| {
            if let Some(path) = paths.get_mut(&id) {
                *path = at.to_string();
            }
            true
        });
    }
    entries
        .into_iter()
        .map(|entry| match entry {
            Some(entry) => (
                tree.node(entry.key).span.start,
                paths.get(&entry.value).cloned().unwrap_or_default(),
            ),
            None => {
                let parent = keys
                    .list_parent
                    .and_then(|parent| tree.get(tree.root()?, parent));
                let offset = parent.map_or(0, |parent| tree.node(parent.key).span.start);
                (offset, keys.names.list_key.as_str().to_owned())
            }
        })
        .collect()
}

/// The reason for an entry whose key is not unique.
const TWICE: &str = "its key appears twice in the mapping";

/// Returns the reason why an entry cannot be edited, in any syntax. `count` is the number of
/// entries with its key.
pub(super) fn obstacle(
    tree: &Tree<'_>,
    mapping: NodeId,
    entry: &Entry,
    count: usize,
) -> Option<&'static str> {
    if count > 1 {
        return Some(TWICE);
    }
    if tree.is_shared(mapping) {
        return Some(SHARED_MAPPING);
    }
    if entry.explicit {
        return Some("its key is written with `?`");
    }
    if tree.key(entry) == Some("") {
        return Some("its key is empty");
    }
    None
}
