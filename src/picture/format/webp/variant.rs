//! Encodes WebP variants: lossy, lossless or nearly lossless, whichever the recipe requests or is
//! smallest.

use std::sync::atomic::AtomicBool;

use super::libwebp::animation::Encoder;
use super::libwebp::{self, Mode, shown, with_profile};
use super::lossless;
use crate::error::EncodeError;
use crate::format::spec::AnimationEncoder;
use crate::pixels::Pixels;
use crate::quality::{QualitySpec, Target};
use crate::recipe::{Lossless, Recipe};
use crate::score::Scorer;
use crate::search;
use crate::units::{Effort, Quality};

/// Encodes pixels, and embeds their ICC profile.
pub(super) fn encode(
    pixels: &Pixels,
    recipe: &Recipe,
    icc: Option<&[u8]>,
    stop: &AtomicBool,
) -> Result<Vec<u8>, EncodeError> {
    let webp = smallest(pixels, recipe, stop)?;
    match icc {
        Some(icc) => with_profile(&webp, icc),
        None => Ok(webp),
    }
}

fn smallest(pixels: &Pixels, recipe: &Recipe, stop: &AtomicBool) -> Result<Vec<u8>, EncodeError> {
    let effort = recipe.effort.for_dimensions(pixels.dimensions);
    let run = |mode| libwebp::encode(pixels, mode, effort, stop);
    if recipe.lossless == Lossless::Always {
        return run(Mode::Lossless);
    }
    let at = |quality| run(lossy_mode(recipe, quality));
    let (lossy, scorer) = match recipe.quality {
        QualitySpec::Fixed(quality) => (at(quality)?, None),
        QualitySpec::Target(Target { ssimulacra2 }) => {
            let scorer = Scorer::new(pixels)?;
            let shown = |webp: &[u8]| shown(webp, pixels);
            let least = Effort::new(0).expect("0 is an effort");
            let draft = |quality| libwebp::encode(pixels, lossy_mode(recipe, quality), least, stop);
            let found = search::by_drafts(&scorer, ssimulacra2, draft, at, shown)?;
            (found.bytes, Some(scorer))
        }
    };
    if recipe.lossless == Lossless::Auto && lossless::is_graphic(pixels) {
        lossless::smallest(pixels, scorer.as_ref(), lossy, run)
    } else {
        Ok(lossy)
    }
}

fn lossy_mode(recipe: &Recipe, quality: Quality) -> Mode {
    if recipe.is_sharp {
        Mode::LossySharp(quality)
    } else {
        Mode::Lossy(quality)
    }
}

/// An animation that is encoded in one mode, or both lossy and lossless: the smaller file wins.
struct Animation<'s> {
    encoders: Vec<Encoder<'s>>,
}

/// Starts an animation whose frames are similar to `first`. It plays `plays` times; 0 means
/// forever. `stop` is polled while libwebp works.
pub(super) fn animate<'s>(
    first: &Pixels,
    recipe: &Recipe,
    plays: u16,
    stop: &'s AtomicBool,
) -> Result<Box<dyn AnimationEncoder + 's>, EncodeError> {
    // Frames differ: a search on a single frame would not find the quality of all.
    let lossy = lossy_mode(recipe, recipe.quality.estimate());
    let effort = recipe.effort.for_dimensions(first.dimensions);
    let modes = match recipe.lossless {
        Lossless::Always => vec![Mode::Lossless],
        Lossless::Auto if lossless::is_graphic(first) => vec![Mode::Lossless, lossy],
        Lossless::Auto | Lossless::Never => vec![lossy],
    };
    let start = |mode| Encoder::new(first.dimensions, mode, effort, plays, stop);
    let encoders = modes.into_iter().map(start).collect::<Result<_, _>>()?;
    Ok(Box::new(Animation { encoders }))
}

impl AnimationEncoder for Animation<'_> {
    fn add(&mut self, frame: &Pixels, start: u64) -> Result<(), EncodeError> {
        let mut encoders = self.encoders.iter_mut();
        encoders.try_for_each(|encoder| encoder.add(frame, start))
    }

    fn finish(self: Box<Self>, end: u64) -> Result<Vec<u8>, EncodeError> {
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
