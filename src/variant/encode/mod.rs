//! From pixels to a file's bytes.

mod avif;
mod jpeg;
mod lossless;
mod matched;
mod png;
pub mod target;
pub mod webp;

use std::sync::atomic::{AtomicBool, Ordering};

use super::score::{Judge, ScoreError};
use super::{Channels, Pixels, Transforms, colour, decode};
use crate::config::Limits;
use crate::original::{self, ColourSpace, Picture, RasterFormat};
use crate::plan::Recipe;
use crate::preset::{AskedQuality, Format, Lossless, Target};
use crate::units::Quality;

/// A rung that could not be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    #[error("the encoder is out of memory")]
    OutOfMemory,
    #[error("a side is longer than the format allows")]
    TooLarge,
    #[error("the encoder refused it")]
    Refused,
    #[error("interrupted")]
    Interrupted,
    #[error("{0}")]
    Score(#[from] ScoreError),
}

/// Encodes one rung, whose colours are sRGB's or those of a profile. `stop` is looked at while
/// libwebp works, and before any other encoder begins.
pub fn encode(
    pixels: &Pixels,
    recipe: &Recipe,
    icc: Option<&[u8]>,
    stop: &AtomicBool,
) -> Result<Vec<u8>, EncodeError> {
    go_on(stop)?;
    let effort = recipe.effort.of(pixels.dimensions);
    match recipe.format {
        Format::Avif => lossy(pixels, recipe, stop, |quality| {
            avif::encode(pixels, quality, effort)
        }),
        Format::Webp => {
            let webp = encode_webp(pixels, recipe, stop)?;
            match icc {
                Some(icc) => webp::with_profile(&webp, icc),
                None => Ok(webp),
            }
        }
        Format::Jpeg => {
            let opaque = recipe.behind.map(|behind| pixels.clone().opaque(behind));
            let pixels = opaque.as_ref().unwrap_or(pixels);
            lossy(pixels, recipe, stop, |quality| {
                jpeg::encode(pixels, quality, icc)
            })
        }
        Format::Png => png::encode(pixels, effort, icc),
    }
}

/// Encodes at the quality that is asked for, or at the one that reaches the score that is.
fn lossy(
    pixels: &Pixels,
    recipe: &Recipe,
    stop: &AtomicBool,
    encode: impl Fn(Quality) -> Result<Vec<u8>, EncodeError>,
) -> Result<Vec<u8>, EncodeError> {
    match recipe.quality {
        AskedQuality::Fixed(quality) => encode(quality),
        AskedQuality::Target(Target { ssimulacra2 }) => {
            let judge = Judge::new(pixels)?;
            let encode = |quality| go_on(stop).and_then(|()| encode(quality));
            Ok(target::search(&judge, ssimulacra2, encode, shown)?.bytes)
        }
    }
}

fn go_on(stop: &AtomicBool) -> Result<(), EncodeError> {
    if stop.load(Ordering::Relaxed) {
        return Err(EncodeError::Interrupted);
    }
    Ok(())
}

/// The pixels of an AVIF or a JPEG that was made here, as browsers show it; of one that keeps a
/// profile, the values that it stores.
fn shown(bytes: &[u8]) -> Result<Pixels, EncodeError> {
    // What was just encoded is within every limit.
    let limits = Limits {
        megapixels: u32::MAX,
        side: u32::MAX,
        work: u32::MAX,
        ..Limits::default()
    };
    let Ok(Picture::Raster(raster)) = original::probe(bytes, &limits) else {
        return Err(EncodeError::Refused);
    };
    let mut decoded = decode::decode(bytes, &raster).map_err(|_| EncodeError::Refused)?;
    if raster.format == RasterFormat::Jpeg {
        decoded.colour = ColourSpace::of_icc(None);
    }
    let pixels = colour::to_srgb(decoded, raster.stored, &Transforms::default());
    pixels.map_err(|_| EncodeError::Refused)
}

fn lossy_webp(recipe: &Recipe, quality: Quality) -> webp::Mode {
    if recipe.is_sharp {
        webp::Mode::LossySharp(quality)
    } else {
        webp::Mode::Lossy(quality)
    }
}

fn encode_webp(
    pixels: &Pixels,
    recipe: &Recipe,
    stop: &AtomicBool,
) -> Result<Vec<u8>, EncodeError> {
    let effort = recipe.effort.of(pixels.dimensions);
    let run = |mode| webp::encode(pixels, mode, effort, stop);
    if recipe.lossless == Lossless::Always {
        return run(webp::Mode::Lossless);
    }
    let at = |quality| run(lossy_webp(recipe, quality));
    let (lossy, judge) = match recipe.quality {
        AskedQuality::Fixed(quality) => (at(quality)?, None),
        AskedQuality::Target(Target { ssimulacra2 }) => {
            let judge = Judge::new(pixels)?;
            let shown = |webp: &[u8]| webp::shown(webp, pixels);
            let found = target::search(&judge, ssimulacra2, at, shown)?;
            (found.bytes, Some(judge))
        }
    };
    if recipe.lossless == Lossless::Auto && lossless::is_graphic(pixels) {
        lossless::smallest(pixels, judge.as_ref(), lossy, run)
    } else {
        Ok(lossy)
    }
}

/// An animation that is being encoded, frame after frame.
pub struct Animation<'s> {
    /// One, or one without loss and one with it: the smaller file counts.
    encoders: Vec<webp::animation::Encoder<'s>>,
}

impl<'s> Animation<'s> {
    /// Begins an animation with frames like `first`, which plays that often; 0 is for ever. `stop`
    /// is looked at while the encoder works.
    pub fn new(
        first: &Pixels,
        recipe: &Recipe,
        plays: u16,
        stop: &'s AtomicBool,
    ) -> Result<Self, EncodeError> {
        if recipe.format != Format::Webp {
            return Err(EncodeError::Refused);
        }
        // Frames differ, so that no one of them tells the quality of all.
        let lossy = lossy_webp(recipe, recipe.quality.typical());
        let effort = recipe.effort.of(first.dimensions);
        let modes = match recipe.lossless {
            Lossless::Always => vec![webp::Mode::Lossless],
            Lossless::Auto if lossless::is_graphic(first) => vec![webp::Mode::Lossless, lossy],
            Lossless::Auto | Lossless::Never => vec![lossy],
        };
        let begin =
            |mode| webp::animation::Encoder::new(first.dimensions, mode, effort, plays, stop);
        let encoders = modes.into_iter().map(begin).collect::<Result<_, _>>()?;
        Ok(Animation { encoders })
    }

    /// Adds a frame that is shown from `begin` on, in milliseconds: not before the last one, and no
    /// more than [`webp::animation::MAX_DURATION`] after it.
    pub fn add(&mut self, frame: &Pixels, begin: u64) -> Result<(), EncodeError> {
        let mut encoders = self.encoders.iter_mut();
        encoders.try_for_each(|encoder| encoder.add(frame, begin))
    }

    /// Ends the animation at that time, in milliseconds, and gives the file's bytes.
    pub fn finish(self, end: u64) -> Result<Vec<u8>, EncodeError> {
        let mut smallest: Option<Vec<u8>> = None;
        for encoder in self.encoders {
            let bytes = encoder.finish(end)?;
            if smallest.as_ref().is_none_or(|one| bytes.len() < one.len()) {
                smallest = Some(bytes);
            }
        }
        smallest.ok_or(EncodeError::Refused)
    }
}

impl Pixels {
    /// Whether the encoder must keep an alpha channel.
    fn has_alpha(&self) -> bool {
        self.channels == Channels::Rgba
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{self, Scale};
    use crate::preset::{AskedEffort, Background, Color, Resize};
    use crate::units::{Dimensions, Effort, Score};
    use crate::variant::frame;
    use crate::variant::score::tests::{painted, scene};

    fn recipe(format: Format, quality: f32) -> Recipe {
        Recipe {
            format,
            quality: Quality::new(quality).unwrap().into(),
            effort: Effort::new(1).unwrap().into(),
            lossless: Lossless::Never,
            resize: Resize::Srgb,
            color: Color::Srgb,
            scale: Scale::Whole,
            behind: None,
            is_sharp: false,
            is_animated: false,
        }
    }

    static GO: AtomicBool = AtomicBool::new(false);

    /// The pixels of a file, by the decoders that originals go through.
    fn decoded(bytes: &[u8]) -> Pixels {
        let Ok(Picture::Raster(raster)) = original::probe(bytes, &Limits::default()) else {
            panic!("not a picture");
        };
        let decoded = decode::decode(bytes, &raster).unwrap();
        colour::to_srgb(decoded, raster.stored, &Transforms::default()).unwrap()
    }

    /// Smooth, in colours, and on the right ever more transparent if it has alpha.
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
        for format in Format::ALL {
            for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
                let pixels = smooth(channels);
                let mut recipe = recipe(format, 95.0);
                let mut expected = pixels.clone();
                if format == Format::Jpeg && channels == Channels::Rgba {
                    assert!(
                        encode(&pixels, &recipe, None, &GO).is_err(),
                        "nothing is behind it"
                    );
                    recipe.behind = Some(Background::WHITE);
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
                let limit = if format == Format::Png { 0.0 } else { 2.0 };
                assert!(mean <= limit, "{format:?} {channels:?}: {mean}");
            }
        }
    }

    #[test]
    fn every_lossy_format_reaches_a_target() {
        for (format, channels) in [
            (Format::Webp, Channels::Rgba),
            (Format::Webp, Channels::Gray),
            (Format::Jpeg, Channels::Rgb),
            (Format::Jpeg, Channels::Rgba),
            (Format::Avif, Channels::Rgb),
            (Format::Avif, Channels::Rgba),
        ] {
            let pixels = painted(120, 90, channels, scene);
            let mut recipe = recipe(format, 0.0);
            let ssimulacra2 = Score::new(72.0).unwrap();
            recipe.quality = AskedQuality::Target(Target { ssimulacra2 });
            let mut expected = pixels.clone();
            if format == Format::Jpeg {
                recipe.behind = Some(Background::WHITE);
                expected = expected.opaque(Background::WHITE);
            }
            let bytes = encode(&pixels, &recipe, None, &GO).unwrap();
            let scores = Judge::new(&expected).unwrap().scores(&decoded(&bytes));
            let judged = scores.unwrap().judged(72.0);
            // A step of JPEG's quality may be more than a point.
            assert!(
                (72.0..74.5).contains(&judged),
                "{format:?} {channels:?}: {judged}"
            );
        }
        // Nothing of a PNG is lossy.
        let pixels = painted(50, 40, Channels::Rgb, scene);
        let mut asked = recipe(Format::Png, 80.0);
        let fixed = encode(&pixels, &asked, None, &GO);
        let ssimulacra2 = Score::new(72.0).unwrap();
        asked.quality = AskedQuality::Target(Target { ssimulacra2 });
        assert_eq!(encode(&pixels, &asked, None, &GO), fixed);
    }

    #[test]
    fn a_target_keeps_a_profile() {
        let icc = moxcms::ColorProfile::new_display_p3().encode().unwrap();
        let pixels = painted(90, 60, Channels::Rgb, scene);
        for format in [Format::Webp, Format::Jpeg] {
            let mut recipe = recipe(format, 0.0);
            let ssimulacra2 = Score::new(75.0).unwrap();
            recipe.quality = AskedQuality::Target(Target { ssimulacra2 });
            let bytes = encode(&pixels, &recipe, Some(&icc), &GO).unwrap();
            let Ok(Picture::Raster(raster)) = original::probe(&bytes, &Limits::default()) else {
                panic!("{format:?}");
            };
            let mut shown = decode::decode(&bytes, &raster).unwrap();
            assert_eq!(shown.colour, ColourSpace::Icc(icc.clone()), "{format:?}");
            shown.colour = ColourSpace::of_icc(None);
            let shown = colour::to_srgb(shown, raster.stored, &Transforms::default()).unwrap();
            let judged = Judge::new(&pixels)
                .unwrap()
                .scores(&shown)
                .unwrap()
                .judged(75.0);
            assert!((75.0..77.5).contains(&judged), "{format:?}: {judged}");
        }
    }

    #[test]
    fn effort_of_itself_goes_down_with_the_pixels() {
        let effort = |width, height| AskedEffort::Auto.of(Dimensions { width, height }).get();
        assert_eq!(effort(1, 1), 6);
        assert_eq!(effort(320, 213), 6);
        assert_eq!(effort(640, 427), 5);
        assert_eq!(effort(1280, 853), 4);
        assert_eq!(effort(16_383, 16_383), 4);
        let pixels = painted(60, 40, Channels::Rgb, scene);
        let mut asked = recipe(Format::Webp, 80.0);
        asked.effort = AskedEffort::Auto;
        let of_itself = encode(&pixels, &asked, None, &GO);
        asked.effort = Effort::new(6).unwrap().into();
        assert_eq!(of_itself, encode(&pixels, &asked, None, &GO));
    }

    #[test]
    fn a_profile_goes_into_every_format_that_can_hold_one() {
        let icc = moxcms::ColorProfile::new_display_p3().encode().unwrap();
        for format in [Format::Webp, Format::Jpeg, Format::Png] {
            let pixels = smooth(Channels::Rgb);
            let bytes = encode(&pixels, &recipe(format, 80.0), Some(&icc), &GO).unwrap();
            let Ok(Picture::Raster(raster)) = original::probe(&bytes, &Limits::default()) else {
                panic!("{format:?}");
            };
            let colour = decode::decode(&bytes, &raster).unwrap().colour;
            assert_eq!(colour, ColourSpace::Icc(icc.clone()), "{format:?}");
        }
    }

    #[test]
    fn names_tell_the_encoders_that_are_linked() {
        // libwebp tells its own version, and a test beside it asks for it.
        let lock = include_str!("../../../Cargo.lock");
        for format in [Format::Avif, Format::Jpeg, Format::Png] {
            let (crates, _) = plan::encoder(format).split_once(", planche").unwrap();
            for named in crates.split(", ") {
                let (name, version) = named.split_once(' ').unwrap();
                let entry = format!("name = \"{name}\"\nversion = \"{version}\"\n");
                assert!(lock.contains(&entry), "{named}");
            }
        }
    }
}
