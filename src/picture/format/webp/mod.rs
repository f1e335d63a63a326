//! WebP (RFC 9649), still and animated.

mod frames;
mod header;
pub mod libwebp;
mod lossless;
mod variant;

use std::io::Cursor;

use image::codecs::webp::WebPDecoder;

use super::spec::{Decoder, Encoder, ReadAt, Spec};
use crate::error::ImageError;
use crate::image_crate::decode_image;
use crate::info::{Format, ImageInfo, Raster};
use crate::pixels::Decoded;

pub static SPEC: Spec = Spec {
    format: Format::WEBP,
    name: "webp",
    title: "WebP",
    extensions: &["webp"],
    mime: "image/webp",
    matches: |bytes| bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"),
    probe: |bytes, _| header::probe(bytes).map(ImageInfo::Raster),
    decoder: Decoder::Raster {
        decode,
        decode_scaled: None,
    },
    needs_isolation: false,
    frames: Some(frames::open),
    encoder: Some(Encoder {
        version: "libwebp 1.6.0, planche 5",
        // For lossless encoding; lossy needs less.
        bytes_per_pixel: 24,
        has_alpha: true,
        keeps_profile: true,
        is_lossy: true,
        has_lossless: true,
        has_sharp_yuv: true,
        encode: variant::encode,
        animate: Some(variant::animate),
        claimed_length,
    }),
};

/// Returns the length in the RIFF header (RFC 9649, section 2.4), which counts the bytes after the
/// field.
fn claimed_length(_length: u64, read: &ReadAt<'_>) -> Option<u64> {
    let header = read(0, 12)?;
    if header.get(..4) != Some(b"RIFF") || header.get(8..12) != Some(b"WEBP") {
        return None;
    }
    let size = u32::from_le_bytes(header.get(4..8)?.try_into().ok()?);
    Some(u64::from(size) + 8)
}

fn decode(bytes: &[u8], raster: &Raster) -> Result<Decoded, ImageError> {
    if raster.is_animated {
        return crate::animation::first(frames::open(bytes, raster)?, raster);
    }
    let bytes = &*header::normalized(bytes);
    decode_image(WebPDecoder::new(Cursor::new(bytes)), raster)
}
