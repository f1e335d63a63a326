//! AVIF: AV1 images in an ISO base media file (AV1 Image File Format, version 1.1).

mod boxes;
mod decode;
mod encode;
mod header;
mod matrix;
mod meta;
mod planes;
mod speed;
mod still;

use super::spec::{Decoder, Encoder, ReadAt, Spec};
use crate::error::ImageError;
use crate::info::{Format, ImageInfo};

pub(super) use boxes::brands;

pub static SPEC: Spec = Spec {
    format: Format::AVIF,
    name: "avif",
    title: "AVIF",
    extensions: &["avif"],
    mime: "image/avif",
    matches: |bytes| {
        let brands = brands(bytes);
        brands.contains(&b"avif") || brands.contains(&b"avis")
    },
    probe: |bytes, limits| header::probe(bytes, limits).map(ImageInfo::Raster),
    decoder: Decoder::Raster {
        decode: decode::decode,
        decode_scaled: None,
    },
    needs_isolation: true,
    frames: None,
    encoder: Some(Encoder {
        version: "rav1e 0.8.1, avif-serialize 0.8.9, planche 4",
        bytes_per_pixel: 64,
        has_alpha: true,
        keeps_profile: false,
        is_lossy: true,
        has_lossless: false,
        has_sharp_yuv: false,
        encode: encode::encode,
        animate: None,
        claimed_length,
    }),
};

/// Returns the end of the last top-level box (ISO/IEC 14496-12, section 4.2).
fn claimed_length(length: u64, read: &ReadAt<'_>) -> Option<u64> {
    /// Maximum number of boxes; our files have three.
    const MAX_BOXES: usize = 64;
    let mut end = 0;
    for index in 0..MAX_BOXES {
        let header = read(end, 8)?;
        if header.is_empty() && index > 0 {
            return Some(end);
        }
        let size = u32::from_be_bytes(header.get(..4)?.try_into().ok()?);
        if size < 8 || index == 0 && header.get(4..8)? != b"ftyp" {
            return None;
        }
        end += u64::from(size);
        if end > length {
            return Some(end);
        }
    }
    None
}

fn failed(reason: impl Into<String>) -> ImageError {
    ImageError::Decode(reason.into())
}
