//! From an original's bytes to its samples, as stored: not yet upright, not yet sRGB.

mod animation;
mod avif;
mod jpeg;
mod svg;
mod tiff;

use std::io::Cursor;

use image::codecs::bmp::BmpDecoder;
use image::codecs::gif::GifDecoder;
use image::codecs::ico::IcoDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{ColorType, ImageDecoder};
use tracing::trace_span;

pub use svg::rasterise;

use super::VariantError;
use crate::original::{
    ColourSpace, Icon, Raster, RasterFormat, image_limits, largest_icon, png_colour_space,
};
use crate::plan::Scale;
use crate::units::Dimensions;

pub(super) use animation::frames;

/// What a decoder gives.
#[derive(Clone)]
pub(super) struct Decoded {
    pub samples: Samples,
    pub colour: ColourSpace,
}

/// A picture at its own size or another.
pub(super) struct Rendered {
    pub decoded: Decoded,
    pub samples: Dimensions,
    /// How far the picture reaches over the samples, across and down.
    pub extent: (f64, f64),
    /// The scales that it stands for: all for which it was not decoded smaller.
    pub scales: Vec<Scale>,
}

impl Rendered {
    /// At the size at which it is stored.
    pub fn whole(decoded: Decoded, stored: Dimensions, scales: Vec<Scale>) -> Self {
        Rendered {
            decoded,
            samples: stored,
            extent: Scale::Whole.extent(stored),
            scales,
        }
    }
}

/// Samples by kind; rows without padding.
#[derive(Clone)]
pub(super) enum Samples {
    Gray(Vec<u8>),
    GrayAlpha(Vec<u8>),
    Rgb(Vec<u8>),
    Rgba(Vec<u8>),
    /// Ink coverage, 255 is full.
    Cmyk(Vec<u8>),
    Gray16(Vec<u16>),
    GrayAlpha16(Vec<u16>),
    Rgb16(Vec<u16>),
    Rgba16(Vec<u16>),
}

/// Decodes an original whose header is known; of an animation, its first frame.
pub(super) fn decode(bytes: &[u8], raster: &Raster) -> Result<Decoded, VariantError> {
    let _span = trace_span!("decode", pixels = raster.stored.pixels()).entered();
    match raster.format {
        RasterFormat::Gif | RasterFormat::Png | RasterFormat::Webp if raster.is_animated => {
            animation::first(bytes, raster)
        }
        RasterFormat::Jpeg => jpeg::decode(bytes),
        RasterFormat::Png => decode_png(bytes, raster),
        RasterFormat::Gif => decode_image(GifDecoder::new(Cursor::new(bytes)), raster),
        RasterFormat::Webp => decode_image(WebPDecoder::new(Cursor::new(bytes)), raster),
        RasterFormat::Avif => avif::decode(bytes, raster),
        RasterFormat::Tiff => tiff::decode(bytes, raster),
        RasterFormat::Bmp => decode_image(BmpDecoder::new(Cursor::new(bytes)), raster),
        RasterFormat::Ico => match largest_icon(bytes) {
            Ok(Icon::Png(png)) => decode_png(png, raster),
            Ok(Icon::Bitmap(bitmap)) => {
                decode_image(IcoDecoder::new(Cursor::new(bitmap.as_ref())), raster)
            }
            Err(reason) => Err(VariantError::Decode(reason.to_owned())),
        },
    }
}

/// Decodes an original at each of several scales. Where a decoder cannot do it smaller, whatever the
/// reason, the whole picture stands for that scale too, and its decoder has the last word.
pub(super) fn at_scales(
    bytes: &[u8],
    raster: &Raster,
    scales: &[Scale],
) -> Result<Vec<Rendered>, VariantError> {
    let mut rendered = Vec::new();
    let mut whole = Vec::new();
    for scale in scales {
        match smaller(bytes, raster, *scale) {
            Some(decoded) => rendered.push(Rendered {
                decoded,
                samples: scale.samples(raster.stored),
                extent: scale.extent(raster.stored),
                scales: vec![*scale],
            }),
            None => whole.push(*scale),
        }
    }
    if !whole.is_empty() {
        let decoded = decode(bytes, raster)?;
        rendered.push(Rendered::whole(decoded, raster.stored, whole));
    }
    Ok(rendered)
}

fn smaller(bytes: &[u8], raster: &Raster, scale: Scale) -> Option<Decoded> {
    if raster.format != RasterFormat::Jpeg || scale == Scale::Whole {
        return None;
    }
    let _span = trace_span!("decode", pixels = raster.stored.pixels()).entered();
    jpeg::smaller(bytes, raster.stored, scale)
}

/// Renders a drawing at a size in pixels.
pub(super) fn drawn(svg: &[u8], dimensions: Dimensions) -> Result<Decoded, VariantError> {
    let _span = trace_span!("decode", pixels = dimensions.pixels()).entered();
    let pixels = svg::rasterise(svg, dimensions)?;
    Ok(Decoded {
        samples: Samples::Rgba(pixels.samples),
        colour: ColourSpace::of_icc(None),
    })
}

fn decode_png(bytes: &[u8], raster: &Raster) -> Result<Decoded, VariantError> {
    let limits = image_limits(raster.decode_bytes);
    let mut decoded = decode_image(PngDecoder::with_limits(Cursor::new(bytes), limits), raster)?;
    let icc = match decoded.colour {
        ColourSpace::Icc(icc) => Some(icc),
        _ => None,
    };
    decoded.colour = png_colour_space(bytes, icc);
    Ok(decoded)
}

fn decode_image<D: ImageDecoder>(
    decoder: image::ImageResult<D>,
    raster: &Raster,
) -> Result<Decoded, VariantError> {
    let failed = |error: image::ImageError| VariantError::Decode(error.to_string());
    let mut decoder = decoder.map_err(failed)?;
    decoder
        .set_limits(image_limits(raster.decode_bytes.saturating_mul(2)))
        .map_err(failed)?;
    let (width, height) = decoder.dimensions();
    if (width, height) != (raster.stored.width, raster.stored.height) {
        return Err(VariantError::Changed);
    }
    // A profile that cannot be read is none.
    let colour_space = ColourSpace::of_icc(decoder.icc_profile().ok().flatten());
    let colour = decoder.color_type();
    let length = usize::try_from(decoder.total_bytes())
        .map_err(|_| VariantError::Decode("it has too many pixels".to_owned()))?;
    let mut bytes = vec![0; length];
    decoder.read_image(&mut bytes).map_err(failed)?;
    let samples = match colour {
        ColorType::L8 => Samples::Gray(bytes),
        ColorType::Rgb8 => Samples::Rgb(bytes),
        ColorType::Rgba8 => Samples::Rgba(bytes),
        ColorType::La8 => Samples::GrayAlpha(bytes),
        ColorType::L16 => Samples::Gray16(wide(&bytes)),
        ColorType::Rgb16 => Samples::Rgb16(wide(&bytes)),
        ColorType::Rgba16 => Samples::Rgba16(wide(&bytes)),
        ColorType::La16 => Samples::GrayAlpha16(wide(&bytes)),
        other => {
            return Err(VariantError::Decode(format!(
                "samples of type {other:?} are not read"
            )));
        }
    };
    Ok(Decoded {
        samples,
        colour: colour_space,
    })
}

fn wide(bytes: &[u8]) -> Vec<u16> {
    bytes
        .chunks_exact(2)
        .map(|pair| u16::from_ne_bytes([pair[0], pair[1]]))
        .collect()
}

/// Divides alpha, the last of a pixel's samples, out of the others.
fn divide_alpha<T: Copy + Into<u32> + TryFrom<u32>>(samples: &mut [T], channels: usize, full: T) {
    let whole: u32 = full.into();
    for pixel in samples.chunks_exact_mut(channels) {
        let Some((alpha, colours)) = pixel.split_last_mut() else {
            continue;
        };
        let alpha: u32 = (*alpha).into();
        if alpha == 0 || alpha == whole {
            continue;
        }
        for colour in colours {
            let value: u64 = u64::from((*colour).into());
            let divided = (value * u64::from(whole) + u64::from(alpha / 2)) / u64::from(alpha);
            let divided = u32::try_from(divided).unwrap_or(whole).min(whole);
            *colour = T::try_from(divided).unwrap_or(full);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpha_is_divided_out_and_no_sample_leaves_its_range() {
        let mut pixels = [64u8, 0, 200, 128, 9, 9, 9, 0, 5, 6, 7, 255];
        divide_alpha(&mut pixels, 4, u8::MAX);
        assert_eq!(pixels, [128, 0, 255, 128, 9, 9, 9, 0, 5, 6, 7, 255]);
        let mut gray = [32_768u16, 32_768];
        divide_alpha(&mut gray, 2, u16::MAX);
        assert_eq!(gray, [u16::MAX, 32_768]);
    }
}
