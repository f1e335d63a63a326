use std::sync::atomic::AtomicBool;

use super::bracket::CLOSE_ENOUGH;
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
    // A lower quality would be enough for the sky alone.
    let scores = found.scores.unwrap();
    assert!(scores.whole > 75.0 + CLOSE_ENOUGH, "{scores:?}");
    assert!(scores.worst_region >= 62.5, "{scores:?}");
}
