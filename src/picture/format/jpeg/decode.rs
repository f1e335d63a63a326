//! From a JPEG to samples: gray, RGB, or the inks themselves.

use super::decoders::{samples, scaled_samples};
use super::stream::{Color, Stream};
use crate::color::ColorSpace;
use crate::error::ImageError;
use crate::pixels::{Decoded, Samples};
use crate::recipe::Scale;
use crate::units::Dimensions;

pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, ImageError> {
    let stream = read(bytes)?;
    let samples = samples(&stream).map_err(ImageError::Decode)?;
    Ok(decoded(&stream, samples))
}

/// Decodes at a part of the size: of each block's coefficients, only those of low frequency become
/// samples. `None` if the decoder cannot do that.
pub(super) fn decode_scaled(bytes: &[u8], stored: Dimensions, scale: Scale) -> Option<Decoded> {
    let stream = read(bytes).ok()?;
    if matches!(stream.color, Color::Cmyk | Color::Ycck) {
        return None;
    }
    let wanted = scale.samples(stored);
    let (width, height) = (
        u16::try_from(wanted.width).ok()?,
        u16::try_from(wanted.height).ok()?,
    );
    let samples = scaled_samples(&stream, (width, height))?;
    Some(decoded(&stream, samples))
}

fn read(bytes: &[u8]) -> Result<Stream<'_>, ImageError> {
    // The headers were read before.
    Stream::read(bytes).map_err(|_| ImageError::Changed)
}

fn decoded(stream: &Stream<'_>, samples: Vec<u8>) -> Decoded {
    Decoded {
        samples: match stream.color {
            Color::Gray => Samples::Gray(samples),
            Color::YCbCr | Color::Rgb => Samples::Rgb(samples),
            Color::Cmyk => Samples::Cmyk(inverted(samples)),
            Color::Ycck => Samples::Cmyk(ycck_to_cmyk(samples)),
        },
        color: ColorSpace::of_icc(stream.icc()),
    }
}

/// CMYK JPEGs store 255 minus the ink coverage, as Adobe's programs do.
fn inverted(mut samples: Vec<u8>) -> Vec<u8> {
    for sample in &mut samples {
        *sample = 255 - *sample;
    }
    samples
}

/// YCCK (Adobe Technical Note 5116), by the matrix of JFIF. The matrix returns 255 minus what a plain
/// CMYK file stores, which is the ink coverage itself. Black is stored as in a plain CMYK file.
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
