//! Encodes JPEG with `jpeg-encoder`: progressive, with optimized Huffman tables.

use std::sync::atomic::AtomicBool;

use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder};

use super::{decode, header};
use crate::color::{ColorSpace, Transforms, to_srgb};
use crate::error::EncodeError;
use crate::pixels::{Channels, Pixels};
use crate::quality::interpolate;
use crate::recipe::Recipe;
use crate::search;
use crate::units::Quality;

/// Qualities of libwebp at effort 4, and those of `jpeg-encoder` with the same score: mean
/// SSIMULACRA2 over ten photographs 640 pixels wide, interpolated between nine measured qualities.
const MATCHED: [(f32, f32); 10] = [
    (0.0, 1.0),
    (30.0, 29.0),
    (50.0, 45.5),
    (65.0, 55.2),
    (75.0, 62.6),
    (80.0, 71.4),
    (85.0, 79.2),
    (90.0, 87.0),
    (95.0, 89.0),
    (100.0, 100.0),
];

/// Returns the quality of `jpeg-encoder`, 1 to 100, that looks like a quality of libwebp.
fn matched(quality: Quality) -> u8 {
    interpolate(&MATCHED, quality).round().clamp(1.0, 100.0) as u8
}

/// Encodes pixels, composited over the recipe's background, and embeds their ICC profile.
pub(super) fn encode(
    pixels: &Pixels,
    recipe: &Recipe,
    icc: Option<&[u8]>,
    stop: &AtomicBool,
) -> Result<Vec<u8>, EncodeError> {
    let opaque = recipe
        .background
        .map(|behind| pixels.clone().opaque(behind));
    let pixels = opaque.as_ref().unwrap_or(pixels);
    let encode = |quality| encode_at(pixels, quality, icc);
    search::at_quality(pixels, recipe, stop, encode, shown)
}

/// Decodes a file that was just encoded, to the pixels that browsers show. With a profile, returns
/// the stored values.
fn shown(bytes: &[u8]) -> Result<Pixels, EncodeError> {
    let raster = header::probe(bytes).map_err(|_| EncodeError::Refused)?;
    let mut decoded = decode::decode(bytes).map_err(|_| EncodeError::Refused)?;
    decoded.color = ColorSpace::of_icc(None);
    to_srgb(decoded, raster.stored, &Transforms::default()).map_err(|_| EncodeError::Refused)
}

/// Encodes pixels without alpha, and embeds their ICC profile.
fn encode_at(
    pixels: &Pixels,
    quality: Quality,
    icc: Option<&[u8]>,
) -> Result<Vec<u8>, EncodeError> {
    let color = match pixels.channels {
        Channels::Gray => ColorType::Luma,
        Channels::Rgb => ColorType::Rgb,
        Channels::Rgba => return Err(EncodeError::Refused),
    };
    let side = |side: u32| u16::try_from(side).map_err(|_| EncodeError::TooLarge);
    let (width, height) = (
        side(pixels.dimensions.width)?,
        side(pixels.dimensions.height)?,
    );
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, matched(quality));
    encoder.set_progressive(true);
    encoder.set_optimized_huffman_tables(true);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    if let Some(icc) = icc {
        encoder
            .add_icc_profile(icc)
            .map_err(|_| EncodeError::Refused)?;
    }
    encoder
        .encode(&pixels.samples, width, height, color)
        .map_err(|_| EncodeError::Refused)?;
    Ok(jpeg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_quality_is_never_a_lower_one() {
        let at = |quality: f32| matched(Quality::new(quality).unwrap());
        assert_eq!((at(0.0), at(80.0), at(100.0)), (1, 71, 100));
        for quality in 0..100 {
            assert!(at(quality as f32) <= at(quality as f32 + 1.0), "{quality}");
        }
    }
}
