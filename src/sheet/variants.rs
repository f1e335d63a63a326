//! Describes the variants of one image plan, and what browsers load of them.

use std::collections::BTreeSet;

use super::data::{SheetFraming, SheetLoad, SheetVariant};
use super::measure::Measures;
use crate::flow::View;
use crate::original::Original;
use crate::picture::framing::Focus;
use crate::picture::info::Format;
use crate::picture::quality::QualitySpec;
use crate::picture::recipe::Framing;
use crate::plan::{DESKTOP, ImagePlan, PHONE, TABLET, VariantSpec, Window, chosen};
use crate::record::Content;

/// The browser windows that the sheet covers, with their names.
pub(super) const DEVICES: [(&str, Window); 3] =
    [("phone", PHONE), ("tablet", TABLET), ("desktop", DESKTOP)];
pub(super) const DENSITIES: [f64; 3] = [1.0, 2.0, 3.0];
/// Index of [`PHONE`] in [`DEVICES`].
pub(super) const PHONE_DEVICE: usize = 0;
/// Index of the density of [`PHONE`] in [`DENSITIES`].
pub(super) const PHONE_DENSITY: usize = 1;

/// Returns the variants in the order of the record's sources.
pub(super) fn variants(
    image: &ImagePlan,
    content: &Content,
    view: &View<'_>,
    measures: &Measures,
) -> Vec<SheetVariant> {
    let ImagePlan::Responsive(responsive) = image else {
        return Vec::new();
    };
    let sources = content.sources.iter().map(|source| &source.srcset);
    let listed: BTreeSet<&str> = sources
        .chain([&content.srcset])
        .flatten()
        .filter_map(|entry| Some(entry.rsplit_once(' ')?.0))
        .collect();
    let sources = responsive.sources.iter();
    let sources = sources.map(|source| (source.media.as_deref(), &source.widths));
    let sources = sources.chain([(None, &responsive.fallback)]);
    let specs =
        sources.flat_map(|(media, widths)| widths.specs.iter().map(move |spec| (media, spec)));
    specs
        .map(|(media, spec)| {
            let is_listed = listed.contains(spec.url.as_str());
            variant(spec, media, is_listed, view, measures)
        })
        .collect()
}

fn variant(
    spec: &VariantSpec,
    media: Option<&str>,
    is_listed: bool,
    view: &View<'_>,
    measures: &Measures,
) -> SheetVariant {
    let recipe = spec.rendition.recipe;
    let format = recipe.format.spec();
    let (quality, target) = match recipe.quality {
        // PNG has no quality.
        _ if recipe.format == Format::PNG => (None, None),
        QualitySpec::Fixed(quality) => (Some(quality.get()), None),
        QualitySpec::Target(target) => (None, Some(target.ssimulacra2.get())),
    };
    let scores = measures.scores(&spec.path);
    SheetVariant {
        path: spec.path.to_string(),
        width: spec.rendition.dimensions.width,
        height: spec.rendition.dimensions.height,
        bytes: view.index.size(&spec.path),
        exists: view.index.exists(&spec.path),
        format: format.name,
        media: media.map(str::to_owned),
        quality,
        target,
        is_listed,
        score: scores.map(|scores| scores.whole),
        worst_region: scores.map(|scores| scores.worst_region),
    }
}

/// Computes what each device loads at each density.
pub(super) fn loads(
    content: &Content,
    original: &Original,
    files: &[SheetVariant],
    specs: &[&VariantSpec],
) -> Vec<Vec<SheetLoad>> {
    let load = |window: Window| {
        let Some(chosen) = chosen(content, window) else {
            // The image is published as is, without a `srcset`.
            return SheetLoad {
                file: None,
                bytes: Some(original.bytes),
                place: None,
            };
        };
        let file = specs.iter().position(|spec| spec.url == chosen.url);
        SheetLoad {
            file,
            bytes: match file {
                Some(file) => files[file].bytes,
                None => Some(original.bytes),
            },
            place: chosen.place,
        }
    };
    let of_device = |window: Window| {
        let densities = DENSITIES.iter();
        densities
            .map(|density| {
                load(Window {
                    density: *density,
                    ..window
                })
            })
            .collect()
    };
    DEVICES
        .iter()
        .map(|(_, window)| of_device(*window))
        .collect()
}

/// Returns how the original fills the frame of its variants, taken from the largest one.
pub(super) fn framing(image: &ImagePlan, original: &Original) -> SheetFraming {
    let Some(spec) = image.specs().last() else {
        return SheetFraming::Whole;
    };
    match spec.rendition.framing {
        Framing::Whole => SheetFraming::Whole,
        Framing::Contain { .. } => SheetFraming::Contain,
        Framing::Cover { window, focus } => {
            let own = original.info.dimensions();
            let percent = |start: u32, own: u32, size: u32| match own.saturating_sub(size) {
                0 => 50.0,
                room => f64::from(start) / f64::from(room) * 100.0,
            };
            let position = match focus {
                Focus::Auto => None,
                Focus::Point(point) => {
                    let (left, top) = point.window(own, window);
                    Some([
                        percent(left, own.width, window.width),
                        percent(top, own.height, window.height),
                    ])
                }
            };
            SheetFraming::Cover {
                aspect: f64::from(window.width) / f64::from(window.height.max(1)),
                position,
            }
        }
    }
}
