//! Decides which candidates a `srcset` lists: candidates with the sizes of their files go in, the
//! listed ones and the content of a record come out.

use std::num::NonZero;

use super::{Content, Source};
use crate::picture::placeholder::Placeholders;
use crate::picture::units::Dimensions;

/// A file that a `srcset` may list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub url: String,
    /// Width and height in pixels.
    pub dimensions: Dimensions,
    /// Size of the file in bytes; `None` if the file does not exist yet.
    pub bytes: Option<u64>,
}

/// The descriptors of a `srcset` (HTML, section 4.8.4.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sizing {
    /// Width descriptors, `640w`; the browser chooses by this `sizes` attribute.
    Widths(String),
    /// Density descriptors, `2x`, for a place of this width in CSS pixels.
    Densities(u32),
}

impl Sizing {
    /// Returns the candidate's entry in a `srcset`: URL and descriptor.
    pub fn entry(&self, candidate: &Candidate) -> String {
        let Candidate {
            url, dimensions, ..
        } = candidate;
        match self {
            Sizing::Widths(_) => format!("{url} {}w", dimensions.width),
            Sizing::Densities(place) => {
                let density = f64::from(dimensions.width) / f64::from(*place);
                format!("{url} {}x", (density * 1e4).round() / 1e4)
            }
        }
    }

    fn sizes(&self) -> Option<String> {
        match self {
            Sizing::Widths(sizes) => Some(sizes.clone()),
            Sizing::Densities(_) => None,
        }
    }

    /// Returns the candidate for `src`: the largest one or, with densities, the first one that
    /// fills the place.
    fn default_candidate<'c>(&self, candidates: &[&'c Candidate]) -> &'c Candidate {
        let largest = candidates.last().expect("a srcset lists a candidate");
        match self {
            Sizing::Widths(_) => largest,
            Sizing::Densities(place) => candidates
                .iter()
                .find(|candidate| candidate.dimensions.width >= *place)
                .unwrap_or(largest),
        }
    }
}

/// Returns the candidates that a `srcset` lists, ascending. The result depends only on the sizes
/// of the files.
///
/// `candidates` ascend by width. The largest is left out unless it is smaller, in bytes, than
/// `original`; each other one unless it saves at least `step` bytes against the next larger listed
/// one, because a browser that could use it is better served by the larger one. A candidate of
/// unknown size is listed. `original` is the original itself, if it may be a candidate: it takes
/// the place of the largest candidate that is left out.
pub fn listed_candidates<'a>(
    candidates: &'a [Candidate],
    original: Option<&'a Candidate>,
    step: NonZero<u64>,
) -> Vec<&'a Candidate> {
    let mut limit = original
        .and_then(|original| original.bytes)
        .unwrap_or(u64::MAX);
    let mut listed: Vec<&Candidate> = Vec::new();
    for (depth, candidate) in candidates.iter().rev().enumerate() {
        let is_smallest = depth + 1 == candidates.len();
        let step = if depth == 0 { 1 } else { step.get() };
        // The preset names the smallest width, so it takes precedence over a width chosen by bytes.
        while is_smallest && step > 1 && listed.len() > 1 && !saves(candidate, limit, step) {
            listed.pop();
            limit = listed.last().and_then(|last| last.bytes).unwrap_or(limit);
        }
        if saves(candidate, limit, step) {
            limit = candidate.bytes.unwrap_or(limit);
            listed.push(candidate);
        } else if depth == 0 {
            listed.extend(original);
        }
    }
    listed.reverse();
    listed
}

/// Returns whether a candidate is at least `step` bytes smaller than `limit`. One of unknown size
/// is assumed to be.
fn saves(candidate: &Candidate, limit: u64, step: u64) -> bool {
    candidate
        .bytes
        .is_none_or(|bytes| bytes.saturating_add(step) <= limit)
}

/// Returns whether a browser that chooses from `candidates` loads fewer bytes than from `others`,
/// whatever width it needs. If not, a `<source>` with these candidates is not worthwhile.
pub fn beats(candidates: &[&Candidate], others: &[&Candidate]) -> bool {
    others.iter().all(|other| {
        let chosen = candidates
            .iter()
            .find(|candidate| candidate.dimensions.width >= other.dimensions.width)
            .or(candidates.last());
        let bytes = chosen.and_then(|chosen| chosen.bytes).zip(other.bytes);
        bytes.is_none_or(|(chosen, other)| chosen < other)
    })
}

/// Returns the content of a record whose `srcset` lists `candidates`, ascending and not empty.
pub fn responsive(
    original: &str,
    candidates: &[&Candidate],
    sizing: &Sizing,
    sources: Vec<Source>,
) -> Content {
    let default = sizing.default_candidate(candidates);
    Content {
        original: original.to_owned(),
        src: default.url.clone(),
        srcset: srcset(candidates, sizing),
        sizes: sizing.sizes(),
        dimensions: default.dimensions,
        placeholders: Placeholders::default(),
        sources,
        also: Vec::new(),
    }
}

/// Returns a `<source>` that lists `candidates`, ascending and not empty.
pub fn source(
    media: Option<&str>,
    mime: &str,
    candidates: &[&Candidate],
    sizing: &Sizing,
) -> Source {
    Source {
        media: media.map(str::to_owned),
        mime: mime.to_owned(),
        srcset: srcset(candidates, sizing),
        sizes: sizing.sizes(),
        dimensions: sizing.default_candidate(candidates).dimensions,
    }
}

fn srcset(candidates: &[&Candidate], sizing: &Sizing) -> Vec<String> {
    candidates
        .iter()
        .map(|candidate| sizing.entry(candidate))
        .collect()
}

/// Returns the content of a record whose original is published as is.
pub fn published_as_is(original: &str, url: String, dimensions: Dimensions) -> Content {
    Content {
        original: original.to_owned(),
        src: url,
        srcset: Vec::new(),
        sizes: None,
        dimensions,
        placeholders: Placeholders::default(),
        sources: Vec::new(),
        also: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
