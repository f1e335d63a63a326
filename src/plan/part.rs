//! The settings of one `<source>` or of the `<img>`, applied to an image: widths and framing.

use super::ladder;
use crate::picture::framing::{Aspect, Background, Fit, FocalPoint, Focus};
use crate::picture::info::ImageInfo;
use crate::picture::recipe::Framing;
use crate::picture::units::Dimensions;
use crate::preset::{ByteLadder, Ladder, Preset, Sizes, SlotKeys};

/// The settings of one `<source>`, or of the `<img>`.
pub(super) struct Part<'p> {
    pub widths: &'p Ladder,
    pub sizes: Option<&'p Sizes>,
    pub aspect: Option<Aspect>,
    fit: Fit,
    focus: Focus,
}

impl<'p> Part<'p> {
    /// Creates the settings from keys of `preset`. The article's focal point takes precedence.
    pub fn new(keys: SlotKeys<'p>, preset: &'p Preset, point: Option<FocalPoint>) -> Self {
        Part {
            widths: keys.widths.unwrap_or(&preset.widths),
            sizes: keys.sizes,
            aspect: keys.aspect,
            fit: keys.fit.unwrap_or_default(),
            focus: point.map(Focus::Point).or(keys.focus).unwrap_or_default(),
        }
    }

    /// Returns the size of the part of the image that variants show, in pixels of the original.
    /// With a frame, the frame's size.
    pub fn shown(&self, picture: &ImageInfo, preset: &Preset) -> Dimensions {
        let own = picture.dimensions();
        match (self.framing(picture, preset), self.aspect) {
            (Framing::Whole, _) | (_, None) => own,
            (Framing::Cover { window, .. }, Some(_)) => window,
            (Framing::Contain { .. }, Some(aspect)) => aspect.around(own),
        }
    }

    /// Returns the widths that are known before encoding, ascending: all widths of a listed ladder,
    /// or the smallest and the largest if the others are chosen by bytes.
    pub fn widths(&self, picture: &ImageInfo, preset: &Preset) -> Vec<u32> {
        // A vector image has no largest width.
        let is_scalable = matches!(picture, ImageInfo::Vector { .. });
        let shown = self.shown(picture, preset);
        ladder::widths(shown, &self.asked(preset), is_scalable)
    }

    /// Returns the width of the part that variants show, in pixels of the original, and the largest
    /// width of variants; `None` if there are no variants.
    pub fn ends(&self, picture: &ImageInfo, preset: &Preset) -> Option<(u32, u32)> {
        let largest = self.widths(picture, preset).pop()?;
        Some((self.shown(picture, preset).width, largest))
    }

    /// Whether variants have a frame around the image.
    pub fn is_framed(&self, picture: &ImageInfo, preset: &Preset) -> bool {
        matches!(self.framing(picture, preset), Framing::Contain { .. })
    }

    /// Returns the widths that the preset names, ascending, whatever the image's own width is.
    pub fn asked(&self, preset: &Preset) -> Vec<u32> {
        match (&preset.densities, self.widths) {
            (Some(densities), widths) => densities.widths(widths.largest()).collect(),
            (None, Ladder::Listed(widths)) => widths.iter().collect(),
            (None, Ladder::ByBytes(ladder)) => vec![ladder.min.get(), ladder.max.get()],
        }
    }

    /// Returns the settings that choose the widths between the smallest and the largest, if bytes
    /// decide.
    pub fn by_bytes(&self, preset: &Preset) -> Option<&'p ByteLadder> {
        match (&preset.densities, self.widths) {
            (None, Ladder::ByBytes(ladder)) => Some(ladder),
            _ => None,
        }
    }

    /// Returns how the image fills a variant.
    pub fn framing(&self, picture: &ImageInfo, preset: &Preset) -> Framing {
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
