//! What a variant must be.

use std::fmt;

use crate::original::{Picture, RasterFormat};
use crate::path::SitePath;
use crate::preset::{
    AskedEffort, AskedQuality, Background, Color, Focus, Format, Lossless, Preset, Resize,
};
use crate::units::Dimensions;

/// A file that is to stand.
#[derive(Clone, Debug, PartialEq)]
pub struct VariantSpec {
    pub path: SitePath,
    pub url: String,
    pub dimensions: Dimensions,
    pub framing: Framing,
    pub recipe: Recipe,
}

/// How the upright picture fills a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Framing {
    /// All of it, at its own aspect.
    Whole,
    /// A window of that many pixels of the original.
    Cover { window: Dimensions, focus: Focus },
    /// All of it in the middle, the rest filled.
    Contain { background: Background },
}

impl VariantSpec {
    /// Whether both are the same bytes, made of originals that are.
    pub(super) fn is_same_file(&self, other: &VariantSpec) -> bool {
        (self.dimensions, self.framing, self.recipe)
            == (other.dimensions, other.framing, other.recipe)
    }

    /// The size of the whole of a drawing that is `own` large, of which this variant needs no part
    /// enlarged: it is drawn anew for each, so that none depends on which others are wanted.
    pub fn drawn(&self, own: Dimensions) -> Dimensions {
        let target = self.dimensions;
        let width = match self.framing {
            Framing::Whole => target.width,
            Framing::Cover { window, .. } => {
                let width = u64::from(target.width) * u64::from(own.width);
                u32::try_from(width.div_ceil(u64::from(window.width))).unwrap_or(u32::MAX)
            }
            Framing::Contain { .. } => {
                let width = own.transposed().height_at(target.height);
                width.min(target.width)
            }
        };
        Dimensions {
            width,
            height: own.height_at(width),
        }
    }
}

impl fmt::Display for Framing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Framing::Whole => f.write_str("whole"),
            // Two aspects may give rungs of one size, of windows that differ.
            Framing::Cover { window, focus } => {
                write!(f, "cover {}x{} {focus}", window.width, window.height)
            }
            Framing::Contain { background } => write!(f, "contain {background}"),
        }
    }
}

/// At how much of its size an original is decoded. Decoders that can leave the finest detail out are
/// faster for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scale {
    Quarter,
    Half,
    Whole,
}

impl Scale {
    /// The pixels of the scaled picture that one of a variant needs, across: with so many, variants
    /// look like those of the whole picture (`cargo bench --bench scale`).
    const HEADROOM: u32 = 4;
    /// Pixels of an original from which a half takes less than the whole; a quarter always does.
    /// Measured by the same bench.
    const LARGE: u64 = 16_000_000;

    /// The smallest scale for ladders of an original, each by the width of what it shows and the
    /// width of its largest rung.
    pub(super) fn of(picture: &Picture, ladders: impl Iterator<Item = (u32, u32)>) -> Self {
        let scales: &[Scale] = match picture {
            Picture::Raster(raster) if raster.format != RasterFormat::Jpeg => &[],
            Picture::Raster(raster) if raster.stored.pixels() < Self::LARGE => &[Scale::Quarter],
            Picture::Raster(_) => &[Scale::Quarter, Scale::Half],
            Picture::Vector { .. } => &[],
        };
        let of_one = |(shown, largest): (u32, u32)| {
            let is_enough = |scale: &Scale| {
                u64::from(shown) * u64::from(scale.eighths())
                    >= 8 * u64::from(Self::HEADROOM) * u64::from(largest)
            };
            let enough = scales.iter().copied().find(is_enough);
            enough.unwrap_or(Scale::Whole)
        };
        ladders.map(of_one).max().unwrap_or(Scale::Whole)
    }

    fn eighths(self) -> u32 {
        match self {
            Scale::Quarter => 2,
            Scale::Half => 4,
            Scale::Whole => 8,
        }
    }

    /// How far a picture of that size reaches over the samples, across and down.
    pub fn extent(self, size: Dimensions) -> (f64, f64) {
        let scaled = |length: u32| f64::from(length) * f64::from(self.eighths()) / 8.0;
        (scaled(size.width), scaled(size.height))
    }

    /// The samples of a picture of that size: the last one is there in whole.
    pub fn samples(self, size: Dimensions) -> Dimensions {
        let scaled = |length: u32| (length.div_ceil(8 / self.eighths())).max(1);
        Dimensions {
            width: scaled(size.width),
            height: scaled(size.height),
        }
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/8", self.eighths())
    }
}

/// How a variant is made, as the preset asks for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    pub format: Format,
    pub quality: AskedQuality,
    pub effort: AskedEffort,
    pub lossless: Lossless,
    pub resize: Resize,
    pub color: Color,
    /// At which scale the original is decoded, for all rungs that the preset asks for.
    pub scale: Scale,
    /// What stands behind transparency where the format has none.
    pub behind: Option<Background>,
    /// Whether colours are averaged for the eye before they are encoded at half the size.
    pub is_sharp: bool,
    /// Whether all frames are in it.
    pub is_animated: bool,
}

impl Recipe {
    pub(super) fn of(preset: &Preset, format: Format, scale: Scale, is_animated: bool) -> Self {
        Recipe {
            format,
            quality: preset.quality,
            effort: preset.effort,
            lossless: preset.lossless,
            resize: preset.resize,
            // The encoders of AVIF and of animations take no profile.
            color: if format == Format::Avif || is_animated {
                Color::Srgb
            } else {
                preset.color
            },
            scale,
            behind: preset.background.filter(|_| format == Format::Jpeg),
            is_sharp: preset.sharp_yuv && format == Format::Webp,
            is_animated,
        }
    }
}

impl fmt::Display for Recipe {
    /// All that makes a difference to the bytes, for the name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (quality, effort) = (self.quality, self.effort);
        let format = self.format.name();
        write!(f, "{format} quality={quality} effort={effort}")?;
        write!(
            f,
            " lossless={} resize={} color={}",
            self.lossless, self.resize, self.color
        )?;
        if self.scale != Scale::Whole {
            write!(f, " scale={}", self.scale)?;
        }
        if let Some(background) = self.behind {
            write!(f, " behind={background}")?;
        }
        if self.is_sharp {
            f.write_str(" sharp")?;
        }
        if self.is_animated {
            f.write_str(" animated")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::original::{Orientation, Raster};

    const STORED: Dimensions = Dimensions {
        width: 1280,
        height: 853,
    };

    fn picture(format: RasterFormat, stored: Dimensions) -> Picture {
        Picture::Raster(Raster {
            format,
            stored,
            orientation: Orientation::UPRIGHT,
            has_alpha: false,
            is_animated: false,
            passes: 1,
            is_publishable: true,
            decode_bytes: stored.pixels() * 3,
        })
    }

    #[test]
    fn the_widest_rung_decides_the_scale() {
        let scale =
            |picture: &Picture, ladders: &[(u32, u32)]| Scale::of(picture, ladders.iter().copied());
        let small = picture(RasterFormat::Jpeg, STORED);
        assert_eq!(scale(&small, &[(1280, 80)]), Scale::Quarter);
        assert_eq!(scale(&small, &[(1280, 81)]), Scale::Whole);
        assert_eq!(scale(&small, &[(1280, 80), (200, 80)]), Scale::Whole);
        assert_eq!(scale(&small, &[]), Scale::Whole);
        let png = picture(RasterFormat::Png, STORED);
        assert_eq!(scale(&png, &[(1280, 80)]), Scale::Whole);
        let size = Dimensions {
            width: 4000,
            height: 4000,
        };
        let large = picture(RasterFormat::Jpeg, size);
        assert_eq!(scale(&large, &[(4000, 250)]), Scale::Quarter);
        assert_eq!(scale(&large, &[(4000, 251)]), Scale::Half);
        assert_eq!(scale(&large, &[(4000, 250), (4000, 251)]), Scale::Half);
        assert_eq!(scale(&large, &[(4000, 501)]), Scale::Whole);
    }

    #[test]
    fn a_part_of_a_sample_counts_as_one_and_reaches_as_far_as_it_does() {
        let samples = Scale::Half.samples(STORED);
        assert_eq!((samples.width, samples.height), (640, 427));
        assert_eq!(Scale::Half.extent(STORED), (640.0, 426.5));
        let samples = Scale::Quarter.samples(STORED);
        assert_eq!((samples.width, samples.height), (320, 214));
        assert_eq!(Scale::Quarter.extent(STORED), (320.0, 213.25));
        assert_eq!(Scale::Whole.samples(STORED), STORED);
    }
}
