//! Pictures of strangers: headers, and what decoders make of the rest, under small limits.
//!
//! A panic of a decoder is one picture's finding and no find here; hangs, memory and aborts are.

#![no_main]

use std::panic::{AssertUnwindSafe, catch_unwind};

use libfuzzer_sys::fuzz_target;
use planche::picture::limits::Limits;
use planche::picture::format::probe;
use planche::picture::info::ImageInfo;
use planche::picture::units::Dimensions;
use planche::picture::color::Transforms;
use planche::picture::decode::pixels;
use planche::picture::format::svg::rasterise;

fuzz_target!(init: {
    // The fuzzer's own hook aborts at a panic, before it can be caught.
    std::panic::set_hook(Box::new(|_| {}));
}, |bytes: &[u8]| {
    let limits = Limits {
        megapixels: 1,
        side: 4_000,
        work: 20,
        ..Limits::default()
    };
    let _ = catch_unwind(AssertUnwindSafe(|| match probe(bytes, &limits) {
        Ok(ImageInfo::Raster(raster)) => {
            // A job above its limit of memory is not run.
            if raster.decode_bytes < 256 << 20 {
                let _ = pixels(bytes, &raster, &Transforms::default());
            }
        }
        Ok(ImageInfo::Vector { .. }) => {
            let size = Dimensions {
                width: 64,
                height: 64,
            };
            let _ = rasterise(bytes, size);
        }
        Err(_) => {}
    }));
});
