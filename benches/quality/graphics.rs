//! Compares `lossless: auto` with trying every mode, and measures the bytes that sharp YUV saves.

use planche::internal::picture::encode::encode;
use planche::internal::picture::format::webp::libwebp::Mode;
use planche::internal::picture::info::Format;
use planche::internal::picture::recipe::{Lossless, Recipe};
use planche::internal::picture::units::Quality;

use crate::page::Page;
use crate::pictures::{GO, Picture, lossy};
use crate::support::cpu_of;

/// Scores from this value on count as visually lossless.
const INVISIBLE: f64 = 90.0;

/// Prints how often `lossless: auto` finds the smallest file that scores at least as high as the
/// lossy one, among lossy, lossless, and the levels of near-lossless.
pub fn agreement(name: &str, pictures: &[Picture], page: &mut Page) {
    let recipe = |lossless| Recipe {
        lossless,
        ..Recipe::plain(Format::WEBP)
    };
    let (mut agreed, mut bytes, mut best_bytes, mut lossy_bytes) = (0, 0, 0, 0);
    let (mut seconds, mut lossy_seconds) = (0.0, 0.0);
    for picture in pictures {
        let run = |lossless| {
            cpu_of(|| encode(&picture.pixels, &recipe(lossless), None, &GO).expect("a WebP"))
        };
        let (cpu, auto) = run(Lossless::Auto);
        seconds += cpu;
        let (cpu, plain) = run(Lossless::Never);
        lossy_seconds += cpu;
        let lossless = picture.encode(Mode::Lossless, 4);
        let score = picture.scorer();
        let least = score(&plain).whole;
        let mut best = plain.len().min(lossless.len());
        for level in [20, 40, 60, 80] {
            let near = picture.encode(Mode::NearLossless(level), 4);
            if near.len() < best && score(&near).whole >= least.max(INVISIBLE) {
                best = near.len();
            }
        }
        let is_worse = score(&auto).whole < least - 0.001;
        // One percent larger counts as equal.
        if auto.len() * 100 <= best * 101 && !is_worse {
            agreed += 1;
        } else {
            println!(
                "  {}: auto {}, best {best}, lossy {}, lossless {}",
                picture.name,
                auto.len(),
                plain.len(),
                lossless.len()
            );
        }
        bytes += auto.len();
        best_bytes += best;
        lossy_bytes += plain.len();
    }
    page.line(&format!(
        "`lossless: auto` on {} variants of {name}: for {:.1}% of them it finds the smallest file that looks at least as \
         good as the lossy one. Bytes: {bytes}; by trying everything: {best_bytes}; always lossy: {lossy_bytes}. \
         CPU: {seconds:.1} s; always lossy: {lossy_seconds:.1} s.",
        pictures.len(),
        agreed as f64 * 100.0 / pictures.len() as f64
    ));
}

/// Prints the bytes that sharp YUV saves at the same score.
pub fn sharp(kinds: &[(&str, &[Picture])], page: &mut Page) {
    let mut rows = Vec::new();
    for (name, pictures) in kinds {
        for width in [80, 160, 320, 640, 960] {
            let of_width: Vec<&Picture> = pictures
                .iter()
                .filter(|picture| picture.width() == width)
                .collect();
            let mut saved: Vec<f64> = of_width
                .iter()
                .filter_map(|picture| saving(picture))
                .collect();
            if saved.is_empty() {
                continue;
            }
            saved.sort_by(f64::total_cmp);
            let at = |part: usize| format!("{:+.1}%", -saved[(saved.len() - 1) * part / 4] * 100.0);
            rows.push(vec![
                (*name).to_owned(),
                width.to_string(),
                of_width.len().to_string(),
                at(1),
                at(2),
                at(3),
            ]);
        }
    }
    page.table(
        "Sharp YUV",
        "Change in bytes with `sharp_yuv: true` at quality 75, against plain encoding at the quality with the same score: \
         quartiles over the images for which such a quality exists.",
        &["images", "width", "count", "quartile of least saving", "median", "quartile of most saving"],
        &rows,
    );
}

/// Returns the share of bytes that sharp YUV saves at the same score, or `None` if plain encoding
/// never reaches that score.
fn saving(picture: &Picture) -> Option<f64> {
    let sharp = picture.encode(Mode::LossySharp(Quality::new(75.0).expect("a quality")), 4);
    let scorer = picture.scorer();
    let score = scorer(&sharp).whole;
    let mut before: Option<(f64, f64)> = None;
    for quality in [55.0, 65.0, 75.0, 80.0, 85.0, 90.0, 95.0, 100.0] {
        let plain = picture.encode(lossy(quality), 4);
        let here = (scorer(&plain).whole, plain.len() as f64);
        if let (true, Some(before)) = (here.0 >= score, before) {
            let part = (score - before.0) / (here.0 - before.0);
            let plain = before.1 + (here.1 - before.1) * part;
            return Some(1.0 - sharp.len() as f64 / plain);
        }
        before = Some(here);
    }
    None
}
