//! PNG through `oxipng`: the fewest bits that hold every pixel.

use oxipng::{BitDepth, ColorType, Options, RawImage};

use super::EncodeError;
use crate::units::Effort;
use crate::variant::{Channels, Pixels};

/// Encodes pixels, and the profile that they are meant by.
pub(super) fn encode(
    pixels: &Pixels,
    effort: Effort,
    icc: Option<&[u8]>,
) -> Result<Vec<u8>, EncodeError> {
    let colour = match pixels.channels {
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
        // A profile of colours cannot stand in a file of gray.
        grayscale_reduction: icc.is_none(),
        ..Options::from_preset(effort.get().div_ceil(2).min(3))
    };
    let samples = pixels.samples.clone();
    let (width, height) = (pixels.dimensions.width, pixels.dimensions.height);
    let image = RawImage::new(width, height, colour, BitDepth::Eight, samples);
    let mut image = image.map_err(|_| EncodeError::Refused)?;
    if let Some(icc) = icc {
        image.add_icc_profile(icc);
    }
    image
        .create_optimized_png(&options)
        .map_err(|_| EncodeError::Refused)
}
