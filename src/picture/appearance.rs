//! Computes the appearance of a variant: the bytes of a file go in, its fingerprint and
//! placeholders come out.

use serde::{Deserialize, Serialize};

use crate::color::Transforms;
use crate::compose::over;
use crate::contained::contain;
use crate::decoder::Decode;
use crate::error::ImageError;
use crate::fingerprint::{Fingerprint, SIDE};
use crate::frame;
use crate::limits::Limits;
use crate::pixels::{Channels, Pixels};
use crate::placeholder::{Placeholders, is_opaque, placeholders, resized};
use crate::recipe::Resize;
use crate::resize::prepare;
use crate::shown;
use crate::units::Dimensions;

/// Appearance of an image file: its fingerprint and, if requested, its placeholders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appearance {
    pub fingerprint: Fingerprint,
    /// `None` unless [`AppearanceLevel::Placeholders`] was requested.
    pub placeholders: Option<Placeholders>,
}

/// How much of a file's appearance to compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AppearanceLevel {
    /// The fingerprint only.
    Fingerprint,
    /// The fingerprint, and the placeholders that records contain.
    Placeholders,
}

impl Appearance {
    /// Whether everything that `level` requests was computed.
    pub fn has(&self, level: AppearanceLevel) -> bool {
        level == AppearanceLevel::Fingerprint || self.placeholders.is_some()
    }

    /// Computes the appearance of a variant, or of the first frame of an animation.
    ///
    /// # Errors
    ///
    /// Returns the reason if the file cannot be decoded.
    pub fn of_file(
        bytes: &[u8],
        limits: &Limits,
        transforms: &Transforms,
        level: AppearanceLevel,
        decoder: &dyn Decode,
    ) -> Result<Self, String> {
        // Any file may be stored under a variant's name, and decoders may panic on it.
        contain(|| decode(bytes, limits, transforms, level, decoder))
            .unwrap_or_else(|_| Err("the decoder stopped".to_owned()))
    }

    fn of_pixels(pixels: Pixels, level: AppearanceLevel) -> Result<Self, ImageError> {
        let prepared = prepare(pixels.clone(), Resize::Srgb)?;
        let side = Dimensions {
            width: SIDE,
            height: SIDE,
        };
        Ok(Appearance {
            fingerprint: fingerprint(&resized(&prepared, side)?, is_opaque(&pixels)),
            placeholders: match level {
                AppearanceLevel::Fingerprint => None,
                AppearanceLevel::Placeholders => Some(placeholders(&pixels, &prepared)?),
            },
        })
    }
}

fn decode(
    bytes: &[u8],
    limits: &Limits,
    transforms: &Transforms,
    level: AppearanceLevel,
    decoder: &dyn Decode,
) -> Result<Appearance, String> {
    let pixels = shown::pixels(bytes, limits, transforms, decoder)?;
    Appearance::of_pixels(pixels, level).map_err(|error| error.to_string())
}

/// Computes the fingerprint of `small`: its samples premultiplied by alpha, and alpha itself only
/// if the image is not opaque.
fn fingerprint(small: &Pixels, is_opaque: bool) -> Fingerprint {
    let count = if is_opaque {
        Channels::Rgb.count()
    } else {
        Channels::Rgba.count()
    };
    let rgba = frame::rgba(small);
    let (pixels, _) = rgba.as_chunks::<4>();
    let samples = pixels
        .iter()
        .flat_map(|pixel| {
            // Compositing over black multiplies each color by alpha.
            let [r, g, b, _] = over(*pixel, [0, 0, 0, u8::MAX]);
            [r, g, b, pixel[3]].into_iter().take(count)
        })
        .collect();
    Fingerprint::new(samples)
}
