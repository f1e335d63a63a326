//! One preset applied to one original: the variants to make, and the record that follows from the
//! sizes of the files.

use std::num::NonZero;

use super::{OpenLadder, Snapshot, VariantSpec};
use crate::path::SitePath;
use crate::picture::info::Format;
use crate::picture::placeholder::{PlaceholderKinds, Placeholders};
use crate::picture::units::Dimensions;
use crate::record::{self, Candidate, Content, Sizing};

/// The variants of one original by one preset.
#[derive(Clone, Debug, PartialEq)]
pub enum ImagePlan {
    /// The original is published as is.
    PassThrough {
        url: Option<String>,
        dimensions: Dimensions,
    },
    Responsive(Box<Responsive>),
}

/// The widths of an `<img>`, and those of the `<source>` elements before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Responsive {
    /// The `<source>` elements, in the order of the page. Elements with the same media condition
    /// follow one another; the last of them has the format that every browser supports.
    pub sources: Vec<PlannedSource>,
    pub fallback: Widths,
    /// The original as a candidate of the fallback, if it may be one.
    pub original: Option<Candidate>,
    /// The placeholders of records, computed from the smallest variant of the fallback.
    pub placeholders: PlaceholderKinds,
}

/// The widths of a `<source>`.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedSource {
    pub media: Option<String>,
    pub format: Format,
    pub widths: Widths,
}

/// The variants of one format.
#[derive(Clone, Debug, PartialEq)]
pub struct Widths {
    /// Ascending by width, never empty.
    pub specs: Vec<VariantSpec>,
    pub sizing: Sizing,
    /// The bytes that a candidate must save against the next larger one, if widths are chosen by
    /// bytes.
    pub step_bytes: Option<NonZero<u64>>,
    /// The variants that may be chosen between the first and the last one, while the choice is
    /// open.
    pub between: Vec<VariantSpec>,
    /// The data that decides this choice; only the first format has it.
    pub open: Option<Box<OpenLadder>>,
}

impl VariantSpec {
    /// The variant as a candidate of a `srcset`.
    pub(super) fn candidate(&self, snapshot: Snapshot<'_>) -> Candidate {
        Candidate {
            url: self.url.clone(),
            dimensions: self.rendition.dimensions,
            bytes: snapshot.size(&self.path),
        }
    }
}

impl Widths {
    fn candidates(&self, snapshot: Snapshot<'_>) -> Vec<Candidate> {
        self.specs
            .iter()
            .map(|spec| spec.candidate(snapshot))
            .collect()
    }
}

impl ImagePlan {
    /// Returns all variants.
    pub fn specs(&self) -> impl Iterator<Item = &VariantSpec> {
        self.widths().flat_map(|widths| &widths.specs)
    }

    /// Returns all variants, each with whether a record may leave it out once sizes are known.
    pub fn specs_with_doubt(&self) -> impl Iterator<Item = (&VariantSpec, bool)> {
        let certain: Vec<&SitePath> = match self {
            ImagePlan::PassThrough { .. } => Vec::new(),
            ImagePlan::Responsive(responsive) => responsive.certain(),
        };
        self.specs()
            .map(move |spec| (spec, !certain.contains(&&spec.path)))
    }

    /// The ladders with undecided widths.
    pub fn open_ladders(&self) -> impl Iterator<Item = &OpenLadder> {
        self.widths().filter_map(|widths| widths.open.as_deref())
    }

    /// Returns the largest width of the undecided ladder that starts at `lowest`.
    pub fn open_below(&self, lowest: &VariantSpec) -> Option<u32> {
        let mut open = self.open_ladders();
        let open = open.find(|ladder| ladder.ends[0] == *lowest)?;
        Some(open.ends[1].rendition.dimensions.width)
    }

    fn widths(&self) -> impl Iterator<Item = &Widths> {
        let responsive = match self {
            ImagePlan::PassThrough { .. } => None,
            ImagePlan::Responsive(responsive) => Some(responsive),
        };
        responsive.into_iter().flat_map(|responsive| {
            let sources = responsive.sources.iter().map(|source| &source.widths);
            sources.chain([&responsive.fallback])
        })
    }

    /// Returns the record for a reference with this value, without placeholders. Which files it
    /// lists depends on their sizes; a file of unknown size is listed.
    pub fn content(&self, value: &str, snapshot: Snapshot<'_>) -> Content {
        match self {
            ImagePlan::PassThrough { url, dimensions } => {
                let url = url.clone().unwrap_or_else(|| value.to_owned());
                record::published_as_is(value, url, *dimensions)
            }
            ImagePlan::Responsive(responsive) => responsive.content(value, snapshot),
        }
    }

    /// The variant that placeholders are computed from, or `None` if the original is published as
    /// is.
    pub fn smallest(&self) -> Option<&VariantSpec> {
        self.fallback().first()
    }

    /// Returns the narrowest existing variant of the fallback that is at least `width` pixels wide;
    /// if none is, the widest one that exists.
    pub fn at_least(&self, width: u32, snapshot: Snapshot<'_>) -> Option<&VariantSpec> {
        let specs = self.fallback().iter();
        at_least(width, specs.filter(|spec| snapshot.exists(&spec.path)))
    }

    /// The variants of the `<img>`, ascending by width; none if the original is published as is.
    pub(super) fn fallback(&self) -> &[VariantSpec] {
        match self {
            ImagePlan::PassThrough { .. } => &[],
            ImagePlan::Responsive(responsive) => &responsive.fallback.specs,
        }
    }

    /// Returns the placeholders of a record, or `None` if the variant that they are computed from
    /// has not been decoded.
    pub fn placeholders(&self, snapshot: Snapshot<'_>) -> Option<Placeholders> {
        let kinds = self.placeholder_kinds();
        if kinds.is_none_or(PlaceholderKinds::is_empty) {
            return Some(Placeholders::default());
        }
        let appearance = snapshot.appearance(&self.smallest()?.path)?;
        Some(appearance.placeholders.as_ref()?.of_kinds(kinds?))
    }

    /// The placeholders that the preset requests; none if the original is published as is.
    pub fn placeholder_kinds(&self) -> Option<&PlaceholderKinds> {
        match self {
            ImagePlan::PassThrough { .. } => None,
            ImagePlan::Responsive(responsive) => Some(&responsive.placeholders),
        }
    }

    /// Whether every variant that a record needs exists, all widths are decided, and placeholders
    /// are known.
    pub fn is_complete(&self, snapshot: Snapshot<'_>) -> bool {
        self.has_files(snapshot) && self.placeholders(snapshot).is_some()
    }

    /// Whether every variant that a record needs exists, and all widths are decided.
    pub fn has_files(&self, snapshot: Snapshot<'_>) -> bool {
        self.open_ladders().next().is_none() && self.missing(snapshot).is_empty()
    }

    /// Whether the sizes of all files are known and the original is the only candidate.
    pub fn is_original_alone(&self, snapshot: Snapshot<'_>) -> bool {
        let ImagePlan::Responsive(responsive) = self else {
            return true;
        };
        let Some(original) = &responsive.original else {
            return false;
        };
        let content = self.content("", snapshot);
        let entry = responsive.fallback.sizing.entry(original);
        self.specs().all(|spec| snapshot.size(&spec.path).is_some())
            && content.sources.is_empty()
            && content.srcset == [entry]
    }
}

/// Returns the first of `specs` that is at least `width` pixels wide, or else the last one. `specs`
/// ascend by width.
pub(super) fn at_least<'p>(
    width: u32,
    specs: impl Iterator<Item = &'p VariantSpec>,
) -> Option<&'p VariantSpec> {
    let mut last = None;
    for spec in specs {
        last = Some(spec);
        if spec.rendition.dimensions.width >= width {
            break;
        }
    }
    last
}

impl Responsive {
    /// Returns the files that every record lists: the largest of the fallback, unless the original
    /// may replace it, and the largest of the last source of each media condition.
    fn certain(&self) -> Vec<&SitePath> {
        let last_of_media = self.sources.iter().enumerate().filter(|(index, source)| {
            let next = self.sources.get(index + 1);
            source.media.is_some() && next.is_none_or(|next| next.media != source.media)
        });
        last_of_media
            .map(|(_, source)| &source.widths)
            .chain(self.original.is_none().then_some(&self.fallback))
            .filter_map(|widths| widths.specs.last())
            .map(|spec| &spec.path)
            .collect()
    }

    fn content(&self, value: &str, snapshot: Snapshot<'_>) -> Content {
        let candidates = self.worth_listing(None, &self.fallback, snapshot);
        let original = self.original.as_ref();
        let fallback = record::listed_candidates(&candidates, original, NonZero::<u64>::MIN);
        let measured: Vec<Vec<Candidate>> = self
            .sources
            .iter()
            .map(|source| self.worth_listing(source.media.as_deref(), &source.widths, snapshot))
            .collect();
        // From the last one up: each is compared with the next one that is listed.
        let mut sources = Vec::new();
        let mut next: (Option<&str>, Vec<&Candidate>) = (None, fallback.clone());
        for (source, candidates) in self.sources.iter().zip(&measured).rev() {
            let media = source.media.as_deref();
            let listed = record::listed_candidates(candidates, None, NonZero::<u64>::MIN);
            if next.0 == media && !record::beats(&listed, &next.1) {
                continue;
            }
            let mime = source.format.spec().mime;
            let sizing = &source.widths.sizing;
            sources.push(record::source(media, mime, &listed, sizing));
            next = (media, listed);
        }
        sources.reverse();
        record::responsive(value, &fallback, &self.fallback.sizing, sources)
    }

    /// Returns the candidates of one format under a media condition. If widths are chosen by bytes,
    /// the first format decides for all formats which widths save enough bytes; the largest is
    /// always kept.
    fn worth_listing(
        &self,
        media: Option<&str>,
        widths: &Widths,
        snapshot: Snapshot<'_>,
    ) -> Vec<Candidate> {
        let mut candidates = widths.candidates(snapshot);
        let Some(step) = widths.step_bytes else {
            return candidates;
        };
        let mut sources = self.sources.iter();
        let first = sources.find(|source| source.media.as_deref() == media);
        let (first, original) = match first {
            Some(source) => (&source.widths, None),
            None => (&self.fallback, self.original.as_ref()),
        };
        let first = first.candidates(snapshot);
        let listed = record::listed_candidates(&first, original, step);
        let listed: Vec<u32> = listed.iter().map(|one| one.dimensions.width).collect();
        let largest = candidates.last().map(|one| one.dimensions.width);
        candidates.retain(|one| {
            let width = one.dimensions.width;
            listed.contains(&width) || Some(width) == largest
        });
        candidates
    }
}
