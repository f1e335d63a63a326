//! PNG through `oxipng`: the fewest bits that hold every pixel.

use std::sync::atomic::AtomicBool;

use oxipng::{BitDepth, ColorType, Options, RawImage};

use crate::error::EncodeError;
use crate::pixels::{Channels, Pixels};
use crate::recipe::Recipe;

/// Encodes pixels, and the profile of their values.
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
    // Its levels 3 and above try every filter on every row, for one byte in a hundred.
    let options = Options {
        // What cannot be seen may be what compresses best.
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
