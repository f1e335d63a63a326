//! What a variant must be.

use std::fmt;

use crate::preset::{
    AskedEffort, AskedQuality, Background, Color, Focus, Format, Lossless, Preset, Resize,
};
use crate::site::SitePath;
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

/// How a variant is made, as the preset asks for it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    pub format: Format,
    pub quality: AskedQuality,
    pub effort: AskedEffort,
    pub lossless: Lossless,
    pub resize: Resize,
    pub color: Color,
    /// What stands behind transparency where the format has none.
    pub behind: Option<Background>,
    /// Whether colours are averaged for the eye before they are encoded at half the size.
    pub is_sharp: bool,
    /// Whether all frames are in it.
    pub is_animated: bool,
}

impl Recipe {
    pub(super) fn of(preset: &Preset, format: Format, is_animated: bool) -> Self {
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
