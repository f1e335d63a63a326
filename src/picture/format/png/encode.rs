//! Encodes PNG with `oxipng`, without loss, in the color type and bit depth with the fewest bits.

use std::sync::atomic::AtomicBool;

use oxipng::{BitDepth, ColorType, Options, RawImage};

use crate::error::EncodeError;
use crate::pixels::{Channels, Pixels};
use crate::recipe::Recipe;

/// Encodes pixels, and embeds their ICC profile.
pub(super) fn encode(
    pixels: &Pixels,
    recipe: &Recipe,
    icc: Option<&[u8]>,
    _stop: &AtomicBool,
) -> Result<Vec<u8>, EncodeError> {
    let effort = recipe.effort.for_dimensions(pixels.dimensions);
    let color = match pixels.channels {
        Channels::Gray => ColorType::Grayscale {
            transparent_shade: None,
        },
        Channels::Rgb => ColorType::RGB {
            transparent_color: None,
        },
        Channels::Rgba => ColorType::RGBA,
    };
    // From level 3 on, oxipng tries every filter on every row, which saves one byte in a hundred.
    let options = Options {
        // Invisible colors may be replaced by those that compress best.
        optimize_alpha: true,
        // An RGB profile is invalid in a gray file.
        grayscale_reduction: icc.is_none(),
        ..Options::from_preset(effort.get().div_ceil(2).min(3))
    };
    let samples = pixels.samples.clone();
    let (width, height) = (pixels.dimensions.width, pixels.dimensions.height);
    let image = RawImage::new(width, height, color, BitDepth::Eight, samples);
    let mut image = image.map_err(|_| EncodeError::Refused)?;
    if let Some(icc) = icc {
        image.add_icc_profile(icc);
    }
    image
        .create_optimized_png(&options)
        .map_err(|_| EncodeError::Refused)
}
