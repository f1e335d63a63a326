//! Encodes AVIF: translates the quality to AV1's quantizer, and writes the container.

use std::sync::atomic::AtomicBool;

use avif_serialize::Aviffy;
use avif_serialize::constants::MatrixCoefficients;

use super::{decode, header, still};
use crate::color::{Transforms, to_srgb};
use crate::error::EncodeError;
use crate::limits::Limits;
use crate::pixels::{Channels, Pixels};
use crate::quality::interpolate;
use crate::recipe::Recipe;
use crate::search;
use crate::units::{Dimensions, Effort, Quality};

/// Qualities of libwebp at effort 4, and the quantizers of AV1 at effort 4 with the same score:
/// mean SSIMULACRA2 over nine photographs 640 pixels wide, interpolated between six quantizers. The
/// ends are set by hand.
const MATCHED: [(f32, f32); 10] = [
    (0.0, 252.0),
    (30.0, 170.0),
    (50.0, 152.0),
    (65.0, 139.0),
    (75.0, 131.0),
    (80.0, 120.0),
    (85.0, 103.5),
    (90.0, 81.0),
    (95.0, 59.0),
    (100.0, 0.0),
];

/// Returns the quantizer of AV1 that looks like a quality of libwebp; 255 gives the fewest bytes.
fn quantizer(quality: Quality) -> u8 {
    interpolate(&MATCHED, quality).round() as u8
}

/// Encodes pixels in sRGB, without a profile.
pub(super) fn encode(
    pixels: &Pixels,
    recipe: &Recipe,
    _icc: Option<&[u8]>,
    stop: &AtomicBool,
) -> Result<Vec<u8>, EncodeError> {
    let effort = recipe.effort.for_dimensions(pixels.dimensions);
    let encode = |quality| encode_at(pixels, quality, effort);
    search::at_quality(pixels, recipe, stop, encode, shown)
}

/// Decodes a file that was just encoded, to the pixels that browsers show.
fn shown(bytes: &[u8]) -> Result<Pixels, EncodeError> {
    let raster = header::probe(bytes, &Limits::NONE).map_err(|_| EncodeError::Refused)?;
    let decoded = decode::decode(bytes, &raster).map_err(|_| EncodeError::Refused)?;
    to_srgb(decoded, raster.stored, &Transforms::default()).map_err(|_| EncodeError::Refused)
}

fn encode_at(pixels: &Pixels, quality: Quality, effort: Effort) -> Result<Vec<u8>, EncodeError> {
    let Dimensions { width, height } = pixels.dimensions;
    let quantizer = quantizer(quality);
    let color = still::color(pixels, quantizer, effort)?;
    let alpha = match pixels.channels {
        // A finer quantizer, since artifacts are visible in alpha first.
        Channels::Rgba => Some(still::alpha(pixels, quantizer / 3 * 2, effort)?),
        Channels::Gray | Channels::Rgb => None,
    };
    let mut file = Aviffy::new();
    file.matrix_coefficients(MatrixCoefficients::Bt601);
    Ok(file.to_vec(&color, alpha.as_deref(), width, height, still::BITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_quality_is_a_finer_quantizer() {
        let at = |quality: f32| quantizer(Quality::new(quality).unwrap());
        assert_eq!((at(0.0), at(80.0), at(100.0)), (252, 120, 0));
        for quality in 0..100 {
            assert!(at(quality as f32) >= at(quality as f32 + 1.0), "{quality}");
        }
        // Halfway between 170 and 152.
        assert_eq!(at(40.0), 161);
    }
}
