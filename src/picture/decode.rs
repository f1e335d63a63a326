//! Decodes files: bytes go in, samples at full size or at a smaller scale come out. Unless a
//! function says otherwise, they have the stored orientation and color space.

use crate::color::{Transforms, to_srgb};
use crate::error::ImageError;
use crate::format::Decoder;
use crate::info::{ImageInfo, Raster};
use crate::pixels::{Decoded, Pixels};
use crate::recipe::Scale;
use crate::units::Dimensions;

/// An image decoded at its full size or smaller.
pub struct ScaledImage {
    pub decoded: Decoded,
    pub samples: Dimensions,
    /// Width and height of the image in samples; a fraction if the last ones are covered in part.
    pub extent: (f64, f64),
    /// The scales that it is used for: its own, or all that the decoder does not support.
    pub scales: Vec<Scale>,
}

impl ScaledImage {
    /// Creates an image at full size.
    pub fn whole(decoded: Decoded, stored: Dimensions, scales: Vec<Scale>) -> Self {
        ScaledImage {
            decoded,
            samples: stored,
            extent: Scale::Whole.extent(stored),
            scales,
        }
    }
}

/// Decodes an image whose headers were read, or the first frame of an animation.
pub fn decode(bytes: &[u8], raster: &Raster) -> Result<Decoded, ImageError> {
    match raster.format.spec().decoder {
        Decoder::Raster { decode, .. } => decode(bytes, raster),
        Decoder::Vector { .. } => Err(ImageError::Decode("it is a drawing".to_owned())),
    }
}

/// Decodes an image to sRGB, in the stored orientation. Panics if the decoder does.
pub fn pixels(
    bytes: &[u8],
    raster: &Raster,
    transforms: &Transforms,
) -> Result<Pixels, ImageError> {
    to_srgb(decode(bytes, raster)?, raster.stored, transforms)
}

/// Decodes an image at a scale; its headers were read before. Returns `None` if the decoder cannot
/// decode it at that scale, for any reason: the caller then uses the full image, whose decoder
/// reports any error.
pub fn at_scale(
    bytes: &[u8],
    raster: &Raster,
    scale: Scale,
) -> Result<Option<Decoded>, ImageError> {
    if scale == Scale::Whole {
        return decode(bytes, raster).map(Some);
    }
    let Decoder::Raster { decode_scaled, .. } = &raster.format.spec().decoder else {
        return Ok(None);
    };
    let decode_scaled = decode_scaled.as_ref();
    Ok(decode_scaled.and_then(|decode_scaled| decode_scaled(bytes, raster.stored, scale)))
}

/// Minimum number of pixels across the scaled image for each pixel across a variant. With this
/// many, variants look like those of the full image (`cargo bench --bench scale`).
const HEADROOM: u32 = 4;
/// Number of pixels of an original from which decoding at half the size is faster than at full
/// size; decoding at a quarter always is. Measured by the same bench.
const LARGE: u64 = 16_000_000;

/// Returns the smallest scale that is enough for the variants of an image. For each preset,
/// `widths` has the width of the part of the original that its variants show, and the width of its
/// largest variant, in pixels.
pub fn scale_for(info: &ImageInfo, widths: impl Iterator<Item = (u32, u32)>) -> Scale {
    let scales: &[Scale] = match info {
        ImageInfo::Raster(raster) if !is_scalable(raster) => &[],
        ImageInfo::Raster(raster) if raster.stored.pixels() < LARGE => &[Scale::Quarter],
        ImageInfo::Raster(_) => &[Scale::Quarter, Scale::Half],
        ImageInfo::Vector { .. } => &[],
    };
    let smallest = |(shown, largest): (u32, u32)| {
        let is_enough = |scale: &Scale| {
            u64::from(shown) * u64::from(scale.eighths())
                >= 8 * u64::from(HEADROOM) * u64::from(largest)
        };
        let enough = scales.iter().copied().find(is_enough);
        enough.unwrap_or(Scale::Whole)
    };
    widths.map(smallest).max().unwrap_or(Scale::Whole)
}

fn is_scalable(raster: &Raster) -> bool {
    let decoder = &raster.format.spec().decoder;
    matches!(decoder, Decoder::Raster { decode_scaled, .. } if decode_scaled.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::info::{Format, Orientation};

    const STORED: Dimensions = Dimensions {
        width: 1280,
        height: 853,
    };

    fn picture(format: Format, stored: Dimensions) -> ImageInfo {
        ImageInfo::Raster(Raster {
            format,
            stored,
            orientation: Orientation::UPRIGHT,
            has_alpha: false,
            is_animated: false,
            total_milliseconds: 0,
            passes: 1,
            is_publishable: true,
            has_certain_position: false,
            decode_bytes: stored.pixels() * 3,
        })
    }

    #[test]
    fn the_largest_width_decides_the_scale() {
        let scale = |picture: &ImageInfo, ladders: &[(u32, u32)]| {
            scale_for(picture, ladders.iter().copied())
        };
        let small = picture(Format::JPEG, STORED);
        assert_eq!(scale(&small, &[(1280, 80)]), Scale::Quarter);
        assert_eq!(scale(&small, &[(1280, 81)]), Scale::Whole);
        assert_eq!(scale(&small, &[(1280, 80), (200, 80)]), Scale::Whole);
        assert_eq!(scale(&small, &[]), Scale::Whole);
        let png = picture(Format::PNG, STORED);
        assert_eq!(scale(&png, &[(1280, 80)]), Scale::Whole);
        let size = Dimensions {
            width: 4000,
            height: 4000,
        };
        let large = picture(Format::JPEG, size);
        assert_eq!(scale(&large, &[(4000, 250)]), Scale::Quarter);
        assert_eq!(scale(&large, &[(4000, 251)]), Scale::Half);
        assert_eq!(scale(&large, &[(4000, 250), (4000, 251)]), Scale::Half);
        assert_eq!(scale(&large, &[(4000, 501)]), Scale::Whole);
    }
}
