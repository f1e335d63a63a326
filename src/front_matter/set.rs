//! Sets a key that the author could write beside an image: its focal point, its alt text.
//!
//! [`set`] writes the key, and [`take_back`] undoes that in the article as it is by then. Both keep
//! every byte outside the key and its value; [`take_back`] compares the result with the old
//! article, byte by byte.

use crate::article::{Article, Refusal, Refused, Syntax};
use crate::record::OurKeys;
use crate::tree::path::{KeyPath, Segment};
use crate::tree::{Entry, NodeId, Tree};

use super::changes::{Change, obstacle, without_key};
use super::setting::Setting;
use super::splice::{Patch, Rendered, Splice};
use super::{FrontMatter, Outcome, Rewrite, Written, applied, json, toml, yaml};

/// State of a rewrite that leaves all records as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptRecords;

impl Written for KeptRecords {}

/// A value, with the mapping that it is in.
struct Place {
    mapping: NodeId,
    /// Path of the mapping.
    path: KeyPath,
    /// Index of the value's entry.
    entry: usize,
}

impl Place {
    fn find(tree: &Tree<'_>, at: &KeyPath) -> Option<Place> {
        let (last, path) = at.segments().split_last()?;
        let Segment::Key { name, nth } = last else {
            return None;
        };
        let path: KeyPath = path.iter().cloned().collect();
        let mapping = tree.find(&path)?;
        let mut entries = tree.entries(mapping).iter().enumerate();
        let mut named = entries.by_ref().filter(|(_, entry)| {
            let key = tree.key(entry);
            key == Some(name.as_ref())
        });
        let (entry, _) = named.nth(*nth as usize)?;
        Some(Place {
            mapping,
            path,
            entry,
        })
    }

    /// Returns the reason why the entry, or the one with this key, cannot be edited.
    fn obstacle(&self, tree: &Tree<'_>, key: &str) -> Option<&'static str> {
        let entries = tree.entries(self.mapping);
        let of_key = entries.iter().filter(|entry| tree.key(entry) == Some(key));
        let beside = obstacle(tree, self.mapping, &entries[self.entry], 1);
        let count = of_key.clone().count();
        beside.or_else(|| {
            of_key
                .take(1)
                .find_map(|entry| obstacle(tree, self.mapping, entry, count))
        })
    }
}

/// Writes a key and its text beside the value at a path; the key's old value is replaced.
///
/// # Errors
///
/// If there is no value at that path, or if its mapping cannot be edited.
pub fn set(
    article: &Article,
    tree: &Tree<'_>,
    at: &KeyPath,
    setting: &Setting<'_>,
    keys: &OurKeys,
) -> Result<Outcome<KeptRecords>, Refused> {
    let rewrite = edited(article, tree, at, setting, keys)?.map(|(splice, new_text)| {
        let text = article.front_matter().unwrap_or_default();
        Rewrite::new(article, text, &splice, &new_text)
    });
    Ok(Outcome {
        rewrite,
        skips: Vec::new(),
    })
}

/// Returns the edits, and the new front matter, checked; `None` if nothing changes.
fn edited(
    article: &Article,
    tree: &Tree<'_>,
    at: &KeyPath,
    setting: &Setting<'_>,
    keys: &OurKeys,
) -> Result<Option<(Splice, String)>, Refused> {
    let refused = |reason| refused(article, tree, at, reason);
    let (Some(text), Some(syntax)) = (article.front_matter(), article.syntax()) else {
        return Err(refused("the article has no front matter"));
    };
    let place = Place::find(tree, at).ok_or_else(|| refused("the image is no longer there"))?;
    if let Some(reason) = place.obstacle(tree, setting.key) {
        return Err(refused(reason));
    }
    let rendered = |text: &str, tree: &Tree<'_>, place: &Place| -> Rendered {
        let (mapping, entry) = (place.mapping, place.entry);
        match syntax {
            Syntax::Yaml => yaml::set(text, tree, mapping, entry, setting, keys),
            Syntax::Toml => toml::set(text, tree, mapping, entry, setting, keys),
            Syntax::Json => json::set(tree, mapping, entry, setting),
        }
    };
    let splice = Splice::new(rendered(text, tree, &place).map_err(refused)?);
    if splice.is_empty() {
        return Ok(None);
    }
    let new_text = applied(article, text, &splice).map_err(|refusal| Refused {
        offset: Some(article.file_offset(0)),
        refusal,
    })?;
    let broken = |refusal| Refused {
        offset: Some(article.file_offset(splice.start())),
        refusal,
    };
    let guarded = |reason| broken(Refusal::Guard(reason));
    let new_tree = match syntax {
        Syntax::Yaml => yaml::guard(text, tree, &splice, &new_text).map_err(broken)?,
        Syntax::Toml | Syntax::Json => crate::article::parse(syntax, &new_text)
            .map_err(|_| guarded("the new text does not parse"))?,
    };
    let Some(new_place) = Place::find(&new_tree, at).filter(|new| new.path == place.path) else {
        return Err(guarded("the image moved"));
    };
    let others = |tree, place: &Place| without_key(tree, place.mapping, setting.key);
    if others(tree, &place) != others(&new_tree, &new_place) {
        return Err(guarded("a value outside the key changed"));
    }
    let entry = new_tree.get(new_place.mapping, setting.key);
    if entry.and_then(|entry| new_tree.text(entry.value)) != Some(setting.text) {
        return Err(guarded("the text would be read differently"));
    }
    if rendered(&new_text, &new_tree, &new_place).map_or(true, |patches| !patches.is_empty()) {
        return Err(guarded("a second edit would change it again"));
    }
    Ok(Some((splice, new_text)))
}

/// Undoes [`set`] with this setting. `before` is the article before it was set, `article` the
/// current one. Records may have changed since, and are kept.
///
/// # Errors
///
/// If anything else has changed since.
pub fn take_back(
    article: &Article,
    tree: &Tree<'_>,
    before: &Article,
    at: &KeyPath,
    setting: &Setting<'_>,
    keys: &OurKeys,
) -> Result<Outcome<KeptRecords>, Refused> {
    const CHANGED: &str = "the article has changed since that edit";
    let changed = || refused(article, tree, at, CHANGED);
    let front_matter = FrontMatter::of(article, tree, keys).ok_or_else(changed)?;
    let text = front_matter.text;
    let old_tree = before.tree()?;
    let places = Place::find(tree, at).zip(Place::find(&old_tree, at));
    let (Some((place, old_place)), Some(old_text)) = (places, before.front_matter()) else {
        return Err(changed());
    };
    let entries = tree.entries(place.mapping);
    let is_it = |entry: &Entry| tree.key(entry) == Some(setting.key);
    let index = entries.iter().position(is_it).ok_or_else(changed)?;
    let patches = match old_tree.get(old_place.mapping, setting.key) {
        Some(old) => {
            // From the end of the key to that of the value, with the blanks and indicators between
            // them.
            let range = |tree: &Tree<'_>, key: NodeId, value: NodeId| {
                tree.node(key).span.end..tree.node(value).span.end
            };
            let entry = entries[index];
            let old_value = old_text[range(&old_tree, old.key, old.value)].to_owned();
            vec![Patch::replacing(
                range(tree, entry.key, entry.value),
                old_value,
            )]
        }
        None => {
            let removal = Change::Remove {
                mapping: place.mapping,
                entries: vec![index],
            };
            front_matter
                .render(&removal)
                .map_err(|reason| refused(article, tree, at, reason))?
        }
    };
    let splice = Splice::new(patches);
    let new_text = splice.apply(text);
    // Without records, the current article must be the result of the edit, and the new one must be
    // the old one, byte by byte.
    let bare = |text: &str| -> Option<String> {
        let tree = crate::article::parse(front_matter.syntax, text).ok()?;
        let parsed = FrontMatter {
            text,
            tree: &tree,
            ..front_matter
        };
        Some(parsed.stripped())
    };
    let made = edited(before, &old_tree, at, setting, keys)?;
    let made = made.map_or_else(|| old_text.to_owned(), |(_, made)| made);
    let is_same = |one: &str, other: &str| {
        let one = bare(one);
        one.is_some() && one == bare(other)
    };
    let around = |article: &Article| article.with_front_matter("");
    if around(article) != around(before) || !is_same(text, &made) || !is_same(&new_text, old_text) {
        return Err(changed());
    }
    Ok(Outcome {
        rewrite: Some(Rewrite::new(article, text, &splice, &new_text)),
        skips: Vec::new(),
    })
}

/// Returns the refusal of an edit beside the value at a path.
fn refused(article: &Article, tree: &Tree<'_>, at: &KeyPath, reason: &'static str) -> Refused {
    let value = tree.find(at).map_or(0, |value| tree.node(value).span.start);
    Refused {
        offset: Some(article.file_offset(value)),
        refusal: Refusal::NotEditable(reason),
    }
}
