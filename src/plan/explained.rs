//! Explains the widths of an image: returns each width of the preset and of the plan, with the
//! reason why a `srcset` lists it or not.

use super::image::{ImagePlan, Responsive, Widths};
use super::load::{DESKTOP, PHONE};
use super::part::Part;
use super::{ImageKey, Snapshot};
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::info::Format;
use crate::preset::Preset;
use crate::record::{Content, Sizing};

/// The widths of one image by one preset.
#[derive(Clone, Debug, PartialEq)]
pub enum ExplainedImage {
    /// The original is published as is: it is a vector image, or no format can hold it.
    PublishedAsIs,
    Responsive {
        /// The elements in the order of the page: each `<source>`, then the `<img>`.
        elements: Vec<ExplainedElement>,
        /// Whether the `srcset` lists the original; `None` if it may never be a candidate.
        lists_original: Option<bool>,
        /// The URLs that a phone and a desktop choose, in the same two windows as in reports.
        phone: Option<String>,
        desktop: Option<String>,
    },
}

/// The widths of a `<source>`, or of the `<img>`.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainedElement {
    pub media: Option<String>,
    pub format: Format,
    /// The `sizes` attribute; `None` with densities.
    pub sizes: Option<String>,
    /// Whether the record has this element. A `<source>` is left out as a whole if, at any width,
    /// a browser would load more than from the next element.
    pub is_listed: bool,
    /// The widths, in ascending order.
    pub widths: Vec<ExplainedWidth>,
}

/// One width, and why it is listed or not.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainedWidth {
    /// Width in pixels.
    pub width: u32,
    /// The variant; `None` if the plan has none of this width.
    pub variant: Option<PlannedFile>,
    pub reason: WidthReason,
}

/// A variant's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFile {
    pub path: SitePath,
    pub url: String,
    /// Size of the file; `None` if it does not exist yet.
    pub bytes: Option<u64>,
}

/// Why a width is listed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WidthReason {
    /// The `srcset` lists the width.
    Listed,
    /// This width is larger than the part of the image that is shown, which is `shown` pixels wide.
    Wider { shown: u32 },
    /// At this width, the variant would be taller than a WebP can be.
    TooTall,
    /// The width is within 10% below the largest possible width, which replaces it.
    CloseTo { largest: u32 },
    /// The file of this width is no smaller than the original.
    NoSmallerThanOriginal,
    /// The file of this width saves too little against the next larger width that is listed:
    /// nothing, or less than the step of the preset.
    NoSmallerThan { width: u32, step: Option<u64> },
    /// The element is left out as a whole.
    ElementLeftOut,
}

impl ImagePlan {
    /// Explains the widths of this plan, which was made from `original` with the preset and the
    /// focal point of `key`.
    pub fn explained(
        &self,
        original: &Original,
        key: &ImageKey,
        preset: &Preset,
        snapshot: Snapshot<'_>,
    ) -> ExplainedImage {
        let ImagePlan::Responsive(responsive) = self else {
            return ExplainedImage::PublishedAsIs;
        };
        let content = self.content("", snapshot);
        let chosen = |window| self.chosen(window, snapshot).map(|(url, _)| url);
        let explain = Explain {
            original,
            key,
            preset,
            snapshot,
            responsive,
        };
        ExplainedImage::Responsive {
            elements: explain.elements(&content),
            lists_original: responsive.original.as_ref().map(|candidate| {
                let entry = responsive.fallback.sizing.entry(candidate);
                content.srcset.contains(&entry)
            }),
            phone: chosen(PHONE),
            desktop: chosen(DESKTOP),
        }
    }
}

struct Explain<'e> {
    original: &'e Original,
    key: &'e ImageKey,
    preset: &'e Preset,
    snapshot: Snapshot<'e>,
    responsive: &'e Responsive,
}

impl Explain<'_> {
    fn elements(&self, content: &Content) -> Vec<ExplainedElement> {
        let sources = self.responsive.sources.iter().map(|source| {
            let media = source.media.as_deref();
            let mime = source.format.spec().mime;
            let mut written = content.sources.iter();
            let written = written.find(|one| one.media.as_deref() == media && one.mime == mime);
            self.element(
                media,
                source.format,
                &source.widths,
                written.map(|one| &one.srcset[..]),
            )
        });
        let fallback = &self.responsive.fallback;
        let format = fallback
            .specs
            .first()
            .map(|spec| spec.rendition.recipe.format);
        let img = format.map(|format| self.element(None, format, fallback, Some(&content.srcset)));
        sources.chain(img).collect()
    }

    /// Explains one element. `srcset` is its attribute in the record, or `None` if the element is
    /// left out.
    fn element(
        &self,
        media: Option<&str>,
        format: Format,
        widths: &Widths,
        srcset: Option<&[String]>,
    ) -> ExplainedElement {
        let listed = |url: &str| {
            let mut entries = srcset.unwrap_or_default().iter();
            entries.any(|entry| entry.rsplit_once(' ').is_some_and(|(own, _)| own == url))
        };
        let mut explained: Vec<ExplainedWidth> = Vec::new();
        // From the largest down: each is compared with the next larger one that is listed.
        let mut larger = None;
        for spec in widths.specs.iter().rev() {
            let width = spec.rendition.dimensions.width;
            let reason = match (srcset, larger) {
                (None, _) => WidthReason::ElementLeftOut,
                _ if listed(&spec.url) => WidthReason::Listed,
                (_, None) => WidthReason::NoSmallerThanOriginal,
                (_, Some(larger)) => WidthReason::NoSmallerThan {
                    width: larger,
                    step: widths.step_bytes.map(std::num::NonZero::get),
                },
            };
            if reason == WidthReason::Listed {
                larger = Some(width);
            }
            explained.push(ExplainedWidth {
                width,
                variant: Some(PlannedFile {
                    path: spec.path.clone(),
                    url: spec.url.clone(),
                    bytes: self.snapshot.size(&spec.path),
                }),
                reason,
            });
        }
        explained.extend(self.not_planned(media, widths));
        explained.sort_by_key(|one| one.width);
        ExplainedElement {
            media: media.map(str::to_owned),
            format,
            sizes: match &widths.sizing {
                Sizing::Widths(sizes) => Some(sizes.clone()),
                Sizing::Densities(_) => None,
            },
            is_listed: srcset.is_some(),
            widths: explained,
        }
    }

    /// Returns the widths of the preset that the plan does not have, with the reasons.
    fn not_planned(&self, media: Option<&str>, widths: &Widths) -> Vec<ExplainedWidth> {
        let keys = self.preset.slot_keys();
        let mut arts = self.preset.sources.iter();
        let art = media.and_then(|media| arts.find(|art| art.media.as_str() == media));
        let keys = art.map_or(keys, |art| art.slot_keys().or(keys));
        let part = Part::new(keys, self.preset, self.key.focus);
        let shown = part.shown(&self.original.info, self.preset).width;
        let specs = widths.specs.iter();
        let planned: Vec<u32> = specs.map(|spec| spec.rendition.dimensions.width).collect();
        let largest = planned.last().copied().unwrap_or(shown);
        let missing = part.asked(self.preset).into_iter();
        missing
            .filter(|width| !planned.contains(width))
            .map(|width| ExplainedWidth {
                width,
                variant: None,
                reason: if width > shown {
                    WidthReason::Wider { shown }
                } else if width > largest {
                    WidthReason::TooTall
                } else {
                    WidthReason::CloseTo { largest }
                },
            })
            .collect()
    }
}
