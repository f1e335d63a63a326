//! AVIF through `ravif`: AV1 of ten bits, without chroma subsampling.

use std::sync::atomic::AtomicBool;

use ravif::{Encoder, Img, RGB8, RGBA8};

use super::{decode, header};
use crate::color::{Transforms, to_srgb};
use crate::error::EncodeError;
use crate::limits::Limits;
use crate::pixels::{Channels, Pixels};
use crate::quality::interpolate;
use crate::recipe::Recipe;
use crate::search;
use crate::units::{Effort, Quality};

/// Qualities of libwebp at effort 4, and those of `ravif` at speed 6 that score the same: mean
/// SSIMULACRA2 over ten photographs 640 pixels wide, interpolated between nine measured qualities.
const MATCHED: [(f32, f32); 10] = [
    (0.0, 1.0),
    (30.0, 37.5),
    (50.0, 50.8),
    (65.0, 59.4),
    (75.0, 64.7),
    (80.0, 73.6),
    (85.0, 81.4),
    (90.0, 85.2),
    (95.0, 88.8),
    (100.0, 100.0),
];

/// `ravif`'s quality, 1 to 100, that looks like a quality of libwebp.
fn matched(quality: Quality) -> f32 {
    interpolate(&MATCHED, quality).clamp(1.0, 100.0)
}

/// Encodes pixels in sRGB; the format is written without a profile.
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

/// The pixels of a file that was just encoded, as browsers show it.
fn shown(bytes: &[u8]) -> Result<Pixels, EncodeError> {
    let raster = header::probe(bytes, &Limits::NONE).map_err(|_| EncodeError::Refused)?;
    let decoded = decode::decode(bytes, &raster).map_err(|_| EncodeError::Refused)?;
    to_srgb(decoded, raster.stored, &Transforms::default()).map_err(|_| EncodeError::Refused)
}

/// Encodes pixels. One thread: the number of threads would decide the tiles, and so the bytes.
fn encode_at(pixels: &Pixels, quality: Quality, effort: Effort) -> Result<Vec<u8>, EncodeError> {
    let quality = matched(quality);
    // As ravif's own program does it: alpha shows artefacts first.
    let of_alpha = (quality + 100.0) / 2.0;
    let of_alpha = of_alpha.min(quality + quality / 4.0 + 2.0);
    let encoder = Encoder::new()
        .with_quality(quality)
        .with_alpha_quality(of_alpha.clamp(1.0, 100.0))
        // Effort 4 is its speed 6; 10 is the fastest.
        .with_speed(10 - effort.get())
        .with_num_threads(Some(1));
    let (width, height) = (
        pixels.dimensions.width as usize,
        pixels.dimensions.height as usize,
    );
    let samples = &pixels.samples;
    let encoded = match pixels.channels {
        Channels::Gray => {
            let gray = samples.iter();
            let rgb: Vec<RGB8> = gray.map(|gray| RGB8::new(*gray, *gray, *gray)).collect();
            encoder.encode_rgb(Img::new(&rgb, width, height))
        }
        Channels::Rgb => {
            let pixels = samples.chunks_exact(3);
            let rgb: Vec<RGB8> = pixels.map(|p| RGB8::new(p[0], p[1], p[2])).collect();
            encoder.encode_rgb(Img::new(&rgb, width, height))
        }
        Channels::Rgba => {
            let pixels = samples.chunks_exact(4);
            let rgba: Vec<RGBA8> = pixels.map(|p| RGBA8::new(p[0], p[1], p[2], p[3])).collect();
            encoder.encode_rgba(Img::new(&rgba, width, height))
        }
    };
    match encoded {
        Ok(encoded) => Ok(encoded.avif_file),
        Err(_) => Err(EncodeError::Refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_quality_is_a_higher_one_here_too() {
        let at = |quality: f32| matched(Quality::new(quality).unwrap());
        assert_eq!((at(0.0), at(80.0), at(100.0)), (1.0, 73.6, 100.0));
        for quality in 0..100 {
            assert!(at(quality as f32) < at(quality as f32 + 1.0), "{quality}");
        }
        assert!((at(40.0) - 44.15).abs() < 0.01);
    }
}
