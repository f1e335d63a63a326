//! Measures bytes by quality over the corpus at several widths: fixed qualities against target
//! scores, efforts, sharp YUV, and `lossless: auto`.
//!
//! `cargo bench --bench quality` prints the figures and, if the corpus exists, writes them into
//! `docs/quality.md`. `EVERY=6` uses every sixth image. Scores are computed with the whole metric,
//! without the sampling of searches. CPU seconds are on one thread.

mod graphics;
mod page;
mod pictures;
mod plot;
mod targets;

#[path = "../support/mod.rs"]
mod support;

use planche::internal::picture::estimate::loss_at;

use page::Page;
use pictures::{Picture, lossy};

/// Widths at which photos are encoded.
const WIDTHS: [u32; 5] = [320, 640, 960, 1280, 1920];
/// Widths at which graphics are encoded, thumbnail widths included.
const WIDTHS_OF_GRAPHICS: [u32; 7] = [80, 160, 320, 640, 960, 1280, 1920];

fn main() {
    support::print_machine();
    let step = std::env::var("EVERY")
        .ok()
        .and_then(|step| step.parse().ok());
    let step = step.unwrap_or(1);
    let (files, drawn) = (support::photos(), support::graphics());
    let files: Vec<_> = files.into_iter().step_by(step).collect();
    let drawn: Vec<_> = drawn.into_iter().step_by(step).collect();
    let mut page = Page::default();

    let photos = pictures::resized(&files, &WIDTHS);
    page.line(&format!(
        "{} variants of {} photos.",
        photos.len(),
        files.len()
    ));
    targets::compare(&photos, &mut page);
    targets::cpu(&files, &mut page);
    efforts(&photos, &mut page);
    typical(&photos);
    drop(photos);

    if !drawn.is_empty() {
        let graphics = pictures::resized(&drawn, &WIDTHS_OF_GRAPHICS);
        let small = pictures::resized(&files, &[80, 320, 960]);
        graphics::agreement("graphics", &graphics, &mut page);
        graphics::agreement("photographs", &small, &mut page);
        graphics::sharp(
            &[("photographs", &small), ("graphics", &graphics)],
            &mut page,
        );
        page.write();
    }
}

/// Prints bytes, scores and CPU time of each effort at quality 80, for every fourth photo.
fn efforts(photos: &[Picture], page: &mut Page) {
    let mut rows = Vec::new();
    for width in WIDTHS {
        let some: Vec<&Picture> = photos
            .iter()
            .filter(|photo| photo.width() == width)
            .step_by(4)
            .collect();
        if some.is_empty() {
            continue;
        }
        let mut measured = [(0.0, 0.0, 0.0); 7];
        for photo in &some {
            let scorer = photo.scorer();
            for (row, effort) in measured.iter_mut().zip(0..) {
                let (cpu, file) = support::cpu_of(|| photo.encode(lossy(80.0), effort));
                row.0 += file.len() as f64;
                row.1 += scorer(&file).whole / some.len() as f64;
                row.2 += cpu;
            }
        }
        let (bytes, _, seconds) = measured[4];
        let of = |row: &(f64, f64, f64)| {
            format!(
                "{:.3}, {:.1}, {:.2} ×",
                row.0 / bytes,
                row.1,
                row.2 / seconds
            )
        };
        let mut row = vec![format!("{width}")];
        row.extend(measured.iter().map(of));
        rows.push(row);
    }
    page.table(
        "Effort",
        "Bytes, mean score and encoding time, relative to effort 4, at quality 80, for every fourth photo:",
        &["width", "0", "1", "2", "3", "4", "5", "6"],
        &rows,
    );
}

/// Prints the typical losses from which searches start, as measured now and as in the code.
fn typical(photos: &[Picture]) {
    println!("typical loss by quality, at 640 px, measured and in use:");
    const QUALITIES: [f32; 17] = [
        0.0, 3.0, 7.0, 15.0, 22.0, 30.0, 45.0, 60.0, 70.0, 75.0, 78.0, 80.0, 85.0, 90.0, 94.0,
        97.0, 100.0,
    ];
    let mut losses = vec![Vec::new(); QUALITIES.len()];
    let is_640 = |photo: &&Picture| photo.width() == 640;
    for photo in photos.iter().filter(is_640).step_by(2) {
        let scorer = photo.scorer();
        for (losses, quality) in losses.iter_mut().zip(QUALITIES) {
            losses.push(100.0 - scorer(&photo.encode(lossy(quality), 4)).whole);
        }
    }
    for (losses, quality) in losses.iter_mut().zip(QUALITIES) {
        losses.sort_by(f64::total_cmp);
        let median = losses.get(losses.len() / 2).copied().unwrap_or(f64::NAN);
        println!(
            "  {quality:5} {median:6.1} {:6.1}",
            loss_at(f64::from(quality))
        );
    }
}
