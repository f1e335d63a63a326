//! Chooses the next quality to try: the scores of the probes so far go in, a quality comes out.

use std::ops::RangeInclusive;

use crate::estimate::{loss_at, quality_of};
use crate::score::Scores;
use crate::units::{Quality, Score};

/// Maximum distance above the target at which a score is close enough: a step of quality is about a
/// third of a point at 75, and another probe costs more than the 2% of bytes that a point is
/// worth.
pub const CLOSE_ENOUGH: f64 = 1.3;
/// Minimum step of quality between probes.
const STEP: f32 = 0.3;

/// If the scores of a bracket are further apart than this, and the last probe came no nearer to the
/// target, the score jumps between them. The search then halves the interval instead of following
/// the curve.
const JUMP: f64 = 8.0;

/// The score that a search looks for.
pub struct Goal {
    pub target: f64,
    /// How far above the target a search aims. As long as no probe reaches the target, this is
    /// multiplied by the number of probes.
    pub aim: f64,
    /// Distances above the target at which a score is close enough; negative below it.
    pub close: RangeInclusive<f64>,
    /// Maximum distance of a score from the aim at which the score of the next file need not be
    /// computed.
    pub predictable_distance: f64,
}

impl Goal {
    /// Creates the goal of a score that reaches the target.
    pub fn reached(target: Score) -> Goal {
        Goal {
            target: f64::from(target.get()),
            aim: 0.7,
            close: 0.0..=CLOSE_ENOUGH,
            predictable_distance: 0.0,
        }
    }

    /// Creates the goal of a score near the target, on either side.
    pub fn neared(target: Score) -> Goal {
        Goal {
            target: f64::from(target.get()),
            aim: 0.2,
            close: -1.0..=1.3,
            predictable_distance: 2.0,
        }
    }

    pub fn wanted(&self) -> f64 {
        (100.0 - self.target - self.aim).max(0.0)
    }

    /// Returns how much the full image and its worst region may lose if the image is to lose as
    /// much as `wanted`.
    fn allowed(&self, wanted: f64) -> [f64; 2] {
        Scores::allowed(self.target, wanted)
    }
}

/// One encode of a search.
pub struct Probe {
    pub bytes: Vec<u8>,
    pub quality: Quality,
    pub scores: Scores,
    /// How far above the target the score is; negative below it.
    pub over: f64,
}

/// Returns the quality at which an image loses as much as `wanted`, if it has these scores at
/// `quality`.
pub fn expected(quality: Quality, scores: Scores, goal: &Goal, wanted: f64) -> Quality {
    let typical = loss_at(f64::from(quality.get()));
    let parts = scores.losses().into_iter().zip(goal.allowed(wanted));
    // An image that loses nothing may be encoded at any quality.
    highest(parts.map(|(lost, allowed)| typical * allowed / lost.max(f64::MIN_POSITIVE)))
}

/// Returns the quality between two probes at which an image loses as much as wanted. Each part of
/// the score is assumed to follow the typical loss from one probe to the other.
fn between(below: &Probe, above: &Probe, goal: &Goal) -> Quality {
    let typical = |probe: &Probe| loss_at(f64::from(probe.quality.get()));
    let losses = below.scores.losses().into_iter().zip(above.scores.losses());
    let parts = losses.zip(goal.allowed(goal.wanted()));
    highest(parts.map(|((more, less), allowed)| {
        let part = (more - allowed) / (more - less).max(f64::MIN_POSITIVE);
        typical(below) + (typical(above) - typical(below)) * part.clamp(0.0, 1.0)
    }))
}

/// Returns the highest of the qualities at which a typical photograph has these losses.
fn highest(losses: impl Iterator<Item = f64>) -> Quality {
    quality_of(losses.fold(f64::INFINITY, f64::min))
}

/// The probes nearest to the target.
#[derive(Default)]
pub struct Bracket {
    /// Last probe below the target.
    below: Option<Probe>,
    /// Last probe that reaches the target.
    above: Option<Probe>,
    /// Whether the last probe is on the same side as the one before, and hardly nearer to the
    /// target.
    is_stuck: bool,
    was_above: bool,
}

impl Bracket {
    pub fn put(&mut self, probe: Probe) {
        let is_above = probe.over >= 0.0;
        let side = if is_above {
            &mut self.above
        } else {
            &mut self.below
        };
        let distance = probe.over.abs();
        let before = side.replace(probe);
        self.is_stuck = self.was_above == is_above
            && before.is_some_and(|before| distance > before.over.abs() / 2.0);
        self.was_above = is_above;
    }

    /// Returns the quality of the next probe; `None` if no other quality can be better.
    pub fn next(&self, goal: &Goal, probes: usize) -> Option<Quality> {
        match (&self.below, &self.above) {
            (Some(below), Some(above)) => {
                let next = if self.is_stuck && above.over - below.over > JUMP {
                    let (from, to) = (below.quality.get(), above.quality.get());
                    from + (to - from) / 2.0
                } else {
                    between(below, above, goal).get()
                };
                let (lowest, highest) = (below.quality.get() + STEP, above.quality.get() - STEP);
                // If there is no quality between the two probes, one of them is the result.
                (lowest <= highest).then(|| Quality::new(next.clamp(lowest, highest)).ok())?
            }
            (Some(below), None) => {
                let wanted = (100.0 - goal.target - goal.aim * probes as f64).max(0.0);
                let next = expected(below.quality, below.scores, goal, wanted).get();
                let lowest = below.quality.get() + STEP;
                (below.quality.get() < 100.0)
                    .then(|| Quality::new(next.max(lowest).min(100.0)).ok())?
            }
            (None, Some(above)) => {
                let next = expected(above.quality, above.scores, goal, goal.wanted()).get();
                let highest = above.quality.get() - STEP;
                (above.quality.get() > 0.0)
                    .then(|| Quality::new(next.min(highest).max(0.0)).ok())?
            }
            (None, None) => None,
        }
    }

    /// Returns the probe that reaches the target, or the one below if that is close enough or the
    /// only one.
    pub fn best(self, goal: &Goal) -> Option<Probe> {
        let is_close = |probe: &Probe| goal.close.contains(&probe.over);
        let (mut below, above) = (self.below, self.above);
        below.take_if(|below| is_close(below)).or(above).or(below)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Creates a probe of an image whose worst region does not matter.
    fn probe(quality: f32, over: f64) -> Probe {
        Probe {
            bytes: Vec::new(),
            quality: Quality::new(quality).unwrap(),
            scores: Scores {
                whole: 75.0 + over,
                worst_region: 75.0 + over,
            },
            over,
        }
    }

    fn between_of(bracket: &Bracket, goal: &Goal) -> Quality {
        let (below, above) = (bracket.below.as_ref(), bracket.above.as_ref());
        between(below.unwrap(), above.unwrap(), goal)
    }

    #[test]
    fn a_jump_between_two_probes_is_found_by_halving() {
        let goal = Goal::reached(Score::new(75.0).unwrap());
        let mut bracket = Bracket::default();
        for (quality, over) in [(30.0, 9.0), (10.0, -8.0), (14.0, -8.0)] {
            bracket.put(probe(quality, over));
        }
        assert_eq!(bracket.next(&goal, 3).unwrap().get(), 22.0);
        // A probe that is half-way to the target lets the search follow the curve again.
        bracket.put(probe(20.0, -3.0));
        assert_eq!(bracket.next(&goal, 4), Some(between_of(&bracket, &goal)));
    }

    #[test]
    fn a_region_that_loses_more_than_allowed_needs_a_higher_quality() {
        let goal = Goal::reached(Score::new(75.0).unwrap());
        let scores = |worst_region| Scores {
            whole: 80.0,
            worst_region,
        };
        let quality = Quality::new(80.0).unwrap();
        // The full image may lose 24.3, the region 12.5 more.
        let whole = expected(quality, scores(79.0), &goal, 24.3);
        assert_eq!(whole, quality_of(loss_at(80.0) * 24.3 / 20.0));
        let region = expected(quality, scores(55.0), &goal, 24.3);
        assert_eq!(region, quality_of(loss_at(80.0) * 36.8 / 45.0));
        assert!(region > whole);
    }

    #[test]
    fn a_file_below_the_target_is_the_result_only_if_the_goal_allows_it() {
        let best = |goal: &Goal, below: f64, above: f64| {
            let mut bracket = Bracket::default();
            bracket.put(probe(70.0, below));
            bracket.put(probe(80.0, above));
            bracket.best(goal).unwrap().over
        };
        let target = Score::new(75.0).unwrap();
        assert_eq!(best(&Goal::reached(target), -0.1, 4.0), 4.0);
        assert_eq!(best(&Goal::neared(target), -0.9, 4.0), -0.9);
        assert_eq!(best(&Goal::neared(target), -1.1, 4.0), 4.0);
    }
}
