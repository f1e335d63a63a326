//! The search for the lowest quality that reaches a score.
//!
//! A search is a pure function of pixels, target and encoder: no other variant influences it, so
//! that bytes never depend on which files exist. It starts where the typical photograph reaches the
//! target and continues by the scores of its probes. Images score like the typical one, multiplied
//! by a factor of their own ([`crate::estimate`]), which the first probe finds.
//!
//! [`search`] encodes until a file reaches the target and hardly exceeds it. [`by_drafts`] finds
//! the quality for large images by files of the least effort, which take a quarter of the time, and
//! encodes at full effort once or twice. It comes near the target from either side.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::EncodeError;
use crate::estimate::{loss_at, quality_of};
use crate::pixels::Pixels;
use crate::quality::{QualitySpec, Target};
use crate::recipe::Recipe;
use crate::score::{Scorer, Scores};
use crate::units::{Quality, Score};

/// The most encodes per search.
pub const MOST_PROBES: usize = 4;
/// How far above the target a score that reaches it is close enough: a step of quality is about a
/// third of a point at 75, and another probe costs more than the 2 % of bytes that a point comes
/// to.
const CLOSE_ENOUGH: f64 = 1.3;
/// The least step of quality between probes.
const STEP: f32 = 0.3;
/// Pixels from which drafts are worth it.
const LARGE: usize = 400_000;
/// How much more large images lose than the typical photograph of [`crate::estimate`], which is
/// smaller.
const LARGE_LOSES: f64 = 1.07;
/// The distance between the scores of a draft and the target up to which it decides the quality.
const DECISIVE: f64 = 3.0;
/// The distance up to which, from the second target on, the file scores as its draft promises.
/// Below that target, effort changes scores more than a point.
const PROMISED: (f64, f64) = (1.5, 72.0);

/// The score that a search is for.
struct Goal {
    target: f64,
    /// How far above the target a search aims; once more for each probe that has not reached it.
    aim: f64,
    /// How far from the target a score is close enough.
    close: RangeInclusive<f64>,
    /// How far from the aim a score is if the next one need not be computed.
    foreseeable: f64,
}

impl Goal {
    /// A score that reaches the target.
    fn reached(target: Score) -> Goal {
        Goal {
            target: f64::from(target.get()),
            aim: 0.7,
            close: 0.0..=CLOSE_ENOUGH,
            foreseeable: 0.0,
        }
    }

    /// A score near the target, on either side.
    fn neared(target: Score) -> Goal {
        Goal {
            target: f64::from(target.get()),
            aim: 0.2,
            close: -1.0..=1.3,
            foreseeable: 2.0,
        }
    }

    fn wanted(&self) -> f64 {
        (100.0 - self.target - self.aim).max(0.0)
    }
}

/// The result of a search.
#[derive(Clone, Debug)]
pub struct Found {
    pub bytes: Vec<u8>,
    pub quality: Quality,
    /// `None` if the score was foreseen.
    pub scores: Option<Scores>,
    /// The number of encodes, 1 to [`MOST_PROBES`]; drafts do not count.
    pub probes: usize,
}

/// One encode of a search.
struct Probe {
    bytes: Vec<u8>,
    quality: Quality,
    scores: Scores,
    judged: f64,
}

/// Encodes at the quality of a recipe, or at the lowest one that reaches its target
/// score. `shown` decodes what `encode` returned, as browsers show it.
pub fn at_quality(
    pixels: &Pixels,
    recipe: &Recipe,
    stop: &AtomicBool,
    encode: impl Fn(Quality) -> Result<Vec<u8>, EncodeError>,
    shown: impl Fn(&[u8]) -> Result<Pixels, EncodeError>,
) -> Result<Vec<u8>, EncodeError> {
    match recipe.quality {
        QualitySpec::Fixed(quality) => encode(quality),
        QualitySpec::Target(Target { ssimulacra2 }) => {
            let scorer = Scorer::new(pixels)?;
            let encode = |quality| check_stop(stop).and_then(|()| encode(quality));
            Ok(search(&scorer, ssimulacra2, encode, shown)?.bytes)
        }
    }
}

/// # Errors
///
/// [`EncodeError::Interrupted`] if `stop` was set.
pub fn check_stop(stop: &AtomicBool) -> Result<(), EncodeError> {
    if stop.load(Ordering::Relaxed) {
        return Err(EncodeError::Interrupted);
    }
    Ok(())
}

/// Finds the lowest quality, within a point and a half of the score, that reaches `target`; quality
/// 100 where none does, and quality 0 where all do.
pub fn search(
    scorer: &Scorer,
    target: Score,
    encode: impl FnMut(Quality) -> Result<Vec<u8>, EncodeError>,
    shown: impl Fn(&[u8]) -> Result<Pixels, EncodeError>,
) -> Result<Found, EncodeError> {
    let goal = Goal::reached(target);
    refine(quality_of(goal.wanted()), &goal, scorer, encode, shown)
}

/// The same for small images. For those of 400,000 pixels and more, finds a quality that scores
/// about `target`, on either side. `draft` encodes with the least effort.
pub fn by_drafts(
    scorer: &Scorer,
    target: Score,
    draft: impl Fn(Quality) -> Result<Vec<u8>, EncodeError>,
    mut encode: impl FnMut(Quality) -> Result<Vec<u8>, EncodeError>,
    shown: impl Fn(&[u8]) -> Result<Pixels, EncodeError>,
) -> Result<Found, EncodeError> {
    if scorer.pixels() < LARGE {
        return search(scorer, target, encode, shown);
    }
    let goal = Goal::neared(target);
    let loss_of = |quality| {
        let scores = scorer.scores(&shown(&draft(quality)?)?)?;
        Ok::<f64, EncodeError>(100.0 - scores.judged(goal.target))
    };
    let wanted = goal.wanted() / effect_of_effort(goal.wanted());
    let mut quality = quality_of(wanted / LARGE_LOSES);
    let mut lost = loss_of(quality)?;
    if (lost - wanted).abs() > DECISIVE {
        quality = expected(quality, lost, wanted);
        lost = loss_of(quality)?;
    }
    let quality = expected(quality, lost, wanted);
    if (lost - wanted).abs() <= PROMISED.0 && goal.target >= PROMISED.1 {
        return Ok(Found {
            bytes: encode(quality)?,
            quality,
            scores: None,
            probes: 1,
        });
    }
    refine(quality, &goal, scorer, encode, shown)
}

/// How much more a file loses than a draft of the same quality, if the file loses `wanted`: with
/// more effort, libwebp leaves out more of what costs many bytes, but less at high qualities.
fn effect_of_effort(wanted: f64) -> f64 {
    let effect = if wanted > 20.0 { 0.003 } else { 0.01 };
    1.0 + ((wanted - 20.0) * effect).clamp(-0.05, 0.06)
}

/// The quality at which an image loses as much as wanted, if it loses that much at `quality`.
fn expected(quality: Quality, lost: f64, wanted: f64) -> Quality {
    let typical = loss_at(f64::from(quality.get()));
    // An image that loses nothing may be encoded at any quality.
    quality_of(typical * wanted / lost.max(f64::MIN_POSITIVE))
}

/// Encodes from a first quality on until the goal is met.
fn refine(
    first: Quality,
    goal: &Goal,
    scorer: &Scorer,
    mut encode: impl FnMut(Quality) -> Result<Vec<u8>, EncodeError>,
    shown: impl Fn(&[u8]) -> Result<Pixels, EncodeError>,
) -> Result<Found, EncodeError> {
    // The best below the target and the best that reaches it.
    let (mut below, mut above): (Option<Probe>, Option<Probe>) = (None, None);
    let mut quality = first;
    let mut probes = 0;
    loop {
        let bytes = encode(quality)?;
        let scores = scorer.scores(&shown(&bytes)?)?;
        probes += 1;
        let probe = Probe {
            bytes,
            quality,
            scores,
            judged: scores.judged(goal.target),
        };
        let over = probe.judged - goal.target;
        let best = if over >= 0.0 { &mut above } else { &mut below };
        *best = Some(probe);
        if goal.close.contains(&over) || probes == MOST_PROBES {
            break;
        }
        match next(below.as_ref(), above.as_ref(), goal, probes) {
            Some(next) => quality = next,
            None => break,
        }
        if (over - goal.aim).abs() <= goal.foreseeable {
            return Ok(Found {
                bytes: encode(quality)?,
                quality,
                scores: None,
                probes: probes + 1,
            });
        }
    }
    // What reaches the target is preferred to what comes near it from below, if that is not close
    // enough.
    let is_close = |probe: &Probe| goal.close.contains(&(probe.judged - goal.target));
    let found = below.take_if(|below| is_close(below)).or(above).or(below);
    let found = found.ok_or(EncodeError::Refused)?;
    Ok(Found {
        bytes: found.bytes,
        quality: found.quality,
        scores: Some(found.scores),
        probes,
    })
}

/// The quality of the next probe; `None` if no other quality can be better.
fn next(
    below: Option<&Probe>,
    above: Option<&Probe>,
    goal: &Goal,
    probes: usize,
) -> Option<Quality> {
    let loss = |probe: &Probe| 100.0 - probe.judged;
    let wanted = goal.wanted();
    match (below, above) {
        (Some(below), Some(above)) => {
            let typical = |probe: &Probe| loss_at(f64::from(probe.quality.get()));
            let part = (loss(below) - wanted) / (loss(below) - loss(above));
            let part = part.clamp(0.0, 1.0);
            let next = quality_of(typical(below) + (typical(above) - typical(below)) * part);
            let (lowest, highest) = (below.quality.get() + STEP, above.quality.get() - STEP);
            let next = next.get();
            // If there is no quality between them, the upper one is the result.
            (lowest <= highest).then(|| Quality::new(next.clamp(lowest, highest)).ok())?
        }
        (Some(below), None) => {
            let wanted = (100.0 - goal.target - goal.aim * probes as f64).max(0.0);
            let next = expected(below.quality, loss(below), wanted).get();
            let lowest = below.quality.get() + STEP;
            (below.quality.get() < 100.0).then(|| Quality::new(next.max(lowest).min(100.0)).ok())?
        }
        (None, Some(above)) => {
            let next = expected(above.quality, loss(above), wanted).get();
            let highest = above.quality.get() - STEP;
            (above.quality.get() > 0.0).then(|| Quality::new(next.min(highest).max(0.0)).ok())?
        }
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::format::webp::libwebp;
    use crate::format::webp::libwebp::Mode;
    use crate::pixels::Channels;
    use crate::score::tests::painted;
    use crate::score::tests::scene;
    use crate::units::Effort;

    static GO: AtomicBool = AtomicBool::new(false);

    fn found(pixels: &Pixels, target: f32) -> Found {
        let mut encodes = 0;
        let encode = |quality| {
            encodes += 1;
            libwebp::encode(pixels, Mode::Lossy(quality), Effort::new(2).unwrap(), &GO)
        };
        let shown = |file: &[u8]| libwebp::shown(file, pixels);
        let scorer = Scorer::new(pixels).unwrap();
        let found = search(&scorer, Score::new(target).unwrap(), encode, shown).unwrap();
        assert_eq!(found.probes, encodes);
        assert!((1..=MOST_PROBES).contains(&encodes), "{encodes} probes");
        found
    }

    #[test]
    fn the_target_is_reached_and_hardly_exceeded() {
        for (width, height, channels) in [
            (240, 160, Channels::Rgb),
            (240, 160, Channels::Rgba),
            (200, 300, Channels::Gray),
            (720, 480, Channels::Rgb),
        ] {
            let pixels = painted(width, height, channels, scene);
            let mut last = 0.0;
            for target in [40.0f32, 60.0, 75.0, 85.0] {
                let found = found(&pixels, target);
                let over = found.scores.unwrap().judged(f64::from(target)) - f64::from(target);
                assert!(
                    (0.0..=CLOSE_ENOUGH).contains(&over),
                    "{width}x{height} {channels:?} {target}: {over}"
                );
                assert!(found.quality.get() > last, "{target}");
                last = found.quality.get();
            }
        }
    }

    #[test]
    fn the_same_image_results_in_the_same_file() {
        let pixels = painted(300, 200, Channels::Rgb, scene);
        let (first, second) = (found(&pixels, 70.0), found(&pixels, 70.0));
        assert!(first.bytes == second.bytes && first.quality == second.quality);
    }

    #[test]
    fn unreachable_targets_get_the_highest_quality_and_trivial_ones_the_lowest() {
        let pixels = painted(200, 150, Channels::Rgb, scene);
        assert_eq!(found(&pixels, 100.0).quality.get(), 100.0);
        assert_eq!(found(&pixels, 97.0).quality.get(), 100.0);
        let plain = painted(64, 64, Channels::Rgb, |x, y| [(x + y) as u8; 4]);
        assert_eq!(found(&plain, 0.0).quality.get(), 0.0);
    }

    #[test]
    fn the_smallest_pictures_have_a_quality_too() {
        for (width, height) in [(1, 1), (1, 40), (7, 3), (16, 9)] {
            let pixels = painted(width, height, Channels::Rgb, scene);
            found(&pixels, 75.0);
        }
    }

    #[test]
    fn a_face_in_a_flat_sky_is_not_ruined() {
        let face = |x: u32, y: u32| (320..384).contains(&x) && (192..256).contains(&y);
        let pixels = painted(640, 448, Channels::Rgb, |x, y| {
            if face(x, y) {
                scene(x, y)
            } else {
                [90, 130, 210, 255]
            }
        });
        let found = found(&pixels, 75.0);
        // The sky alone would be content with less.
        let scores = found.scores.unwrap();
        assert!(scores.whole > 75.0 + CLOSE_ENOUGH, "{scores:?}");
        assert!(scores.worst_region >= 62.5, "{scores:?}");
    }
}
