//! PNG (third edition) and APNG.

mod encode;
mod frames;
mod header;

use std::io::Cursor;

use image::codecs::png::PngDecoder;

use super::spec::{Decoder, Encoder, ReadAt, Spec};
use crate::animation;
use crate::color::ColorSpace;
use crate::error::ImageError;
use crate::image_crate::{decode_image, image_limits};
use crate::info::{Format, ImageInfo, Raster};
use crate::pixels::Decoded;

pub(super) use header::probe;

pub static SPEC: Spec = Spec {
    format: Format::PNG,
    name: "png",
    title: "PNG",
    extensions: &["png", "apng"],
    mime: "image/png",
    matches: |bytes| bytes.starts_with(START),
    probe: |bytes, _| probe(bytes).map(ImageInfo::Raster),
    decoder: Decoder::Raster {
        decode,
        decode_scaled: None,
    },
    needs_isolation: false,
    frames: Some(frames::open),
    encoder: Some(Encoder {
        version: "oxipng 10.2.1, planche 3",
        bytes_per_pixel: 24,
        has_alpha: true,
        keeps_profile: true,
        is_lossy: false,
        has_lossless: true,
        has_sharp_yuv: false,
        encode: encode::encode,
        animate: None,
        claimed_length,
    }),
};

const START: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The empty `IEND` chunk (PNG, section 11.2.5).
const END: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";

/// Returns the length if the file starts like a PNG and ends with its `IEND` chunk. A PNG does not
/// contain its length.
fn claimed_length(length: u64, read: &ReadAt<'_>) -> Option<u64> {
    let end = length.checked_sub(END.len() as u64)?;
    let is_whole = read(0, START.len())? == START && read(end, END.len())? == END;
    is_whole.then_some(length)
}

fn decode(bytes: &[u8], raster: &Raster) -> Result<Decoded, ImageError> {
    if raster.is_animated {
        return animation::first(frames::open(bytes, raster)?, raster);
    }
    decode_still(bytes, raster)
}

/// Decodes a PNG, or the one within an icon.
pub(super) fn decode_still(bytes: &[u8], raster: &Raster) -> Result<Decoded, ImageError> {
    let bytes = &*header::normalized(bytes);
    let limits = image_limits(raster.decode_bytes);
    let mut decoded = decode_image(PngDecoder::with_limits(Cursor::new(bytes), limits), raster)?;
    let icc = match decoded.color {
        ColorSpace::Icc(icc) => Some(icc),
        _ => None,
    };
    decoded.color = header::color_space(bytes, icc);
    Ok(decoded)
}
