//! JPEG: gray, RGB, or the inks themselves.

use jpeg_decoder::ColorTransform;
use zune_core::colorspace::ColorSpace as JpegColorSpace;

use super::header::open;
use crate::color::ColorSpace;
use crate::error::ImageError;
use crate::pixels::{Decoded, Samples};
use crate::recipe::Scale;
use crate::units::Dimensions;

pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, ImageError> {
    let failed = |reason: String| ImageError::Decode(reason);
    let headers = open(bytes, None).map_err(failed)?;
    let icc = headers.icc_profile();
    // A profile of four inks is applied to the inks themselves; without one the decoder's own
    // conversion is what browsers do.
    let wanted = match headers.input_colorspace() {
        Some(JpegColorSpace::Luma) => JpegColorSpace::Luma,
        Some(inks @ (JpegColorSpace::CMYK | JpegColorSpace::YCCK)) if icc.is_some() => inks,
        _ => JpegColorSpace::RGB,
    };
    drop(headers);
    let mut decoder = open(bytes, Some(wanted)).map_err(failed)?;
    let samples = decoder
        .decode()
        .map_err(|error| failed(error.to_string().trim_matches(['"', '\n', ' ']).to_owned()))?;
    let samples = match wanted {
        JpegColorSpace::Luma => Samples::Gray(samples),
        JpegColorSpace::CMYK => Samples::Cmyk(inverted(samples)),
        JpegColorSpace::YCCK => Samples::Cmyk(ycck_to_cmyk(samples)),
        _ => Samples::Rgb(samples),
    };
    Ok(Decoded {
        samples,
        color: ColorSpace::of_icc(icc),
    })
}

/// A picture of `stored` pixels at a part of its size: of each block's coefficients only those of low
/// frequency are turned back into samples. None where that decoder does not do it.
pub(super) fn decode_scaled(bytes: &[u8], stored: Dimensions, scale: Scale) -> Option<Decoded> {
    let headers = open(bytes, None).ok()?;
    let (transform, channels) = match headers.input_colorspace()? {
        JpegColorSpace::Luma => (ColorTransform::Grayscale, 1),
        JpegColorSpace::YCbCr => (ColorTransform::YCbCr, 3),
        JpegColorSpace::RGB => (ColorTransform::RGB, 3),
        _ => return None,
    };
    let wanted = scale.samples(stored);
    let (width, height) = (
        u16::try_from(wanted.width).ok()?,
        u16::try_from(wanted.height).ok()?,
    );
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    decoder.set_color_transform(transform);
    // It takes the first scale that is large enough in one of the two.
    let is_scaled = decoder.scale(width, height).ok()? == (width, height);
    if !is_scaled {
        return None;
    }
    let samples = decoder.decode().ok()?;
    if samples.len() as u64 != wanted.pixels() * channels {
        return None;
    }
    Some(Decoded {
        samples: if channels == 1 {
            Samples::Gray(samples)
        } else {
            Samples::Rgb(samples)
        },
        color: ColorSpace::of_icc(headers.icc_profile()),
    })
}

/// Adobe's CMYK JPEGs store 255 minus the coverage.
fn inverted(mut samples: Vec<u8>) -> Vec<u8> {
    for sample in &mut samples {
        *sample = 255 - *sample;
    }
    samples
}

/// YCC of inks (Adobe Technical Note 5116), by the matrix of JFIF. The matrix gives red, green and
/// blue as 255 minus what a plain CMYK file stores, which is 255 minus the coverage: so they are the
/// coverage itself. Black is stored as in a plain CMYK file.
fn ycck_to_cmyk(mut samples: Vec<u8>) -> Vec<u8> {
    for pixel in samples.chunks_exact_mut(4) {
        let (y, cb, cr) = (
            f32::from(pixel[0]),
            f32::from(pixel[1]) - 128.0,
            f32::from(pixel[2]) - 128.0,
        );
        let coverage = [
            y + 1.402 * cr,
            y - 0.344_136 * cb - 0.714_136 * cr,
            y + 1.772 * cb,
        ];
        for (sample, value) in pixel.iter_mut().zip(coverage) {
            *sample = value.round().clamp(0.0, 255.0) as u8;
        }
        pixel[3] = 255 - pixel[3];
    }
    samples
}
