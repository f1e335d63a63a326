//! Finds references: the images that an article names, where it names them, and which preset each
//! place gets.
//!
//! [`find`] is pure: it reads only the article. [`resolve`] finds the upload that a value refers
//! to.

pub mod alt;
mod body;
mod expression;
mod front_matter;
mod html;
mod image;
mod kramdown;
mod markdown;
mod mdx;
mod opt_out;
mod page_url;
mod resolve;
mod shared;
mod template;
#[cfg(test)]
mod tests;
mod value;

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

pub use expression::plain_value;
pub use front_matter::FOCUS_SUFFIX;
pub use html::css_urls;
pub use page_url::PageUrl;
pub use resolve::{Files, Page, Resolved, resolve};
pub use value::{looks_like_image, quoted_image};

use crate::article::Article;
use crate::config::Rule;
use crate::finding::Finding;
use crate::generator::Dialect;
use crate::path::shared;
use crate::picture::framing::FocalPoint;
use crate::preset;
use crate::record::OurKeys;
use crate::tree::Tree;
use crate::tree::path::{KeyPath, Segment};

/// A reference of an article to an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The value as written, with the syntax's own escapes decoded. It is shared, as many places
    /// name the same image.
    #[serde(deserialize_with = "shared")]
    pub value: Arc<str>,
    pub place: Place,
    /// Byte offset in the file of the value, or of the image or tag that names it.
    pub offset: usize,
    pub certainty: Certainty,
    pub read_by: ReadBy,
    /// Presets of the place. `None` if the reference is checked, but gets no record.
    pub preset: Option<Choice>,
    /// Whether it would get a record, if the mapping for it were not shared ([`Tree::is_shared`]).
    pub is_skipped: bool,
    /// The focal point set in the article: `<key>_focus: 0.3 0.6` next to the value.
    pub focus: Option<FocalPoint>,
    pub alt: AltText,
    /// Caption; in front matter, the value of the key that the rule names.
    pub caption: Option<Box<str>>,
    /// Folder that a rule puts before a value that is only a file name.
    pub folder: Option<Box<str>>,
}

/// The alt text of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AltText {
    /// The article does not show where it would be, or a template generates it.
    #[default]
    Unknown,
    /// The image needs none, because of `decorative: true` beside it, or of `alt=""` in HTML.
    Decorative,
    /// The key or attribute for it does not exist.
    Missing,
    Empty {
        /// Whether a link contains only the image.
        is_link: bool,
    },
    Text(Box<str>),
}

impl AltText {
    /// Returns the alt text for a text of an article.
    fn of(text: &str) -> Self {
        match text.trim() {
            "" => AltText::Empty { is_link: false },
            text => AltText::Text(text.into()),
        }
    }
}

impl Reference {
    /// Whether the value is a file name, without a folder.
    pub fn is_bare_name(&self) -> bool {
        value::is_bare_name(&self.value)
    }

    /// Whether the value has a host, be it this site's or another.
    pub fn is_absolute_url(&self) -> bool {
        self.value.starts_with("//") || self.value.contains("://")
    }
}

/// Where the record of a reference goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// Beside the value at this path.
    Beside(KeyPath),
    /// Into the list: the value is an item of a sequence of scalars, at this path.
    Item(KeyPath),
    /// Into the list: the image is within a text at this path.
    Text(KeyPath),
    /// Into the list: the image is in the body.
    Body,
}

/// How certain it is that the value names an image of this site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Certainty {
    /// Named by a rule, or by the syntax of an image: a missing upload is always a finding.
    Named,
    /// Looks like a path to an image: a missing upload is a finding if the path has a folder.
    PathLike,
    /// Only a reference if the upload exists.
    Guessed,
}

/// Program that turns the value into the URL of an `<img>`. It determines what `./` and `\` mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReadBy {
    /// The browser: the value is written into an attribute unchanged.
    Browser,
    /// A CommonMark renderer, which encodes `\` as `%5C`.
    CommonMark,
    /// A template or a shortcode, which may add a folder or read the file itself.
    Template,
}

/// The presets of a place, and the rule that chose them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Choice {
    /// Index of the rule. The indices of the defaults are greater than those of all rules. If two
    /// places share one record, the smaller index wins.
    pub rule: u32,
    /// Name of the first preset. Borrowed for the default presets, which most places use.
    #[serde(deserialize_with = "preset_name")]
    pub preset: Cow<'static, str>,
    /// Names of the other presets.
    pub also: Box<[String]>,
}

fn preset_name<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    let name = String::deserialize(deserializer)?;
    let defaults = [
        preset::DEFAULT_FRONT_MATTER,
        preset::DEFAULT_BODY,
        preset::DEFAULT_LARGE,
    ];
    Ok(
        match defaults.into_iter().find(|default| *default == name) {
            Some(default) => Cow::Borrowed(default),
            None => Cow::Owned(name),
        },
    )
}

/// Index of the defaults of front matter, after all rules.
const RULE_OF_FRONT_MATTER: u32 = u32::MAX;
/// Index of the default of the body. It is before that of front matter, because a body shows images
/// larger.
const RULE_OF_BODY: u32 = u32::MAX - 1;

impl Choice {
    /// Whether the presets are the default of front matter, not chosen by a rule.
    pub fn is_default_of_front_matter(&self) -> bool {
        self.rule == RULE_OF_FRONT_MATTER
    }

    /// Whether the presets are the default of a body, not chosen by a rule.
    pub fn is_default_of_body(&self) -> bool {
        self.rule == RULE_OF_BODY
    }

    /// Returns the default for the value at a path; `None` if it gets no record.
    fn default_for_front_matter(path: &KeyPath) -> Option<Self> {
        let keys = path
            .segments()
            .iter()
            .rev()
            .filter_map(|segment| match segment {
                Segment::Key { name, .. } => Some(name.as_ref()),
                Segment::Index(_) => None,
            });
        Some(Choice {
            rule: RULE_OF_FRONT_MATTER,
            preset: Cow::Borrowed(preset::of_front_matter(keys)?),
            also: Box::default(),
        })
    }

    fn default_for_body() -> Self {
        Choice {
            rule: RULE_OF_BODY,
            preset: Cow::Borrowed(preset::DEFAULT_BODY),
            also: Box::default(),
        }
    }

    /// Returns the choice of a rule: its presets, or `default` if it names none. `None` if the rule
    /// excludes the images.
    fn by_rule(index: usize, rule: &Rule, default: impl FnOnce() -> Option<Self>) -> Option<Self> {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        match rule.presets() {
            None => default().map(|choice| Choice {
                rule: index,
                ..choice
            }),
            Some([]) => None,
            Some([first, others @ ..]) => Some(Choice {
                rule: index,
                preset: Cow::Owned(first.clone()),
                also: others.into(),
            }),
        }
    }

    /// Returns the names of all presets, the first one first.
    pub fn presets(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.preset.as_ref()).chain(self.also.iter().map(String::as_str))
    }
}

/// Settings of the site that decide what is a reference.
#[derive(Clone, Copy, Debug)]
pub struct Search<'s> {
    pub rules: &'s [Rule],
    pub keys: &'s OurKeys,
    pub dialect: &'s Dialect,
    /// Whether records are written into articles and nowhere else, so that an image without one
    /// needs no variants.
    pub records_in_articles_only: bool,
}

/// The references of an article, and problems with the keys that its author writes for planche.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// References of the front matter, then those of the body, each in the order of the text.
    pub references: Vec<Reference>,
    /// Findings about an opt-out that is not a boolean, focal points that cannot be parsed, and
    /// references whose records cannot be written.
    pub findings: Vec<Finding>,
    /// Indices of the rules whose places exist in the article, even if another rule comes first.
    pub rules: Vec<u32>,
}

/// Whether an article opts out with `planche: false`.
pub fn is_opted_out(article: &Article, tree: &Tree<'_>, dialect: &Dialect) -> bool {
    opt_out::is_opted_out(article, tree, dialect)
}

/// Finds the references of an article. Returns `None` if the article opts out with
/// `planche: false`.
pub fn find(article: &Article, tree: &Tree<'_>, search: &Search<'_>) -> Option<Found> {
    if opt_out::is_opted_out(article, tree, search.dialect) {
        return None;
    }
    let mut found = front_matter::find(article, tree, search);
    found.references.extend(body::find(article, search));
    shared::leave_out_listed(&mut found, article, tree, search);
    let file = article.path.as_str();
    let body_rules = (0..)
        .zip(search.rules)
        .filter(|(_, rule)| rule.takes_body(file));
    found.rules.extend(body_rules.map(|(index, _)| index));
    let of_option = opt_out::finding(article, tree, search.dialect);
    found.findings.extend(of_option);
    Some(found)
}
