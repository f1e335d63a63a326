//! From an original's bytes to its samples, as stored: not yet upright, not yet sRGB.

use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{ColorType, ImageDecoder};
use zune_core::colorspace::ColorSpace;

use super::VariantError;
use crate::original::{Raster, RasterFormat, image_limits, open_jpeg};

/// What a decoder gives.
pub(super) struct Decoded {
    pub samples: Samples,
    pub icc: Option<Vec<u8>>,
}

/// Samples by kind; rows without padding.
pub(super) enum Samples {
    Gray(Vec<u8>),
    Rgb(Vec<u8>),
    Rgba(Vec<u8>),
    /// Ink coverage, 255 is full.
    Cmyk(Vec<u8>),
    Gray16(Vec<u16>),
    Rgb16(Vec<u16>),
    Rgba16(Vec<u16>),
}

/// Decodes an original whose header is known.
pub(super) fn decode(bytes: &[u8], raster: &Raster) -> Result<Decoded, VariantError> {
    match raster.format {
        RasterFormat::Jpeg => decode_jpeg(bytes),
        RasterFormat::Png => {
            let limits = image_limits(raster.decode_bytes);
            decode_image(PngDecoder::with_limits(Cursor::new(bytes), limits), raster)
        }
        RasterFormat::Gif => decode_image(GifDecoder::new(Cursor::new(bytes)), raster),
        RasterFormat::Webp => decode_image(WebPDecoder::new(Cursor::new(bytes)), raster),
    }
}

fn decode_jpeg(bytes: &[u8]) -> Result<Decoded, VariantError> {
    let failed = |reason: String| VariantError::Decode(reason);
    let headers = open_jpeg(bytes, None).map_err(failed)?;
    let icc = headers.icc_profile();
    // A profile of four inks is applied to the inks themselves; without one the decoder's own
    // conversion is what browsers do.
    let wanted = match headers.input_colorspace() {
        Some(ColorSpace::Luma) => ColorSpace::Luma,
        Some(inks @ (ColorSpace::CMYK | ColorSpace::YCCK)) if icc.is_some() => inks,
        _ => ColorSpace::RGB,
    };
    drop(headers);
    let mut decoder = open_jpeg(bytes, Some(wanted)).map_err(failed)?;
    let samples = decoder
        .decode()
        .map_err(|error| failed(error.to_string().trim_matches(['"', '\n', ' ']).to_owned()))?;
    let samples = match wanted {
        ColorSpace::Luma => Samples::Gray(samples),
        ColorSpace::CMYK => Samples::Cmyk(inverted(samples)),
        ColorSpace::YCCK => Samples::Cmyk(ycck_to_cmyk(samples)),
        _ => Samples::Rgb(samples),
    };
    Ok(Decoded { samples, icc })
}

/// Adobe's CMYK JPEGs store 255 minus the coverage.
fn inverted(mut samples: Vec<u8>) -> Vec<u8> {
    for sample in &mut samples {
        *sample = 255 - *sample;
    }
    samples
}

/// YCC over inverted inks (Adobe Technical Note 5116), by the matrix of JFIF: R, G, B are 255 minus
/// cyan, magenta, yellow as stored, which are inverted once more.
fn ycck_to_cmyk(mut samples: Vec<u8>) -> Vec<u8> {
    for pixel in samples.chunks_exact_mut(4) {
        let (y, cb, cr) = (
            f32::from(pixel[0]),
            f32::from(pixel[1]) - 128.0,
            f32::from(pixel[2]) - 128.0,
        );
        let stored = [
            y + 1.402 * cr,
            y - 0.344_136 * cb - 0.714_136 * cr,
            y + 1.772 * cb,
        ];
        for (sample, value) in pixel.iter_mut().zip(stored) {
            *sample = 255 - value.round().clamp(0.0, 255.0) as u8;
        }
        pixel[3] = 255 - pixel[3];
    }
    samples
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
    let icc = decoder.icc_profile().ok().flatten();
    let colour = decoder.color_type();
    let length = usize::try_from(decoder.total_bytes())
        .map_err(|_| VariantError::Decode("it has too many pixels".to_owned()))?;
    let mut bytes = vec![0; length];
    decoder.read_image(&mut bytes).map_err(failed)?;
    let samples = match colour {
        ColorType::L8 => Samples::Gray(bytes),
        ColorType::Rgb8 => Samples::Rgb(bytes),
        ColorType::Rgba8 => Samples::Rgba(bytes),
        ColorType::La8 => Samples::Rgba(
            bytes
                .chunks_exact(2)
                .flat_map(|la| [la[0], la[0], la[0], la[1]])
                .collect(),
        ),
        ColorType::L16 => Samples::Gray16(wide(&bytes)),
        ColorType::Rgb16 => Samples::Rgb16(wide(&bytes)),
        ColorType::Rgba16 => Samples::Rgba16(wide(&bytes)),
        ColorType::La16 => Samples::Rgba16(
            wide(&bytes)
                .chunks_exact(2)
                .flat_map(|la| [la[0], la[0], la[0], la[1]])
                .collect(),
        ),
        other => {
            return Err(VariantError::Decode(format!(
                "samples of type {other:?} are not read"
            )));
        }
    };
    Ok(Decoded { samples, icc })
}

fn wide(bytes: &[u8]) -> Vec<u16> {
    bytes
        .chunks_exact(2)
        .map(|pair| u16::from_ne_bytes([pair[0], pair[1]]))
        .collect()
}
