//! Finds references in front matter: by rules, and by default every string that looks like an
//! image.

use std::collections::HashMap;

use super::body::images;
use super::shared::leave_out_beside;
use super::value::{is_local, looks_like_assignment, looks_like_glob, looks_like_image};
use super::{AltText, Certainty, Choice, Found, Place, ReadBy, Reference, Search};
use crate::article::{Article, Markup};
use crate::config::Rule;
use crate::finding::{Code, Finding};
use crate::picture::framing::FocalPoint;
use crate::record::is_record;
use crate::tree::path::{KeyPath, Segment};
use crate::tree::{NodeId, Style, Tree, Value};

/// Finds the references in the front matter, and the focal points that cannot be parsed.
pub(super) fn find(article: &Article, tree: &Tree<'_>, search: &Search<'_>) -> Found {
    let mut finder = Finder {
        article,
        tree,
        search,
        focuses: Focuses::new(tree),
        shared: Vec::new(),
        found: Found::default(),
    };
    tree.walk(&mut |path, id| {
        if is_ours(tree, path, id, search) {
            return false;
        }
        if let Some(text) = tree.text(id) {
            finder.note_rules(path);
            finder.look_at(path, id, text);
        }
        true
    });
    let Finder {
        shared, mut found, ..
    } = finder;
    leave_out_beside(&shared, &mut found, article, tree, search);
    found
}

/// Whether a value is one of our records, which name variants, not uploads.
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

/// Key beside an image that tells that it needs no alt text.
const DECORATIVE_KEY: &str = "decorative";

/// Suffix of the key of a focal point, after the key of its image.
pub const FOCUS_SUFFIX: &str = "_focus";

/// The focal points of a tree, by mapping and key of their image.
struct Focuses<'t>(HashMap<(NodeId, &'t str), NodeId>);

impl<'t> Focuses<'t> {
    fn new(tree: &'t Tree<'_>) -> Self {
        let mut focuses = HashMap::new();
        for mapping in tree.ids() {
            for entry in tree.entries(mapping) {
                let key = tree.key(entry);
                if let Some(key) = key.and_then(|key| key.strip_suffix(FOCUS_SUFFIX)) {
                    focuses.entry((mapping, key)).or_insert(entry.value);
                }
            }
        }
        Focuses(focuses)
    }

    fn beside(&self, tree: &Tree<'_>, path: &KeyPath, id: NodeId) -> Option<NodeId> {
        let Some(Segment::Key { name, .. }) = path.segments().last() else {
            return None;
        };
        let mapping = tree.node(id).parent?;
        self.0.get(&(mapping, name.as_ref())).copied()
    }
}

struct Finder<'f, 't> {
    article: &'f Article,
    tree: &'f Tree<'t>,
    search: &'f Search<'f>,
    focuses: Focuses<'f>,
    /// The references whose records would be in shared mappings: index and value of each.
    shared: Vec<(usize, NodeId)>,
    found: Found,
}

impl Finder<'_, '_> {
    /// Returns the offset of a value in the file.
    fn offset(&self, id: NodeId) -> usize {
        self.article.file_offset(self.tree.node(id).span.start)
    }

    /// Adds the rules that apply to the value at a path.
    fn note_rules(&mut self, path: &KeyPath) {
        let file = self.article.path.as_str();
        for (index, rule) in (0..).zip(self.search.rules) {
            if !self.found.rules.contains(&index) && rule.takes(file, path) {
                self.found.rules.push(index);
            }
        }
    }

    /// Adds the references of one string.
    fn look_at(&mut self, path: &KeyPath, id: NodeId, text: &str) {
        let file = self.article.path.as_str();
        let mut rules = self.search.rules.iter().enumerate();
        match rules.find(|(_, rule)| rule.takes(file, path)) {
            Some(_) if self.is_nothing(id) => {}
            Some((index, rule)) => {
                let default = || match rule.text {
                    true => Some(Choice::default_for_body()),
                    false => Choice::default_for_front_matter(path),
                };
                let Some(choice) = Choice::by_rule(index, rule, default) else {
                    return;
                };
                let before = self.found.references.len();
                if rule.text {
                    self.add_images_within(path, id, text, &choice);
                }
                // A text that is only a path is itself the image.
                let has_images = self.found.references.len() > before;
                let is_path = !rule.text || !has_images && looks_like_image(text);
                if is_path && is_local(text) {
                    self.add(path, id, text, Certainty::Named, Some(choice));
                    self.describe(id, rule);
                    self.put_into_folder(rule);
                }
            }
            None if looks_like_image(text)
                && is_local(text)
                && !self.is_of_page(path)
                && self.search.keys.may_be_beside(path) =>
            {
                let certainty = if looks_like_glob(text) || looks_like_assignment(text) {
                    Certainty::Guessed
                } else {
                    Certainty::PathLike
                };
                self.add(
                    path,
                    id,
                    text,
                    certainty,
                    Choice::default_for_front_matter(path)
                        .filter(|_| !self.is_for_previews(path, id)),
                );
            }
            None => {}
        }
    }

    /// Whether a value says that there is no image: it is empty, null or a boolean.
    fn is_nothing(&self, id: NodeId) -> bool {
        let Value::Scalar { text, style } = &self.tree.node(id).value else {
            return false;
        };
        let is_boolean = || self.search.dialect.booleans.read(text).is_some();
        self.tree.is_empty(id) || *style == Style::Plain && is_boolean()
    }

    /// Whether a path begins with a key that sets URLs of the page.
    fn is_of_page(&self, path: &KeyPath) -> bool {
        let Some(Segment::Key { name, .. }) = path.segments().first() else {
            return false;
        };
        let mut keys = self.search.dialect.page_keys.iter();
        keys.any(|key| name.eq_ignore_ascii_case(key))
    }

    /// Whether a key beside the value shows that only link previews use it, as in
    /// `{ property: og:image, content: … }`.
    fn is_for_previews(&self, path: &KeyPath, id: NodeId) -> bool {
        // Looked up for one key of a mapping only, so that the work stays linear in the keys.
        let is_content = matches!(
            path.segments().last(),
            Some(Segment::Key { name, nth: 0 }) if &**name == "content"
        );
        let Some(mapping) = self.tree.node(id).parent.filter(|_| is_content) else {
            return false;
        };
        ["itemprop", "name", "property"].iter().any(|key| {
            let entry = self.tree.get(mapping, key);
            let text = entry.and_then(|entry| self.tree.text(entry.value));
            text.is_some_and(|text| text.starts_with("og:") || text.starts_with("twitter:"))
        })
    }

    fn add(
        &mut self,
        path: &KeyPath,
        id: NodeId,
        text: &str,
        certainty: Certainty,
        choice: Option<Choice>,
    ) {
        let place = match path.segments().last() {
            Some(Segment::Key { .. }) => Place::Beside(path.clone()),
            _ => Place::Item(path.clone()),
        };
        let has_place = match place {
            Place::Beside(_) => self.search.keys.may_be_beside(path),
            _ => true,
        };
        let focus = self.focuses.beside(self.tree, path, id);
        let reference = Reference {
            value: text.into(),
            place,
            offset: self.offset(id),
            certainty,
            read_by: ReadBy::Template,
            preset: choice.filter(|_| has_place),
            is_skipped: false,
            focus: focus.and_then(|node| self.read_focus(node)),
            alt: AltText::Unknown,
            caption: None,
            folder: None,
        };
        let is_beside = matches!(reference.place, Place::Beside(_));
        if self.search.records_in_articles_only && is_beside && reference.preset.is_some() {
            let mapping = self.tree.node(id).parent;
            if mapping.is_some_and(|mapping| self.tree.is_shared(mapping)) {
                self.shared.push((self.found.references.len(), id));
            }
        }
        self.found.references.push(reference);
    }

    /// Sets the rule's folder in the last reference, if that is only a file name.
    fn put_into_folder(&mut self, rule: &Rule) {
        let last = self.found.references.last_mut();
        if let Some(reference) = last.filter(|reference| reference.is_bare_name()) {
            reference.folder = rule.folder.as_deref().map(Into::into);
        }
    }

    /// Sets alt text and caption of the last reference, whose value is `id`. The rule names the
    /// keys of both.
    fn describe(&mut self, id: NodeId, rule: &Rule) {
        let (Some(reference), Some(mapping)) =
            (self.found.references.last_mut(), self.tree.node(id).parent)
        else {
            return;
        };
        let beside = |key: &str| self.tree.get(mapping, key).map(|entry| entry.value);
        let text = |id: NodeId| {
            let text = self.tree.text(id).filter(|_| !self.tree.is_empty(id));
            text.unwrap_or_default()
        };
        if let Some(key) = &rule.caption {
            let caption = beside(key).map(text).map(str::trim);
            reference.caption = caption.filter(|text| !text.is_empty()).map(Into::into);
        }
        if let Some(key) = &rule.alt {
            let is_decorative = beside(DECORATIVE_KEY).map(text) == Some("true");
            reference.alt = match beside(key).map(text) {
                _ if is_decorative => AltText::Decorative,
                Some(text) => AltText::of(text),
                None => AltText::Missing,
            };
        }
    }

    /// Parses a focal point, and adds a finding if it cannot be parsed.
    fn read_focus(&mut self, node: NodeId) -> Option<FocalPoint> {
        let error = match self.tree.text(node)?.parse() {
            Ok(focus) => return Some(focus),
            Err(error) => error,
        };
        let error: <FocalPoint as std::str::FromStr>::Err = error;
        self.found.findings.push(
            Finding::new(Code::UnreadableFocus, error.to_string())
                .in_file(self.article.path.as_str())
                .at_offset(self.offset(node)),
        );
        None
    }

    /// Adds the images of a string of Markdown or HTML.
    fn add_images_within(&mut self, path: &KeyPath, id: NodeId, text: &str, choice: &Choice) {
        let offset = self.offset(id);
        let images = images(text, Markup::Markdown, self.search.dialect);
        self.found
            .references
            .extend(images.into_iter().map(|image| Reference {
                value: image.value.into(),
                place: Place::Text(path.clone()),
                offset,
                certainty: image.certainty,
                read_by: image.read_by,
                preset: image.wants_record.then(|| choice.clone()),
                is_skipped: false,
                focus: None,
                alt: image.alt,
                caption: None,
                folder: None,
            }));
    }
}
