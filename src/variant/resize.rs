//! Downscaling: Lanczos3, alpha premultiplied once for all rungs.

use std::cell::RefCell;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, MulDiv, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::{Channels, Pixels, VariantError};
use crate::units::Dimensions;

thread_local! {
    /// One a thread: it keeps its buffers and coefficients from rung to rung.
    static RESIZER: RefCell<Resizer> = RefCell::new(Resizer::new());
}

fn pixel_type(channels: Channels) -> PixelType {
    match channels {
        Channels::Gray => PixelType::U8,
        Channels::Rgb => PixelType::U8x3,
        Channels::Rgba | Channels::RgbaPremultiplied => PixelType::U8x4,
    }
}

/// Makes the pixels ready to be resized to any number of sizes.
pub(super) fn prepare(mut pixels: Pixels) -> Result<Pixels, VariantError> {
    if pixels.channels == Channels::Rgba {
        in_place(&mut pixels, |image| {
            MulDiv::new().multiply_alpha_inplace(image)
        })?;
        pixels.channels = Channels::RgbaPremultiplied;
    }
    Ok(pixels)
}

/// The prepared pixels at another size, as stored; alpha is divided out again.
pub(super) fn resize(pixels: &Pixels, target: Dimensions) -> Result<Pixels, VariantError> {
    let kind = pixel_type(pixels.channels);
    let failed = |error: &dyn std::fmt::Display| VariantError::Resize(error.to_string());
    let source = ImageRef::new(
        pixels.dimensions.width,
        pixels.dimensions.height,
        &pixels.samples,
        kind,
    )
    .map_err(|error| failed(&error))?;
    let mut image = Image::new(target.width, target.height, kind);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .use_alpha(false);
    RESIZER
        .with_borrow_mut(|resizer| resizer.resize(&source, &mut image, &options))
        .map_err(|error| failed(&error))?;
    let mut resized = Pixels {
        dimensions: target,
        channels: pixels.channels,
        samples: image.into_vec(),
    };
    if resized.channels == Channels::RgbaPremultiplied {
        in_place(&mut resized, |image| {
            MulDiv::new().divide_alpha_inplace(image)
        })?;
        resized.channels = Channels::Rgba;
    }
    Ok(resized)
}

fn in_place<E: std::fmt::Display>(
    pixels: &mut Pixels,
    change: impl FnOnce(&mut Image<'_>) -> Result<(), E>,
) -> Result<(), VariantError> {
    let kind = pixel_type(pixels.channels);
    let Dimensions { width, height } = pixels.dimensions;
    let mut image = Image::from_slice_u8(width, height, &mut pixels.samples, kind)
        .map_err(|error| VariantError::Resize(error.to_string()))?;
    change(&mut image).map_err(|error| VariantError::Resize(error.to_string()))
}
