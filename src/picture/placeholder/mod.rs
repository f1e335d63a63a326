//! Computes placeholders, which a page shows until the image has loaded, from a small variant.

mod kinds;
mod thumbhash;

use std::sync::atomic::AtomicBool;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::error::ImageError;
use crate::format::webp::libwebp;
use crate::linear_light;
use crate::pixels::{Channels, Pixels};
use crate::resize::{PreparedImage, Window};
use crate::units::{Dimensions, Effort, Quality};
pub use kinds::{BLUR_LIMIT, BLUR_SCHEME, PlaceholderKind, PlaceholderKinds, Placeholders};

/// Sizes (pixels of the longer side) and qualities of a blur; the first one that results in a short
/// enough file is used.
const BLURS: [(u32, f32); 7] = [
    (16, 60.0),
    (16, 30.0),
    (16, 0.0),
    (12, 20.0),
    (8, 20.0),
    (4, 20.0),
    (1, 20.0),
];

/// Computes the placeholders of an image; `prepared` are the same pixels, ready to be resized.
pub fn placeholders(pixels: &Pixels, prepared: &PreparedImage) -> Result<Placeholders, ImageError> {
    let small = at_most(prepared, thumbhash::SIDE)?;
    let hash = thumbhash::hash(&small);
    let is_opaque = is_opaque(pixels);
    Ok(Placeholders {
        color: is_opaque.then(|| color(pixels)),
        thumbhash: Some(BASE64_STANDARD.encode(hash)),
        blur: if is_opaque { blur(prepared)? } else { None },
    })
}

/// Whether every pixel is opaque.
pub fn is_opaque(pixels: &Pixels) -> bool {
    let is_clear = |pixel: &[u8]| pixel[3] < u8::MAX;
    pixels.channels != Channels::Rgba || !pixels.samples.chunks_exact(4).any(is_clear)
}

/// Returns the average color of an opaque image in linear light, as `#rrggbb`: the color that it
/// has from afar, so that a page does not flash when the image loads.
fn color(pixels: &Pixels) -> String {
    let count = pixels.channels.count();
    let mean = |index: usize| {
        let samples = pixels.samples.chunks_exact(count);
        let sum: f64 = samples
            .map(|pixel| linear_light::amount(pixel[index]))
            .sum();
        linear_light::value(sum / pixels.dimensions.pixels() as f64)
    };
    let [r, g, b] = match pixels.channels {
        Channels::Gray => [mean(0); 3],
        Channels::Rgb | Channels::Rgba => [0, 1, 2].map(mean),
    };
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Encodes a WebP of a few pixels as a data URI; `None` if none is short enough.
fn blur(prepared: &PreparedImage) -> Result<Option<String>, ImageError> {
    static GO: AtomicBool = AtomicBool::new(false);
    for (side, quality) in BLURS {
        let pixels = at_most(prepared, side)?;
        let quality = Quality::new(quality).expect("a quality of the table");
        let effort = Effort::new(6).expect("the largest effort");
        let encoded = libwebp::encode(&pixels, libwebp::Mode::Lossy(quality), effort, &GO);
        let encoded = encoded.map_err(|error| ImageError::Encode {
            dimensions: pixels.dimensions,
            reason: error.to_string(),
        })?;
        let blur = BLUR_SCHEME.to_owned() + &BASE64_STANDARD.encode(encoded);
        if blur.len() < BLUR_LIMIT {
            return Ok(Some(blur));
        }
    }
    Ok(None)
}

/// Resizes so that the longer side has at most `side` pixels.
pub fn at_most(prepared: &PreparedImage, side: u32) -> Result<Pixels, ImageError> {
    let own = prepared.dimensions();
    let target = if own.width >= own.height {
        let width = own.width.min(side);
        Dimensions {
            width,
            height: own.height_at(width),
        }
    } else {
        let height = own.height.min(side);
        let turned = own.transposed();
        Dimensions {
            width: turned.height_at(height),
            height,
        }
    };
    resized(prepared, target)
}

/// Resizes the whole image.
pub fn resized(prepared: &PreparedImage, target: Dimensions) -> Result<Pixels, ImageError> {
    prepared.resize(Window::whole(prepared.dimensions()), target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Resize;
    use crate::resize::prepare;

    fn of(width: u32, height: u32, channels: Channels, sample: impl FnMut(u32) -> u8) -> Pixels {
        let samples = width * height * channels.count() as u32;
        Pixels {
            dimensions: Dimensions { width, height },
            channels,
            samples: (0..samples).map(sample).collect(),
        }
    }

    fn placeholders_of(pixels: &Pixels) -> Placeholders {
        let prepared = prepare(pixels.clone(), Resize::Srgb).unwrap();
        placeholders(pixels, &prepared).unwrap()
    }

    #[test]
    fn the_color_is_the_mean_of_the_light() {
        // By IEC 61966-2-1, half of the light of white is the sRGB value 187.5.
        let board = of(2, 2, Channels::Gray, |at| if at % 3 == 0 { 255 } else { 0 });
        assert_eq!(color(&board), "#bcbcbc");
        let red = of(3, 1, Channels::Rgb, |at| if at % 3 == 0 { 250 } else { 7 });
        assert_eq!(color(&red), "#fa0707");
    }

    #[test]
    fn transparent_images_have_only_a_hash() {
        let pixels = of(
            20,
            10,
            Channels::Rgba,
            |at| if at == 403 { 254 } else { 255 },
        );
        let Placeholders {
            color,
            thumbhash,
            blur,
        } = placeholders_of(&pixels);
        assert_eq!((color, blur), (None, None));
        assert!(thumbhash.is_some());
        let opaque = of(20, 10, Channels::Rgba, |_| 255);
        assert_eq!(placeholders_of(&opaque).color.as_deref(), Some("#ffffff"));
    }

    #[test]
    fn a_blur_is_short_for_any_image() {
        // Pseudorandom numbers (Knuth, MMIX).
        let mut state = 7u64;
        let mut next = move |_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u32
        };
        for round in 0..200 {
            let side = |random: u32| 1 + random % if round % 4 == 0 { 20 } else { 200 };
            let (width, height) = (side(next(0)), side(next(0)));
            let channels = [Channels::Gray, Channels::Rgb][next(0) as usize % 2];
            let (coarse, spread) = (1 + next(0) % 40, 1 + next(0) % 256);
            let mut held = 0;
            let pixels = of(width, height, channels, |at| {
                if at % coarse == 0 {
                    held = (next(0) % spread) as u8;
                }
                held
            });
            let blur = placeholders_of(&pixels).blur.unwrap();
            assert!(blur.len() < 300, "{}", blur.len());
            let webp = BASE64_STANDARD
                .decode(blur.strip_prefix("data:image/webp;base64,").unwrap())
                .unwrap();
            let shown = image::load_from_memory(&webp).unwrap();
            let longest = shown.width().max(shown.height());
            assert!(longest <= 16 && longest <= width.max(height), "{longest}");
        }
    }
}
