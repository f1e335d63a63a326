//! From pixels to a file's bytes.

mod avif;
mod jpeg;
mod matched;
mod png;
pub mod webp;

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Channels, Pixels};
use crate::plan::Recipe;
use crate::preset::{Format, Lossless};

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
}

/// Share of pixels that equal their left neighbour from which a rung is tried lossless.
///
/// Of 86 screenshots, charts, logos and drawings at up to six widths each, every rung that came out
/// smaller lossless was above 0.72; of photographs none was above 0.5. A rung above it costs a
/// second encode, never a larger file.
const FLAT: f64 = 0.70;

/// Whether a rung has flat areas: what lossless encoding can be smaller for. Downscaling blurs
/// them, so that each rung is measured for itself.
fn is_flat(pixels: &Pixels) -> bool {
    let channels = pixels.channels.count();
    let row_length = pixels.dimensions.width as usize * channels;
    let equal: usize = pixels
        .samples
        .chunks_exact(row_length.max(1))
        .map(|row| {
            let pairs = row
                .chunks_exact(channels)
                .zip(row[channels..].chunks_exact(channels));
            pairs.filter(|(left, right)| left == right).count()
        })
        .sum();
    equal as f64 >= pixels.dimensions.pixels() as f64 * FLAT
}

/// Encodes one rung, whose colours are sRGB's or those of a profile. `stop` is looked at while
/// libwebp works, and before any other encoder begins.
pub fn encode(
    pixels: &Pixels,
    recipe: &Recipe,
    icc: Option<&[u8]>,
    stop: &AtomicBool,
) -> Result<Vec<u8>, EncodeError> {
    if stop.load(Ordering::Relaxed) {
        return Err(EncodeError::Interrupted);
    }
    match recipe.format {
        Format::Avif => avif::encode(pixels, recipe.quality, recipe.effort),
        Format::Webp => {
            let webp = encode_webp(pixels, recipe, stop)?;
            match icc {
                Some(icc) => webp::with_profile(&webp, icc),
                None => Ok(webp),
            }
        }
        Format::Jpeg => match recipe.behind {
            Some(background) => {
                let opaque = pixels.clone().opaque(background);
                jpeg::encode(&opaque, recipe.quality, icc)
            }
            None => jpeg::encode(pixels, recipe.quality, icc),
        },
        Format::Png => png::encode(pixels, recipe.effort, icc),
    }
}

fn encode_webp(
    pixels: &Pixels,
    recipe: &Recipe,
    stop: &AtomicBool,
) -> Result<Vec<u8>, EncodeError> {
    let run = |mode| webp::encode(pixels, mode, recipe.effort, stop);
    let lossy = webp::Mode::Lossy(recipe.quality);
    match recipe.lossless {
        Lossless::Always => run(webp::Mode::Lossless),
        // Sizes decide, and lossless wins a tie.
        Lossless::Auto if is_flat(pixels) => {
            let lossless = run(webp::Mode::Lossless)?;
            let lossy = run(lossy)?;
            Ok(if lossless.len() <= lossy.len() {
                lossless
            } else {
                lossy
            })
        }
        Lossless::Auto | Lossless::Never => run(lossy),
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
        let lossy = webp::Mode::Lossy(recipe.quality);
        let modes = match recipe.lossless {
            Lossless::Always => vec![webp::Mode::Lossless],
            Lossless::Auto if is_flat(first) => vec![webp::Mode::Lossless, lossy],
            Lossless::Auto | Lossless::Never => vec![lossy],
        };
        let begin = |mode| {
            webp::animation::Encoder::new(first.dimensions, mode, recipe.effort, plays, stop)
        };
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
    use crate::config::Limits;
    use crate::original::{self, ColourSpace, Picture};
    use crate::plan;
    use crate::preset::{Background, Color, Resize};
    use crate::units::{Dimensions, Effort, Quality};
    use crate::variant::{Transforms, colour, decode, frame};

    fn picture(paint: impl Fn(u32, u32) -> u8) -> Pixels {
        let dimensions = Dimensions {
            width: 64,
            height: 48,
        };
        let pixels = (0..48).flat_map(|y| (0..64).map(move |x| (x, y)));
        Pixels {
            dimensions,
            channels: Channels::Rgb,
            samples: pixels.flat_map(|(x, y)| [paint(x, y); 3]).collect(),
        }
    }

    fn recipe(format: Format, quality: f32) -> Recipe {
        Recipe {
            format,
            quality: Quality::new(quality).unwrap(),
            effort: Effort::new(1).unwrap(),
            lossless: Lossless::Never,
            resize: Resize::Srgb,
            color: Color::Srgb,
            behind: None,
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

    #[test]
    fn flat_is_what_has_areas_of_one_colour() {
        assert!(is_flat(&picture(|x, _| if x < 20 { 10 } else { 200 })));
        assert!(!is_flat(&picture(|x, y| (x * 3 + y) as u8)));
        let one_pixel = Pixels {
            dimensions: Dimensions {
                width: 1,
                height: 1,
            },
            channels: Channels::Gray,
            samples: vec![0],
        };
        assert!(!is_flat(&one_pixel));
    }
}
