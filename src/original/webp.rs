//! WebP: the canvas and the chunks beside it.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation as ImageOrientation;

use super::colour::is_srgb;
use super::exif::has_position;
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
    let orientation = Orientation::of(exif.as_deref().and_then(ImageOrientation::from_exif_chunk));
    let icc = decoder.icc_profile().ok().flatten();
    let is_srgb = is_srgb(icc.as_deref());
    let xmp = decoder.xmp_metadata().ok().flatten();
    let is_animated = decoder.has_animation();
    Ok(Raster {
        format: RasterFormat::Webp,
        stored,
        orientation,
        has_alpha: colour.has_alpha(),
        is_animated,
        is_publishable: !is_animated
            && orientation == Orientation::UPRIGHT
            && is_srgb
            && !has_position(exif.as_deref(), xmp.as_deref()),
        // The planes of the lossy frame beside the pixels.
        decode_bytes: decode_bytes(stored, colour, is_srgb) + stored.pixels() * 4,
    })
}
