//! References: the pictures that an article names, where, and which preset each place takes.
//!
//! Finding is pure: it looks at the article alone. Whether a value names an upload that exists is
//! the site's to say ([`crate::site`]).

mod front_matter;
mod html;
mod kramdown;
mod markdown;
mod resolve;
mod template;

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};

pub use front_matter::unreadable_focuses;
pub use resolve::{Resolved, resolve};
pub use template::plain_value;

use crate::article::{Article, Markup};
use crate::config::Rule;
use crate::picture::framing::FocalPoint;
use crate::preset;
use crate::record::OurKeys;
use crate::site::Templates;
use crate::tree::Tree;
use crate::tree::path::KeyPath;

/// A picture named by an article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The value as written, after the syntax's own escapes.
    pub value: String,
    pub place: Place,
    /// Byte offset in the file: of the value, or of the image or tag that names it.
    pub offset: usize,
    pub certainty: Certainty,
    /// The preset that its place takes; none: found and checked, but no record.
    pub preset: Option<Choice>,
    /// What a crop keeps, by the article: `<key>_focus: 0.3 0.6` beside the value.
    pub focus: Option<FocalPoint>,
}

impl Reference {
    /// Whether the value names a host, this site's or another.
    pub fn is_absolute_url(&self) -> bool {
        self.value.starts_with("//") || self.value.contains("://")
    }
}

/// Where a reference's record goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// Beside the value at this path.
    Beside(KeyPath),
    /// Into the list: an item of a sequence of scalars, at this path.
    Item(KeyPath),
    /// Into the list: an image within a text at this path.
    Text(KeyPath),
    /// Into the list: an image of the body.
    Body,
}

/// How sure it is that the value means a picture of this site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Certainty {
    /// A rule says so, or an image's own syntax does: a missing upload is worth a finding.
    Named,
    /// It looks like a path to a picture: a missing upload is worth a finding if it has a folder.
    PathLike,
    /// It may be one: only an upload that exists makes it a reference.
    Guessed,
}

/// The preset of a place, and the rule that says so.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Choice {
    /// Index of the rule; the defaults come behind all rules. The smaller one wins where two places
    /// share one record.
    pub rule: u32,
    /// Name of the preset. Most are the default ones, which need no copy each.
    #[serde(deserialize_with = "preset_name")]
    pub preset: Cow<'static, str>,
}

fn preset_name<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    let name = String::deserialize(deserializer)?;
    let mut defaults = [preset::DEFAULT_FRONT_MATTER, preset::DEFAULT_BODY].into_iter();
    Ok(match defaults.find(|default| *default == name) {
        Some(default) => Cow::Borrowed(default),
        None => Cow::Owned(name),
    })
}

impl Choice {
    /// The default of a front-matter value.
    fn of_front_matter() -> Self {
        Choice {
            rule: u32::MAX,
            preset: Cow::Borrowed(preset::DEFAULT_FRONT_MATTER),
        }
    }

    /// The default of the body, which shows pictures larger: it comes before the other one.
    fn of_body() -> Self {
        Choice {
            rule: u32::MAX - 1,
            preset: Cow::Borrowed(preset::DEFAULT_BODY),
        }
    }

    fn by_rule(index: usize, preset: &str) -> Self {
        Choice {
            rule: u32::try_from(index).unwrap_or(u32::MAX),
            preset: Cow::Owned(preset.to_owned()),
        }
    }
}

/// What finding needs to know of the site.
#[derive(Clone, Copy, Debug)]
pub struct Search<'s> {
    pub rules: &'s [Rule],
    pub keys: &'s OurKeys,
    pub templates: Templates,
}

/// The references of an article, front matter first, each in the order of the text.
///
/// None where the article says `planche: false`.
pub fn find(article: &Article, tree: &Tree<'_>, search: &Search<'_>) -> Option<Vec<Reference>> {
    if opted_out(tree) {
        return None;
    }
    let mut references = front_matter::find(article, tree, search);
    references.extend(find_in_body(article, search));
    Some(references)
}

/// `planche: false` at the root.
fn opted_out(tree: &Tree<'_>) -> bool {
    let entry = tree.root().and_then(|root| tree.get(root, "planche"));
    entry.is_some_and(|entry| tree.text(entry.value) == Some("false"))
}

fn find_in_body(article: &Article, search: &Search<'_>) -> Vec<Reference> {
    let path = article.path.as_str();
    let rule = search
        .rules
        .iter()
        .enumerate()
        .find(|(_, rule)| rule.takes_body(path));
    let choice = match rule {
        Some((index, rule)) => match rule.preset_name() {
            Some(preset) => Choice::by_rule(index, preset),
            None => return Vec::new(),
        },
        None => Choice::of_body(),
    };
    let body = text_of_body(article.body());
    images(&body, article.markup(), search.templates)
        .into_iter()
        .map(|image| Reference {
            value: image.value.replace(NOT_UTF8, "\u{fffd}"),
            place: Place::Body,
            offset: article.body_start() + image.offset,
            certainty: image.certainty,
            preset: image.wants_record.then(|| choice.clone()),
            focus: None,
        })
        .collect()
}

/// Takes the place of a byte that is not UTF-8, so that the offsets of all others stay the same
/// (ASCII's own character for it).
const NOT_UTF8: char = '\u{1a}';

/// A body as text. It may be in any encoding; bytes that are not UTF-8 cannot name an upload.
fn text_of_body(body: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(body) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(body.len());
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| NOT_UTF8));
    }
    Cow::Owned(text)
}

/// An image in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Image {
    value: String,
    /// Byte offset in the text of the image, or of the tag that names it.
    offset: usize,
    certainty: Certainty,
    /// Not where it is responsive already, or no `<img>` at all.
    wants_record: bool,
}

/// The images of a text, in the order in which they stand.
fn images(text: &str, markup: Markup, templates: Templates) -> Vec<Image> {
    if markup == Markup::Other || !may_hold_images(text) {
        return Vec::new();
    }
    let mut masked = template::mask(text, templates);
    let mut images = match markup {
        Markup::Markdown => markdown::images(&mut masked, templates),
        _ => {
            let html = masked.text().to_owned();
            html::images(&mut masked, &html)
        }
    };
    images.extend(masked.arguments());
    images.sort_by_key(|image| image.offset);
    images
}

/// A quick look that spares most articles the parsing: every image needs one of these.
fn may_hold_images(text: &str) -> bool {
    text.contains("![")
        || text.contains('<')
        || text.contains("{{")
        || text.contains("{%")
        || text.contains("url(")
}

/// Whether a value can mean a local picture at all.
fn is_local(value: &str) -> bool {
    let value = value.trim();
    !value.is_empty()
        && !value.starts_with("data:")
        && !value.starts_with('#')
        && !value.contains(['{', '\n'])
}

/// The same for a value that the body's own syntax names: expressions may stand in it.
fn is_local_or_template(value: &str) -> bool {
    match plain_value(value) {
        Some((path, _)) => is_local(&path),
        None => false,
    }
}

/// File extensions of pictures, in lower case: what a string must end in to be taken for a picture
/// without a rule. What a file really is, its content says.
const EXTENSIONS: [&str; 20] = [
    "png", "jpg", "jpeg", "jpe", "jfif", "gif", "webp", "avif", "svg", "apng", "bmp", "tif",
    "tiff", "heic", "heif", "jxl", "jp2", "j2k", "ico", "mpo",
];

/// Whether a value ends in a picture's extension, a query and a fragment aside.
fn looks_like_picture(value: &str) -> bool {
    let ends_in_one = |text: &str| {
        text.rsplit_once('.').is_some_and(|(before, extension)| {
            !before.is_empty()
                && EXTENSIONS
                    .iter()
                    .any(|known| extension.eq_ignore_ascii_case(known))
        })
    };
    let path = value.split(['?', '#']).next().unwrap_or(value);
    ends_in_one(path.trim_end()) || ends_in_one(value.trim_end())
}
