//! Expanding a preset: from one original and one preset to the variants, with their names.

use std::num::NonZero;

use super::image::{ImagePlan, PlannedSource, Responsive, Widths};
use super::{OpenLadder, Snapshot, VariantSpec, ladder, naming, steps};
use crate::finding::{Code, Finding};
use crate::generator::Conventions;
use crate::original::Original;
use crate::path::{PathMap, SitePath};
use crate::picture::decode::scale_for;
use crate::picture::framing::{Aspect, Background, Fit, FocalPoint, Focus};
use crate::picture::info::Format;
use crate::picture::info::{Digest, ImageInfo};
use crate::picture::recipe::{Framing, Recipe, Rendition, Scale};
use crate::picture::units::Dimensions;
use crate::preset::{Animation, ByteLadder, Ladder, Preset, Sizes, SlotKeys};
use crate::record::{Candidate, Sizing};

/// Applies `preset` to `original`, with the article's own focal point. Returns none if a file name is
/// taken by another original.
pub(super) fn expand(
    original: &Original,
    preset: &Preset,
    focus: Option<FocalPoint>,
    conventions: &Conventions,
    snapshot: Snapshot<'_>,
    owners: &mut NameOwners,
) -> Option<ImagePlan> {
    let url = conventions.url_of(&original.path);
    let dimensions = original.info.dimensions();
    let keys = preset.slot_keys();
    let base = Part::new(keys, preset, focus);
    let arts: Vec<Part<'_>> = preset
        .sources
        .iter()
        .map(|art| Part::new(art.slot_keys().or(keys), preset, focus))
        .collect();
    let parts = || arts.iter().chain([&base]);
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
        preset,
        scale: scale_for(&original.info, ends),
        is_animated,
        conventions,
        snapshot,
        owners,
    };
    let mut sources = Vec::new();
    for (art, part) in preset.sources.iter().zip(&arts) {
        let ladders = names.ladders(part, &formats)?;
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

/// The formats that a picture is written in, with something around it or not; none where it is
/// published as it is.
fn formats(picture: &ImageInfo, preset: &Preset, is_framed: bool) -> Vec<Format> {
    let may_be_transparent = match picture {
        ImageInfo::Vector { .. } if !preset.rasterise => return Vec::new(),
        ImageInfo::Vector { .. } => true,
        ImageInfo::Raster(raster) => raster.has_alpha || is_framed,
    };
    if is_kept_animated(picture, preset) {
        let is_possible = picture.has_frames() && preset.formats.iter().any(can_move);
        return if is_possible {
            vec![Format::Webp]
        } else {
            Vec::new()
        };
    }
    let mut formats: Vec<Format> = Vec::new();
    for format in preset.formats.iter() {
        // A JPEG has no transparency, and nobody has said what shall stand behind it.
        let format = match format {
            Format::Jpeg if may_be_transparent && preset.background.is_none() => Format::Png,
            format => format,
        };
        formats.retain(|earlier| *earlier != format);
        formats.push(format);
    }
    formats
}

/// Whether animations are written in a format.
fn can_move(format: Format) -> bool {
    format == Format::Webp
}

/// Whether what is made of a picture by that preset is to be animated.
pub(super) fn is_kept_animated(picture: &ImageInfo, preset: &Preset) -> bool {
    picture.is_animated() && preset.animation == Animation::Keep
}

/// The settings of one `<source>`, or of the `<img>`.
struct Part<'p> {
    widths: &'p Ladder,
    sizes: Option<&'p Sizes>,
    aspect: Option<Aspect>,
    fit: Fit,
    focus: Focus,
}

impl<'p> Part<'p> {
    /// Creates the settings from keys of `preset`. The article's focal point takes precedence.
    fn new(keys: SlotKeys<'p>, preset: &'p Preset, point: Option<FocalPoint>) -> Self {
        Part {
            widths: keys.widths.unwrap_or(&preset.widths),
            sizes: keys.sizes,
            aspect: keys.aspect,
            fit: keys.fit.unwrap_or_default(),
            focus: point.map(Focus::Point).or(keys.focus).unwrap_or_default(),
        }
    }

    /// The size of what its variants show, in the original's pixels: what is framed is as wide as
    /// the frame.
    fn shown(&self, picture: &ImageInfo, preset: &Preset) -> Dimensions {
        let own = picture.dimensions();
        match (self.framing(picture, preset), self.aspect) {
            (Framing::Whole, _) | (_, None) => own,
            (Framing::Cover { window, .. }, Some(_)) => window,
            (Framing::Contain { .. }, Some(aspect)) => aspect.around(own),
        }
    }

    /// The widths of its rungs that are known beforehand, ascending: all of a listed ladder, and the
    /// ends of a byte ladder.
    fn widths(&self, picture: &ImageInfo, preset: &Preset) -> Vec<u32> {
        let asked: Vec<u32> = match (&preset.densities, self.widths) {
            (Some(densities), widths) => densities.widths(widths.largest()).collect(),
            (None, Ladder::Listed(widths)) => widths.iter().collect(),
            (None, Ladder::ByBytes(ladder)) => vec![ladder.min.get(), ladder.max.get()],
        };
        // A drawing of lines is as wide as anybody likes.
        let is_scalable = matches!(picture, ImageInfo::Vector { .. });
        ladder::widths(self.shown(picture, preset), &asked, is_scalable)
    }

    /// What decides the rungs between the ends.
    fn by_bytes(&self, preset: &Preset) -> Option<&'p ByteLadder> {
        match (&preset.densities, self.widths) {
            (None, Ladder::ByBytes(ladder)) => Some(ladder),
            _ => None,
        }
    }

    fn framing(&self, picture: &ImageInfo, preset: &Preset) -> Framing {
        let own = picture.dimensions();
        let Some(aspect) = self.aspect else {
            return Framing::Whole;
        };
        let window = aspect.within(own);
        if window == own {
            return Framing::Whole;
        }
        match self.fit {
            Fit::Cover => Framing::Cover {
                window,
                focus: self.focus,
            },
            Fit::Contain => Framing::Contain {
                background: preset.background.unwrap_or(Background::TRANSPARENT),
            },
        }
    }
}

/// Inputs of a variant's file name.
struct Names<'n> {
    original: &'n Original,
    preset: &'n Preset,
    scale: Scale,
    is_animated: bool,
    conventions: &'n Conventions,
    snapshot: Snapshot<'n>,
    owners: &'n mut NameOwners,
}

impl Names<'_> {
    /// The ladders of one part, one a format; none where a name is taken.
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
        // The first format decides for all: with ladders of their own, a browser that takes the
        // first would now and then load more than by another.
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
        for (format, rungs) in formats.iter().zip(&mut ladders) {
            let specs = self.specs(part, *format, framing, &between)?;
            if sizes.is_some() {
                rungs.specs.splice(1..1, specs);
            } else {
                rungs.between = specs;
            }
        }
        if sizes.is_none() {
            let of_formats = ladders.iter().map(|rungs| rungs.between.clone());
            ladders[0].open = Some(OpenLadder {
                ends,
                possible: of_formats.collect(),
                ladder: by_bytes.clone(),
            });
        }
        Some(ladders)
    }

    /// Variants of those widths.
    fn specs(
        &mut self,
        part: &Part<'_>,
        format: Format,
        framing: Framing,
        widths: &[u32],
    ) -> Option<Vec<VariantSpec>> {
        let picture = &self.original.info;
        let recipe = self.preset.recipe(format, self.scale, self.is_animated);
        let asked = naming::asked(framing, &recipe);
        let folder = naming::folder(&self.conventions.sub_folder_of(&self.original.path));
        let height_at = |width: u32| match (framing, part.aspect) {
            (Framing::Whole, _) | (_, None) => picture.dimensions().height_at(width),
            (_, Some(aspect)) => aspect.height_at(width),
        };
        let spec = |width: &u32| {
            let dimensions = Dimensions {
                width: *width,
                height: height_at(*width),
            };
            self.spec(dimensions, framing, recipe, &folder, &asked)
        };
        widths.iter().map(spec).collect()
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

/// Which bytes own a variant's name: two originals with different bytes must never share one.
#[derive(Default)]
pub(super) struct NameOwners {
    owners: PathMap<SitePath, (Digest, SitePath)>,
    pub clashes: Vec<Finding>,
}

impl NameOwners {
    /// Whether the name is this original's.
    fn claim(&mut self, name: &SitePath, original: &Original) -> bool {
        let owner = self
            .owners
            .entry(name.clone())
            .or_insert_with(|| (original.digest, original.path.clone()));
        let is_own = owner.0 == original.digest;
        if !is_own {
            self.clashes.push(
                Finding::new(
                    Code::NameClash,
                    format!(
                        "its variants would get the same file names as those of `{}`",
                        owner.1
                    ),
                )
                .in_file(original.path.as_str()),
            );
        }
        is_own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_belongs_to_the_bytes_that_took_it_first() {
        let original = |path: &str, bytes: &[u8]| Original {
            path: SitePath::normalise(path).unwrap(),
            digest: Digest::of(bytes),
            bytes: 1,
            info: ImageInfo::Vector {
                dimensions: Dimensions {
                    width: 1,
                    height: 1,
                },
            },
        };
        let name = SitePath::normalise("v/a-320.0123456789.webp").unwrap();
        let mut names = NameOwners::default();
        assert!(names.claim(&name, &original("a.png", b"1")));
        assert!(names.claim(&name, &original("copy-of-a.png", b"1")));
        assert!(!names.claim(&name, &original("b.png", b"2")));
        let shown: Vec<String> = names.clashes.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "b.png: its variants would get the same file names as those of `a.png` – hint: rename one of the two files"
            ]
        );
    }
}
