//! What one preset wants of one original, and what a record says of it.

use std::num::NonZero;

use super::{OpenLadder, VariantSpec};
use crate::path::SitePath;
use crate::picture::appearance::Appearance;
use crate::picture::info::Format;
use crate::picture::placeholder::PlaceholderKinds;
use crate::picture::placeholder::Placeholders;
use crate::picture::units::Dimensions;
use crate::record;
use crate::record::{Candidate, Content, Sizing};

/// What one preset wants of one original.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// The original is published as it is.
    PassThrough {
        url: Option<String>,
        dimensions: Dimensions,
    },
    Responsive(Box<Responsive>),
}

/// A ladder for `<img>`, and those of the `<source>` elements before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Responsive {
    /// In the order of the elements: those of one media condition stand together, the format for
    /// every browser last among them.
    pub sources: Vec<PlannedSource>,
    pub fallback: Rungs,
    /// The original as a candidate of the fallback, where it may be one.
    pub original: Option<Candidate>,
    /// What records carry of what the smallest rung of the fallback looks like.
    pub placeholders: PlaceholderKinds,
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
    /// Of a byte ladder: what a rung must save against the next larger one.
    pub step_bytes: Option<NonZero<u64>>,
    /// What may come to stand between the first and the last, while that is not known.
    pub between: Vec<VariantSpec>,
    /// What decides it, in the first format of a byte ladder.
    pub open: Option<OpenLadder>,
}

impl Rungs {
    fn measured(&self, size: &dyn Fn(&SitePath) -> Option<u64>) -> Vec<Candidate> {
        let rung = |spec: &VariantSpec| Candidate {
            url: spec.url.clone(),
            dimensions: spec.rendition.dimensions,
            bytes: size(&spec.path),
        };
        self.specs.iter().map(rung).collect()
    }

    /// All rungs that may come to stand, of sizes that nobody knows.
    fn imaginable(&self) -> Vec<Candidate> {
        let mut rungs = self.measured(&|_| None);
        let between = self.between.iter().map(|spec| Candidate {
            url: spec.url.clone(),
            dimensions: spec.rendition.dimensions,
            bytes: None,
        });
        rungs.splice(1..1, between);
        rungs
    }

    /// The rungs that a srcset of these could be, whatever their sizes turned out to be: any of
    /// the lower ones, and at the top the largest one or the original.
    fn could_be<'r>(
        rungs: &'r [Candidate],
        srcset: &[String],
        sizing: &Sizing,
        original: Option<&'r Candidate>,
    ) -> Option<Vec<&'r Candidate>> {
        let (largest, lower) = rungs.split_last()?;
        let lower = lower
            .iter()
            .filter(|rung| srcset.contains(&sizing.entry(rung)));
        let top = match original {
            Some(original) if srcset.last() == Some(&sizing.entry(original)) => original,
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

    /// The ladders whose rungs are not all known yet.
    pub fn open_ladders(&self) -> impl Iterator<Item = &OpenLadder> {
        self.ladders().filter_map(|rungs| rungs.open.as_ref())
    }

    /// The width of the upper end of the open ladder whose lower end this is.
    pub fn open_below(&self, lowest: &VariantSpec) -> Option<u32> {
        let mut open = self.open_ladders();
        let open = open.find(|ladder| ladder.ends[0] == *lowest)?;
        Some(open.ends[1].rendition.dimensions.width)
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
                record::published_as_is(value, url, *dimensions)
            }
            Wanted::Responsive(responsive) => responsive.content(value, size),
        }
    }

    /// The file whose look stands for the picture; none where the original is published as it is.
    pub fn smallest(&self) -> Option<&VariantSpec> {
        match self {
            Wanted::PassThrough { .. } => None,
            Wanted::Responsive(responsive) => responsive.fallback.specs.first(),
        }
    }

    /// The smallest file of the fallback that is that wide, or the widest.
    pub fn at_least(&self, width: u32) -> Option<&VariantSpec> {
        match self {
            Wanted::PassThrough { .. } => None,
            Wanted::Responsive(responsive) => {
                let specs = &responsive.fallback.specs;
                let is_wide = |spec: &&VariantSpec| spec.rendition.dimensions.width >= width;
                specs.iter().find(is_wide).or(specs.last())
            }
        }
    }

    /// The placeholders that a record says, by the looks of files; none while they are unknown.
    pub fn placeholders<'l>(
        &self,
        look: &dyn Fn(&SitePath) -> Option<&'l Appearance>,
    ) -> Option<Placeholders> {
        let kinds = self.placeholder_kinds();
        if kinds.is_none_or(PlaceholderKinds::is_empty) {
            return Some(Placeholders::default());
        }
        let look = look(&self.smallest()?.path)?;
        Some(look.placeholders.as_ref()?.of_kinds(kinds?))
    }

    /// The placeholders that are wanted; none where the original is published as it is.
    pub fn placeholder_kinds(&self) -> Option<&PlaceholderKinds> {
        match self {
            Wanted::PassThrough { .. } => None,
            Wanted::Responsive(responsive) => Some(&responsive.placeholders),
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
        let candidate = responsive.fallback.sizing.entry(original);
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
        let rungs = self.worth_listing(None, &self.fallback, size);
        let original = self.original.as_ref();
        let fallback = record::listed_candidates(&rungs, original, NonZero::<u64>::MIN);
        let measured: Vec<Vec<Candidate>> = self
            .sources
            .iter()
            .map(|source| self.worth_listing(source.media.as_deref(), &source.rungs, size))
            .collect();
        // From the last one up: each is held against the next one that is listed.
        let mut sources = Vec::new();
        let mut next: (Option<&str>, Vec<&Candidate>) = (None, fallback.clone());
        for (source, rungs) in self.sources.iter().zip(&measured).rev() {
            let media = source.media.as_deref();
            let candidates = record::listed_candidates(rungs, None, NonZero::<u64>::MIN);
            if next.0 == media && !record::beats(&candidates, &next.1) {
                continue;
            }
            let mime = source.format.spec().mime;
            let sizing = &source.rungs.sizing;
            sources.push(record::source(media, mime, &candidates, sizing));
            next = (media, candidates);
        }
        sources.reverse();
        record::responsive(value, &fallback, &self.fallback.sizing, sources)
    }

    /// The rungs of one of the ladders under a media condition: all of them, or of byte ladders those
    /// that save a step in the first format, whatever they save in another.
    fn worth_listing(
        &self,
        media: Option<&str>,
        rungs: &Rungs,
        size: &dyn Fn(&SitePath) -> Option<u64>,
    ) -> Vec<Candidate> {
        let measured = rungs.measured(size);
        let Some(step) = rungs.step_bytes else {
            return measured;
        };
        let mut sources = self.sources.iter();
        let first = sources.find(|source| source.media.as_deref() == media);
        let (first, original) = match first {
            Some(source) => (&source.rungs, None),
            None => (&self.fallback, self.original.as_ref()),
        };
        let first = first.measured(size);
        let listed = record::listed_candidates(&first, original, step);
        let widths: Vec<u32> = listed.iter().map(|rung| rung.dimensions.width).collect();
        let is_listed = |rung: &Candidate| widths.contains(&rung.dimensions.width);
        let largest = measured.last().map(|rung| rung.dimensions.width);
        let mut rungs = measured;
        rungs.retain(|rung| is_listed(rung) || Some(rung.dimensions.width) == largest);
        rungs
    }

    fn could_give(&self, held: &Content, value: &str) -> bool {
        let fallback = self.fallback.imaginable();
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
                source.media == held.media && source.format.spec().mime == held.mime
            };
            let Some(source) = planned.find(is_meant) else {
                return false;
            };
            let rungs = source.rungs.imaginable();
            let sizing = &source.rungs.sizing;
            let Some(listed) = Rungs::could_be(&rungs, &held.srcset, sizing, None) else {
                return false;
            };
            let media = source.media.as_deref();
            sources.push(record::source(media, &held.mime, &listed, sizing));
        }
        let placeholders = held.placeholders.clone();
        placeholders.are_possible_for(&self.placeholders)
            && *held
                == Content {
                    placeholders,
                    ..record::responsive(value, &listed, sizing, sources)
                }
    }
}
