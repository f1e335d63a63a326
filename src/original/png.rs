//! PNG (third edition) and APNG: what stands before the pixels.

use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::png::PngDecoder;
use image::metadata::Orientation as ImageOrientation;

use super::colour::is_srgb;
use super::exif::has_position;
use super::{Orientation, ProbeError, Raster, RasterFormat};
use super::{decode_bytes, dimensions, image_limits};

pub(super) fn probe(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let damaged = |error: image::ImageError| ProbeError::Damaged {
        format: "PNG",
        reason: error.to_string(),
    };
    let mut decoder =
        PngDecoder::with_limits(Cursor::new(bytes), image_limits(0)).map_err(damaged)?;
    let stored = dimensions(&decoder);
    let colour = decoder.color_type();
    let exif = decoder.exif_metadata().ok().flatten();
    let orientation = Orientation::of(exif.as_deref().and_then(ImageOrientation::from_exif_chunk));
    let icc = decoder.icc_profile().ok().flatten();
    let is_srgb = is_srgb(icc.as_deref());
    let xmp = decoder.xmp_metadata().ok().flatten();
    // What sRGB's own chunk comes with (PNG, section 11.3.2.5) says nothing more.
    let gamma = decoder.gamma_value().ok().flatten();
    let has_gamma = gamma.is_some_and(|gamma| (gamma - 0.45455).abs() > 0.0005);
    let is_animated = decoder.is_apng().unwrap_or(false);
    Ok(Raster {
        format: RasterFormat::Png,
        stored,
        orientation,
        has_alpha: colour.has_alpha(),
        is_animated,
        is_publishable: !is_animated
            && orientation == Orientation::UPRIGHT
            && is_srgb
            && (!has_gamma || icc.is_some())
            && !has_position(exif.as_deref(), xmp.as_deref()),
        decode_bytes: decode_bytes(stored, colour, is_srgb),
    })
}
