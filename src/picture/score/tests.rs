use super::*;
use crate::units::Dimensions;

/// Returns a pseudorandom number from 0 to 255 for a place.
fn hash(x: u32, y: u32) -> u32 {
    let mixed = x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519);
    (mixed ^ mixed >> 15).wrapping_mul(3_266_489_917) >> 24
}

/// Returns smooth noise with a period in pixels.
fn noise(x: u32, y: u32, period: u32) -> u32 {
    let (left, top, right, below) = (x / period, y / period, x % period, y % period);
    let row = |y: u32| hash(left, y) * (period - right) + hash(left + 1, y) * right;
    (row(top) * (period - below) + row(top + 1) * below) / (period * period)
}

pub(crate) fn painted(
    width: u32,
    height: u32,
    channels: Channels,
    paint: impl Fn(u32, u32) -> [u8; 4],
) -> Pixels {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let samples = places.flat_map(|(x, y)| paint(x, y).into_iter().take(channels.count()));
    Pixels {
        dimensions: Dimensions { width, height },
        channels,
        samples: samples.collect(),
    }
}

/// Paints clouds, bushes and grain, as in a photograph.
pub(crate) fn scene(x: u32, y: u32) -> [u8; 4] {
    let (large, small, grain) = (noise(x, y, 48), noise(x + 99, y, 7), hash(x, y));
    let value = (large * 5 + small * 2 + grain / 4) / 8;
    [
        value,
        value * 3 / 4 + large / 8,
        200 - value / 2,
        255 - large / 2,
    ]
    .map(|value| value as u8)
}

/// Returns the image slightly degraded: with fewer levels of each color.
fn coarse(pixels: &Pixels) -> Pixels {
    let mut coarse = pixels.clone();
    for pixel in coarse.samples.chunks_exact_mut(pixels.channels.count()) {
        for sample in pixel.iter_mut().take(3) {
            *sample = *sample / 24 * 24 + 12;
        }
    }
    coarse
}

/// Computes the score with `fast-ssim2` alone.
fn of_library(original: &Pixels, shown: &Pixels) -> f64 {
    let width = original.dimensions.width as usize;
    let channels = original.channels;
    let (original, shown) = (
        slice(&original.samples, width, channels).unwrap(),
        slice(&shown.samples, width, channels).unwrap(),
    );
    fast_ssim2::compute_ssimulacra2(&original, &shown).unwrap()
}

#[test]
fn the_full_image_scores_as_in_the_library() {
    for (width, height, channels) in [
        (1, 1, Channels::Rgb),
        (5, 7, Channels::Rgb),
        (33, 17, Channels::Rgb),
        (200, 150, Channels::Rgb),
        (64, 300, Channels::Rgba),
        (301, 9, Channels::Rgba),
    ] {
        let original = painted(width, height, channels, scene);
        let shown = coarse(&original);
        let scorer = Scorer::new(&original).unwrap();
        let score = scorer.scores(&shown).unwrap().whole;
        let expected = of_library(&original, &shown);
        assert!(expected < 99.0, "{width}x{height}: nothing to see");
        assert!(
            (score - expected).abs() < 0.002,
            "{width}x{height}: {score} {expected}"
        );
        let same = scorer.scores(&original).unwrap();
        assert_eq!((same.whole, same.worst_region), (100.0, 100.0));
    }
}

#[test]
fn gray_is_judged_as_its_three_channels() {
    let rgb = painted(80, 60, Channels::Rgb, |x, y| [scene(x, y)[0]; 4]);
    let gray = painted(80, 60, Channels::Gray, scene);
    let scorer = Scorer::new(&gray).unwrap();
    let score = scorer.scores(&coarse(&gray)).unwrap();
    assert_eq!(
        score,
        Scorer::new(&rgb).unwrap().scores(&coarse(&rgb)).unwrap()
    );
}

#[test]
fn a_large_image_scores_as_with_the_full_metric() {
    for channels in [Channels::Rgba, Channels::Rgb] {
        let original = painted(801, 603, channels, scene);
        let shown = coarse(&original);
        let scorer = Scorer::new(&original).unwrap();
        assert!(matches!(scorer.reference, Reference::Sampled(_)));
        let score = scorer.scores(&shown).unwrap();
        let thorough = Scorer::thorough(&original).unwrap();
        let thorough = thorough.scores(&shown).unwrap();
        let (whole, region) = (
            (score.whole - thorough.whole).abs(),
            (score.worst_region - thorough.worst_region).abs(),
        );
        assert!(whole < 0.5 && region < 2.0, "{score:?} {thorough:?}");
        assert_eq!(score, scorer.scores(&shown).unwrap());
    }
    let scorer = Scorer::new(&painted(801, 603, Channels::Rgb, scene)).unwrap();
    let small = painted(800, 603, Channels::Rgb, scene);
    assert_eq!(scorer.scores(&small), Err(ScoreError));
}

#[test]
fn the_worst_region_is_where_the_damage_is() {
    let original = painted(512, 384, Channels::Rgb, scene);
    let worse = coarse(&original);
    let mut shown = original.clone();
    for (place, (sample, worse)) in shown.samples.iter_mut().zip(&worse.samples).enumerate() {
        let (x, y) = (place / 3 % 512, place / 3 / 512);
        if (256..320).contains(&x) && (128..192).contains(&y) {
            *sample = *worse;
        }
    }
    let score = Scorer::new(&original).unwrap().scores(&shown).unwrap();
    let crop = |pixels: &Pixels| {
        painted(64, 64, Channels::Rgb, |x, y| {
            let at = (((y + 128) * 512 + x + 256) * 3) as usize;
            [
                pixels.samples[at],
                pixels.samples[at + 1],
                pixels.samples[at + 2],
                0,
            ]
        })
    };
    let alone = of_library(&crop(&original), &crop(&shown));
    // The crop has no surroundings, which blur into the region's border.
    assert!(
        (score.worst_region - alone).abs() < 6.0,
        "{score:?} {alone}"
    );
    assert!(score.whole > score.worst_region + 15.0, "{score:?}");
    assert_eq!(score.judged(75.0), score.worst_region + 12.5);
}
