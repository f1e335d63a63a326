//! The kept corpus of the fuzz target `picture`: each seed is read, and so is none of its halves
//! without an error or a picture.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use planche::picture::color::Transforms;
use planche::picture::decode::pixels;
use planche::picture::format::probe;
use planche::picture::format::svg::rasterise;
use planche::picture::info::ImageInfo;
use planche::picture::limits::Limits;
use planche::picture::units::Dimensions;

/// The size of what `fuzz/seeds.py` draws; an icon's is another.
const DRAWN: (u32, u32) = (17, 11);

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

#[test]
fn each_seed_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/picture");
    let mut seeds = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        seeds += 1;
        if !name.starts_with("found-") {
            let size = read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            let is_drawn = (size.width, size.height) == DRAWN;
            assert!(
                is_drawn || name.contains(".ico") || name.contains(".svg"),
                "{name}: {size:?}"
            );
        }
        // Cut off anywhere, it is read in part or refused; a panic is a finding of the program.
        for parts in 1..16 {
            let part = &bytes[..bytes.len() * parts / 16];
            let _ = catch_unwind(AssertUnwindSafe(|| read(part)));
        }
    }
    assert!(seeds > 30, "{seeds}");
}
