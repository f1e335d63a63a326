//! BMP: the headers before the pixels.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::bmp::BmpDecoder;

use super::{Orientation, ProbeError, Raster, RasterFormat};
use super::{decode_bytes, dimensions};

pub(super) fn probe(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let decoder = BmpDecoder::new(Cursor::new(bytes)).map_err(|error| ProbeError::Damaged {
        format: "BMP",
        reason: error.to_string(),
    })?;
    let stored = dimensions(&decoder);
    let colour = decoder.color_type();
    Ok(Raster {
        format: RasterFormat::Bmp,
        stored,
        orientation: Orientation::UPRIGHT,
        has_alpha: colour.has_alpha(),
        is_animated: false,
        passes: 1,
        // Browsers show it, and it is large.
        is_publishable: false,
        decode_bytes: decode_bytes(stored, colour, true),
    })
}
