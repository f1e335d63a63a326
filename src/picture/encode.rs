//! Encodes pixels to a file in the format of a recipe.

use std::sync::atomic::AtomicBool;

use crate::error::EncodeError;
use crate::format::AnimationEncoder;
use crate::pixels::Pixels;
use crate::recipe::Recipe;
use crate::search::check_stop;

/// Encodes pixels in sRGB, or in the space of the profile `icc`, which is embedded. `stop` is
/// polled while libwebp works, and before any other encoder starts.
///
/// # Errors
///
/// If the encoder fails, the format cannot hold the pixels, or `stop` was set.
pub fn encode(
    pixels: &Pixels,
    recipe: &Recipe,
    icc: Option<&[u8]>,
    stop: &AtomicBool,
) -> Result<Vec<u8>, EncodeError> {
    check_stop(stop)?;
    (recipe.format.encoder().encode)(pixels, recipe, icc, stop)
}

/// Creates an encoder for an animation whose frames are similar to `first`. The animation plays
/// `plays` times; 0 means forever.
///
/// # Errors
///
/// If the encoder fails, or the format cannot contain animations.
pub fn animate<'s>(
    first: &Pixels,
    recipe: &Recipe,
    plays: u16,
    stop: &'s AtomicBool,
) -> Result<Box<dyn AnimationEncoder + 's>, EncodeError> {
    let animate = recipe
        .format
        .encoder()
        .animate
        .ok_or(EncodeError::Refused)?;
    animate(first, recipe, plays, stop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color::{self, ColorSpace, Transforms};
    use crate::decode;
    use crate::format::probe;
    use crate::frame;
    use crate::framing::Background;
    use crate::info::{Format, ImageInfo};
    use crate::limits::Limits;
    use crate::pixels::Channels;
    use crate::quality::{EffortSpec, QualitySpec, Target};
    use crate::score::Scorer;
    use crate::score::tests::{painted, scene};
    use crate::units::{Dimensions, Effort, Quality, Score};

    fn recipe(format: Format, quality: f32) -> Recipe {
        Recipe {
            quality: Quality::new(quality).unwrap().into(),
            effort: Effort::new(1).unwrap().into(),
            ..Recipe::plain(format)
        }
    }

    static GO: AtomicBool = AtomicBool::new(false);

    /// Decodes a file with the decoders that originals go through.
    fn decoded(bytes: &[u8]) -> Pixels {
        let Ok(ImageInfo::Raster(raster)) = probe(bytes, &Limits::default()) else {
            panic!("not a picture");
        };
        let decoded = decode::decode(bytes, &raster).unwrap();
        color::to_srgb(decoded, raster.stored, &Transforms::default()).unwrap()
    }

    /// Paints a smooth image, increasingly transparent to the right if it has alpha.
    fn smooth(channels: Channels) -> Pixels {
        let pixels = (0..48u32).flat_map(|y| (0..64u32).map(move |x| (x, y)));
        let samples = pixels.flat_map(|(x, y)| {
            let pixel = [x * 4, y * 5, 128, 255 - x * 2];
            pixel
                .map(|value| value as u8)
                .into_iter()
                .take(channels.count())
        });
        Pixels {
            dimensions: Dimensions {
                width: 64,
                height: 48,
            },
            channels,
            samples: samples.collect(),
        }
    }

    #[test]
    fn every_format_shows_the_same_picture() {
        for format in Format::encodable() {
            for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
                let pixels = smooth(channels);
                let mut recipe = recipe(format, 95.0);
                let mut expected = pixels.clone();
                if format == Format::JPEG && channels == Channels::Rgba {
                    assert!(
                        encode(&pixels, &recipe, None, &GO).is_err(),
                        "nothing is behind it"
                    );
                    recipe.background = Some(Background::WHITE);
                    expected = expected.opaque(Background::WHITE);
                }
                let bytes = encode(&pixels, &recipe, None, &GO).unwrap();
                let shown = decoded(&bytes);
                assert_eq!(shown.dimensions, pixels.dimensions);
                assert_eq!(
                    shown.channels == Channels::Rgba,
                    expected.channels == Channels::Rgba
                );
                let rgba = |pixels: &Pixels| frame::rgba(pixels);
                let (shown, expected) = (rgba(&shown), rgba(&expected));
                let pairs = shown.iter().zip(&expected);
                let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
                let mean = sum as f64 / shown.len() as f64;
                let limit = if format == Format::PNG { 0.0 } else { 2.0 };
                assert!(mean <= limit, "{format:?} {channels:?}: {mean}");
            }
        }
    }

    #[test]
    fn every_lossy_format_reaches_a_target() {
        for (format, channels) in [
            (Format::WEBP, Channels::Rgba),
            (Format::WEBP, Channels::Gray),
            (Format::JPEG, Channels::Rgb),
            (Format::JPEG, Channels::Rgba),
            (Format::AVIF, Channels::Rgb),
            (Format::AVIF, Channels::Rgba),
        ] {
            let pixels = painted(120, 90, channels, scene);
            let mut recipe = recipe(format, 0.0);
            let ssimulacra2 = Score::new(72.0).unwrap();
            recipe.quality = QualitySpec::Target(Target { ssimulacra2 });
            let mut expected = pixels.clone();
            if format == Format::JPEG {
                recipe.background = Some(Background::WHITE);
                expected = expected.opaque(Background::WHITE);
            }
            let bytes = encode(&pixels, &recipe, None, &GO).unwrap();
            let scores = Scorer::new(&expected).unwrap().scores(&decoded(&bytes));
            let judged = scores.unwrap().judged(72.0);
            // One step of JPEG quality may change the score by more than a point.
            assert!(
                (72.0..74.5).contains(&judged),
                "{format:?} {channels:?}: {judged}"
            );
        }
        // A PNG is always lossless: a target changes nothing.
        let pixels = painted(50, 40, Channels::Rgb, scene);
        let mut asked = recipe(Format::PNG, 80.0);
        let fixed = encode(&pixels, &asked, None, &GO);
        let ssimulacra2 = Score::new(72.0).unwrap();
        asked.quality = QualitySpec::Target(Target { ssimulacra2 });
        assert_eq!(encode(&pixels, &asked, None, &GO), fixed);
    }

    #[test]
    fn a_target_keeps_a_profile() {
        let icc = moxcms::ColorProfile::new_display_p3().encode().unwrap();
        let pixels = painted(90, 60, Channels::Rgb, scene);
        for format in [Format::WEBP, Format::JPEG] {
            let mut recipe = recipe(format, 0.0);
            let ssimulacra2 = Score::new(75.0).unwrap();
            recipe.quality = QualitySpec::Target(Target { ssimulacra2 });
            let bytes = encode(&pixels, &recipe, Some(&icc), &GO).unwrap();
            let Ok(ImageInfo::Raster(raster)) = probe(&bytes, &Limits::default()) else {
                panic!("{format:?}");
            };
            let mut shown = decode::decode(&bytes, &raster).unwrap();
            assert_eq!(shown.color, ColorSpace::Icc(icc.clone()), "{format:?}");
            shown.color = ColorSpace::of_icc(None);
            let shown = color::to_srgb(shown, raster.stored, &Transforms::default()).unwrap();
            let judged = Scorer::new(&pixels)
                .unwrap()
                .scores(&shown)
                .unwrap()
                .judged(75.0);
            assert!((75.0..77.5).contains(&judged), "{format:?}: {judged}");
        }
    }

    #[test]
    fn effort_of_itself_goes_down_with_the_pixels() {
        let effort = |width, height| {
            EffortSpec::Auto
                .for_dimensions(Dimensions { width, height })
                .get()
        };
        assert_eq!(effort(1, 1), 6);
        assert_eq!(effort(320, 213), 6);
        assert_eq!(effort(640, 427), 5);
        assert_eq!(effort(1280, 853), 4);
        assert_eq!(effort(16_383, 16_383), 4);
        let pixels = painted(60, 40, Channels::Rgb, scene);
        let mut asked = recipe(Format::WEBP, 80.0);
        asked.effort = EffortSpec::Auto;
        let of_itself = encode(&pixels, &asked, None, &GO);
        asked.effort = Effort::new(6).unwrap().into();
        assert_eq!(of_itself, encode(&pixels, &asked, None, &GO));
    }

    #[test]
    fn a_profile_goes_into_every_format_that_can_hold_one() {
        let icc = moxcms::ColorProfile::new_display_p3().encode().unwrap();
        for format in [Format::WEBP, Format::JPEG, Format::PNG] {
            let pixels = smooth(Channels::Rgb);
            let bytes = encode(&pixels, &recipe(format, 80.0), Some(&icc), &GO).unwrap();
            let Ok(ImageInfo::Raster(raster)) = probe(&bytes, &Limits::default()) else {
                panic!("{format:?}");
            };
            let color = decode::decode(&bytes, &raster).unwrap().color;
            assert_eq!(color, ColorSpace::Icc(icc.clone()), "{format:?}");
        }
    }

    #[test]
    fn names_contain_the_versions_of_the_linked_encoders() {
        // libwebp reports its version at run time, which a test of that module checks.
        let lock = include_str!("../../Cargo.lock");
        for format in [Format::AVIF, Format::JPEG, Format::PNG] {
            let (crates, _) = format.encoder().version.split_once(", planche").unwrap();
            for named in crates.split(", ") {
                let (name, version) = named.split_once(' ').unwrap();
                let entry = format!("name = \"{name}\"\nversion = \"{version}\"\n");
                assert!(lock.contains(&entry), "{named}");
            }
        }
    }
}
