//! Compares the memory that jobs take with what is computed before they start.
//!
//! Each job has a process of its own: allocators keep freed memory, so that a second job in the
//! same process would seem to take less.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::env;
use std::fs;
use std::process::Command;
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

/// Bytes that a process takes and no job accounts for: stacks, tables, fragments of freed memory.
const OVERHEAD: u64 = 16 << 20;
/// Environment variable with the index of the job that a child process runs.
const JOB: &str = "PLANCHE_TEST_JOB";

/// The jobs: width of the largest variant, number of channels, whether the quality is a target
/// score.
const JOBS: [(u32, u32, bool); 6] = [
    (640, 3, true),
    (1280, 3, true),
    (2560, 3, true),
    (1280, 4, true),
    (1280, 3, false),
    (1280, 4, false),
];

#[test]
fn jobs_take_about_the_memory_that_is_computed() {
    if let Ok(job) = env::var(JOB) {
        let (taken, computed) = work(JOBS[job.parse::<usize>().unwrap()]);
        println!("\nmeasured {taken} {computed}");
        return;
    }
    let mut wrong = Vec::new();
    for (index, job) in JOBS.iter().enumerate() {
        let run = Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "jobs_take_about_the_memory_that_is_computed",
                "--nocapture",
            ])
            .env(JOB, index.to_string())
            .output()
            .unwrap();
        let printed = String::from_utf8(run.stdout).unwrap();
        let line = printed
            .lines()
            .find_map(|line| line.strip_prefix("measured "));
        let (taken, computed) = line.and_then(|line| line.split_once(' ')).unwrap();
        let (taken, computed): (u64, u64) = (taken.parse().unwrap(), computed.parse().unwrap());
        println!("{job:?}: {} MiB, computed {}", taken >> 20, computed >> 20);
        // Too low a number lets the system run out of memory; too high a number keeps threads idle.
        if taken > computed + OVERHEAD || computed > 3 * taken + OVERHEAD {
            wrong.push((job, taken >> 20, computed >> 20));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Renders the ends of a ladder by file size, and then several widths at once, the largest of them
/// hardly smaller than the upper end. Returns the peak memory in bytes, as measured and as
/// computed.
fn work((side, channels, has_target): (u32, u32, bool)) -> (u64, u64) {
    let size = Dimensions {
        width: side * 2,
        height: side * 4 / 3,
    };
    let bytes = original(size, channels);
    let info = probe(&bytes, &Limits::default()).unwrap();
    let plain = Recipe::plain(Format::WEBP);
    let quality = if has_target {
        let ssimulacra2 = Score::new(75.0).unwrap();
        QualitySpec::Target(Target { ssimulacra2 })
    } else {
        plain.quality
    };
    let rendition = |width| Rendition {
        dimensions: Dimensions {
            width,
            height: size.height_at(width),
        },
        framing: Framing::Whole,
        recipe: Recipe {
            quality,
            effort: Effort::new(4).unwrap().into(),
            ..plain
        },
    };
    let (low, high) = (rendition(320), rendition(side));
    let computed = peak_bytes(&info, bytes.len() as u64, &[&low, &high], &[&high]);
    let ends = [One(low), One(high)];
    let between: Vec<One> = (1..=UNDECIDED_AT_ONCE as u32)
        .map(|step| One(rendition(side - step)))
        .collect();
    let pool = rayon::ThreadPoolBuilder::new();
    let pool = pool.num_threads(UNDECIDED_AT_ONCE).build().unwrap();
    // Resets the peak, which so far is that of painting the original.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let before = status("VmRSS:");
    pool.install(|| {
        let context = Context {
            transforms: &Transforms::default(),
            decoder: &InProcess,
            stop: &GO,
        };
        let (ends, between): (Vec<_>, Vec<_>) = (ends.iter().collect(), between.iter().collect());
        let renderer = Renderer::still(bytes, &info, &ends, context).unwrap();
        for items in [&ends, &between] {
            let made = renderer.render(items, &|_, _| Ok::<(), ImageError>(()));
            assert!(made.iter().all(Result::is_ok));
        }
    });
    (status("VmHWM:").saturating_sub(before), computed)
}

/// Returns the value of a line of `/proc/self/status`, in bytes (proc(5)).
fn status(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib = line.unwrap().trim().strip_suffix("kB").unwrap().trim();
    kib.parse::<u64>().unwrap() * 1024
}

/// Encodes a PNG with gradients and grain.
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

struct One(Rendition);

impl AsRef<Rendition> for One {
    fn as_ref(&self) -> &Rendition {
        &self.0
    }
}
