//! Lists the front-matter keys that name a site's images: takes a survey, and returns the keys with
//! counts, and the keys of alt text and captions beside them.

use std::collections::{BTreeMap, BTreeSet};

use crate::path::{PathMap, SitePath};
use crate::project::Site;
use crate::reference::{Place, Reference};
use crate::site::TEXT_LIMIT;
use crate::survey::{Survey, SurveyedArticle, Target, open_article};
use crate::tree::path::{KeyPath, Segment};
use crate::tree::{Tree, Value};

/// The most articles with images in texts that are listed.
pub const MOST_BODIES: usize = 200;

/// The places where a site's articles show images.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The keys, in the order of their paths.
    pub keys: Vec<ImageKey>,
    /// Whether an image in a body gets a record.
    pub has_body: bool,
    /// The paths of the texts in front matter with such images, as rules write them.
    pub texts: BTreeSet<String>,
    /// Articles with such an image: all of them, or the first [`MOST_BODIES`].
    pub bodies: Vec<SitePath>,
    /// The articles that are templates themselves: HTML pages.
    pub pages: Vec<SitePath>,
}

/// A path of keys whose values are images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageKey {
    /// The path as a rule writes it: `une-ou-diaporama[].image`.
    pub at: String,
    /// The last key of the path; `None` for the items of a list.
    pub key: Option<String>,
    /// Number of values, and of articles with such values.
    pub places: usize,
    pub articles: usize,
    /// The median of the originals' widths, in pixels; `None` if no original could be read, or
    /// articles were not read.
    pub median_width: Option<u32>,
    /// The preset that the last of the values gets so far.
    pub preset: String,
    /// The keys beside it that contain its alt text and its caption.
    pub alt: Option<String>,
    pub caption: Option<String>,
}

impl Inventory {
    /// Whether a path ends with this key, in upper or lower case.
    pub fn has_key(&self, key: &str) -> bool {
        let mut keys = self.keys.iter().filter_map(|known| known.key.as_deref());
        keys.any(|known| known.eq_ignore_ascii_case(key))
    }

    /// Whether a list with this key contains images, in upper or lower case.
    pub fn has_list(&self, key: &str) -> bool {
        let lists = self.keys.iter().filter(|known| known.key.is_none());
        let mut keys = lists.filter_map(|list| {
            let at = list.at.strip_suffix("[]")?;
            at.rsplit('.').next()
        });
        keys.any(|known| known.eq_ignore_ascii_case(key))
    }
}

/// The counts and places of one key.
#[derive(Debug, Default)]
struct KeyCounts<'s> {
    key: Option<&'s str>,
    places: Vec<KeyPlace<'s>>,
    articles: usize,
    preset: &'s str,
}

/// One place: a value in an article.
#[derive(Clone, Copy, Debug)]
struct KeyPlace<'s> {
    article: &'s SurveyedArticle,
    path: &'s KeyPath,
    target: &'s Target,
}

/// Lists the keys without reading any article. Alt text, captions and widths are therefore missing.
pub fn inventory(survey: &Survey) -> Inventory {
    count(survey).0
}

/// Lists the keys, with the keys of texts beside them and the widths of their images. Reads the
/// articles.
pub fn with_texts(site: &Site, survey: &Survey) -> Inventory {
    let (mut inventory, counted) = count(survey);
    for (key, counted) in inventory.keys.iter_mut().zip(counted.values()) {
        let mut beside: BTreeMap<String, usize> = BTreeMap::new();
        let mut last: Option<(&SurveyedArticle, Vec<u8>)> = None;
        for KeyPlace { article, path, .. } in &counted.places {
            let is_open = last
                .as_ref()
                .is_some_and(|(open, _)| open.file.path == article.file.path);
            if !is_open {
                let read = site.root.read(&article.file.path, TEXT_LIMIT);
                last = read.ok().map(|(bytes, _)| (*article, bytes));
            }
            let Some((article, bytes)) = &last else {
                continue;
            };
            for name in siblings(site, article, bytes.clone(), path).unwrap_or_default() {
                *beside.entry(name).or_default() += 1;
            }
        }
        let own = key.key.as_deref().unwrap_or_default();
        key.alt = most_frequent(&beside, |name| is_alternative(name, own));
        key.caption = most_frequent(&beside, |name| is_caption(name, own));
        key.median_width = median_width(&counted.places, survey);
    }
    inventory
}

/// Returns the median of the widths of the originals, in pixels.
fn median_width(places: &[KeyPlace<'_>], survey: &Survey) -> Option<u32> {
    let uploads = places.iter().filter_map(|place| place.target.upload());
    let originals = uploads.filter_map(|upload| survey.originals().get(upload));
    let mut widths: Vec<u32> = originals
        .map(|original| original.info.dimensions().width)
        .collect();
    widths.sort_unstable();
    widths.get(widths.len() / 2).copied()
}

fn count(survey: &Survey) -> (Inventory, BTreeMap<String, KeyCounts<'_>>) {
    let mut inventory = Inventory::default();
    let mut counted: Vec<KeyCounts<'_>> = Vec::new();
    let mut of_pattern: BTreeMap<String, usize> = BTreeMap::new();
    // A site has many places and few keys: the pattern of each path is made once.
    let mut of_path: PathMap<&KeyPath, usize> = PathMap::default();
    let mut of_text: PathMap<&KeyPath, String> = PathMap::default();
    for article in survey.articles() {
        if matches!(
            article.file.path.extension().as_str(),
            "html" | "htm" | "njk" | "liquid"
        ) {
            inventory.pages.push(article.file.path.clone());
        }
        for (reference, target) in article.references() {
            let Some(choice) = &reference.preset else {
                continue;
            };
            if let Place::Text(path) = &reference.place {
                of_text.entry(path).or_insert_with(|| path.pattern());
                continue;
            }
            let Some((path, key)) = keys(reference) else {
                inventory.has_body = true;
                let path = &article.file.path;
                if inventory.bodies.len() < MOST_BODIES && inventory.bodies.last() != Some(path) {
                    inventory.bodies.push(path.clone());
                }
                continue;
            };
            let number = *of_path.entry(path).or_insert_with(|| {
                *of_pattern.entry(path.pattern()).or_insert_with(|| {
                    counted.push(KeyCounts::default());
                    counted.len() - 1
                })
            });
            let counts = &mut counted[number];
            let last = counts.places.last();
            let is_new = last.is_none_or(|last| !std::ptr::eq(last.article, article));
            counts.articles += usize::from(is_new);
            counts.key = key;
            counts.preset = &choice.preset;
            counts.places.push(KeyPlace {
                article,
                path,
                target,
            });
        }
    }
    inventory.texts = of_text.into_values().collect();
    // A key may name no images at all if none of its values is an upload.
    let is_upload = |place: &KeyPlace<'_>| place.target.upload().is_some();
    let counted: BTreeMap<String, KeyCounts<'_>> = of_pattern
        .into_iter()
        .map(|(at, number)| (at, std::mem::take(&mut counted[number])))
        .filter(|(_, counts)| counts.places.iter().any(is_upload))
        .collect();
    inventory.keys = counted
        .iter()
        .map(|(at, counts)| ImageKey {
            at: at.clone(),
            key: counts.key.map(str::to_owned),
            places: counts.places.len(),
            articles: counts.articles,
            median_width: None,
            preset: counts.preset.to_owned(),
            alt: None,
            caption: None,
        })
        .collect();
    (inventory, counted)
}

/// Returns the path of a front-matter value, and its key; `None` for an image within a text.
fn keys(reference: &Reference) -> Option<(&KeyPath, Option<&str>)> {
    match &reference.place {
        Place::Beside(path) => match path.segments().last() {
            Some(Segment::Key { name, .. }) => Some((path, Some(name))),
            _ => Some((path, None)),
        },
        Place::Item(path) => Some((path, None)),
        Place::Text(_) | Place::Body => None,
    }
}

/// Returns the names of the keys beside a value, its own included.
fn siblings(
    site: &Site,
    article: &SurveyedArticle,
    bytes: Vec<u8>,
    path: &KeyPath,
) -> Option<Vec<String>> {
    let opened = open_article(site, &article.file.path, article.file.is_data, bytes).ok()?;
    let tree: Tree<'_> = opened.tree().ok()?;
    let parent = tree.node(tree.find(path)?).parent?;
    let Value::Mapping { entries, .. } = &tree.node(parent).value else {
        return None;
    };
    let names = entries.iter().filter_map(|entry| tree.key(entry));
    Some(names.map(str::to_owned).collect())
}

fn most_frequent(
    names: &BTreeMap<String, usize>,
    matches: impl Fn(&str) -> bool,
) -> Option<String> {
    let fitting = names.iter().filter(|(name, _)| matches(name));
    // Takes the first of several keys that are equally frequent.
    let best = fitting.rev().max_by_key(|(_, count)| **count);
    best.map(|(name, _)| name.clone())
}

/// Returns the letters and digits of a key, in lower case, without accents that French uses.
fn plain(name: &str) -> String {
    let letters = name.chars().flat_map(char::to_lowercase);
    letters
        .map(|c| match c {
            'é' | 'è' | 'ê' => 'e',
            c => c,
        })
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// Whether a key beside `own` contains its alt text: `alt`, or `image_alt` beside `image`.
fn is_alternative(name: &str, own: &str) -> bool {
    is_one_of(
        name,
        own,
        &[
            "alt",
            "alttext",
            "alternative",
            "alternativetext",
            "alternativetextuelle",
            "textealternatif",
        ],
    )
}

fn is_caption(name: &str, own: &str) -> bool {
    is_one_of(name, own, &["caption", "legende"])
}

fn is_one_of(name: &str, own: &str, names: &[&str]) -> bool {
    let (name, own) = (plain(name), plain(own));
    let bare = name.strip_prefix(&own).filter(|rest| !rest.is_empty());
    names.contains(&name.as_str()) || bare.is_some_and(|bare| names.contains(&bare))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_texts_are_recognized() {
        for (name, own, alt, caption) in [
            ("alternative-textuelle", "image", true, false),
            ("image_alt", "image", true, false),
            ("cover_alt", "image", false, false),
            ("Légende", "image", false, true),
            ("imageCaption", "image", false, true),
            ("alternate", "image", false, false),
        ] {
            assert_eq!(is_alternative(name, own), alt, "{name}");
            assert_eq!(is_caption(name, own), caption, "{name}");
        }
    }

    #[test]
    fn the_most_frequent_key_wins() {
        let names = [("alt", 2), ("image_alt", 2), ("x", 9)];
        let names = names.map(|(name, count)| (name.to_owned(), count));
        let found = most_frequent(&names.into(), |name| is_alternative(name, "image"));
        assert_eq!(found.as_deref(), Some("alt"));
    }
}
