//! Code shared by the formats that the `image` crate decodes.

use image::{ColorType, ImageDecoder};

use crate::color::ColorSpace;
use crate::error::ImageError;
use crate::info::Raster;
use crate::pixels::{Decoded, Samples, wide};
use crate::reason::UNUSUAL;
use crate::units::Dimensions;

/// Maximum number of bytes that a decoder may use for data other than pixels: profiles, texts,
/// tables.
pub const METADATA_BYTES: u64 = 64 << 20;

/// Returns the limits for the decoders of the `image` crate: the bytes of the pixels that the
/// header declares, and [`METADATA_BYTES`] for the rest.
pub fn image_limits(pixels_bytes: u64) -> image::Limits {
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(pixels_bytes.saturating_add(METADATA_BYTES));
    limits
}

pub fn dimensions(decoder: &impl ImageDecoder) -> Dimensions {
    let (width, height) = decoder.dimensions();
    Dimensions { width, height }
}

/// Returns the memory, in bytes, for the decoder's samples, a second copy of 16-bit ones as
/// numbers, and a third buffer of at least three channels if a profile converts them.
pub fn decode_bytes(stored: Dimensions, color: ColorType, is_srgb: bool) -> u64 {
    let bytes = u64::from(color.bytes_per_pixel());
    let is_wide = color.bytes_per_pixel() > color.channel_count();
    let copies = if is_wide { 2 * bytes } else { bytes };
    let converted = if is_srgb { 0 } else { bytes.max(3) };
    stored.pixels().saturating_mul(copies + converted)
}

/// Returns the memory, in bytes, for composing an animation: the canvas, a backup of it for frames
/// that are restored, and a copy for color conversion, all with alpha. Returns 0 for a still image.
pub fn composed_bytes(stored: Dimensions, color: ColorType, is_animated: bool) -> u64 {
    if !is_animated {
        return 0;
    }
    let sample = u64::from(color.bytes_per_pixel() / color.channel_count());
    let channels = if color.has_color() { 4 } else { 2 };
    stored.pixels().saturating_mul(3 * channels * sample)
}

/// Decodes an image with these headers.
pub fn decode_image<D: ImageDecoder>(
    decoder: image::ImageResult<D>,
    raster: &Raster,
) -> Result<Decoded, ImageError> {
    let failed = |error: image::ImageError| ImageError::of_decoder(&error);
    let mut decoder = decoder.map_err(failed)?;
    decoder
        .set_limits(image_limits(raster.decode_bytes.saturating_mul(2)))
        .map_err(failed)?;
    let (width, height) = decoder.dimensions();
    if (width, height) != (raster.stored.width, raster.stored.height) {
        return Err(ImageError::Changed);
    }
    // An unreadable profile is ignored.
    let color_space = ColorSpace::of_icc(decoder.icc_profile().ok().flatten());
    let color = decoder.color_type();
    let length = usize::try_from(decoder.total_bytes())
        .map_err(|_| ImageError::Decode("it has too many pixels".to_owned()))?;
    let mut bytes = vec![0; length];
    decoder.read_image(&mut bytes).map_err(failed)?;
    let samples = match color {
        ColorType::L8 => Samples::Gray(bytes),
        ColorType::Rgb8 => Samples::Rgb(bytes),
        ColorType::Rgba8 => Samples::Rgba(bytes),
        ColorType::La8 => Samples::GrayAlpha(bytes),
        ColorType::L16 => Samples::Gray16(wide(&bytes)),
        ColorType::Rgb16 => Samples::Rgb16(wide(&bytes)),
        ColorType::Rgba16 => Samples::Rgba16(wide(&bytes)),
        ColorType::La16 => Samples::GrayAlpha16(wide(&bytes)),
        _ => return Err(ImageError::Decode(UNUSUAL.to_owned())),
    };
    Ok(Decoded {
        samples,
        color: color_space,
    })
}
