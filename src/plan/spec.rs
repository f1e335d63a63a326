//! A variant as the plan wants it: its file, its URL, and how its bytes come about.

use crate::path::SitePath;
use crate::picture::info::Format;
use crate::picture::recipe::{Color, Recipe, Rendition, Scale};
use crate::preset::Preset;

/// A variant's file.
#[derive(Clone, Debug, PartialEq)]
pub struct VariantSpec {
    pub path: SitePath,
    pub url: String,
    pub rendition: Rendition,
}

impl AsRef<Rendition> for VariantSpec {
    fn as_ref(&self) -> &Rendition {
        &self.rendition
    }
}

/// The recipe that a preset asks for, in one of its formats.
pub(super) fn recipe(preset: &Preset, format: Format, scale: Scale, is_animated: bool) -> Recipe {
    let encoder = format.encoder();
    Recipe {
        format,
        quality: preset.quality,
        effort: preset.effort,
        lossless: preset.lossless,
        resize: preset.resize,
        // The animation encoder takes no profile.
        color: if encoder.keeps_profile && !is_animated {
            preset.color
        } else {
            Color::Srgb
        },
        scale,
        background: preset.background.filter(|_| !encoder.has_alpha),
        is_sharp: preset.sharp_yuv && encoder.has_sharp_yuv,
        is_animated,
    }
}
