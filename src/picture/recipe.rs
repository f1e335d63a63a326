//! The specification of a variant: its framing and its encoding.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::framing::{Background, Focus};
use crate::info::Format;
use crate::quality::{EffortSpec, QualitySpec};
use crate::units::{Dimensions, Effort, Quality};

/// One file to produce from an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rendition {
    pub dimensions: Dimensions,
    pub framing: Framing,
    pub recipe: Recipe,
}

impl Rendition {
    /// Returns the size at which to render a drawing of intrinsic size `own`, so that this variant
    /// enlarges no part of it. Each variant is rendered separately, so that none depends on the
    /// others.
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

/// How the upright image fills a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Framing {
    /// The full image, at its original aspect ratio.
    Whole,
    /// A window of this size, in pixels of the original, which fills the variant.
    Cover { window: Dimensions, focus: Focus },
    /// The full image in the middle; the rest is filled.
    Contain { background: Background },
}

impl fmt::Display for Framing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Framing::Whole => f.write_str("whole"),
            // Two aspect ratios may result in the same size with different windows.
            Framing::Cover { window, focus } => {
                write!(f, "cover {}x{} {focus}", window.width, window.height)
            }
            Framing::Contain { background } => write!(f, "contain {background}"),
        }
    }
}

/// The scale at which an original is decoded. Decoders that can omit the finest detail are faster
/// at a smaller scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    Quarter,
    Half,
    Whole,
}

impl Scale {
    pub fn eighths(self) -> u32 {
        match self {
            Scale::Quarter => 2,
            Scale::Half => 4,
            Scale::Whole => 8,
        }
    }

    /// Returns the width and height, in samples, of an image of that size at this scale. They may
    /// be fractions.
    pub fn extent(self, size: Dimensions) -> (f64, f64) {
        let scaled = |length: u32| f64::from(length) * f64::from(self.eighths()) / 8.0;
        (scaled(size.width), scaled(size.height))
    }

    /// Returns the dimensions, in samples, of an image of that size at this scale; partly covered
    /// samples count.
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

/// How to produce a variant, as set in the preset.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    pub format: Format,
    pub quality: QualitySpec,
    pub effort: EffortSpec,
    pub lossless: Lossless,
    pub resize: Resize,
    pub color: Color,
    /// The scale at which the original is decoded, for all widths of the preset.
    pub scale: Scale,
    /// The background of transparent images, if the format has no transparency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<Background>,
    /// Whether chroma is subsampled by sharp YUV: colors are averaged as the eye sees them before
    /// they are encoded at half the size.
    #[serde(rename = "sharp")]
    pub is_sharp: bool,
    /// Whether the variant has all frames of an animation.
    #[serde(rename = "animated")]
    pub is_animated: bool,
}

/// Whether a variant moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// It has all frames of an animation.
    Animated,
    /// It has one frame.
    Still,
}

impl Recipe {
    /// Returns whether the variant moves.
    pub fn motion(&self) -> Motion {
        match self.is_animated {
            true => Motion::Animated,
            false => Motion::Still,
        }
    }

    /// Returns a recipe for sRGB at quality 80 and effort 4, never lossless, for callers that set
    /// only a few of the fields.
    pub fn plain(format: Format) -> Self {
        Recipe {
            format,
            quality: Quality::new(80.0).expect("80 is a quality").into(),
            effort: Effort::new(4).expect("4 is an effort").into(),
            lossless: Lossless::Never,
            resize: Resize::Srgb,
            color: Color::Srgb,
            scale: Scale::Whole,
            background: None,
            is_sharp: false,
            is_animated: false,
        }
    }
}

impl fmt::Display for Recipe {
    /// Writes all settings that affect the bytes of the variant. The variant's name is derived from
    /// this text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (quality, effort) = (self.quality, self.effort);
        let format = self.format.spec().name;
        write!(f, "{format} quality={quality} effort={effort}")?;
        write!(
            f,
            " lossless={} resize={} color={}",
            self.lossless, self.resize, self.color
        )?;
        if self.scale != Scale::Whole {
            write!(f, " scale={}", self.scale)?;
        }
        if let Some(background) = self.background {
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

/// Which variants are encoded without loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lossless {
    /// Flat graphics such as screenshots, charts and logos, if the file gets smaller. WebP may also
    /// be nearly lossless, if the difference is invisible.
    #[default]
    Auto,
    /// All variants.
    Always,
    /// No variants, except PNG.
    Never,
}

impl fmt::Display for Lossless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lossless::Auto => "auto",
            Lossless::Always => "always",
            Lossless::Never => "never",
        })
    }
}

/// Which values are averaged when an image is resized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Resize {
    /// The stored sRGB values, as browsers and most tools do.
    #[default]
    Srgb,
    /// Linear light: fine bright detail keeps its brightness.
    Linear,
}

impl fmt::Display for Resize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Resize::Srgb => "srgb",
            Resize::Linear => "linear",
        })
    }
}

/// The treatment of an ICC profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Color {
    /// Colors are converted to sRGB.
    #[default]
    Srgb,
    /// Colors stay as stored, and variants embed the RGB profile.
    Keep,
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Color::Srgb => "srgb",
            Color::Keep => "keep",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_for_names_changes_only_where_bytes_do() {
        let text = |is_sharp, is_animated, lossless| {
            Recipe {
                is_sharp,
                is_animated,
                lossless,
                ..Recipe::plain(Format::WEBP)
            }
            .to_string()
        };
        let ends = |is_sharp, is_animated, lossless| {
            let text = text(is_sharp, is_animated, lossless);
            text.rsplit_once("color=srgb").unwrap().1.to_owned()
        };
        assert_eq!(ends(true, true, Lossless::Auto), " sharp animated");
        assert_eq!(ends(true, true, Lossless::Always), " sharp animated");
        assert_eq!(ends(true, false, Lossless::Never), " sharp");
        assert_eq!(ends(false, true, Lossless::Never), " animated");
    }

    const STORED: Dimensions = Dimensions {
        width: 1280,
        height: 853,
    };

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
