//! Mutations of images, per format: headers and pixels must be read or refused, as in a build.
//! Formats whose decoders may abort are decoded by worker processes.

use std::time::Instant;

use planche::internal::isolation::Isolated;
use planche::internal::picture::decoder::Decode;
use planche::internal::picture::info::ImageInfo;
use planche::internal::picture::recipe::Scale;
use planche::internal::picture::units::Dimensions;

use super::mutate::Mutator;
use super::picture::{self, LIMITS};
use super::{end, seeds, without_own_panic};

/// Number of mutations per format.
const MUTATIONS: usize = 150;

/// Returns the seeds of a format.
fn images(extension: &str) -> Vec<Vec<u8>> {
    let seeds = seeds("picture").into_iter();
    seeds
        .filter(|(name, _)| name.ends_with(extension))
        .map(|(_, bytes)| bytes)
        .collect()
}

/// Runs `check` on many mutations. Returns how many were tried.
fn mutate(extension: &str, mut check: impl FnMut(&[u8])) -> usize {
    let seeds = images(extension);
    let seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
    assert!(!seeds.is_empty(), "{extension}");
    let end = end();
    let mut mutator = Mutator::new(7);
    let mut tried = 0;
    while tried < MUTATIONS || end.is_some_and(|end| Instant::now() < end) {
        check(&mutator.mutate(&seeds));
        tried += 1;
    }
    tried
}

#[test]
fn mutations_of_images_are_read_or_refused() {
    for extension in [".jpg", ".png", ".gif", ".webp", ".bmp", ".ico"] {
        let tried = mutate(extension, |bytes| {
            without_own_panic(extension, || picture::check(bytes));
        });
        println!("{extension}: {tried} mutations");
    }
}

#[test]
fn mutations_of_images_for_workers_are_read_or_refused() {
    for extension in [".avif", ".tif", ".svg"] {
        let workers = Isolated::new(env!("CARGO_BIN_EXE_planche"), &["decode"]);
        let (mut crashed, mut failed) = (0, Vec::new());
        let tried = mutate(extension, |bytes| {
            let result = read(&workers, bytes);
            let reason = result.err().unwrap_or_default();
            crashed += usize::from(reason.contains("the decoder crashed"));
            if reason.contains("takes too long") || reason.contains("cannot be used") {
                failed.push(format!("{reason}: {bytes:?}"));
            }
        });
        println!("{extension}: {tried} mutations, {crashed} crashes of workers");
        assert!(failed.is_empty(), "{failed:#?}");
    }
}

fn read(workers: &Isolated, bytes: &[u8]) -> Result<(), String> {
    match workers.probe(bytes, &LIMITS) {
        Ok(ImageInfo::Raster(raster)) => {
            let decoded = workers.decode(bytes, &raster, Scale::Whole);
            decoded.map(drop).map_err(|error| error.to_string())
        }
        Ok(ImageInfo::Vector { .. }) => {
            let size = Dimensions {
                width: 64,
                height: 64,
            };
            let drawn = workers.draw(bytes, size);
            drawn.map(drop).map_err(|error| error.to_string())
        }
        Err(error) => Err(error.to_string()),
    }
}
