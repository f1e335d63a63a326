//! Estimates the score of a typical photograph at each quality. The search for a target starts from
//! it.

use crate::units::{Quality, Score};

/// Qualities of libwebp, and how far below 100 the SSIMULACRA2 score of a typical photograph is at
/// each.
///
/// Medians over twelve photographs 640 pixels wide at effort 4 (`cargo bench --bench quality`
/// prints current ones). For other images, the distance from 100 is multiplied by a factor, which
/// the first probe of a search finds. Below quality 3 and above 97 the curve is extrapolated, so
/// that every target has a quality.
const CURVE: [(f64, f64); 17] = [
    (0.0, 123.0),
    (3.0, 84.4),
    (7.0, 75.0),
    (15.0, 62.2),
    (22.0, 57.7),
    (30.0, 51.5),
    (45.0, 41.0),
    (60.0, 35.7),
    (70.0, 31.0),
    (75.0, 29.5),
    (78.0, 26.7),
    (80.0, 24.8),
    (85.0, 21.1),
    (90.0, 15.9),
    (94.0, 13.2),
    (97.0, 11.6),
    (100.0, 10.4),
];

/// Returns how far below 100 a typical photograph scores at a quality of 0 to 100.
pub fn loss_at(quality: f64) -> f64 {
    let after = CURVE.iter().position(|(at, _)| *at >= quality);
    let after = after.unwrap_or(CURVE.len() - 1).max(1);
    let ((from, high), (to, low)) = (CURVE[after - 1], CURVE[after]);
    high + (low - high) * (quality - from) / (to - from)
}

/// Returns the quality, 0 to 100 in steps of 0.1, at which a typical photograph scores `loss`
/// points below 100.
pub fn quality_of(loss: f64) -> Quality {
    let after = CURVE.iter().position(|(_, at)| *at <= loss);
    let after = after.unwrap_or(CURVE.len() - 1).max(1);
    let ((from, high), (to, low)) = (CURVE[after - 1], CURVE[after]);
    let quality = from + (to - from) * (loss - high) / (low - high);
    // A step of 0.1 is finer than the precision of a score, and hides differences between machines.
    let tenths = (quality * 10.0).round().clamp(0.0, 1000.0);
    Quality::new((tenths / 10.0) as f32).expect("0 to 100 are qualities")
}

/// Returns the quality at which a typical photograph reaches a target.
pub(crate) fn quality_at(target: Score) -> Quality {
    quality_of(100.0 - f64::from(target.get()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_and_loss_are_inverse_and_stay_in_their_range() {
        for tenths in 0..=1000 {
            let quality = f64::from(tenths) / 10.0;
            let back = f64::from(quality_of(loss_at(quality)).get());
            assert!((back - quality).abs() < 0.11, "{quality}: {back}");
        }
        assert_eq!(quality_of(0.0).get(), 100.0);
        assert_eq!(quality_of(1000.0).get(), 0.0);
        assert_eq!(quality_at(Score::new(75.2).unwrap()).get(), 80.0);
    }
}
