//! The memory that jobs take, against what is computed before they start.
//!
//! One test, in a program of its own: the peak is that of the process.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::sync::atomic::AtomicBool;

use image::{ExtendedColorType, ImageEncoder};
use planche_picture::color::Transforms;
use planche_picture::decoder::InProcess;
use planche_picture::error::ImageError;
use planche_picture::format::probe;
use planche_picture::info::Format;
use planche_picture::limits::Limits;
use planche_picture::memory::{UNDECIDED_AT_ONCE, peak_bytes};
use planche_picture::quality::{QualitySpec, Target};
use planche_picture::recipe::{Framing, Recipe, Rendition};
use planche_picture::render::{Context, Renderer};
use planche_picture::units::{Dimensions, Effort, Score};

static GO: AtomicBool = AtomicBool::new(false);

/// What a process takes that no job accounts for: stacks, tables, fragments of freed memory.
const OVERHEAD: u64 = 16 << 20;

/// A line of `/proc/self/status`, in bytes (proc(5)).
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.unwrap().trim().strip_suffix("kB").unwrap().trim();
    kib.parse::<u64>().unwrap() * 1024
}

/// Bytes that work takes at its peak.
fn peak_of(work: impl FnOnce()) -> u64 {
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = status("VmRSS:");
    work();
    status("VmHWM:").saturating_sub(before)
}

/// A PNG with gradients and grain.
fn original(size: Dimensions, channels: u32) -> Vec<u8> {
    let places = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
    let samples: Vec<u8> = places
        .flat_map(|(x, y)| {
            let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519)) >> 27;
            (0..channels).map(move |channel| ((x / 9 + y / (7 + channel) + grain) % 256) as u8)
        })
        .collect();
    let color = match channels {
        4 => ExtendedColorType::Rgba8,
        _ => ExtendedColorType::Rgb8,
    };
    let mut png = Vec::new();
    image::codecs::png::PngEncoder::new(&mut png)
        .write_image(&samples, size.width, size.height, color)
        .unwrap();
    png
}

#[test]
fn jobs_take_no_more_memory_than_is_computed() {
    if fs::write("/proc/self/clear_refs", "5").is_err() {
        eprintln!("skipped: the peak of a process cannot be reset here");
        return;
    }
    let pool = rayon::ThreadPoolBuilder::new();
    let pool = pool.num_threads(UNDECIDED_AT_ONCE).build().unwrap();
    let ssimulacra2 = Score::new(75.0).unwrap();
    let target = QualitySpec::Target(Target { ssimulacra2 });
    let fixed = Recipe::plain(Format::WEBP).quality;
    let mut wrong = Vec::new();
    for (name, side, channels, quality) in [
        ("a target", 640, 3, target),
        ("a target", 1280, 3, target),
        ("a target, with alpha", 1280, 4, target),
        ("a fixed quality", 1280, 3, fixed),
    ] {
        let size = Dimensions {
            width: side * 2,
            height: side * 4 / 3,
        };
        let bytes = original(size, channels);
        let info = probe(&bytes, &Limits::default()).unwrap();
        let rendition = |width| Rendition {
            dimensions: Dimensions {
                width,
                height: size.height_at(width),
            },
            framing: Framing::Whole,
            recipe: Recipe {
                quality,
                effort: Effort::new(1).unwrap().into(),
                ..Recipe::plain(Format::WEBP)
            },
        };
        // A ladder by file size: both ends, and then some widths at once, the largest of them
        // hardly smaller than the upper end.
        let (low, high) = (rendition(320), rendition(side));
        let computed = peak_bytes(&info, bytes.len() as u64, &[&low, &high], &[&high]);
        let between: Vec<Rendition> = (1..=4).map(|step| rendition(side - step)).collect();
        assert_eq!(between.len(), UNDECIDED_AT_ONCE);
        let taken = peak_of(|| {
            pool.install(|| {
                let context = Context {
                    transforms: &Transforms::default(),
                    decoder: &InProcess,
                    stop: &GO,
                };
                let ends = [One(low), One(high)];
                let between: Vec<One> = between.into_iter().map(One).collect();
                let (ends, between): (Vec<_>, Vec<_>) =
                    (ends.iter().collect(), between.iter().collect());
                let renderer = Renderer::still(bytes, &info, &ends, context).unwrap();
                for items in [&ends, &between] {
                    let made = renderer.render(items, &|_, _| Ok::<(), ImageError>(()));
                    assert!(made.iter().all(Result::is_ok));
                }
            });
        });
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        println!(
            "{name}, {side} px: {:.1} MiB, computed {:.1}",
            mib(taken),
            mib(computed)
        );
        // Too little lets the system run out of memory, too much keeps threads idle.
        if taken > computed + OVERHEAD || computed > 4 * taken + OVERHEAD {
            wrong.push((name, side, taken, computed));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

struct One(Rendition);

impl AsRef<Rendition> for One {
    fn as_ref(&self) -> &Rendition {
        &self.0
    }
}
