//! WebP: the canvas and the chunks beside it.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation as ImageOrientation;

use super::colour::ColourSpace;
use super::exif::{self, has_position};
use super::{Orientation, ProbeError, Raster, RasterFormat};
use super::{decode_bytes, dimensions};

pub(super) fn probe(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let damaged = |error: image::ImageError| ProbeError::Damaged {
        format: "WebP",
        reason: error.to_string(),
    };
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(damaged)?;
    let stored = dimensions(&decoder);
    let colour = decoder.color_type();
    let exif = decoder.exif_metadata().ok().flatten();
    let exif = exif.as_deref().map(exif::without_name);
    let orientation = Orientation::of(exif.and_then(ImageOrientation::from_exif_chunk));
    let is_srgb = ColourSpace::of_icc(decoder.icc_profile().ok().flatten()).is_srgb();
    let xmp = decoder.xmp_metadata().ok().flatten();
    let is_animated = decoder.has_animation();
    Ok(Raster {
        format: RasterFormat::Webp,
        stored,
        orientation,
        has_alpha: colour.has_alpha(),
        is_animated,
        passes: frames(bytes).max(1),
        is_publishable: !is_animated
            && orientation == Orientation::UPRIGHT
            && is_srgb
            && !has_position(exif, xmp.as_deref()),
        // The planes of the lossy frame beside the pixels.
        decode_bytes: decode_bytes(stored, colour, is_srgb) + stored.pixels() * 4,
    })
}

/// How many frames an animation has: its chunks are counted.
fn frames(webp: &[u8]) -> u32 {
    let mut frames = 0;
    let mut at = 12;
    while let Some([a, b, c, d, l0, l1, l2, l3]) =
        webp.get(at..).and_then(|rest| rest.first_chunk())
    {
        if [*a, *b, *c, *d] == *b"ANMF" {
            frames += 1;
        }
        let length = u32::from_le_bytes([*l0, *l1, *l2, *l3]);
        // Chunks begin at even places.
        let length = u64::from(length).next_multiple_of(2);
        let Ok(length) = usize::try_from(length) else {
            break;
        };
        at = at.saturating_add(8).saturating_add(length);
    }
    frames
}
