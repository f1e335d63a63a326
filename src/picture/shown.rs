//! Decodes a file as it is shown: its bytes go in, pixels in sRGB or a thumbnail come out.

use std::sync::atomic::AtomicBool;

use crate::color::{Transforms, to_srgb};
use crate::contained::contain;
use crate::decoder::Decode;
use crate::encode::encode;
use crate::error::ImageError;
use crate::info::{Format, ImageInfo};
use crate::limits::Limits;
use crate::pixels::Pixels;
use crate::placeholder::at_most;
use crate::recipe::{Lossless, Recipe, Resize, Scale};
use crate::resize::prepare;
use crate::units::Quality;

/// Quality of thumbnails.
const QUALITY: f32 = 60.0;

/// Decodes a raster image, or the first frame of an animation. Panics if a decoder does.
///
/// # Errors
///
/// Returns the reason if the file cannot be decoded.
pub fn pixels(
    bytes: &[u8],
    limits: &Limits,
    transforms: &Transforms,
    decoder: &dyn Decode,
) -> Result<Pixels, String> {
    let info = decoder
        .probe(bytes, limits)
        .map_err(|error| error.to_string())?;
    let ImageInfo::Raster(raster) = info else {
        return Err("it contains no pixels".to_owned());
    };
    let decoded = decoder.decode(bytes, &raster, Scale::Whole);
    decoded
        .and_then(|decoded| {
            let decoded = decoded.ok_or_else(|| ImageError::Decode("no pixels".to_owned()))?;
            to_srgb(decoded, raster.stored, transforms)
        })
        .map_err(|error| error.to_string())
}

/// Does the same as [`pixels`], but returns an error if a decoder panics.
///
/// # Errors
///
/// Returns the reason if the file cannot be decoded.
pub fn try_pixels(
    bytes: &[u8],
    limits: &Limits,
    transforms: &Transforms,
    decoder: &dyn Decode,
) -> Result<Pixels, String> {
    // Any file may be stored under a variant's name, and decoders may panic on it.
    contain(|| pixels(bytes, limits, transforms, decoder))
        .unwrap_or_else(|_| Err("the decoder stopped".to_owned()))
}

/// Encodes a WebP file whose longer side has at most `side` pixels.
///
/// # Errors
///
/// If the pixels cannot be resized or encoded.
pub fn thumbnail(pixels: Pixels, side: u32) -> Result<Vec<u8>, ImageError> {
    static GO: AtomicBool = AtomicBool::new(false);
    let small = at_most(&prepare(pixels, Resize::Srgb)?, side)?;
    let recipe = Recipe {
        quality: Quality::new(QUALITY).expect("a quality").into(),
        lossless: Lossless::Never,
        ..Recipe::plain(Format::WEBP)
    };
    let encoded = encode(&small, &recipe, None, &GO);
    encoded.map_err(|error| error.for_variant(small.dimensions))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decoder::InProcess;
    use crate::pixels::Channels;
    use crate::units::Dimensions;

    #[test]
    fn a_thumbnail_keeps_the_shape_and_never_enlarges() {
        for (width, height, expected) in [(400, 200, (96, 48)), (50, 300, (16, 96)), (9, 7, (9, 7))]
        {
            let pixels = Pixels {
                dimensions: Dimensions { width, height },
                channels: Channels::Rgb,
                samples: vec![120; (width * height * 3) as usize],
            };
            let file = thumbnail(pixels, 96).unwrap();
            let shown =
                try_pixels(&file, &Limits::NONE, &Transforms::default(), &InProcess).unwrap();
            let size = shown.dimensions;
            assert_eq!((size.width, size.height), expected);
        }
        let broken = try_pixels(
            b"no image",
            &Limits::NONE,
            &Transforms::default(),
            &InProcess,
        );
        assert!(broken.is_err());
    }
}
