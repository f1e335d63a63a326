//! The search for the lowest quality that reaches a score.
//!
//! A search is a pure function of pixels, target and encoder. It starts where the typical
//! photograph reaches the target and continues by the scores of its probes. Images score like the
//! typical one, multiplied by a factor of their own ([`crate::estimate`]), which the first probe
//! finds: two probes are enough for two variants of three (`cargo bench --bench quality`). Cheap
//! features of the pixels (gradients, their peaks, the Laplacian) did not predict that factor well
//! enough to save a probe.

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
/// How far above the target a score is close enough: a step of quality is about a third of a point
/// at 75, and another probe costs more than the 2 % of bytes that a point comes to.
const CLOSE_ENOUGH: f64 = 1.5;
/// The search aims this far above the target, so that an image that scores a little less than
/// expected still reaches it; once more for each probe that has not reached it.
const AIM: f64 = 0.7;
/// The least step of quality between probes.
const STEP: f32 = 0.3;

/// The result of a search.
#[derive(Clone, Debug)]
pub struct Found {
    pub bytes: Vec<u8>,
    pub quality: Quality,
    pub scores: Scores,
    /// The number of encodes, 1 to [`MOST_PROBES`].
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
    mut encode: impl FnMut(Quality) -> Result<Vec<u8>, EncodeError>,
    shown: impl Fn(&[u8]) -> Result<Pixels, EncodeError>,
) -> Result<Found, EncodeError> {
    let target = f64::from(target.get());
    // The best below the target and the best that reaches it.
    let (mut below, mut above): (Option<Probe>, Option<Probe>) = (None, None);
    let mut quality = quality_of(100.0 - target - AIM);
    let mut probes = 0;
    loop {
        let bytes = encode(quality)?;
        let scores = scorer.scores(&shown(&bytes)?)?;
        let judged = scores.judged(target);
        probes += 1;
        let probe = Probe {
            bytes,
            quality,
            scores,
            judged,
        };
        let is_close = (target..=target + CLOSE_ENOUGH).contains(&judged);
        let best = if judged >= target {
            &mut above
        } else {
            &mut below
        };
        *best = Some(probe);
        if is_close || probes == MOST_PROBES {
            break;
        }
        match next(below.as_ref(), above.as_ref(), target, probes) {
            Some(next) => quality = next,
            None => break,
        }
    }
    // What reaches the target is preferred to what comes near it from below.
    let found = above.or(below).ok_or(EncodeError::Refused)?;
    Ok(Found {
        bytes: found.bytes,
        quality: found.quality,
        scores: found.scores,
        probes,
    })
}

/// The quality of the next probe; `None` if no other quality can be better.
fn next(
    below: Option<&Probe>,
    above: Option<&Probe>,
    target: f64,
    probes: usize,
) -> Option<Quality> {
    let place = |probe: &Probe| {
        let typical = loss_at(f64::from(probe.quality.get()));
        (typical, 100.0 - probe.judged)
    };
    let wanted = (100.0 - target - AIM).max(0.0);
    match (below, above) {
        (Some(below), Some(above)) => {
            let ((from, high), (to, low)) = (place(below), place(above));
            let part = (high - wanted) / (high - low);
            let next = quality_of(from + (to - from) * part.clamp(0.0, 1.0));
            let (lowest, highest) = (below.quality.get() + STEP, above.quality.get() - STEP);
            let next = next.get();
            // If there is no quality between them, the upper one is the result.
            (lowest <= highest).then(|| Quality::new(next.clamp(lowest, highest)).ok())?
        }
        (Some(below), None) => {
            let (typical, loss) = place(below);
            let wanted = (100.0 - target - AIM * probes as f64).max(0.0);
            let next = quality_of(typical * wanted / loss).get();
            let lowest = below.quality.get() + STEP;
            (below.quality.get() < 100.0).then(|| Quality::new(next.max(lowest).min(100.0)).ok())?
        }
        (None, Some(above)) => {
            let (typical, loss) = place(above);
            let next = if loss > 0.0 {
                quality_of(typical * wanted / loss).get()
            } else {
                0.0
            };
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
                let over = found.scores.judged(f64::from(target)) - f64::from(target);
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
        assert!(
            found.scores.whole > 75.0 + CLOSE_ENOUGH,
            "{:?}",
            found.scores
        );
        assert!(found.scores.worst_region >= 62.5, "{:?}", found.scores);
    }
}
