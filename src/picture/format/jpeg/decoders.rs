//! Chooses the decoder for the layout of a JPEG: `zune-jpeg`, which is the fastest, or
//! `jpeg-decoder`.
//!
//! The choice is based on 3,481 generated layouts (`tests/jpeg_layouts.py`), compared with
//! libjpeg-turbo. `zune-jpeg` 0.5.15 is correct where [`is_plain`] is true; elsewhere it shows
//! stripes or invented colors, or fails. `jpeg-decoder` 0.3.2 is correct or fails, at two thirds of
//! the speed. It can also decode at a smaller scale; for ordinary layouts, [`scaled`] does that
//! faster.

use jpeg_decoder::ColorTransform;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace as JpegColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::complete::is_complete;
use super::scaled;
use super::stream::{Color, Stream};
use crate::reason::{Part, in_words};
use crate::recipe::Scale;

/// Decodes to gray, RGB, or the coverage of four inks.
///
/// # Errors
///
/// Returns the reason if the image is incomplete or the decoder fails.
pub(super) fn samples(stream: &Stream<'_>) -> Result<Vec<u8>, String> {
    if !is_complete(stream) {
        return Err("its image data is truncated".to_owned());
    }
    let essential = stream.essential();
    let count = stream.frame.components.len();
    let length = usize::from(stream.frame.width) * usize::from(stream.frame.height) * count;
    let fits = |samples: &Vec<u8>| samples.len() == length;
    if is_plain(stream)
        && let Some(samples) = by_zune(&essential, stream.color)
        && fits(&samples)
    {
        return Ok(match stream.color {
            Color::Gray | Color::YCbCr | Color::Rgb => samples,
            Color::Cmyk => inverted(samples),
            Color::Ycck => ycck_to_cmyk(samples),
        });
    }
    let samples = jpeg_decoder(&essential, stream.color).decode();
    let samples = samples.map_err(|error| in_words(&error, Part::Pixels).into_owned())?;
    fits(&samples)
        .then_some(samples)
        .ok_or_else(|| "it has too few samples".to_owned())
}

/// Decodes at a scale, to the reduced dimensions `wanted`. Returns `None` if no decoder can do it.
pub(super) fn scaled_samples(
    stream: &Stream<'_>,
    scale: Scale,
    wanted: (u16, u16),
) -> Option<Vec<u8>> {
    if let Some(samples) = scaled::decode(stream, scale) {
        return Some(samples);
    }
    if !is_complete(stream) {
        return None;
    }
    let essential = stream.essential();
    let mut decoder = jpeg_decoder(&essential, stream.color);
    // The decoder chooses the first scale that is large enough in one of the two directions.
    let is_scaled = decoder.scale(wanted.0, wanted.1).ok()? == wanted;
    let samples = is_scaled.then(|| decoder.decode().ok())??;
    let length = usize::from(wanted.0) * usize::from(wanted.1) * stream.frame.components.len();
    (samples.len() == length).then_some(samples)
}

/// Whether `zune-jpeg` decodes this layout correctly: a sequential image has one scan of all
/// components, in their order. If there is chroma, the horizontal sampling factor of luma is 1, 2
/// or 4, and each factor of chroma is 1 or that of luma.
fn is_plain(stream: &Stream<'_>) -> bool {
    let frame = &stream.frame;
    let Some((luma, others)) = frame.components.split_first() else {
        return false;
    };
    let is_whole = |factor: u8, luma: u8| factor == 1 || factor == luma;
    let has_plain_sampling = others.is_empty()
        || matches!(luma.horizontal, 1 | 2 | 4)
            && others.iter().all(|other| {
                is_whole(other.horizontal, luma.horizontal)
                    && is_whole(other.vertical, luma.vertical)
            });
    let is_interleaved = match stream.scans.as_slice() {
        [only] => frame
            .components
            .iter()
            .map(|component| &component.id)
            .eq(&only.components),
        _ => false,
    };
    has_plain_sampling && (frame.is_progressive || is_interleaved)
}

fn by_zune(jpeg: &[u8], color: Color) -> Option<Vec<u8>> {
    let out = match color {
        Color::Gray => JpegColorSpace::Luma,
        Color::YCbCr | Color::Rgb => JpegColorSpace::RGB,
        Color::Cmyk => JpegColorSpace::CMYK,
        Color::Ycck => JpegColorSpace::YCCK,
    };
    // The strict mode rejects a truncated file.
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .set_strict_mode(true)
        .jpeg_set_out_colorspace(out);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    decoder.decode().ok()
}

pub(super) fn jpeg_decoder(jpeg: &[u8], color: Color) -> jpeg_decoder::Decoder<&[u8]> {
    let mut decoder = jpeg_decoder::Decoder::new(jpeg);
    decoder.set_color_transform(match color {
        Color::Gray => ColorTransform::Grayscale,
        Color::YCbCr => ColorTransform::YCbCr,
        Color::Rgb => ColorTransform::RGB,
        // With both, the decoder returns ink coverage.
        Color::Cmyk => ColorTransform::CMYK,
        Color::Ycck => ColorTransform::YCCK,
    });
    decoder
}

/// Converts stored CMYK to ink coverage: CMYK JPEGs store 255 minus the coverage, as Adobe's
/// programs do.
fn inverted(mut samples: Vec<u8>) -> Vec<u8> {
    for sample in &mut samples {
        *sample = 255 - *sample;
    }
    samples
}

/// Converts YCCK (Adobe Technical Note 5116) to ink coverage, by the matrix of JFIF. The matrix
/// returns 255 minus what a plain CMYK file stores, which is the ink coverage itself. Black is
/// stored as in a plain CMYK file.
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
