//! Decodes a JPEG to samples: gray, RGB, or the inks of CMYK.

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

/// Decodes at a smaller scale: only the low-frequency coefficients of each block become samples.
/// Returns `None` if the decoder cannot do that.
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
    let samples = scaled_samples(&stream, scale, (width, height))?;
    Some(decoded(&stream, samples))
}

fn read(bytes: &[u8]) -> Result<Stream<'_>, ImageError> {
    // The headers were valid when they were read before.
    Stream::read(bytes).map_err(|_| ImageError::Changed)
}

fn decoded(stream: &Stream<'_>, samples: Vec<u8>) -> Decoded {
    Decoded {
        samples: match stream.color {
            Color::Gray => Samples::Gray(samples),
            Color::YCbCr | Color::Rgb => Samples::Rgb(samples),
            Color::Cmyk | Color::Ycck => Samples::Cmyk(samples),
        },
        color: ColorSpace::of_icc(stream.icc()),
    }
}
