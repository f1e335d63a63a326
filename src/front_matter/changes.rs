//! What an article needs: which records come, change and go. Independent of the syntax.

use std::collections::HashMap;

use crate::article::Refusal;
use crate::record::{Content, OurKeys, is_record};
use crate::tree::path::{KeyPath, Segment};
use crate::tree::{Entry, NodeId, Style, Tree, Value};

use super::{Wish, Wishes};

/// One thing to do.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// Put a record right behind an entry, under the entry's key and our suffix.
    Insert {
        mapping: NodeId,
        entry: usize,
        content: Content,
    },
    /// Give a record of ours another value.
    Replace {
        mapping: NodeId,
        entry: usize,
        content: Content,
    },
    /// Remove entries of ours, ascending, of one mapping.
    Remove {
        mapping: NodeId,
        entries: Vec<usize>,
    },
    /// Write the list where none is: at the root's end, or within its parent.
    InsertList {
        contents: Vec<Content>,
        /// Whether nothing else stays in the mapping that it goes into.
        alone: bool,
    },
    /// Give our list another value.
    ReplaceList {
        mapping: NodeId,
        entry: usize,
        contents: Vec<Content>,
    },
    /// Leave an entry alone, and say so.
    Skip {
        mapping: NodeId,
        entry: usize,
        reason: &'static str,
    },
}

impl Change {
    /// Where the change is, for a message: byte offset and key path.
    pub fn place(&self, tree: &Tree<'_>, keys: &OurKeys) -> (usize, String) {
        let list = || keys.names.list_key.as_str().to_owned();
        let (mapping, entry) = match self {
            Change::InsertList { .. } => return (0, list()),
            Change::Insert { mapping, entry, .. }
            | Change::Replace { mapping, entry, .. }
            | Change::ReplaceList { mapping, entry, .. }
            | Change::Skip { mapping, entry, .. } => (*mapping, *entry),
            Change::Remove { mapping, entries } => (*mapping, entries[0]),
        };
        let entry = tree.entries(mapping)[entry];
        let mut path = tree.key(&entry).unwrap_or_default().to_owned();
        tree.walk(&mut |at, id| {
            if id == entry.value {
                path = at.to_string();
            }
            true
        });
        (tree.node(entry.key).span.start, path)
    }
}

/// Whose a value under one of our keys is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Ours,
    /// Ours, emptied by hand or by a CMS.
    Empty,
    Foreign,
}

fn owner_of_record(tree: &Tree<'_>, value: NodeId) -> Owner {
    if tree.is_empty(value) {
        Owner::Empty
    } else if is_record(tree, value) {
        Owner::Ours
    } else {
        Owner::Foreign
    }
}

fn owner_of_list(tree: &Tree<'_>, value: NodeId) -> Owner {
    let items = tree.items(value);
    if tree.is_empty(value) {
        Owner::Empty
    } else if !items.is_empty() && items.iter().all(|item| is_record(tree, *item)) {
        Owner::Ours
    } else {
        Owner::Foreign
    }
}

/// The entries of a mapping by key, to find siblings and keys that stand twice.
struct Siblings<'t> {
    by_key: HashMap<&'t str, Vec<usize>>,
}

impl<'t> Siblings<'t> {
    fn of(tree: &'t Tree<'_>, mapping: NodeId) -> Self {
        let mut by_key: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, entry) in tree.entries(mapping).iter().enumerate() {
            if let Some(key) = tree.key(entry) {
                by_key.entry(key).or_default().push(index);
            }
        }
        Siblings { by_key }
    }

    fn named(&self, key: &str) -> &[usize] {
        self.by_key.get(key).map_or(&[], Vec::as_slice)
    }
}

/// The mapping that holds the list key, if it is there: the root, or the root's `list_parent`.
fn list_holder(tree: &Tree<'_>, keys: &OurKeys) -> Option<NodeId> {
    let root = tree.root()?;
    match keys.list_parent {
        None => Some(root),
        Some(parent) => tree.get(root, parent).map(|entry| entry.value),
    }
}

/// The list's entries under current and previous keys: index, and whether the key is current.
fn list_entries(tree: &Tree<'_>, holder: NodeId, keys: &OurKeys) -> Vec<(usize, bool)> {
    tree.entries(holder)
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| {
            let key = tree.key(entry).filter(|key| keys.is_list_key(key))?;
            Some((index, key == keys.names.list_key.as_str()))
        })
        .collect()
}

/// Calls `visit` for every mapping outside our own records, with its path.
fn each_mapping(tree: &Tree<'_>, visit: &mut dyn FnMut(&KeyPath, NodeId)) {
    tree.walk(&mut |path, id| {
        let is_mapping = matches!(tree.node(id).value, Value::Mapping { .. });
        if is_mapping {
            visit(path, id);
        }
        true
    });
}

/// What it takes to bring the tree to the wishes.
pub(super) fn decide<S>(
    tree: &Tree<'_>,
    wishes: &Wishes<S>,
    keys: &OurKeys,
) -> Result<Vec<Change>, (usize, Refusal)> {
    let mut changes = Vec::new();
    let mut refusal = None;
    each_mapping(
        tree,
        &mut |path, mapping| match decide_mapping(tree, path, mapping, wishes, keys) {
            Ok(found) => changes.extend(found),
            Err(error) => refusal = refusal.take().or(Some(error)),
        },
    );
    if let Some(error) = refusal {
        return Err(error);
    }
    decide_list(tree, wishes, keys, &mut changes)?;
    Ok(changes)
}

fn decide_mapping<S>(
    tree: &Tree<'_>,
    path: &KeyPath,
    mapping: NodeId,
    wishes: &Wishes<S>,
    keys: &OurKeys,
) -> Result<Vec<Change>, (usize, Refusal)> {
    let entries = tree.entries(mapping);
    let siblings = Siblings::of(tree, mapping);
    let mut changes = Vec::new();
    let mut removed = Vec::new();
    let mut handled = vec![false; entries.len()];
    for (index, entry) in entries.iter().enumerate() {
        let Some((base, current)) = tree.key(entry).and_then(|key| keys.base_of(key)) else {
            continue;
        };
        let bases = siblings.named(base);
        let wish = match (current, bases) {
            (true, [only]) => wish_at(path, base, wishes).map(|wish| (*only, wish)),
            _ => None,
        };
        match (owner_of_record(tree, entry.value), wish) {
            (Owner::Foreign, Some((_, Wish::Record(_)))) => {
                let key = tree.key(entry).unwrap_or_default().to_owned();
                return Err((tree.node(entry.key).span.start, Refusal::Foreign { key }));
            }
            (Owner::Ours | Owner::Empty, Some((base, Wish::Record(record)))) => {
                handled[base] = true;
                if !record.content().equals(tree, entry.value) {
                    changes.push(
                        match obstacle(
                            tree,
                            mapping,
                            entry,
                            siblings.named(tree.key(entry).unwrap_or_default()),
                        ) {
                            Some(reason) => Change::Skip {
                                mapping,
                                entry: base,
                                reason,
                            },
                            None => Change::Replace {
                                mapping,
                                entry: index,
                                content: record.content().clone(),
                            },
                        },
                    );
                }
            }
            // Nothing wishes it. A key that stands twice is left as it is.
            (Owner::Ours, None) if bases.len() < 2 => {
                match obstacle(tree, mapping, entry, &[index]) {
                    Some(reason) => changes.push(Change::Skip {
                        mapping,
                        entry: index,
                        reason,
                    }),
                    None => removed.push(index),
                }
            }
            _ => {}
        }
    }
    let wanting = if has_wish(path, wishes) { entries } else { &[] };
    for (index, entry) in wanting.iter().enumerate() {
        let Some(key) = tree.key(entry).filter(|_| !handled[index]) else {
            continue;
        };
        let same = siblings.named(key);
        let nth = same.iter().position(|other| *other == index).unwrap_or(0);
        let at = child(path, Segment::key(key, nth));
        let Some(Wish::Record(record)) = wishes.beside.get(&at) else {
            continue;
        };
        changes.push(match obstacle(tree, mapping, entry, same) {
            Some(reason) => Change::Skip {
                mapping,
                entry: index,
                reason,
            },
            None => Change::Insert {
                mapping,
                entry: index,
                content: record.content().clone(),
            },
        });
    }
    if !removed.is_empty() {
        changes.push(Change::Remove {
            mapping,
            entries: removed,
        });
    }
    Ok(changes)
}

fn child(path: &KeyPath, segment: Segment) -> KeyPath {
    path.segments().iter().cloned().chain([segment]).collect()
}

fn wish_at<'w, S>(path: &KeyPath, key: &str, wishes: &'w Wishes<S>) -> Option<&'w Wish<S>> {
    wishes.beside.get(&child(path, Segment::key(key, 0)))
}

/// Whether any wish is about an entry of the mapping at `path`.
fn has_wish<S>(path: &KeyPath, wishes: &Wishes<S>) -> bool {
    let after = wishes.beside.range(path.clone()..).map(|(at, _)| at);
    let depth = path.segments().len();
    after
        .take_while(|at| at.segments().starts_with(path.segments()))
        .any(|at| at.segments().len() == depth + 1)
}

/// What keeps an entry from being edited, in any syntax.
fn obstacle(
    tree: &Tree<'_>,
    mapping: NodeId,
    entry: &Entry,
    same: &[usize],
) -> Option<&'static str> {
    if same.len() > 1 {
        return Some("its key stands twice in the mapping");
    }
    if tree.is_shared(mapping) {
        return Some("its mapping is anchored and used elsewhere too, where the record would show");
    }
    if entry.explicit {
        return Some("its key is written with `?`");
    }
    if tree.key(entry) == Some("") {
        return Some("its key is empty");
    }
    None
}

fn decide_list<S>(
    tree: &Tree<'_>,
    wishes: &Wishes<S>,
    keys: &OurKeys,
    changes: &mut Vec<Change>,
) -> Result<(), (usize, Refusal)> {
    let holder = list_holder(tree, keys);
    let entries = holder.map_or_else(Vec::new, |holder| list_entries(tree, holder, keys));
    let current = entries
        .iter()
        .find(|(_, current)| *current)
        .map(|(index, _)| *index);
    let kept = |original: &str| {
        let (holder, index) = (holder?, current?);
        let list = tree.entries(holder)[index].value;
        let items = tree.items(list).iter();
        items
            .filter_map(|item| Content::read(tree, *item))
            .find(|old| old.original == original)
    };
    let contents: Vec<Content> = wishes
        .list
        .iter()
        .filter_map(|(original, wish)| match wish {
            Wish::Record(record) => Some(record.content().clone()),
            Wish::Keep => kept(original),
        })
        .collect();
    let mut removed = Vec::new();
    for (index, is_current) in entries {
        let holder = holder.expect("it has entries");
        let entry = tree.entries(holder)[index];
        match owner_of_list(tree, entry.value) {
            Owner::Foreign if is_current && !contents.is_empty() => {
                let key = tree.key(&entry).unwrap_or_default().to_owned();
                return Err((tree.node(entry.key).span.start, Refusal::Foreign { key }));
            }
            Owner::Foreign => {}
            Owner::Ours | Owner::Empty
                if is_current && Some(index) == current && !contents.is_empty() =>
            {
                let items = tree.items(entry.value);
                let equal = items.len() == contents.len()
                    && items
                        .iter()
                        .zip(&contents)
                        .all(|(item, content)| content.equals(tree, *item));
                if !equal {
                    changes.push(match obstacle(tree, holder, &entry, &[index]) {
                        Some(reason) => Change::Skip {
                            mapping: holder,
                            entry: index,
                            reason,
                        },
                        None => Change::ReplaceList {
                            mapping: holder,
                            entry: index,
                            contents: contents.clone(),
                        },
                    });
                }
            }
            Owner::Ours | Owner::Empty => match obstacle(tree, holder, &entry, &[index]) {
                Some(reason) => changes.push(Change::Skip {
                    mapping: holder,
                    entry: index,
                    reason,
                }),
                None => removed.push(index),
            },
        }
    }
    if !removed.is_empty() {
        let mapping = holder.expect("it has entries");
        // One removal a mapping: the entries beside pictures may be in the same one.
        let beside = changes.iter_mut().find_map(|change| match change {
            Change::Remove {
                mapping: at,
                entries,
            } if *at == mapping => Some(entries),
            _ => None,
        });
        match beside {
            Some(entries) => {
                entries.extend(removed);
                entries.sort_unstable();
            }
            None => changes.push(Change::Remove {
                mapping,
                entries: removed,
            }),
        }
    }
    if current.is_none() && !contents.is_empty() {
        let alone = holder.is_some_and(|holder| {
            let removed = |change: &Change| match change {
                Change::Remove { mapping, entries } if *mapping == holder => entries.len(),
                _ => 0,
            };
            changes.iter().map(removed).sum::<usize>() == tree.entries(holder).len()
        });
        changes.push(Change::InsertList { contents, alone });
    }
    Ok(())
}

/// What it takes to remove all that is ours.
pub(super) fn strip_all(tree: &Tree<'_>, keys: &OurKeys) -> Vec<Change> {
    let holder = list_holder(tree, keys);
    let mut changes = Vec::new();
    each_mapping(tree, &mut |_, mapping| {
        let removed: Vec<usize> = ours_in(tree, mapping, holder, keys);
        let (shared, own): (Vec<usize>, Vec<usize>) = removed.into_iter().partition(|index| {
            obstacle(tree, mapping, &tree.entries(mapping)[*index], &[*index]).is_some()
        });
        for index in shared {
            let entry = &tree.entries(mapping)[index];
            if let Some(reason) = obstacle(tree, mapping, entry, &[index]) {
                changes.push(Change::Skip {
                    mapping,
                    entry: index,
                    reason,
                });
            }
        }
        if !own.is_empty() {
            changes.push(Change::Remove {
                mapping,
                entries: own,
            });
        }
    });
    changes
}

/// The entries of one mapping that are ours.
fn ours_in(
    tree: &Tree<'_>,
    mapping: NodeId,
    list_holder: Option<NodeId>,
    keys: &OurKeys,
) -> Vec<usize> {
    let siblings = Siblings::of(tree, mapping);
    let lists: Vec<usize> = if list_holder == Some(mapping) {
        list_entries(tree, mapping, keys)
            .into_iter()
            .map(|(index, _)| index)
            .filter(|index| {
                owner_of_list(tree, tree.entries(mapping)[*index].value) != Owner::Foreign
            })
            .collect()
    } else {
        Vec::new()
    };
    let records = tree
        .entries(mapping)
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| {
            let (base, _) = keys.base_of(tree.key(entry)?)?;
            match owner_of_record(tree, entry.value) {
                Owner::Ours => Some(index),
                Owner::Empty => is_emptied(tree, mapping, siblings.named(base)).then_some(index),
                Owner::Foreign => None,
            }
        });
    let mut all: Vec<usize> = records.chain(lists).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// An empty value is one of ours only beside the text that it would describe.
fn is_emptied(tree: &Tree<'_>, mapping: NodeId, bases: &[usize]) -> bool {
    bases.iter().any(|index| {
        let value = tree.entries(mapping)[*index].value;
        tree.text(value).is_some() && !tree.is_empty(value)
    })
}

pub(super) fn record_beside(tree: &Tree<'_>, path: &KeyPath, keys: &OurKeys) -> Option<Content> {
    let mapping = tree.find(&path.parent()?)?;
    let Some(Segment::Key { name, .. }) = path.segments().last() else {
        return None;
    };
    let entry = tree.get(mapping, &format!("{name}{}", keys.names.suffix.as_str()))?;
    is_record(tree, entry.value).then(|| Content::read(tree, entry.value))?
}

pub(super) fn records_listed(tree: &Tree<'_>, keys: &OurKeys) -> Vec<Content> {
    let list =
        list_holder(tree, keys).and_then(|holder| tree.get(holder, keys.names.list_key.as_str()));
    let items = list.map_or(&[][..], |entry| tree.items(entry.value)).iter();
    items
        .filter_map(|item| Content::read(tree, *item))
        .collect()
}

/// All values outside our keys, to compare two trees by.
pub(super) fn without_ours(tree: &Tree<'_>, keys: &OurKeys) -> Option<PlainValue> {
    let holder = list_holder(tree, keys);
    tree.root().map(|root| plain(tree, root, holder, keys))
}

/// A value without places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PlainValue {
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
            let kept = entries
                .iter()
                .enumerate()
                .filter(|(index, _)| !ours.contains(index));
            let pairs = kept.map(|(_, entry)| {
                let key = tree.key(entry).unwrap_or_default().to_owned();
                (key, plain(tree, entry.value, holder, keys))
            });
            // The list's parent may be there for the list alone.
            let is_parent = |key: &str| tree.root() == Some(id) && keys.list_parent == Some(key);
            let kept = |(key, value): &(String, PlainValue)| {
                !is_parent(key) || *value != PlainValue::Mapping(Vec::new())
            };
            PlainValue::Mapping(pairs.filter(kept).collect())
        }
    }
}
