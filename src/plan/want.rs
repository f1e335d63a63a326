//! From a preset's wishes to files: which ladders one original gets, under which names.

use std::collections::HashMap;

use super::recipe::Framing;
use super::wanted::{PlannedSource, Responsive, Rungs, Wanted};
use super::{Recipe, VariantSpec, ladder, naming};
use crate::finding::{Code, Finding};
use crate::original::{Digest, Original, Picture};
use crate::preset::{
    Animation, ArtDirection, Aspect, Background, Fit, FocalPoint, Focus, Format, Ladder, Preset,
    Sizes,
};
use crate::record::{Rung, Sizing};
use crate::site::{Site, SitePath};
use crate::units::Dimensions;

/// What `preset` wants of `original`, with the article's own focal point; none where a name is
/// taken.
pub(super) fn want(
    original: &Original,
    preset: &Preset,
    focus: Option<FocalPoint>,
    site: &Site,
    names: &mut NameOwners,
) -> Option<Wanted> {
    let url = site.url_of(&original.path);
    let dimensions = original.picture.dimensions();
    let formats = formats(&original.picture, preset);
    let Some((last, others)) = formats.split_last() else {
        return Some(Wanted::PassThrough { url, dimensions });
    };
    let base = Part::of(preset, focus);
    let framing = base.framing(&original.picture, preset);
    let may_be_candidate = framing == Framing::Whole && original.picture.is_publishable();
    let mut shelf = Names {
        original,
        preset,
        site,
        names,
    };
    let mut sources = Vec::new();
    for art in &preset.sources {
        let part = base.under(art, focus);
        for format in &formats {
            sources.push(PlannedSource {
                media: Some(art.media.as_str().to_owned()),
                format: *format,
                rungs: shelf.rungs(&part, *format)?,
            });
        }
    }
    for format in others {
        sources.push(PlannedSource {
            media: None,
            format: *format,
            rungs: shelf.rungs(&base, *format)?,
        });
    }
    Some(Wanted::Responsive(Responsive {
        sources,
        fallback: shelf.rungs(&base, *last)?,
        original: url.filter(|_| may_be_candidate).map(|url| Rung {
            url,
            dimensions,
            bytes: Some(original.bytes),
        }),
    }))
}

/// The formats that a picture is written in; none where it is published as it is.
fn formats(picture: &Picture, preset: &Preset) -> Vec<Format> {
    let may_be_transparent = match picture {
        Picture::Vector { .. } if !preset.rasterise => return Vec::new(),
        Picture::Vector { .. } => true,
        Picture::Raster(raster) => raster.has_alpha,
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
pub(super) fn is_kept_animated(picture: &Picture, preset: &Preset) -> bool {
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
    fn of(preset: &'p Preset, focus: Option<FocalPoint>) -> Self {
        Part {
            widths: &preset.widths,
            sizes: preset.sizes.as_ref(),
            aspect: preset.aspect,
            fit: preset.fit.unwrap_or_default(),
            focus: focus.map(Focus::Point).or(preset.focus).unwrap_or_default(),
        }
    }

    /// The settings of a source; what the article says comes before what it does.
    fn under(&self, art: &'p ArtDirection, focus: Option<FocalPoint>) -> Self {
        Part {
            widths: art.widths.as_ref().unwrap_or(self.widths),
            sizes: art.sizes.as_ref().or(self.sizes),
            aspect: art.aspect.or(self.aspect),
            fit: art.fit.unwrap_or(self.fit),
            focus: focus.map(Focus::Point).or(art.focus).unwrap_or(self.focus),
        }
    }

    fn framing(&self, picture: &Picture, preset: &Preset) -> Framing {
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

/// What names are made of.
struct Names<'n> {
    original: &'n Original,
    preset: &'n Preset,
    site: &'n Site,
    names: &'n mut NameOwners,
}

impl Names<'_> {
    /// The ladder of one part in one format; none where a name is taken.
    fn rungs(&mut self, part: &Part<'_>, format: Format) -> Option<Rungs> {
        let picture = &self.original.picture;
        let framing = part.framing(picture, self.preset);
        let own = picture.dimensions();
        // What is framed is as wide as the frame; a drawing of lines is as wide as anybody likes.
        let framed = match (framing, part.aspect) {
            (Framing::Whole, _) | (_, None) => own,
            (Framing::Cover { window, .. }, Some(_)) => window,
            (Framing::Contain { .. }, Some(aspect)) => aspect.around(own),
        };
        let (wanted, sizing): (Vec<u32>, Sizing) = match (&self.preset.densities, part.sizes) {
            (Some(densities), _) => {
                let place = part.widths.largest();
                (densities.widths(place).collect(), Sizing::Densities(place))
            }
            (None, sizes) => {
                let sizes = sizes.map_or("100vw", Sizes::as_str);
                (
                    part.widths.widths().collect(),
                    Sizing::Widths(sizes.to_owned()),
                )
            }
        };
        let is_scalable = matches!(picture, Picture::Vector { .. });
        let height_at = |width: u32| match (framing, part.aspect) {
            (Framing::Whole, _) | (_, None) => own.height_at(width),
            (_, Some(aspect)) => aspect.height_at(width),
        };
        let recipe = Recipe::of(self.preset, format, is_kept_animated(picture, self.preset));
        let specs: Option<Vec<VariantSpec>> = ladder::widths(framed, &wanted, is_scalable)
            .into_iter()
            .map(|width| {
                let height = height_at(width);
                self.spec(Dimensions { width, height }, framing, recipe)
            })
            .collect();
        Some(Rungs {
            specs: specs?,
            sizing,
        })
    }

    fn spec(
        &mut self,
        dimensions: Dimensions,
        framing: Framing,
        recipe: Recipe,
    ) -> Option<VariantSpec> {
        let folder = self.site.sub_folder_of(&self.original.path);
        let name = naming::name(self.original, dimensions, framing, &recipe);
        let below = naming::path(&folder, &name);
        let output = self.site.output();
        let spec = VariantSpec {
            path: naming::under(output.dir.as_str(), &below),
            url: format!("{}{below}", output.url.as_str()),
            dimensions,
            framing,
            recipe,
        };
        self.names.claim(&spec.path, self.original).then_some(spec)
    }
}

/// Which bytes own a variant's name: two originals with different bytes must never share one.
#[derive(Default)]
pub(super) struct NameOwners {
    owners: HashMap<SitePath, (Digest, SitePath)>,
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
                        "its variants would have the names of those of `{}`",
                        owner.1
                    ),
                )
                .in_file(original.path.as_str())
                .hint("rename one of the two files"),
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
            picture: Picture::Vector {
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
                "b.png: its variants would have the names of those of `a.png` – hint: rename one of the two files"
            ]
        );
    }
}
