//! Writes records into front matter: an article and the requested records go in, checked new bytes
//! come out.
//!
//! [`set`] writes one of the author's keys beside an image, and [`take_back`] undoes that.
//!
//! [`rewrite`] and [`strip`] decide on changes that do not depend on the syntax (`changes`). The
//! module of the syntax turns each change into byte-range edits. The edits are applied, and the
//! guard checks the new text. An article is never serialized from its parsed form.
//!
//! The invariants in `ARCHITECTURE.md` are checked on every rewrite, not only in tests: if a new
//! text breaks one, the article is refused and not changed.

mod changes;
mod inline;
mod json;
#[cfg(test)]
mod linear;
mod lines;
mod set;
mod setting;
mod splice;
mod toml;
mod yaml;

use std::collections::BTreeMap;

use crate::article::{Article, Refusal, Refused, Syntax};
use crate::finding::OffsetMap;
use crate::record::{OurKeys, Record};
use crate::tree::Tree;
use crate::tree::path::KeyPath;
use crate::variant::Verified;

pub use changes::ExistingRecords;
use changes::{Change, decide, strip_all};
pub use set::{KeptRecords, set, take_back};
pub use setting::Setting;
use splice::{Rendered, Splice};

/// Records that one article should contain.
#[derive(Clone, Debug)]
pub struct Requests<S> {
    /// Records beside the value at each path, under `<key>_responsive`.
    pub beside: BTreeMap<KeyPath, Request<S>>,
    /// Records in the list, in this order, each after the value of its reference.
    pub list: Vec<(String, Request<S>)>,
}

impl<S> Default for Requests<S> {
    fn default() -> Self {
        Requests {
            beside: BTreeMap::new(),
            list: Vec::new(),
        }
    }
}

/// Request for one reference.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly all requests are records")]
pub enum Request<S> {
    Record(Record<S>),
    /// Keep an existing record: the upload is missing or broken.
    Keep,
}

/// Marker of the states whose new text may be written: its records are of files that exist, or it
/// has no records at all. A forecast is neither.
pub trait Written {}

impl Written for NoRecords {}
impl Written for Verified {}

/// State of a rewrite that only removes records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRecords;

/// Checked new bytes of an article.
#[derive(Clone, Debug)]
pub struct Rewrite<S> {
    pub bytes: Vec<u8>,
    /// Map from byte offsets in the old file to those in the new one.
    pub offsets: OffsetMap,
    state: std::marker::PhantomData<S>,
}

/// Result for an article.
#[derive(Clone, Debug)]
pub struct Outcome<S> {
    /// `None` if nothing changes.
    pub rewrite: Option<Rewrite<S>>,
    pub skips: Vec<Skip>,
}

/// A reference, or our list, that gets no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// Byte offset in the old file.
    pub offset: usize,
    /// Key path, or the key of the list.
    pub at: String,
    pub reason: &'static str,
    /// Byte offset of the first entry with the same key, if that is the reason.
    pub twin: Option<usize>,
}

/// Writes the requested records into an article, and removes all others.
pub fn rewrite<S: Clone>(
    article: &Article,
    tree: &Tree<'_>,
    requests: &Requests<S>,
    keys: &OurKeys,
) -> Result<Outcome<S>, Refused> {
    run(article, tree, keys, &|tree| decide(tree, requests, keys))
}

/// Removes all records.
pub fn strip(
    article: &Article,
    tree: &Tree<'_>,
    keys: &OurKeys,
) -> Result<Outcome<NoRecords>, Refused> {
    run(article, tree, keys, &|tree| Ok(strip_all(tree, keys)))
}

/// Decides which changes a tree needs. A refusal comes after its offset in the front matter.
type Decide<'a> = dyn Fn(&Tree<'_>) -> Result<Vec<Change>, (usize, Refusal)> + 'a;

fn run<S>(
    article: &Article,
    tree: &Tree<'_>,
    keys: &OurKeys,
    decide: &Decide<'_>,
) -> Result<Outcome<S>, Refused> {
    let Some(front_matter) = FrontMatter::of(article, tree, keys) else {
        return Ok(Outcome {
            rewrite: None,
            skips: Vec::new(),
        });
    };
    let refused = |(offset, refusal)| Refused {
        offset: Some(article.file_offset(offset)),
        refusal,
    };
    let changes = decide(tree).map_err(refused)?;
    let (splice, skips) = front_matter.render_all(&changes);
    let skips = skips
        .into_iter()
        .map(|skip| Skip {
            offset: article.file_offset(skip.offset),
            twin: skip.twin.map(|twin| article.file_offset(twin)),
            ..skip
        })
        .collect();
    if splice.is_empty() {
        return Ok(Outcome {
            rewrite: None,
            skips,
        });
    }
    let text = front_matter.text;
    let new_text = applied(article, text, &splice).map_err(|refusal| refused((0, refusal)))?;
    front_matter
        .check(&splice, &new_text, decide)
        .map_err(|refusal| refused((splice.start(), refusal)))?;
    Ok(Outcome {
        rewrite: Some(Rewrite::new(article, text, &splice, &new_text)),
        skips,
    })
}

/// Applies edits to a front matter, within the article's size limit.
fn applied(article: &Article, text: &str, splice: &Splice) -> Result<String, Refusal> {
    let mut new_text = splice.apply(text);
    // An empty text has no line break: use that of the delimiter before it.
    if text.is_empty() && article.bytes()[..article.front_matter_start()].ends_with(b"\r\n") {
        new_text = new_text.replace('\n', "\r\n");
    }
    let limit = article.limit();
    if new_text.len() > limit && new_text.len() > text.len() {
        return Err(Refusal::WouldBeTooLong { limit });
    }
    Ok(new_text)
}

impl<S> Rewrite<S> {
    /// Builds the new article from the edits of its front matter.
    fn new(article: &Article, text: &str, splice: &Splice, new_text: &str) -> Self {
        let mut offsets = splice.offsets(article.file_offset(0));
        // The body follows the text that was written, whose line breaks may have been replaced.
        offsets.push(
            article.file_offset(text.len()),
            article.file_offset(new_text.len()),
        );
        Rewrite {
            bytes: article.with_front_matter(new_text),
            offsets,
            state: std::marker::PhantomData,
        }
    }
}

/// A parsed front matter.
#[derive(Clone, Copy)]
struct FrontMatter<'f> {
    syntax: Syntax,
    text: &'f str,
    tree: &'f Tree<'f>,
    /// The keys whose values are ours.
    keys: &'f OurKeys,
}

impl<'f> FrontMatter<'f> {
    /// Returns the front matter of an article, if it has one.
    fn of(article: &'f Article, tree: &'f Tree<'f>, keys: &'f OurKeys) -> Option<Self> {
        Some(FrontMatter {
            syntax: article.syntax()?,
            text: article.front_matter()?,
            tree,
            keys,
        })
    }

    /// Returns the edits of one change, or the reason why it cannot be placed.
    fn render(&self, change: &Change) -> Rendered {
        let (text, tree, keys) = (self.text, self.tree, self.keys);
        match (change, self.syntax) {
            (Change::Skip { reason, .. }, _) => Err(reason),
            (_, Syntax::Yaml) => yaml::render(text, tree, change, keys),
            (_, Syntax::Toml) => toml::render(text, tree, change, keys),
            (_, Syntax::Json) => json::render(text, tree, change, keys),
        }
    }

    /// Turns changes into one splice. Skips changes that cannot be placed, and returns these, with
    /// offsets in the text.
    fn render_all(&self, changes: &[Change]) -> (Splice, Vec<Skip>) {
        let mut patches = Vec::new();
        let mut skipped = Vec::new();
        let mut reasons = Vec::new();
        for change in changes {
            match self.render(change) {
                Ok(more) => patches.extend(more),
                Err(reason) => {
                    skipped.push(change);
                    reasons.push(reason);
                }
            }
        }
        let places = changes::places(&skipped, self.tree, self.keys).into_iter();
        let skips = places
            .zip(reasons)
            .zip(skipped)
            .map(|(((offset, at), reason), change)| Skip {
                offset,
                at,
                reason,
                twin: change.twin(self.tree),
            });
        (Splice::new(patches), skips.collect())
    }

    /// Returns the text with these changes, except those that cannot be placed.
    fn with(&self, changes: &[Change]) -> String {
        self.render_all(changes).0.apply(self.text)
    }

    /// Returns the text without records.
    fn stripped(&self) -> String {
        self.with(&strip_all(self.tree, self.keys))
    }

    /// Checks a new text (the guard): it may differ from the old one only in our keys, a second run
    /// must leave it alone, and it must be possible to strip it again.
    fn check(&self, splice: &Splice, new_text: &str, decide: &Decide<'_>) -> Result<(), Refusal> {
        let (tree, keys) = (self.tree, self.keys);
        let new_tree = match self.syntax {
            Syntax::Yaml => yaml::guard(self.text, tree, splice, new_text)?,
            Syntax::Toml | Syntax::Json => {
                let parsed = crate::article::parse(self.syntax, new_text)
                    .map_err(|_| Refusal::Guard("the new text does not parse"))?;
                if changes::without_ours(tree, keys) != changes::without_ours(&parsed, keys) {
                    return Err(Refusal::Guard("a value outside our keys changed"));
                }
                parsed
            }
        };
        let new = FrontMatter {
            text: new_text,
            tree: &new_tree,
            ..*self
        };
        let second =
            decide(&new_tree).map_err(|_| Refusal::Guard("a second run would refuse it"))?;
        if new.with(&second) != new_text {
            return Err(Refusal::Guard("a second run would change it again"));
        }
        if new.stripped() != self.stripped() {
            return Err(Refusal::Guard("it could not be stripped again"));
        }
        Ok(())
    }
}
