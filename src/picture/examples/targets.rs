//! Measures quality targets on a folder of photographs: `cargo run --release --example targets
//! FOLDER [STEP]` prints, for each target, the share of variants that the full metric scores within
//! 1.5 points of it, the mean number of encodes at full effort, and the CPU time as a multiple of
//! that of quality 80.
//!
//! Unlike `cargo bench --bench quality`, it builds the image engine alone. A `STEP` of 3 selects
//! every third photograph. The CPU time is that of one thread for decoding, resizing, encoding and
//! scoring.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use planche_picture::color::{Transforms, to_srgb};
use planche_picture::decode::decode;
use planche_picture::format::probe;
use planche_picture::format::webp::libwebp::{self, Mode};
use planche_picture::frame::OrientedImage;
use planche_picture::info::ImageInfo;
use planche_picture::limits::Limits;
use planche_picture::pixels::Pixels;
use planche_picture::recipe::{Framing, Resize};
use planche_picture::resize::prepare;
use planche_picture::score::Scorer;
use planche_picture::search::by_drafts;
use planche_picture::units::{Dimensions, Effort, Quality, Score};

const WIDTHS: [u32; 5] = [320, 640, 960, 1280, 1920];
const TARGETS: [f32; 5] = [60.0, 70.0, 75.0, 80.0, 85.0];
static GO: AtomicBool = AtomicBool::new(false);

#[derive(Default)]
struct Sums {
    within: usize,
    over: f64,
    encodes: usize,
    seconds: f64,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("a folder of photographs");
    let step: usize = arguments
        .next()
        .map_or(1, |step| step.parse().expect("a step"));
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|end| end == "jpg" || end == "png")
        })
        .collect();
    files.sort();
    let mut sums: [Sums; TARGETS.len()] = Default::default();
    let (mut variants, mut shared, mut fixed) = (0, 0.0, 0.0);
    for file in files.iter().step_by(step) {
        let bytes = fs::read(file).expect("a photograph");
        let before = cpu();
        let Ok(ImageInfo::Raster(raster)) = probe(&bytes, &Limits::default()) else {
            continue;
        };
        let decoded = decode(&bytes, &raster).expect("its pixels");
        let pixels = to_srgb(decoded, raster.stored, &Transforms::default()).expect("its colors");
        let upright = OrientedImage {
            prepared: &prepare(pixels, Resize::Srgb).expect("its pixels"),
            orientation: raster.orientation,
        };
        shared += cpu() - before;
        let own = raster.orientation.turned(raster.stored);
        for width in WIDTHS.into_iter().filter(|width| *width <= own.width) {
            let height = own.height_at(width);
            let before = cpu();
            let pixels = upright.frame(Dimensions { width, height }, Framing::Whole);
            let pixels = pixels.expect("a variant");
            shared += cpu() - before;
            let before = cpu();
            encode(&pixels, 80.0, 4);
            fixed += cpu() - before;
            variants += 1;
            let thorough = Scorer::thorough(&pixels).expect("a scorer");
            let shown = |file: &[u8]| libwebp::shown(file, &pixels);
            let at = |effort| {
                let pixels = &pixels;
                move |quality: Quality| Ok(encode(pixels, quality.get(), effort))
            };
            for (sums, target) in sums.iter_mut().zip(TARGETS) {
                let before = cpu();
                let scorer = Scorer::new(&pixels).expect("a scorer");
                let target = Score::new(target).expect("a score");
                let found = by_drafts(&scorer, target, at(0), at(4), shown).expect("a file");
                sums.seconds += cpu() - before;
                let scores = thorough.scores(&shown(&found.bytes).expect("pixels"));
                let target = f64::from(target.get());
                let over = scores.expect("scores").judged(target) - target;
                if over.abs() <= 1.5 {
                    sums.within += 1;
                } else {
                    let name = file.file_name().unwrap_or_default().to_string_lossy();
                    let quality = found.quality.get();
                    println!("  {name} {width} px at {target}: {over:+.2}, quality {quality:.1}");
                }
                sums.over += over;
                sums.encodes += found.probes;
            }
        }
    }
    println!(
        "{variants} variants; quality 80: {:.2} CPU s",
        shared + fixed
    );
    let count = f64::from(variants);
    for (sums, target) in sums.iter().zip(TARGETS) {
        println!(
            "{target}: {:.1}% within 1.5, mean {:+.2}, {:.2} encodes, {:.2} times the CPU",
            sums.within as f64 * 100.0 / count,
            sums.over / count,
            sums.encodes as f64 / count,
            (shared + sums.seconds) / (shared + fixed)
        );
    }
}

fn encode(pixels: &Pixels, quality: f32, effort: u8) -> Vec<u8> {
    let quality = Quality::new(quality).expect("a quality");
    let effort = Effort::new(effort).expect("an effort");
    libwebp::encode(pixels, Mode::Lossy(quality), effort, &GO).expect("a WebP")
}

/// Returns the CPU time of this thread in seconds (proc(5)).
fn cpu() -> f64 {
    let times = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = times
        .split_whitespace()
        .next()
        .and_then(|time| time.parse().ok());
    nanoseconds.unwrap_or(f64::NAN) / 1e9
}
