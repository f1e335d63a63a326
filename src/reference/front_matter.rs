//! References in front matter: by rules, and by default every string that looks like a picture.

use super::{Certainty, Choice, Place, Reference, Search, images, is_local, looks_like_picture};
use crate::article::{Article, Markup};
use crate::finding::{Code, Finding};
use crate::picture::framing::FocalPoint;
use crate::record::is_record;
use crate::tree::path::{KeyPath, Segment};
use crate::tree::{NodeId, Tree, Value};

pub(super) fn find(article: &Article, tree: &Tree<'_>, search: &Search<'_>) -> Vec<Reference> {
    let mut found = Vec::new();
    tree.walk(&mut |path, id| {
        if is_ours(tree, path, id, search) {
            return false;
        }
        if let Some(text) = tree.text(id) {
            let offset = article.file_offset(tree.node(id).span.start);
            let value = Found {
                tree,
                path,
                text,
                offset,
            };
            value.references(article.path.as_str(), search, &mut found);
        }
        true
    });
    found
}

/// Our own records name variants, not uploads.
fn is_ours(tree: &Tree<'_>, path: &KeyPath, id: NodeId, search: &Search<'_>) -> bool {
    let Some(Segment::Key { name, .. }) = path.segments().last() else {
        return false;
    };
    if search.keys.is_list_key(name) {
        let items = tree.items(id);
        return !items.is_empty() && items.iter().all(|item| is_record(tree, *item));
    }
    search.keys.base_of(name).is_some()
        && matches!(tree.node(id).value, Value::Mapping { .. })
        && is_record(tree, id)
}

/// The key of a focal point is that of its picture with this behind it.
const FOCUS_SUFFIX: &str = "_focus";

/// The author's focal point beside the value at `path`: what is written, and its node.
fn focus_beside<'t>(tree: &'t Tree<'_>, path: &KeyPath) -> Option<(&'t str, NodeId)> {
    let Some(Segment::Key { name, .. }) = path.segments().last() else {
        return None;
    };
    let mapping = tree.find(&path.parent()?)?;
    let entry = tree.get(mapping, &format!("{name}{FOCUS_SUFFIX}"))?;
    Some((tree.text(entry.value)?, entry.value))
}

/// The focal points that stand beside pictures and cannot be read.
pub fn unreadable_focuses(
    article: &Article,
    tree: &Tree<'_>,
    references: &[Reference],
) -> Vec<Finding> {
    let paths = references
        .iter()
        .filter_map(|reference| match &reference.place {
            Place::Beside(path) if reference.focus.is_none() => Some(path),
            _ => None,
        });
    let written = paths.filter_map(|path| focus_beside(tree, path));
    written
        .filter_map(|(text, node)| {
            let error = text.parse::<FocalPoint>().err()?;
            let offset = article.file_offset(tree.node(node).span.start);
            Some(
                Finding::new(Code::UnreadableFocus, error.to_string())
                    .in_file(article.path.as_str())
                    .at_offset(offset),
            )
        })
        .collect()
}

struct Found<'f> {
    tree: &'f Tree<'f>,
    path: &'f KeyPath,
    text: &'f str,
    offset: usize,
}

impl Found<'_> {
    fn references(&self, file: &str, search: &Search<'_>, found: &mut Vec<Reference>) {
        let mut rules = search.rules.iter().enumerate();
        match rules.find(|(_, rule)| rule.takes(file, self.path)) {
            Some((index, rule)) => {
                let Some(name) = rule.preset_name() else {
                    return;
                };
                let choice = Choice::by_rule(index, name);
                let before = found.len();
                if rule.text {
                    self.images_within(search, &choice, found);
                }
                // A text that is nothing but a path is that picture.
                let is_path = !rule.text || found.len() == before && looks_like_picture(self.text);
                if is_path && is_local(self.text) {
                    found.push(self.reference(Certainty::Named, choice));
                }
            }
            None if is_local(self.text) && looks_like_picture(self.text) => {
                let choice = Choice::of_front_matter();
                found.push(self.reference(Certainty::PathLike, choice));
            }
            None => {}
        }
    }

    fn reference(&self, certainty: Certainty, choice: Choice) -> Reference {
        Reference {
            value: self.text.to_owned(),
            place: match self.path.segments().last() {
                Some(Segment::Key { .. }) => Place::Beside(self.path.clone()),
                _ => Place::Item(self.path.clone()),
            },
            offset: self.offset,
            certainty,
            preset: Some(choice),
            focus: focus_beside(self.tree, self.path).and_then(|(text, _)| text.parse().ok()),
        }
    }

    /// The images of a string of Markdown or HTML.
    fn images_within(&self, search: &Search<'_>, choice: &Choice, found: &mut Vec<Reference>) {
        let images = images(self.text, Markup::Markdown, search.templates);
        found.extend(images.into_iter().map(|image| Reference {
            value: image.value,
            place: Place::Text(self.path.clone()),
            offset: self.offset,
            certainty: image.certainty,
            preset: image.wants_record.then(|| choice.clone()),
            focus: None,
        }));
    }
}
