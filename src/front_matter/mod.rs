//! Records into front matter: byte-range edits, and the guard that checks them before any write.
//!
//! [`rewrite`] and [`strip`] take an article and what shall stand in it, decide on changes that
//! do not depend on the syntax (`changes`), let the syntax's own module turn each into an edit,
//! splice, and check the new text. An article is never parsed and printed.
//!
//! The five invariants (`ARCHITECTURE.md`) are checked on every rewrite, not only in tests: a text
//! that breaks one is refused and the article left alone.

mod changes;
mod inline;
mod json;
mod lines;
mod splice;
mod toml;
mod yaml;

use std::collections::BTreeMap;

use crate::article::{Article, Refusal, Refused, Syntax};
use crate::finding::OffsetMap;
use crate::record::{Content, OurKeys, Record};
use crate::tree::Tree;
use crate::tree::path::KeyPath;
use crate::variant::Verified;

use changes::{Change, decide, strip_all};
use splice::{Rendered, Splice};

/// What shall stand in one article.
#[derive(Clone, Debug)]
pub struct Wishes<S> {
    /// Beside the value at that path: `<key>_responsive`.
    pub beside: BTreeMap<KeyPath, Wish<S>>,
    /// In the root list, in this order, by the reference's value.
    pub list: Vec<(String, Wish<S>)>,
}

impl<S> Default for Wishes<S> {
    fn default() -> Self {
        Wishes {
            beside: BTreeMap::new(),
            list: Vec::new(),
        }
    }
}

/// What one reference wants.
#[derive(Clone, Debug)]
pub enum Wish<S> {
    Record(Record<S>),
    /// Its upload is missing or broken: a record that stands is kept as it is.
    Keep,
}

/// What a new text may rest on to be written: files that stand, or nothing at all. A forecast is
/// neither.
pub trait Written {}

impl Written for NoRecords {}
impl Written for Verified {}

/// The record that stands beside the value at `path`, if it is ours.
pub fn record_beside(tree: &Tree<'_>, path: &KeyPath, keys: &OurKeys) -> Option<Content> {
    changes::record_beside(tree, path, keys)
}

/// The records of our list.
pub fn records_listed(tree: &Tree<'_>, keys: &OurKeys) -> Vec<Content> {
    changes::records_listed(tree, keys)
}

/// Nothing was promised of any file: the state of a rewrite that only removes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRecords;

/// A new text for an article, checked.
#[derive(Clone, Debug)]
pub struct Rewrite<S> {
    pub bytes: Vec<u8>,
    /// Where the bytes of the old file are in the new one.
    pub offsets: OffsetMap,
    state: std::marker::PhantomData<S>,
}

/// What came of an article: a new text where it would differ, and the references passed over.
#[derive(Clone, Debug)]
pub struct Outcome<S> {
    pub rewrite: Option<Rewrite<S>>,
    pub skips: Vec<Skip>,
}

/// A reference, or our list, that got no record, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// Byte offset in the old file.
    pub offset: usize,
    /// The key path, or the list key.
    pub at: String,
    pub reason: &'static str,
}

/// Brings an article's records to what is wished, and removes those that nothing wishes.
pub fn rewrite<S: Clone>(
    article: &Article,
    tree: &Tree<'_>,
    wishes: &Wishes<S>,
    keys: &OurKeys,
) -> Result<Outcome<S>, Refused> {
    run(article, tree, keys, &|tree| decide(tree, wishes, keys))
}

/// Removes all that is ours.
pub fn strip(
    article: &Article,
    tree: &Tree<'_>,
    keys: &OurKeys,
) -> Result<Outcome<NoRecords>, Refused> {
    run(article, tree, keys, &|tree| Ok(strip_all(tree, keys)))
}

/// Which changes a tree needs; a refusal comes with its offset in the front matter.
type Decide<'a> = dyn Fn(&Tree<'_>) -> Result<Vec<Change>, (usize, Refusal)> + 'a;

fn run<S>(
    article: &Article,
    tree: &Tree<'_>,
    keys: &OurKeys,
    decide: &Decide<'_>,
) -> Result<Outcome<S>, Refused> {
    let (Some(text), Some(syntax)) = (article.front_matter(), article.syntax()) else {
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
    let (splice, skips) = render(syntax, text, tree, &changes, keys);
    let skips = skips
        .into_iter()
        .map(|(offset, at, reason)| Skip {
            offset: article.file_offset(offset),
            at,
            reason,
        })
        .collect();
    if splice.is_empty() {
        return Ok(Outcome {
            rewrite: None,
            skips,
        });
    }
    let mut new_text = splice.apply(text);
    // An empty text has no line end to go by; the delimiter before it has.
    if text.is_empty() && article.bytes()[..article.front_matter_start()].ends_with(b"\r\n") {
        new_text = new_text.replace('\n', "\r\n");
    }
    check(syntax, text, tree, &splice, &new_text, keys, decide)
        .map_err(|refusal| refused((splice.start(), refusal)))?;
    let bytes = article.with_front_matter(&new_text);
    let mut offsets = splice.offsets(article.file_offset(0));
    // The body follows the text that was written, whatever became of its line ends.
    offsets.push(
        article.file_offset(text.len()),
        article.file_offset(new_text.len()),
    );
    Ok(Outcome {
        rewrite: Some(Rewrite {
            bytes,
            offsets,
            state: std::marker::PhantomData,
        }),
        skips,
    })
}

/// Turns changes into one splice; those that cannot be placed are passed over with a reason.
fn render(
    syntax: Syntax,
    text: &str,
    tree: &Tree<'_>,
    changes: &[Change],
    keys: &OurKeys,
) -> (Splice, Vec<(usize, String, &'static str)>) {
    let mut patches = Vec::new();
    let mut skips = Vec::new();
    for change in changes {
        let rendered: Rendered = match (change, syntax) {
            (Change::Skip { reason, .. }, _) => Err(reason),
            (_, Syntax::Yaml) => yaml::render(text, tree, change, keys),
            (_, Syntax::Toml) => toml::render(text, tree, change, keys),
            (_, Syntax::Json) => json::render(text, tree, change, keys),
        };
        match rendered {
            Ok(more) => patches.extend(more),
            Err(reason) => {
                let (offset, at) = change.place(tree, keys);
                skips.push((offset, at, reason));
            }
        }
    }
    (Splice::of(patches), skips)
}

/// The guard: the new text must differ from the old one in our keys only, and must be one that a
/// second run leaves alone.
fn check(
    syntax: Syntax,
    text: &str,
    tree: &Tree<'_>,
    splice: &Splice,
    new_text: &str,
    keys: &OurKeys,
    decide: &Decide<'_>,
) -> Result<(), Refusal> {
    let new_tree = match syntax {
        Syntax::Yaml => yaml::guard(text, tree, splice, new_text)?,
        Syntax::Toml | Syntax::Json => {
            let parsed = crate::article::parse(syntax, new_text)
                .map_err(|_| Refusal::Guard("the new text does not parse"))?;
            let strip = |tree| changes::without_ours(tree, keys);
            if strip(tree) != strip(&parsed) {
                return Err(Refusal::Guard("a value outside our keys changed"));
            }
            parsed
        }
    };
    let again = |changes: &[Change], text: &str, tree: &Tree<'_>| {
        render(syntax, text, tree, changes, keys).0.apply(text)
    };
    let second = decide(&new_tree).map_err(|_| Refusal::Guard("a second run would refuse it"))?;
    if again(&second, new_text, &new_tree) != new_text {
        return Err(Refusal::Guard("a second run would change it again"));
    }
    let stripped = |text: &str, tree: &Tree<'_>| again(&strip_all(tree, keys), text, tree);
    if stripped(new_text, &new_tree) != stripped(text, tree) {
        return Err(Refusal::Guard("it could not be stripped again"));
    }
    Ok(())
}
