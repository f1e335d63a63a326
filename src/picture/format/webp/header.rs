//! WebP: the canvas and the chunks beside it.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation as ImageOrientation;

use crate::color::ColorSpace;
use crate::error::ProbeError;
use crate::exif;
use crate::exif::has_position;
use crate::image_crate::{composed_bytes, decode_bytes, dimensions};
use crate::info::{Format, Orientation, Raster};

pub(crate) fn probe(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let damaged = |error: image::ImageError| ProbeError::Damaged {
        format: "WebP",
        reason: error.to_string(),
    };
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(damaged)?;
    let stored = dimensions(&decoder);
    let color = decoder.color_type();
    let exif = decoder.exif_metadata().ok().flatten();
    let exif = exif.as_deref().map(exif::without_name);
    let orientation = Orientation::from_image(exif.and_then(ImageOrientation::from_exif_chunk));
    let is_srgb = ColorSpace::of_icc(decoder.icc_profile().ok().flatten()).is_srgb();
    let xmp = decoder.xmp_metadata().ok().flatten();
    let frames = frames(bytes);
    let is_animated = decoder.has_animation() && frames > 0;
    Ok(Raster {
        format: Format::Webp,
        stored,
        orientation,
        // What no frame has covered is transparent.
        has_alpha: color.has_alpha() || is_animated,
        is_animated,
        passes: frames.max(1),
        is_publishable: orientation == Orientation::UPRIGHT
            && is_srgb
            && !has_position(exif, xmp.as_deref()),
        // The planes of the lossy frame beside the pixels.
        decode_bytes: decode_bytes(stored, color, is_srgb)
            + stored.pixels() * 4
            + composed_bytes(stored, color, is_animated),
    })
}

/// How many frames an animation has: its chunks are counted.
fn frames(webp: &[u8]) -> u32 {
    let frames = chunks(webp.get(12..).unwrap_or_default()).filter(|chunk| chunk.kind == *b"ANMF");
    u32::try_from(frames.count()).unwrap_or(u32::MAX)
}

/// A chunk (RFC 9649, section 2.3): its type and its data.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk<'a> {
    pub kind: [u8; 4],
    pub data: &'a [u8],
}

/// The chunks that follow each other in `bytes`, up to where they break off; the data of the last
/// one may be cut short.
pub(crate) fn chunks(bytes: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let ([a, b, c, d, l0, l1, l2, l3], data) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes([*l0, *l1, *l2, *l3])).ok()?;
        // Chunks begin at even places.
        let end = length.saturating_add(length % 2).min(data.len());
        rest = &data[end..];
        Some(Chunk {
            kind: [*a, *b, *c, *d],
            data: &data[..length.min(data.len())],
        })
    })
}
