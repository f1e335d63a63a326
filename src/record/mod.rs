//! The record of one image in one place: its content, its keys, and the candidates in its `srcset`.
//!
//! The files that exist or are planned go in, with their sizes; keys and values come out, which
//! [`front_matter`](crate::front_matter) and [`manifest`](crate::manifest) write.

mod content;
mod keys;
mod srcset;

pub use content::{Also, Content, Field, Fields, KEYS, Source, is_record};
pub use keys::{FrontMatterKeys, KeyName, OurKeys, PreviousKeys};
pub use srcset::{
    Candidate, Sizing, beats, listed_candidates, published_as_is, responsive, source,
};

/// Why a record cannot be written into a mapping that YAML anchors and uses elsewhere.
pub const SHARED_MAPPING: &str =
    "its mapping is anchored and used elsewhere, where the record would appear too";

/// The metadata of one image in one place.
///
/// `S` is the basis of the record: files that are all complete on disk (only `variant` can
/// construct that type), or the plan's [`Forecast`]. Only a record of the first kind can be written
/// into an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<S> {
    content: Content,
    state: S,
}

/// State of a record that is based on the plan: sizes of files that do not exist yet are unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast;

impl<S> Record<S> {
    /// Creates a record with this content, which is based on `state`.
    pub fn new(content: Content, state: S) -> Self {
        Record { content, state }
    }

    /// Adds the same image by another preset, whose record is based on the same state.
    #[must_use]
    pub fn and(mut self, preset: &str, other: Record<S>) -> Self {
        self.content.also.push(Also {
            preset: preset.to_owned(),
            content: other.content,
        });
        self
    }

    /// Returns the content of the record.
    pub fn content(&self) -> &Content {
        &self.content
    }
}
