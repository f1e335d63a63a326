//! What one preset wants of one original, and what a record says of it.

use super::VariantSpec;
use crate::preset::Format;
use crate::record::{self, Content, Rung, Sizing};
use crate::site::SitePath;
use crate::units::Dimensions;

/// What one preset wants of one original.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// The original is published as it is.
    PassThrough {
        url: Option<String>,
        dimensions: Dimensions,
    },
    Responsive(Responsive),
}

/// A ladder for `<img>`, and those of the `<source>` elements before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Responsive {
    /// In the order of the elements: those of one media condition stand together, the format for
    /// every browser last among them.
    pub sources: Vec<PlannedSource>,
    pub fallback: Rungs,
    /// The original as a candidate of the fallback, where it may be one.
    pub original: Option<Rung>,
}

/// The ladder of a `<source>`.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedSource {
    pub media: Option<String>,
    pub format: Format,
    pub rungs: Rungs,
}

/// One ladder of one format.
#[derive(Clone, Debug, PartialEq)]
pub struct Rungs {
    /// Ascending by width, never empty.
    pub specs: Vec<VariantSpec>,
    pub sizing: Sizing,
}

impl Rungs {
    fn measured(&self, size: &dyn Fn(&SitePath) -> Option<u64>) -> Vec<Rung> {
        let rung = |spec: &VariantSpec| Rung {
            url: spec.url.clone(),
            dimensions: spec.dimensions,
            bytes: size(&spec.path),
        };
        self.specs.iter().map(rung).collect()
    }

    /// The rungs that a srcset of these could be, whatever their sizes turned out to be: any of
    /// the lower ones, and at the top the largest one or the original.
    fn could_be<'r>(
        rungs: &'r [Rung],
        srcset: &[String],
        sizing: &Sizing,
        original: Option<&'r Rung>,
    ) -> Option<Vec<&'r Rung>> {
        let (largest, lower) = rungs.split_last()?;
        let lower = lower
            .iter()
            .filter(|rung| srcset.contains(&sizing.candidate(rung)));
        let top = match original {
            Some(original) if srcset.last() == Some(&sizing.candidate(original)) => original,
            _ => largest,
        };
        Some(lower.chain([top]).collect())
    }
}

impl Wanted {
    /// All files that are to stand.
    pub fn specs(&self) -> impl Iterator<Item = &VariantSpec> {
        self.ladders().flat_map(|rungs| &rungs.specs)
    }

    /// All files that are to stand, and whether a record may leave them out once sizes are known.
    pub fn specs_with_doubt(&self) -> impl Iterator<Item = (&VariantSpec, bool)> {
        let certain: Vec<&SitePath> = match self {
            Wanted::PassThrough { .. } => Vec::new(),
            Wanted::Responsive(responsive) => responsive.certain(),
        };
        self.specs()
            .map(move |spec| (spec, !certain.contains(&&spec.path)))
    }

    fn ladders(&self) -> impl Iterator<Item = &Rungs> {
        let responsive = match self {
            Wanted::PassThrough { .. } => None,
            Wanted::Responsive(responsive) => Some(responsive),
        };
        responsive.into_iter().flat_map(|responsive| {
            let sources = responsive.sources.iter().map(|source| &source.rungs);
            sources.chain([&responsive.fallback])
        })
    }

    /// What a record says for a reference of that value, by the sizes of files; a size that is
    /// unknown makes the rung a candidate.
    pub fn content(&self, value: &str, size: &dyn Fn(&SitePath) -> Option<u64>) -> Content {
        match self {
            Wanted::PassThrough { url, dimensions } => {
                let url = url.clone().unwrap_or_else(|| value.to_owned());
                record::pass_through(value, url, *dimensions)
            }
            Wanted::Responsive(responsive) => responsive.content(value, size),
        }
    }

    /// Whether the original alone is published, by the sizes of files; not while one is unknown.
    pub fn is_original_alone(&self, size: &dyn Fn(&SitePath) -> Option<u64>) -> bool {
        let Wanted::Responsive(responsive) = self else {
            return true;
        };
        let Some(original) = &responsive.original else {
            return false;
        };
        let content = self.content("", size);
        let candidate = responsive.fallback.sizing.candidate(original);
        self.specs().all(|spec| size(&spec.path).is_some())
            && content.sources.is_empty()
            && content.srcset == [candidate]
    }

    /// Whether a record could be one of these variants', whatever their sizes turned out to be.
    pub fn could_give(&self, held: &Content, value: &str) -> bool {
        match self {
            Wanted::PassThrough { .. } => *held == self.content(value, &|_| None),
            Wanted::Responsive(responsive) => responsive.could_give(held, value),
        }
    }
}

impl Responsive {
    /// The files that every record names: the largest rung of the fallback, unless the original
    /// may take its place, and of the last source of each media condition.
    fn certain(&self) -> Vec<&SitePath> {
        let last_of_media = self.sources.iter().enumerate().filter(|(index, source)| {
            let next = self.sources.get(index + 1);
            source.media.is_some() && next.is_none_or(|next| next.media != source.media)
        });
        last_of_media
            .map(|(_, source)| &source.rungs)
            .chain(self.original.is_none().then_some(&self.fallback))
            .filter_map(|rungs| rungs.specs.last())
            .map(|spec| &spec.path)
            .collect()
    }

    fn content(&self, value: &str, size: &dyn Fn(&SitePath) -> Option<u64>) -> Content {
        let rungs = self.fallback.measured(size);
        let fallback = record::candidates(&rungs, self.original.as_ref());
        let measured: Vec<Vec<Rung>> = self
            .sources
            .iter()
            .map(|source| source.rungs.measured(size))
            .collect();
        // From the last one up: each is held against the next one that is listed.
        let mut sources = Vec::new();
        let mut next: (Option<&str>, Vec<&Rung>) = (None, fallback.clone());
        for (source, rungs) in self.sources.iter().zip(&measured).rev() {
            let media = source.media.as_deref();
            let candidates = record::candidates(rungs, None);
            if next.0 == media && !record::beats(&candidates, &next.1) {
                continue;
            }
            let mime = source.format.mime();
            let sizing = &source.rungs.sizing;
            sources.push(record::source(media, mime, &candidates, sizing));
            next = (media, candidates);
        }
        sources.reverse();
        record::responsive(value, &fallback, &self.fallback.sizing, sources)
    }

    fn could_give(&self, held: &Content, value: &str) -> bool {
        let unknown = |_: &SitePath| None;
        let fallback = self.fallback.measured(&unknown);
        let sizing = &self.fallback.sizing;
        let original = self.original.as_ref();
        let Some(listed) = Rungs::could_be(&fallback, &held.srcset, sizing, original) else {
            return false;
        };
        let mut planned = self.sources.iter();
        let mut sources = Vec::new();
        for held in &held.sources {
            // Those before it were left out.
            let is_meant = |source: &&PlannedSource| {
                source.media == held.media && source.format.mime() == held.mime
            };
            let Some(source) = planned.find(is_meant) else {
                return false;
            };
            let rungs = source.rungs.measured(&unknown);
            let sizing = &source.rungs.sizing;
            let Some(listed) = Rungs::could_be(&rungs, &held.srcset, sizing, None) else {
                return false;
            };
            let media = source.media.as_deref();
            sources.push(record::source(media, &held.mime, &listed, sizing));
        }
        *held == record::responsive(value, &listed, sizing, sources)
    }
}
