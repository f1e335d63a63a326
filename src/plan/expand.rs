//! Expands a preset: takes one original and one preset, returns the variants with their names.

use std::borrow::Cow;

use super::image::{ImagePlan, PlannedSource, Responsive, Widths};
use super::owners::NameOwners;
use super::part::Part;
use super::{OpenLadder, Snapshot, VariantSpec, naming, steps};
use crate::generator::Conventions;
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::decode::scale_for;
use crate::picture::framing::FocalPoint;
use crate::picture::info::Format;
use crate::picture::info::ImageInfo;
use crate::picture::recipe::{Framing, Recipe, Rendition, Scale};
use crate::picture::units::Dimensions;
use crate::preset::{Animation, Preset, Sizes};
use crate::record::{Candidate, Sizing};
use crate::store::asked;
use std::num::NonZero;

/// Applies `preset` to `original`, with the article's focal point. `other` finds the originals of
/// sources that show another file; a source whose file does not exist is left out. Returns `None` if
/// another original already uses a file name.
pub(super) fn expand<'o>(
    original: &'o Original,
    preset: &Preset,
    focus: Option<FocalPoint>,
    other: &dyn Fn(&SitePath) -> Option<&'o Original>,
    conventions: &Conventions,
    snapshot: Snapshot<'_>,
    owners: &mut NameOwners<'o>,
) -> Option<ImagePlan> {
    let url = conventions.url_of(&original.path);
    let dimensions = original.info.dimensions();
    let keys = preset.slot_keys();
    let base = Part::new(keys, preset, focus);
    let own = preset.sources.iter().filter(|art| art.from.is_none());
    let own: Vec<Part<'_>> = own
        .map(|art| Part::new(art.slot_keys().or(keys), preset, focus))
        .collect();
    let parts = || own.iter().chain([&base]);
    let is_framed = |part: &Part<'_>| {
        let framing = part.framing(&original.info, preset);
        matches!(framing, Framing::Contain { .. })
    };
    let is_any_framed = parts().any(is_framed);
    let formats = formats(&original.info, preset, is_any_framed);
    if formats.is_empty() {
        return Some(ImagePlan::PassThrough { url, dimensions });
    }
    let framing = base.framing(&original.info, preset);
    let may_be_candidate = framing == Framing::Whole && original.info.is_publishable();
    let is_animated = is_kept_animated(&original.info, preset);
    let ends = parts().filter_map(|part| {
        let shown = part.shown(&original.info, preset).width;
        let largest = part.widths(&original.info, preset).pop()?;
        Some((shown, largest))
    });
    let mut names = Names {
        original,
        from: None,
        preset,
        scale: scale_for(&original.info, ends),
        is_animated,
        conventions,
        snapshot,
        owners,
    };
    let mut sources = Vec::new();
    for art in &preset.sources {
        let part = Part::new(art.slot_keys().or(keys), preset, focus);
        let (formats, ladders) = match &art.from {
            None => (Cow::Borrowed(&formats), names.ladders(&part, &formats)?),
            Some(file) => {
                let file = file.beside(&original.path);
                let Some(shown) = file.and_then(|file| other(&file)) else {
                    continue;
                };
                let (formats, ladders) = names.of_other(shown, &part)?;
                (Cow::Owned(formats), ladders)
            }
        };
        for (format, widths) in formats.iter().zip(ladders) {
            sources.push(PlannedSource {
                media: Some(art.media.as_str().to_owned()),
                format: *format,
                widths,
            });
        }
    }
    let mut ladders = names.ladders(&base, &formats)?;
    let fallback = ladders.pop()?;
    for (format, widths) in formats.iter().zip(ladders) {
        sources.push(PlannedSource {
            media: None,
            format: *format,
            widths,
        });
    }
    Some(ImagePlan::Responsive(Box::new(Responsive {
        sources,
        fallback,
        original: url.filter(|_| may_be_candidate).map(|url| Candidate {
            url,
            dimensions,
            bytes: Some(original.bytes),
        }),
        placeholders: preset.placeholder.clone(),
    })))
}

/// Returns the formats that an image is written in; none if it is published as is. A frame
/// (`is_framed`) may make the image transparent.
fn formats(picture: &ImageInfo, preset: &Preset, is_framed: bool) -> Vec<Format> {
    let may_be_transparent = match picture {
        ImageInfo::Vector { .. } if !preset.rasterise => return Vec::new(),
        ImageInfo::Vector { .. } => true,
        ImageInfo::Raster(raster) => raster.has_alpha || is_framed,
    };
    if is_kept_animated(picture, preset) {
        return if picture.has_frames() {
            preset.formats.iter().filter(can_move).collect()
        } else {
            Vec::new()
        };
    }
    let mut formats: Vec<Format> = Vec::new();
    for format in preset.formats.iter() {
        let hides_transparency = !format.encoder().has_alpha && preset.background.is_none();
        let format = if may_be_transparent && hides_transparency {
            Format::PNG
        } else {
            format
        };
        formats.retain(|earlier| *earlier != format);
        formats.push(format);
    }
    formats
}

/// Whether animations are written in this format.
fn can_move(format: &Format) -> bool {
    format.encoder().animate.is_some()
}

/// Whether variants of an image keep its animation.
pub(super) fn is_kept_animated(picture: &ImageInfo, preset: &Preset) -> bool {
    picture.is_animated() && preset.animation == Animation::Keep
}

/// Inputs of the file names of one original's variants.
struct Names<'n, 'o> {
    original: &'o Original,
    /// Path of `original`, if it is not the original of the image plan.
    from: Option<SitePath>,
    preset: &'n Preset,
    scale: Scale,
    is_animated: bool,
    conventions: &'n Conventions,
    snapshot: Snapshot<'n>,
    owners: &'n mut NameOwners<'o>,
}

impl<'o> Names<'_, 'o> {
    /// Returns the formats of a part that shows another original, and its widths in each; both are
    /// empty if that original is published as is. Returns `None` if a file name is already used.
    fn of_other(
        &mut self,
        other: &'o Original,
        part: &Part<'_>,
    ) -> Option<(Vec<Format>, Vec<Widths>)> {
        let (picture, preset) = (&other.info, self.preset);
        let is_framed = matches!(part.framing(picture, preset), Framing::Contain { .. });
        let formats = formats(picture, preset, is_framed);
        let largest = part.widths(picture, preset).pop();
        let ends = largest.map(|largest| (part.shown(picture, preset).width, largest));
        let mut names = Names {
            original: other,
            from: Some(other.path.clone()),
            preset,
            scale: scale_for(picture, ends.into_iter()),
            is_animated: is_kept_animated(picture, preset),
            conventions: self.conventions,
            snapshot: self.snapshot,
            owners: &mut *self.owners,
        };
        let ladders = names.ladders(part, &formats)?;
        Some((formats, ladders))
    }

    /// Returns the widths of one part in each format, or `None` if a file name is already used.
    fn ladders(&mut self, part: &Part<'_>, formats: &[Format]) -> Option<Vec<Widths>> {
        let picture = &self.original.info;
        let framing = part.framing(picture, self.preset);
        let sizing = match (&self.preset.densities, part.sizes) {
            (Some(_), _) => Sizing::Densities(part.widths.largest()),
            (None, sizes) => Sizing::Widths(sizes.map_or("100vw", Sizes::as_str).to_owned()),
        };
        let by_bytes = part.by_bytes(self.preset);
        let widths = part.widths(picture, self.preset);
        let step_bytes = by_bytes.and_then(|ladder| NonZero::new(ladder.step_bytes.0));
        let mut ladders: Vec<Widths> = Vec::new();
        for format in formats {
            ladders.push(Widths {
                specs: self.specs(part, *format, framing, &widths)?,
                sizing: sizing.clone(),
                step_bytes,
                between: Vec::new(),
                open: None,
            });
        }
        let (Some(by_bytes), [lowest, highest]) = (by_bytes, &widths[..]) else {
            return Some(ladders);
        };
        // The first format decides for all: with different widths for each format, a browser that
        // supports the first could load more bytes than one that does not.
        let possible = steps::between(*lowest, *highest);
        let first = ladders.first()?;
        let ends = [first.specs[0].clone(), first.specs[1].clone()];
        let sizes = ends.each_ref().map(|end| self.snapshot.size(&end.path));
        let sizes = sizes[0].zip(sizes[1]);
        let between = match sizes {
            Some((low, high)) => {
                steps::choose([(*lowest, low), (*highest, high)], &possible, by_bytes)
            }
            None => possible,
        };
        for (format, widths) in formats.iter().zip(&mut ladders) {
            let specs = self.specs(part, *format, framing, &between)?;
            if sizes.is_some() {
                widths.specs.splice(1..1, specs);
            } else {
                widths.between = specs;
            }
        }
        if sizes.is_none() {
            let of_formats = ladders.iter().map(|widths| widths.between.clone());
            ladders[0].open = Some(Box::new(OpenLadder {
                ends,
                possible: of_formats.collect(),
                ladder: by_bytes.clone(),
            }));
        }
        Some(ladders)
    }

    /// Returns the variants with these widths, or `None` if a file name is already used.
    fn specs(
        &mut self,
        part: &Part<'_>,
        format: Format,
        framing: Framing,
        widths: &[u32],
    ) -> Option<Vec<VariantSpec>> {
        let picture = &self.original.info;
        let recipe = self.preset.recipe(format, self.scale, self.is_animated);
        let asked = asked(framing, &recipe);
        let folder = naming::folder(&self.conventions.sub_folder_of(&self.original.path));
        let height_at = |width: u32| match (framing, part.aspect) {
            (Framing::Whole, _) | (_, None) => picture.dimensions().height_at(width),
            (_, Some(aspect)) => aspect.height_at(width),
        };
        // Collecting into an `Option` ignores the length, and would reserve room for four.
        let mut specs = Vec::with_capacity(widths.len());
        for width in widths {
            let dimensions = Dimensions {
                width: *width,
                height: height_at(*width),
            };
            specs.push(self.spec(dimensions, framing, recipe, &folder, &asked)?);
        }
        Some(specs)
    }

    fn spec(
        &mut self,
        dimensions: Dimensions,
        framing: Framing,
        recipe: Recipe,
        folder: &str,
        asked: &str,
    ) -> Option<VariantSpec> {
        let name = naming::name(self.original, dimensions, recipe.format, asked);
        let below = format!("{folder}{name}");
        let output = &self.conventions.output;
        let spec = VariantSpec {
            from: self.from.clone(),
            path: naming::under(output.dir.as_str(), &below),
            url: format!("{}{below}", output.url.as_str()),
            rendition: Rendition {
                dimensions,
                framing,
                recipe,
            },
        };
        self.owners.claim(&spec.path, self.original).then_some(spec)
    }
}
