//! GIF (GIF89a), still and animated.

mod frames;
mod header;

use std::io::Cursor;

use image::codecs::gif::GifDecoder;

use super::spec::{Decoder, Spec};
use crate::animation;
use crate::error::ImageError;
use crate::image_crate::decode_image;
use crate::info::{Format, ImageInfo, Raster};
use crate::pixels::Decoded;

pub static SPEC: Spec = Spec {
    format: Format(4),
    name: "gif",
    title: "GIF",
    extensions: &["gif"],
    mime: "image/gif",
    matches: |bytes| bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a"),
    probe: |bytes, _| header::probe(bytes).map(ImageInfo::Raster),
    decoder: Decoder::Raster {
        decode,
        decode_scaled: None,
    },
    needs_isolation: false,
    frames: Some(frames::open),
    encoder: None,
};

fn decode(bytes: &[u8], raster: &Raster) -> Result<Decoded, ImageError> {
    // The `image` crate crops frames to the logical screen.
    if raster.is_animated || header::screen(bytes) != Some(raster.stored) {
        return animation::first(frames::open(bytes, raster)?, raster);
    }
    decode_image(GifDecoder::new(Cursor::new(bytes)), raster)
}
