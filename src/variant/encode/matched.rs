//! Qualities of other formats that look like a quality of libwebp.
//!
//! Measured by mean SSIMULACRA2 over ten photographs 640 pixels wide: each row holds the quality of
//! libwebp at effort 4, and those of `ravif` at speed 6 and of `jpeg-encoder` that score the same,
//! interpolated between measurements at nine qualities.

use crate::units::Quality;

/// libwebp, AVIF, JPEG; ascending.
const ALIKE: [(f32, f32, f32); 10] = [
    (0.0, 1.0, 1.0),
    (30.0, 37.5, 29.0),
    (50.0, 50.8, 45.5),
    (65.0, 59.4, 55.2),
    (75.0, 64.7, 62.6),
    (80.0, 73.6, 71.4),
    (85.0, 81.4, 79.2),
    (90.0, 85.2, 87.0),
    (95.0, 88.8, 89.0),
    (100.0, 100.0, 100.0),
];

fn between(quality: Quality, of: impl Fn(&(f32, f32, f32)) -> f32) -> f32 {
    let quality = quality.get();
    let upper = ALIKE.iter().position(|row| row.0 >= quality);
    let upper = upper.unwrap_or(ALIKE.len() - 1).max(1);
    let (below, above) = (&ALIKE[upper - 1], &ALIKE[upper]);
    let part = (quality - below.0) / (above.0 - below.0);
    of(below) + (of(above) - of(below)) * part
}

/// `ravif`'s quality, 1 to 100.
pub(super) fn avif(quality: Quality) -> f32 {
    between(quality, |row| row.1).clamp(1.0, 100.0)
}

/// `jpeg-encoder`'s quality, 1 to 100.
pub(super) fn jpeg(quality: Quality) -> u8 {
    between(quality, |row| row.2).round().clamp(1.0, 100.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_more_in_every_format() {
        let at = |quality: f32| {
            let quality = Quality::new(quality).unwrap();
            (avif(quality), jpeg(quality))
        };
        assert_eq!(at(0.0), (1.0, 1));
        assert_eq!(at(80.0), (73.6, 71));
        assert_eq!(at(100.0), (100.0, 100));
        for quality in 0..100 {
            let (below, above) = (at(quality as f32), at(quality as f32 + 1.0));
            assert!(below.0 < above.0 && below.1 <= above.1, "{quality}");
        }
        let (half, _) = at(40.0);
        assert!((half - 44.15).abs() < 0.01, "{half}");
    }
}
