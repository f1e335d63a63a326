//! Code shared by tests of images: decodes variants to pixels.

use std::path::Path;

use image::{ImageDecoder, RgbaImage};

use crate::scratch::Scratch;

/// Decodes the largest variant of an upload.
#[track_caller]
pub fn variant_of(site: &Scratch, upload: &str) -> RgbaImage {
    let variants = variants_of(site, upload);
    let widest = variants.into_iter().max_by_key(RgbaImage::width);
    widest.unwrap_or_else(|| panic!("no variant of {upload}: {:?}", site.variants()))
}

/// Decodes the variants of an upload.
pub fn variants_of(site: &Scratch, upload: &str) -> Vec<RgbaImage> {
    let stem = Path::new(upload).with_extension("");
    let start = format!("uploads/variants/{}-", stem.to_str().unwrap());
    let variants = site.variants();
    let variants = variants.iter().filter(|name| {
        let rest = name.strip_prefix(&start);
        rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    });
    variants
        .map(|name| webp(&std::fs::read(site.path(name)).unwrap()))
        .collect()
}

fn webp(bytes: &[u8]) -> RgbaImage {
    let decoder = image::codecs::webp::WebPDecoder::new(std::io::Cursor::new(bytes)).unwrap();
    assert!(decoder.dimensions().0 > 0);
    image::DynamicImage::from_decoder(decoder)
        .unwrap()
        .into_rgba8()
}

/// Returns the mean absolute difference of the samples of two images of equal size, on the scale
/// from 0 to 255.
#[track_caller]
pub fn difference(first: &RgbaImage, second: &RgbaImage) -> f64 {
    assert_eq!(first.dimensions(), second.dimensions());
    let pairs = first.as_raw().iter().zip(second.as_raw());
    let sum: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / first.as_raw().len() as f64
}

/// Computes the checksum of a PNG chunk (PNG, annex D).
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}
