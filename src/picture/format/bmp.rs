//! BMP, decoded by the `image` crate.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::bmp::BmpDecoder;

use super::spec::{Decoder, Spec};
use crate::error::ProbeError;
use crate::image_crate::{decode_bytes, decode_image, dimensions};
use crate::info::{Format, ImageInfo, Orientation, Raster};

pub static SPEC: Spec = Spec {
    format: Format(6),
    name: "bmp",
    title: "BMP",
    extensions: &["bmp", "dib"],
    mime: "image/bmp",
    matches: |bytes| bytes.starts_with(b"BM"),
    probe: |bytes, _| probe(bytes).map(ImageInfo::Raster),
    decoder: Decoder::Raster {
        decode: |bytes, raster| decode_image(BmpDecoder::new(Cursor::new(bytes)), raster),
        decode_scaled: None,
    },
    needs_isolation: false,
    frames: None,
    encoder: None,
};

fn probe(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let decoder = BmpDecoder::new(Cursor::new(bytes))
        .map_err(|error| ProbeError::of_decoder("BMP", &error))?;
    let stored = dimensions(&decoder);
    let color = decoder.color_type();
    Ok(Raster {
        format: SPEC.format,
        stored,
        orientation: Orientation::UPRIGHT,
        has_alpha: color.has_alpha(),
        is_animated: false,
        total_milliseconds: 0,
        passes: 1,
        // Browsers show a BMP, but it is large.
        is_publishable: false,
        has_certain_position: false,
        decode_bytes: decode_bytes(stored, color, true),
    })
}
