//! Replays the corpora of the fuzz targets in `fuzz/`: every seed, its prefixes, and reproducible
//! mutations of it.
//!
//! `PLANCHE_FUZZ_SECONDS=600 cargo test --test tests fuzzing` mutates for ten minutes per text
//! target and per image format, without a fuzzer. `cargo fuzz run TARGET` is guided by coverage.

mod edits;
mod front_matter;
mod images;
mod in_memory;
mod jobs;
mod mutate;
mod pages;
mod panics;
mod picture;
mod references;
mod settings;
mod sites;

use std::cell::Cell;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Once;
use std::time::{Duration, Instant};

use planche::internal::picture::color::Transforms;
use planche::internal::picture::decode::pixels;
use planche::internal::picture::format::probe;
use planche::internal::picture::format::svg::rasterise;
use planche::internal::picture::info::ImageInfo;
use planche::internal::picture::limits::Limits;
use planche::internal::picture::units::Dimensions;

use mutate::Mutator;

/// Dimensions of the images that `fuzz/seeds.py` draws, except icons.
const DRAWN: (u32, u32) = (17, 11);
/// Number of mutations per text seed.
const MUTATIONS: usize = 400;

/// Returns the files of a corpus: name and bytes, sorted by name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut seeds: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    seeds.sort();
    seeds
}

/// Decodes an image with the default limits.
fn read(bytes: &[u8]) -> Result<Dimensions, String> {
    match probe(bytes, &Limits::default()).map_err(|error| error.to_string())? {
        ImageInfo::Raster(raster) => {
            let pixels = pixels(bytes, &raster, &Transforms::default());
            let pixels = pixels.map_err(|error| error.to_string())?;
            let length = pixels.dimensions.pixels() * pixels.channels.count() as u64;
            assert_eq!(pixels.samples.len() as u64, length);
            Ok(pixels.dimensions)
        }
        ImageInfo::Vector { dimensions } => rasterise(bytes, dimensions)
            .map(|pixels| pixels.dimensions)
            .map_err(|error| error.to_string()),
    }
}

thread_local! {
    /// Whether the last panic of this thread came from a dependency.
    static IS_OF_DEPENDENCY: Cell<bool> = const { Cell::new(false) };
}

/// Runs a check, in which a dependency may panic. Panics if our own code does.
fn without_own_panic(name: &str, check: impl FnOnce()) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            IS_OF_DEPENDENCY.set(panics::is_of_dependency(panic));
            hook(panic);
        }));
    });
    IS_OF_DEPENDENCY.set(false);
    if catch_unwind(AssertUnwindSafe(check)).is_err() {
        assert!(IS_OF_DEPENDENCY.get(), "{name}: a panic of our own code");
    }
}

#[test]
fn each_image_seed_is_read_and_its_beginnings_are_read_or_refused() {
    let seeds = seeds("picture");
    assert!(seeds.len() > 30, "{}", seeds.len());
    for (name, bytes) in seeds {
        if !name.starts_with("found-") {
            let size = read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            let is_drawn = (size.width, size.height) == DRAWN;
            assert!(
                is_drawn || name.contains(".ico") || name.contains(".svg"),
                "{name}: {size:?}"
            );
        }
        for parts in 1..=16 {
            let part = &bytes[..bytes.len() * parts / 16];
            without_own_panic(&name, || picture::check(part));
        }
    }
}

/// Returns the time at which to stop mutating a target, if it is set.
fn end() -> Option<Instant> {
    let seconds = std::env::var("PLANCHE_FUZZ_SECONDS").ok()?;
    let seconds = Duration::from_secs(seconds.parse().ok()?);
    Some(Instant::now() + seconds)
}

/// Replays the seeds of a text target, their prefixes, and mutations of them.
fn replay(target: &str, check: fn(&[u8])) {
    let seeds = seeds(target);
    assert!(seeds.len() >= 10, "{}", seeds.len());
    for (name, bytes) in &seeds {
        println!("{name}");
        for end in 0..=bytes.len() {
            check(&bytes[..end]);
        }
    }
    let end = end();
    let texts: Vec<&[u8]> = seeds.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    let mut mutator = Mutator::new(1);
    let mut tried = 0;
    while tried < MUTATIONS * texts.len() || end.is_some_and(|end| Instant::now() < end) {
        let mutated = mutator.mutate(&texts);
        let result = catch_unwind(|| check(&mutated));
        assert!(result.is_ok(), "{:?}", String::from_utf8_lossy(&mutated));
        tried += 1;
    }
    println!("{target}: {tried} mutations");
}

#[test]
fn front_matter_seeds_and_mutations_keep_the_invariants() {
    replay("front_matter", front_matter::check);
}

#[test]
fn references_of_seeds_and_mutations_lie_within_the_file() {
    replay("references", references::check);
}

#[test]
fn jobs_and_results_of_seeds_and_mutations_are_read_or_refused() {
    replay("jobs", jobs::check);
}

#[test]
fn settings_and_ledgers_of_seeds_and_mutations_are_read_or_refused() {
    replay("settings", settings::check);
}

#[test]
fn pages_of_seeds_and_mutations_lose_nothing_and_change_once() {
    replay("pages", pages::check);
}

#[test]
fn sites_of_seeds_and_mutations_are_checked_and_reported() {
    replay("sites", sites::check);
}
