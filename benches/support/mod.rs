//! Code shared by the benches: CPU time and memory of the process, a description of the machine,
//! and sites to build.
#![allow(dead_code, reason = "each bench uses a part")]

use std::fs;
use std::path::{Path, PathBuf};

use planche::internal::flow::{self, Options};
use planche::internal::picture::units::Dimensions;
use planche::internal::project::Site;
use planche::internal::report::Summary;
use rustix::time::{ClockId, clock_gettime};
use zune_core::bytestream::ZCursor;

/// Returns the CPU seconds that this process has used on all threads.
pub fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Returns the CPU seconds of `work`, and its result.
pub fn cpu_of<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let before = cpu_seconds();
    let result = work();
    (cpu_seconds() - before, result)
}

/// Returns the peak resident memory of this process in MiB since the last [`reset_peak`] (proc(5)).
pub fn peak_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: f64 = line
        .and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok())
        .unwrap_or(f64::NAN);
    kib / 1024.0
}

pub fn reset_peak() {
    // Without permission to reset it, the peak is that of the whole process.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// Prints the peak memory of a build on two threads with four copies of each photo of 20 to 30
/// megapixels.
pub fn print_peak(name: &str, photos: &[PathBuf], preset: &str) {
    let large: Vec<PathBuf> = photos
        .iter()
        .filter(|photo| {
            let size = image_size(&fs::read(photo).expect("a photo"));
            (20_000_000..30_000_000).contains(&size.pixels())
        })
        .cloned()
        .collect();
    if large.is_empty() {
        return;
    }
    let copies = tempfile::tempdir().expect("a folder");
    let mut pictures = Vec::new();
    for copy in 0..4 {
        for photo in &large {
            let name = format!(
                "{copy}-{}",
                photo.file_name().expect("a file").to_string_lossy()
            );
            let path = copies.path().join(name);
            fs::copy(photo, &path).expect("a copy");
            pictures.push(path);
        }
    }
    let site = site_of(&pictures, preset);
    reset_peak();
    build(site.path(), 2);
    println!(
        "{name}: {} originals of about 24 megapixels on two threads: peak {:.0} MiB",
        pictures.len(),
        peak_mib()
    );
}

/// Returns the dimensions of a PNG or a JPEG as stored.
pub fn image_size(bytes: &[u8]) -> Dimensions {
    if bytes.starts_with(b"\x89PNG") {
        let number =
            |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        return Dimensions {
            width: number(16),
            height: number(20),
        };
    }
    let mut decoder = zune_jpeg::JpegDecoder::new(ZCursor::new(bytes));
    decoder.decode_headers().expect("a JPEG");
    let info = decoder.info().expect("its header");
    Dimensions {
        width: u32::from(info.width),
        height: u32::from(info.height),
    }
}

/// Prints the CPU, the number of threads and the versions.
pub fn print_machine() {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or(": unknown");
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!(
        "{}, {threads} threads; planche {}, {}",
        model.trim_start_matches(['\t', ' ', ':']),
        env!("CARGO_PKG_VERSION"),
        planche::internal::picture::info::Format::WEBP
            .encoder()
            .version,
    );
}

/// Returns the photos of the corpus if it exists, otherwise the uploads of the sample site.
pub fn photos() -> Vec<PathBuf> {
    let corpus = corpus("photos");
    let folder = if corpus.exists() {
        corpus
    } else {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("uploads")
    };
    pictures_of(&folder)
}

/// Returns the screenshots, charts and drawings of the corpus; empty if there is no corpus.
pub fn graphics() -> Vec<PathBuf> {
    pictures_of(&corpus("graphics"))
}

fn corpus(part: &str) -> PathBuf {
    let root = std::env::var_os("PLANCHE_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    root.join("corpus").join(part)
}

fn pictures_of(folder: &Path) -> Vec<PathBuf> {
    println!(
        "images: {}",
        folder
            .canonicalize()
            .unwrap_or(folder.to_path_buf())
            .display()
    );
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "jpg" || extension == "png")
        })
        .collect();
    files.sort();
    files
}

/// Creates a Jekyll site with one article per image.
pub fn site_of(pictures: &[PathBuf], preset: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    for name in ["_posts", "uploads", "presets"] {
        fs::create_dir(at(name)).expect("a folder");
    }
    fs::write(at("_config.yml"), "title: bench\n").expect("a file");
    fs::write(at("presets/card.yml"), preset).expect("a file");
    for (index, picture) in pictures.iter().enumerate() {
        let name = picture.file_name().expect("a file").to_string_lossy();
        fs::copy(picture, at("uploads").join(&*name)).expect("a copy");
        let article = format!("---\ntitle: {index}\nimage: \"/uploads/{name}\"\n---\n");
        fs::write(at("_posts").join(format!("2024-01-01-{index}.md")), article).expect("a file");
    }
    folder
}

/// Makes one build within this process.
pub fn build(folder: &Path, threads: usize) -> Summary {
    let site = Site::open(Some(folder), None).expect("a site");
    let options = Options {
        threads,
        ..Options::for_site(&site)
    };
    flow::build(&site, &options).expect("a build")
}

/// Returns the minimum.
pub fn least(figures: &[f64]) -> f64 {
    figures.iter().copied().fold(f64::INFINITY, f64::min)
}
