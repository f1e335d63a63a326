//! JPEG (ITU-T T.81).

mod complete;
mod decode;
mod decoders;
mod encode;
mod header;
mod huffman;
mod idct;
mod planes;
mod scaled;
mod standard_tables;
mod stream;
#[cfg(test)]
mod tests;

use super::spec::{Decoder, Encoder, ReadAt, Spec};
use crate::info::{Format, ImageInfo};

pub static SPEC: Spec = Spec {
    format: Format::JPEG,
    name: "jpeg",
    title: "JPEG",
    extensions: &["jpg", "jpeg", "jpe", "jfif"],
    mime: "image/jpeg",
    matches: |bytes| bytes.starts_with(START),
    probe: |bytes, _| header::probe(bytes).map(ImageInfo::Raster),
    decoder: Decoder::Raster {
        decode: |bytes, _| decode::decode(bytes),
        decode_scaled: Some(decode::decode_scaled),
    },
    needs_isolation: false,
    frames: None,
    encoder: Some(Encoder {
        version: "jpeg-encoder 0.7.1, planche 4",
        bytes_per_pixel: 12,
        has_alpha: false,
        keeps_profile: true,
        is_lossy: true,
        has_lossless: false,
        has_sharp_yuv: false,
        encode: encode::encode,
        animate: None,
        claimed_length,
    }),
};

/// Start of image, and the first byte of the next marker.
const START: &[u8] = b"\xff\xd8\xff";
/// The end marker (ITU-T T.81, table B.1).
const END: &[u8] = b"\xff\xd9";

/// Returns the length if the file starts like a JPEG and ends with the end marker. A JPEG does not
/// contain its length.
fn claimed_length(length: u64, read: &ReadAt<'_>) -> Option<u64> {
    let is_whole = read(0, START.len())? == START && read(length.checked_sub(2)?, 2)? == END;
    is_whole.then_some(length)
}
