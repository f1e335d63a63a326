//! References whose record cannot be written: it would go into a mapping that YAML anchors and uses
//! elsewhere. Nobody would load their variants, so they get a finding instead of presets.

use std::collections::{HashMap, HashSet};

use super::{Found, Place, Reference, Search};
use crate::article::Article;
use crate::finding::{Code, Finding};
use crate::record::{SHARED_MAPPING, is_record};
use crate::tree::{NodeId, Tree, Value};

/// Leaves out references whose records would be beside values in shared mappings: the index and the
/// value of each. A place that has a record already keeps its presets.
pub(super) fn leave_out_beside(
    shared: &[(usize, NodeId)],
    found: &mut Found,
    article: &Article,
    tree: &Tree<'_>,
    search: &Search<'_>,
) {
    if shared.is_empty() {
        return;
    }
    // One pass over the tree, as many references may be in one mapping.
    let mut keys: HashMap<NodeId, NodeId> = HashMap::new();
    let mut recorded: HashSet<(NodeId, &str)> = HashSet::new();
    for mapping in tree.ids() {
        for entry in tree.entries(mapping) {
            keys.insert(entry.value, entry.key);
            let base = tree.key(entry).and_then(|key| search.keys.base_of(key));
            if let Some((base, true)) = base
                && is_record(tree, entry.value)
            {
                recorded.insert((mapping, base));
            }
        }
    }
    for (index, value) in shared {
        let reference = &mut found.references[*index];
        let (Some(key), Some(mapping)) = (keys.get(value), tree.node(*value).parent) else {
            continue;
        };
        let Place::Beside(path) = &reference.place else {
            continue;
        };
        let name = tree.text(*key).unwrap_or_default();
        if recorded.contains(&(mapping, name)) {
            continue;
        }
        let skipped = Skipped {
            at: path.to_string(),
            key: *key,
        };
        leave_out(reference);
        found.findings.push(skipped.finding(article, tree));
    }
}

/// Leaves out all references whose records would be in the list, if that would be in a shared
/// mapping, and does not exist yet.
pub(super) fn leave_out_listed(
    found: &mut Found,
    article: &Article,
    tree: &Tree<'_>,
    search: &Search<'_>,
) {
    let parent = search.keys.list_parent;
    let holder = tree
        .root()
        .zip(parent)
        .and_then(|(root, name)| tree.get(root, name));
    let Some(holder) = holder.filter(|_| search.records_in_articles_only) else {
        return;
    };
    let is_alias = matches!(tree.node(holder.value).value, Value::Alias { .. });
    if !is_alias && !tree.is_shared(holder.value) {
        return;
    }
    let mut entries = tree.entries(holder.value).iter();
    if entries.any(|entry| {
        let key = tree.key(entry);
        key.is_some_and(|key| search.keys.is_list_key(key))
    }) {
        return;
    }
    let is_listed = |reference: &&mut Reference| {
        reference.preset.is_some() && !matches!(reference.place, Place::Beside(_))
    };
    let listed = found.references.iter_mut().filter(is_listed);
    if listed.map(leave_out).count() > 0 {
        let skipped = Skipped {
            at: search.keys.names.list_key.as_str().to_owned(),
            key: holder.key,
        };
        found.findings.push(skipped.finding(article, tree));
    }
}

fn leave_out(reference: &mut Reference) {
    reference.preset = None;
    reference.is_skipped = true;
}

/// A record, or the list of records, that cannot be written.
struct Skipped {
    /// The key path of the image, or the key of the list.
    at: String,
    /// The key that the finding is at.
    key: NodeId,
}

impl Skipped {
    fn finding(&self, article: &Article, tree: &Tree<'_>) -> Finding {
        let message = format!("`{}` gets no record: {}", self.at, SHARED_MAPPING);
        Finding::new(Code::SkippedReference, message)
            .in_file(article.path.as_str())
            .at_offset(article.file_offset(tree.node(self.key).span.start))
    }
}
