//! Decides which changes bring a tree to the requested records.

use std::collections::{HashMap, HashSet};

use super::existing::listed;
use super::ours::{Owner, Siblings, list_entries, list_holder, owner_of_list, owner_of_record};
use super::{Change, TWICE, obstacle};
use crate::article::Refusal;
use crate::front_matter::{Request, Requests};
use crate::record::{Content, OurKeys};
use crate::tree::path::{KeyPath, Segment};
use crate::tree::{Entry, NodeId, Tree, Value};

/// Reason to refuse the article, after its byte offset.
type Error = (usize, Refusal);

/// Returns the changes that bring a tree to the requested records.
pub(in crate::front_matter) fn decide<S>(
    tree: &Tree<'_>,
    requests: &Requests<S>,
    keys: &OurKeys,
) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    let mut error = None;
    tree.walk(&mut |path, mapping| {
        if error.is_none() && matches!(tree.node(mapping).value, Value::Mapping { .. }) {
            let decision = Decision {
                tree,
                path,
                mapping,
                siblings: Siblings::new(tree, mapping),
                requests,
                keys,
            };
            match decision.changes() {
                Ok(found) => changes.extend(found),
                Err(found) => error = Some(found),
            }
        }
        true
    });
    if let Some(error) = error {
        return Err(error);
    }
    decide_list(tree, requests, keys, &mut changes)?;
    Ok(changes)
}

/// Decision about the entries of one mapping.
struct Decision<'d, 'a, S> {
    tree: &'d Tree<'a>,
    path: &'d KeyPath,
    mapping: NodeId,
    siblings: Siblings<'d>,
    requests: &'d Requests<S>,
    keys: &'d OurKeys,
}

impl<S> Decision<'_, '_, S> {
    fn changes(&self) -> Result<Vec<Change>, Error> {
        let entries = self.tree.entries(self.mapping);
        let mut changes = Vec::new();
        let mut removed = Vec::new();
        let mut handled = vec![false; entries.len()];
        for (index, entry) in entries.iter().enumerate() {
            let key = self.tree.key(entry).unwrap_or_default();
            let Some((base, current)) = self.keys.base_of(key) else {
                continue;
            };
            let bases = self.siblings.named(base);
            let request = if current && bases.count == 1 {
                self.request(base, 0)
            } else {
                None
            };
            match (owner_of_record(self.tree, entry.value), request) {
                (Owner::Foreign, Some(Request::Record(_))) => {
                    let key = key.to_owned();
                    let offset = self.tree.node(entry.key).span.start;
                    return Err((offset, Refusal::Foreign { key }));
                }
                (Owner::Ours | Owner::Empty, Some(Request::Record(record))) => {
                    handled[bases.first] = true;
                    if !record.content().equals(self.tree, entry.value) {
                        let change = match self.obstacle(entry) {
                            Some(reason) => self.skip(bases.first, reason),
                            None => Change::Replace {
                                mapping: self.mapping,
                                entry: index,
                                content: record.content().clone(),
                            },
                        };
                        changes.push(change);
                    }
                }
                // The record is not requested. A key that occurs twice is not changed.
                (Owner::Ours, None) if bases.count < 2 => {
                    match obstacle(self.tree, self.mapping, entry, 1) {
                        Some(reason) => changes.push(self.skip(index, reason)),
                        None => removed.push(index),
                    }
                }
                _ => {}
            }
        }
        if self.has_request() {
            self.insert(&handled, &mut changes);
        }
        let removed = removable(self.tree, self.mapping, removed, &mut changes);
        if !removed.is_empty() {
            changes.push(Change::Remove {
                mapping: self.mapping,
                entries: removed,
            });
        }
        Ok(changes)
    }

    /// Adds changes that insert the records of entries that have none yet.
    fn insert(&self, handled: &[bool], changes: &mut Vec<Change>) {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let mut twins: HashSet<&str> = HashSet::new();
        for (index, entry) in self.tree.entries(self.mapping).iter().enumerate() {
            let Some(key) = self.tree.key(entry) else {
                continue;
            };
            let nth = seen.entry(key).or_default();
            let request = if handled[index] {
                None
            } else {
                self.request(key, *nth)
            };
            *nth += 1;
            let Some(Request::Record(record)) = request else {
                continue;
            };
            let count = self.siblings.named(key).count;
            changes.push(match self.obstacle(entry) {
                Some(_) if count > 1 && !twins.insert(key) => continue,
                Some(reason) if count > 1 => self.skip_twins(key, reason),
                Some(reason) => self.skip(index, reason),
                None => Change::Insert {
                    mapping: self.mapping,
                    entry: index,
                    content: record.content().clone(),
                },
            });
        }
    }

    fn request(&self, key: &str, nth: usize) -> Option<&Request<S>> {
        self.requests
            .beside
            .get(&self.path.child(Segment::key(key, nth)))
    }

    /// Whether anything is requested for an entry of this mapping.
    fn has_request(&self) -> bool {
        let depth = self.path.segments().len();
        self.requests
            .beside
            .range(self.path.clone()..)
            .map(|(at, _)| at)
            .take_while(|at| at.segments().starts_with(self.path.segments()))
            .any(|at| at.segments().len() == depth + 1)
    }

    fn obstacle(&self, entry: &Entry) -> Option<&'static str> {
        let key = self.tree.key(entry).unwrap_or_default();
        obstacle(
            self.tree,
            self.mapping,
            entry,
            self.siblings.named(key).count,
        )
    }

    fn skip(&self, entry: usize, reason: &'static str) -> Change {
        Change::Skip {
            mapping: self.mapping,
            entry,
            reason,
            twin: None,
        }
    }

    /// Returns the change that passes over all entries with one key, at the last of them.
    fn skip_twins(&self, key: &str, reason: &'static str) -> Change {
        let entries = self.tree.entries(self.mapping);
        let is_same = |entry: &Entry| self.tree.key(entry) == Some(key);
        let first = self.siblings.named(key).first;
        Change::Skip {
            mapping: self.mapping,
            entry: entries.iter().rposition(is_same).unwrap_or(first),
            reason,
            twin: Some(first),
        }
    }
}

/// Returns the records that the list should contain.
fn requested_contents<S>(tree: &Tree<'_>, requests: &Requests<S>, keys: &OurKeys) -> Vec<Content> {
    let keeps = requests
        .list
        .iter()
        .any(|(_, request)| matches!(request, Request::Keep));
    let mut held: HashMap<String, Content> = HashMap::new();
    if keeps {
        for content in listed(tree, keys) {
            held.entry(content.original.clone()).or_insert(content);
        }
    }
    requests
        .list
        .iter()
        .filter_map(|(original, request)| match request {
            Request::Record(record) => Some(record.content().clone()),
            Request::Keep => held.get(original).cloned(),
        })
        .collect()
}

fn decide_list<S>(
    tree: &Tree<'_>,
    requests: &Requests<S>,
    keys: &OurKeys,
    changes: &mut Vec<Change>,
) -> Result<(), Error> {
    let contents = requested_contents(tree, requests, keys);
    let holder = list_holder(tree, keys);
    let entries = holder.map_or_else(Vec::new, |holder| list_entries(tree, holder, keys));
    let current = entries
        .iter()
        .find(|(_, is_current)| *is_current)
        .map(|(index, _)| *index);
    if let Some(holder) = holder {
        let mut removed = Vec::new();
        for (index, is_current) in entries {
            let entry = tree.entries(holder)[index];
            let owner = owner_of_list(tree, entry.value);
            if owner == Owner::Foreign {
                if is_current && !contents.is_empty() {
                    let key = tree.key(&entry).unwrap_or_default().to_owned();
                    return Err((tree.node(entry.key).span.start, Refusal::Foreign { key }));
                }
                continue;
            }
            let is_kept = Some(index) == current && !contents.is_empty();
            if is_kept && are_equal(tree, entry.value, &contents) {
                continue;
            }
            match obstacle(tree, holder, &entry, 1) {
                Some(reason) => changes.push(Change::Skip {
                    mapping: holder,
                    entry: index,
                    reason,
                    twin: None,
                }),
                None if is_kept => changes.push(Change::ReplaceList {
                    mapping: holder,
                    entry: index,
                    contents: contents.clone(),
                }),
                None => removed.push(index),
            }
        }
        let removed = removable(tree, holder, removed, changes);
        remove_also(changes, holder, removed);
    }
    if current.is_none() && !contents.is_empty() {
        let is_only_entry = holder.is_some_and(|holder| {
            let removed = changes.iter().map(|change| match change {
                Change::Remove { mapping, entries } if *mapping == holder => entries.len(),
                _ => 0,
            });
            removed.sum::<usize>() == tree.entries(holder).len()
        });
        changes.push(Change::InsertList {
            contents,
            is_only_entry,
        });
    }
    Ok(())
}

/// Whether a list contains exactly these records.
fn are_equal(tree: &Tree<'_>, list: NodeId, contents: &[Content]) -> bool {
    let items = tree.items(list);
    items.len() == contents.len()
        && items
            .iter()
            .zip(contents)
            .all(|(item, content)| content.equals(tree, *item))
}

/// Returns the entries, in ascending order, whose removal leaves the paths of other entries alone,
/// and skips the rest: a later entry with the same key that stays would become an earlier one.
fn removable(
    tree: &Tree<'_>,
    mapping: NodeId,
    mut removed: Vec<usize>,
    changes: &mut Vec<Change>,
) -> Vec<usize> {
    if removed.is_empty() {
        return removed;
    }
    let is_removed: HashSet<usize> = removed.iter().copied().collect();
    let mut staying: HashMap<&str, usize> = HashMap::new();
    let mut skipped = HashSet::new();
    for (index, entry) in tree.entries(mapping).iter().enumerate().rev() {
        let key = tree.key(entry).unwrap_or_default();
        if !is_removed.contains(&index) {
            staying.insert(key, index);
        } else if let Some(later) = staying.get(key) {
            skipped.insert(index);
            changes.push(Change::Skip {
                mapping,
                entry: *later,
                reason: TWICE,
                twin: Some(index),
            });
            staying.insert(key, index);
        }
    }
    removed.retain(|index| !skipped.contains(index));
    removed
}

/// Removes more entries of a mapping. A mapping has at most one change that removes entries.
fn remove_also(changes: &mut Vec<Change>, holder: NodeId, removed: Vec<usize>) {
    if removed.is_empty() {
        return;
    }
    let existing = changes.iter_mut().find_map(|change| match change {
        Change::Remove { mapping, entries } if *mapping == holder => Some(entries),
        _ => None,
    });
    match existing {
        Some(entries) => {
            entries.extend(removed);
            entries.sort_unstable();
        }
        None => changes.push(Change::Remove {
            mapping: holder,
            entries: removed,
        }),
    }
}
