//! Searches for the lowest quality that reaches a score.
//!
//! A search is a pure function of pixels, target and encoder: no other variant influences it, so
//! that bytes never depend on which files exist. It starts at the quality where a typical
//! photograph reaches the target, and continues by the scores of its probes. A full image loses as
//! much as the typical one, multiplied by a factor of its own ([`crate::estimate`]), which the
//! first probe finds; so does its worst region, by another factor. Whichever needs the higher
//! quality decides.
//!
//! [`search`] encodes until a file reaches the target and hardly exceeds it. For large images,
//! [`by_drafts`] finds the quality with files of the least effort, which take a quarter of the
//! time, and encodes at full effort once or twice. Its result comes near the target from either
//! side.

mod bracket;

use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::EncodeError;
use crate::estimate::quality_of;
use crate::pixels::Pixels;
use crate::quality::{QualitySpec, Target};
use crate::recipe::Recipe;
use crate::score::{Scorer, Scores};
use crate::units::{Quality, Score};
use bracket::{Bracket, Goal, Probe, expected};

/// Maximum number of encodes per search.
pub const MOST_PROBES: usize = 4;
/// Number of pixels from which drafts are worth their time.
const LARGE: usize = 400_000;
/// Factor by which large images lose more than the typical photograph of [`crate::estimate`], which
/// is smaller.
const LARGE_LOSES: f64 = 1.07;
/// Maximum distance between the score of a draft and the target at which the draft decides the
/// quality.
const DECISIVE: f64 = 3.0;
/// Maximum distance at which the file scores as its draft predicts, and the minimum target for
/// that. Below that target, effort changes scores by more than a point.
const PROMISED: (f64, f64) = (1.5, 76.0);
/// Minimum distance, in points, of the worst region from deciding the score, for that prediction:
/// effort changes the score of a region more than that of the full image.
const CLEAR: f64 = 3.0;

/// The result of a search.
#[derive(Clone, Debug)]
pub struct Found {
    pub bytes: Vec<u8>,
    pub quality: Quality,
    /// `None` if the score was predicted and not computed.
    pub scores: Option<Scores>,
    /// Number of encodes, 1 to [`MOST_PROBES`]; drafts do not count.
    pub probes: usize,
}

/// Encodes at the quality of a recipe, or at the lowest one that reaches its target score. `shown`
/// decodes what `encode` returned, as browsers show it.
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

/// Checks whether a stop was requested.
///
/// # Errors
///
/// [`EncodeError::Interrupted`] if `stop` was set.
pub fn check_stop(stop: &AtomicBool) -> Result<(), EncodeError> {
    if stop.load(Ordering::Relaxed) {
        return Err(EncodeError::Interrupted);
    }
    Ok(())
}

/// Finds the lowest quality that reaches `target`, to within a point and a half of the score.
/// Returns quality 100 if none does, and quality 0 if all do.
pub fn search(
    scorer: &Scorer,
    target: Score,
    encode: impl FnMut(Quality) -> Result<Vec<u8>, EncodeError>,
    shown: impl Fn(&[u8]) -> Result<Pixels, EncodeError>,
) -> Result<Found, EncodeError> {
    let goal = Goal::reached(target);
    refine(quality_of(goal.wanted()), &goal, scorer, encode, shown)
}

/// Does the same as [`search`] for images of fewer than 400,000 pixels. For larger ones, finds a
/// quality that scores about `target`, on either side. `draft` encodes with the least effort.
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
    let scores_of = |quality| {
        scorer
            .scores(&shown(&draft(quality)?)?)
            .map_err(EncodeError::from)
    };
    let wanted = goal.wanted() / effect_of_effort(goal.wanted());
    let mut quality = quality_of(wanted / LARGE_LOSES);
    let mut scores = scores_of(quality)?;
    let distance = |scores: Scores| (100.0 - scores.judged(goal.target) - wanted).abs();
    if distance(scores) > DECISIVE {
        quality = expected(quality, scores, &goal, wanted);
        scores = scores_of(quality)?;
    }
    let quality = expected(quality, scores, &goal, wanted);
    let [whole, region] = scores.losses();
    let is_clear = region + CLEAR <= Scores::allowed(goal.target, whole)[1];
    if is_clear && distance(scores) <= PROMISED.0 && goal.target >= PROMISED.1 {
        return Ok(Found {
            bytes: encode(quality)?,
            quality,
            scores: None,
            probes: 1,
        });
    }
    refine(quality, &goal, scorer, encode, shown)
}

/// Returns the factor by which a file loses more than a draft of the same quality, if the file
/// loses `wanted`: with more effort, libwebp omits more of what costs many bytes, but less at high
/// qualities.
fn effect_of_effort(wanted: f64) -> f64 {
    let effect = if wanted > 20.0 { 0.003 } else { 0.01 };
    1.0 + ((wanted - 20.0) * effect).clamp(-0.05, 0.06)
}

/// Encodes from a first quality on until the goal is reached, at most [`MOST_PROBES`] times.
fn refine(
    first: Quality,
    goal: &Goal,
    scorer: &Scorer,
    mut encode: impl FnMut(Quality) -> Result<Vec<u8>, EncodeError>,
    shown: impl Fn(&[u8]) -> Result<Pixels, EncodeError>,
) -> Result<Found, EncodeError> {
    let mut bracket = Bracket::default();
    let mut quality = first;
    let mut probes = 0;
    loop {
        let bytes = encode(quality)?;
        let scores = scorer.scores(&shown(&bytes)?)?;
        probes += 1;
        let over = scores.judged(goal.target) - goal.target;
        bracket.put(Probe {
            bytes,
            quality,
            scores,
            over,
        });
        if goal.close.contains(&over) || probes == MOST_PROBES {
            break;
        }
        match bracket.next(goal, probes) {
            Some(next) => quality = next,
            None => break,
        }
        if (over - goal.aim).abs() <= goal.predictable_distance {
            return Ok(Found {
                bytes: encode(quality)?,
                quality,
                scores: None,
                probes: probes + 1,
            });
        }
    }
    let found = bracket.best(goal).ok_or(EncodeError::Refused)?;
    Ok(Found {
        bytes: found.bytes,
        quality: found.quality,
        scores: Some(found.scores),
        probes,
    })
}

#[cfg(test)]
mod tests;
