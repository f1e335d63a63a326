//! The keys of a preset file, and the recipes of variants that they determine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Densities, Formats, Ladder, Media, Sizes, SourceFile};
use crate::path::SitePath;
use crate::picture::framing::{Aspect, Background, Fit, Focus};
use crate::picture::info::Format;
use crate::picture::placeholder::PlaceholderKinds;
use crate::picture::quality::{EffortSpec, QualitySpec};
use crate::picture::recipe::{Color, Lossless, Motion, Recipe, Resize, Scale};
use crate::picture::units::{Effort, Quality};

/// How images of one kind are resized and encoded: a file `presets/NAME.yml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "planche preset")]
pub struct Preset {
    /// The variant widths: a list in pixels, ascending, or `min`, `max` and `step_bytes` for widths
    /// by file size. With `densities`, the one width of the slot in CSS pixels.
    pub widths: Ladder,
    /// The `sizes` attribute: how wide the layout shows the image. Required without `densities`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sizes: Option<Sizes>,
    /// Pixel densities, ascending, for a slot whose width never changes. Replaces `sizes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub densities: Option<Densities>,
    /// The formats of the variants. The last one is for browsers that support none of the others.
    #[serde(default = "default_formats")]
    pub formats: Formats,
    /// The quality of lossy variants, 0 to 100 on libwebp's scale (other formats use a quality
    /// that looks the same), or `{ ssimulacra2: 75 }`: for each variant, the lowest quality that
    /// reaches this score.
    #[serde(default = "default_quality")]
    pub quality: QualitySpec,
    /// How much time to spend on smaller files, 0 (fast) to 6 (small) on libwebp's scale, or
    /// `auto`: more for small variants.
    #[serde(default = "default_effort")]
    pub effort: EffortSpec,
    /// Which variants are encoded without loss.
    #[serde(default)]
    pub lossless: Lossless,
    /// Whether lossy WebP keeps edges between colors sharp. Useful for small images.
    #[serde(default)]
    pub sharp_yuv: bool,
    /// Which values are averaged when an image is resized.
    #[serde(default)]
    pub resize: Resize,
    /// Whether colors are converted to sRGB or the ICC profile is kept.
    #[serde(default)]
    pub color: Color,
    /// The aspect ratio, width to height, such as `16/9`. Default: that of each image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aspect: Option<Aspect>,
    /// How an image of another aspect ratio fills the slot. Requires `aspect`. Default: `cover`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// The part of the image that `fit: cover` keeps, unless the article names a focal point.
    /// Default: `center`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
    /// The color around the image with `fit: contain`, and the background of transparency in JPEG.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<Background>,
    /// Art direction: other settings for some windows. The first matching entry wins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<ArtDirection>,
    /// Whether an SVG gets variants. Otherwise it is published as is.
    #[serde(default)]
    pub rasterise: bool,
    /// What becomes of an animation.
    #[serde(default)]
    pub animation: Animation,
    /// The placeholders in records, to show until the image has loaded.
    #[serde(default, skip_serializing_if = "PlaceholderKinds::is_empty")]
    pub placeholder: PlaceholderKinds,
}

/// Settings for the same slot in some windows. Missing keys are those of the preset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArtDirection {
    /// The media condition, such as `(max-width: 40em)`.
    pub media: Media,
    /// The file that this source shows instead, beside the original: `{stem}-dark` is `hero-dark.jpg`
    /// for `hero.jpg`. Another extension may be named. Images without such a file have no such source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<SourceFile>,
    /// The variant widths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub widths: Option<Ladder>,
    /// The `sizes` attribute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sizes: Option<Sizes>,
    /// The aspect ratio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aspect: Option<Aspect>,
    /// How an image of another aspect ratio fills the slot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// The part of the image that `fit: cover` keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<Focus>,
}

/// What becomes of an animation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Animation {
    /// Variants are animated WebP.
    #[default]
    Keep,
    /// Variants show the first frame.
    FirstFrame,
}

/// The keys that a preset and each entry of its `sources` have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SlotKeys<'p> {
    pub widths: Option<&'p Ladder>,
    pub sizes: Option<&'p Sizes>,
    pub aspect: Option<Aspect>,
    pub fit: Option<Fit>,
    pub focus: Option<Focus>,
}

impl SlotKeys<'_> {
    /// Returns these keys, filling missing ones from `other`.
    pub fn or(self, other: Self) -> Self {
        SlotKeys {
            widths: self.widths.or(other.widths),
            sizes: self.sizes.or(other.sizes),
            aspect: self.aspect.or(other.aspect),
            fit: self.fit.or(other.fit),
            focus: self.focus.or(other.focus),
        }
    }
}

impl Preset {
    /// Returns the keys that entries of `sources` may replace.
    pub(crate) fn slot_keys(&self) -> SlotKeys<'_> {
        SlotKeys {
            widths: Some(&self.widths),
            sizes: self.sizes.as_ref(),
            aspect: self.aspect,
            fit: self.fit,
            focus: self.focus,
        }
    }

    /// Returns the recipe by which variants in `format` are encoded.
    pub(crate) fn recipe(&self, format: Format, scale: Scale, motion: Motion) -> Recipe {
        let encoder = format.encoder();
        let is_animated = motion == Motion::Animated;
        Recipe {
            format,
            quality: self.quality,
            effort: self.effort,
            lossless: self.lossless,
            resize: self.resize,
            // The encoder of animations cannot embed a profile.
            color: if encoder.keeps_profile && !is_animated {
                self.color
            } else {
                Color::Srgb
            },
            scale,
            background: self.background.filter(|_| !encoder.has_alpha),
            is_sharp: self.sharp_yuv && encoder.has_sharp_yuv,
            is_animated,
        }
    }

    /// Returns the paths of the files that sources show instead of the original, whether these
    /// files exist or not.
    pub fn other_files(&self, original: &SitePath) -> impl Iterator<Item = SitePath> {
        let files = self
            .sources
            .iter()
            .filter_map(|source| source.from.as_ref());
        files.filter_map(|file| file.beside(original))
    }

    /// Returns whether images may be cropped, so that the focus matters.
    pub(crate) fn is_cut(&self) -> bool {
        let keys = self.slot_keys();
        self.sources
            .iter()
            .map(|source| source.slot_keys().or(keys))
            .chain([keys])
            .any(|keys| keys.aspect.is_some() && keys.fit != Some(Fit::Contain))
    }
}

impl ArtDirection {
    /// Returns the keys that this entry sets.
    pub(crate) fn slot_keys(&self) -> SlotKeys<'_> {
        SlotKeys {
            widths: self.widths.as_ref(),
            sizes: self.sizes.as_ref(),
            aspect: self.aspect,
            fit: self.fit,
            focus: self.focus,
        }
    }
}

fn default_formats() -> Formats {
    Formats::only(Format::WEBP)
}

fn default_quality() -> QualitySpec {
    Quality::new(80.0).expect("80 is a quality").into()
}

fn default_effort() -> EffortSpec {
    Effort::new(4).expect("4 is an effort").into()
}
