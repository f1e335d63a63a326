//! Expands a preset: takes one original and one preset, returns the variants with their names.

use super::image::{ImagePlan, PlannedSource, Responsive, Widths};
use super::images::{Images, PlanInputs};
use super::owners::NameOwners;
use super::part::Part;
use super::{OpenLadder, VariantSpec, naming, steps};
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::decode::scale_for;
use crate::picture::framing::FocalPoint;
use crate::picture::info::Format;
use crate::picture::info::ImageInfo;
use crate::picture::recipe::{Framing, Motion, Recipe, Rendition, Scale};
use crate::picture::units::Dimensions;
use crate::preset::{Animation, ArtDirection, Preset, Sizes};
use crate::record::{Candidate, Sizing};
use crate::store::asked;
use std::num::NonZero;

impl<'i> Images<'_, 'i> {
    /// Applies a preset to an original, with the article's focal point. Returns `None` if another
    /// original already uses a file name.
    pub fn expand(
        &mut self,
        original: &'i Original,
        preset: &Preset,
        focus: Option<FocalPoint>,
    ) -> Option<ImagePlan> {
        let picture = &original.info;
        let url = self.inputs.conventions.url_of(&original.path);
        let dimensions = picture.dimensions();
        let keys = preset.slot_keys();
        let base = Part::new(keys, preset, focus);
        let arts = preset.sources.iter();
        let arts = arts.map(|art| (art, Part::new(art.slot_keys().or(keys), preset, focus)));
        let arts: Vec<(&ArtDirection, Part<'_>)> = arts.collect();
        // The parts that show the original itself.
        let parts = || {
            let own = arts.iter().filter(|(art, _)| art.from.is_none());
            own.map(|(_, part)| part).chain([&base])
        };
        let is_any_framed = parts().any(|part| part.is_framed(picture, preset));
        let formats = formats(picture, preset, is_any_framed);
        if formats.is_empty() {
            return Some(ImagePlan::PassThrough { url, dimensions });
        }
        let framing = base.framing(picture, preset);
        let may_be_candidate = framing == Framing::Whole && picture.is_publishable();
        let ends = parts().filter_map(|part| part.ends(picture, preset));
        let originals = &self.originals;
        let mut names = Names {
            original,
            from: None,
            preset,
            scale: scale_for(picture, ends),
            motion: motion(picture, preset),
            inputs: self.inputs,
            owners: &mut self.owners,
        };
        let mut sources =
            names.art_directed(&arts, &formats, &|path| originals.get(path).copied())?;
        let mut ladders = names.ladders(&base, &formats)?;
        let fallback = ladders.pop()?;
        sources.extend(planned_sources(None, &formats, ladders));
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
}

/// Returns one source for each format, with these widths.
fn planned_sources(
    media: Option<&str>,
    formats: &[Format],
    ladders: Vec<Widths>,
) -> impl Iterator<Item = PlannedSource> {
    let sources = formats.iter().zip(ladders);
    sources.map(move |(format, widths)| PlannedSource {
        media: media.map(str::to_owned),
        format: *format,
        widths,
    })
}

/// Returns the formats that an image is written in; none if it is published as is. A frame
/// (`is_framed`) may make the image transparent.
fn formats(picture: &ImageInfo, preset: &Preset, is_framed: bool) -> Vec<Format> {
    let may_be_transparent = match picture {
        ImageInfo::Vector { .. } if !preset.rasterise => return Vec::new(),
        ImageInfo::Vector { .. } => true,
        ImageInfo::Raster(raster) => raster.has_alpha || is_framed,
    };
    if motion(picture, preset) == Motion::Animated {
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

/// Returns whether the variants of an image move: they may keep its animation.
pub(super) fn motion(picture: &ImageInfo, preset: &Preset) -> Motion {
    match picture.is_animated() && preset.animation == Animation::Keep {
        true => Motion::Animated,
        false => Motion::Still,
    }
}

/// Inputs of the file names of one original's variants.
struct Names<'n, 'o> {
    original: &'o Original,
    /// Path of `original`, if it is not the original of the image plan.
    from: Option<SitePath>,
    preset: &'n Preset,
    scale: Scale,
    motion: Motion,
    inputs: PlanInputs<'o>,
    owners: &'n mut NameOwners<'o>,
}

impl<'o> Names<'_, 'o> {
    /// Returns the sources with a media condition. `formats` are those of the original, and `other`
    /// finds the originals of sources that show another file; a source whose file does not exist is
    /// left out. Returns `None` if a file name is already used.
    fn art_directed(
        &mut self,
        arts: &[(&ArtDirection, Part<'_>)],
        formats: &[Format],
        other: &dyn Fn(&SitePath) -> Option<&'o Original>,
    ) -> Option<Vec<PlannedSource>> {
        let mut sources = Vec::new();
        for (art, part) in arts {
            let media = Some(art.media.as_str());
            match &art.from {
                None => {
                    let ladders = self.ladders(part, formats)?;
                    sources.extend(planned_sources(media, formats, ladders));
                }
                Some(file) => {
                    let file = file.beside(&self.original.path);
                    let Some(shown) = file.and_then(|file| other(&file)) else {
                        continue;
                    };
                    let (formats, ladders) = self.of_other(shown, part)?;
                    sources.extend(planned_sources(media, &formats, ladders));
                }
            }
        }
        Some(sources)
    }

    /// Returns the formats of a part that shows another original, and its widths in each; both are
    /// empty if that original is published as is. Returns `None` if a file name is already used.
    fn of_other(
        &mut self,
        other: &'o Original,
        part: &Part<'_>,
    ) -> Option<(Vec<Format>, Vec<Widths>)> {
        let (picture, preset) = (&other.info, self.preset);
        let formats = formats(picture, preset, part.is_framed(picture, preset));
        let ends = part.ends(picture, preset);
        let mut names = Names {
            original: other,
            from: Some(other.path.clone()),
            preset,
            scale: scale_for(picture, ends.into_iter()),
            motion: motion(picture, preset),
            inputs: self.inputs,
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
        let sizes = ends
            .each_ref()
            .map(|end| self.inputs.snapshot.size(&end.path));
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
        let recipe = self.preset.recipe(format, self.scale, self.motion);
        let asked = asked(framing, &recipe);
        let folder = naming::folder(&self.inputs.conventions.sub_folder_of(&self.original.path));
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
        let output = &self.inputs.conventions.output;
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
