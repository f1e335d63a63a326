//! Reads the headers of a JPEG from its segments. No pixel is decoded.

use image::metadata::Orientation as ImageOrientation;

use super::stream::{Color, Refusal, Stream};
use crate::color::ColorSpace;
use crate::error::{ProbeError, Unusable};
use crate::exif;
use crate::info::{Format, Orientation, Raster};
use crate::units::Dimensions;

pub(super) fn probe(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let stream = Stream::read(bytes).map_err(|refusal| match refusal {
        Refusal::Damaged(reason) => ProbeError::Damaged {
            format: "JPEG".into(),
            reason: reason.to_owned(),
        },
        Refusal::Deep => ProbeError::Unusable(Unusable::Jpeg12Bit),
        Refusal::Arithmetic => ProbeError::Unusable(Unusable::JpegArithmetic),
    })?;
    let stored = Dimensions {
        width: stream.frame.width.into(),
        height: stream.frame.height.into(),
    };
    let orientation = stream.exif.and_then(ImageOrientation::from_exif_chunk);
    let orientation = Orientation::from_image(orientation);
    let components = stream.frame.components.len() as u64;
    // The decoder stores all coefficients, two bytes each, before it computes pixels.
    let is_buffered = stream.frame.is_progressive || stream.scans.len() > 1;
    let coefficients = if is_buffered { 2 * components } else { 0 };
    let is_srgb = ColorSpace::of_icc(stream.icc()).is_srgb();
    // Converting from a profile needs a second buffer.
    let converted = if is_srgb { 0 } else { 3 };
    Ok(Raster {
        format: Format::JPEG,
        stored,
        orientation,
        has_alpha: false,
        is_animated: false,
        total_milliseconds: 0,
        passes: u32::try_from(stream.scans.len()).unwrap_or(u32::MAX),
        is_publishable: !matches!(stream.color, Color::Cmyk | Color::Ycck)
            && orientation == Orientation::UPRIGHT
            && is_srgb
            && !may_have_position(&stream),
        has_certain_position: has_certain_position(&stream),
        // The decoder gets a copy of the segments, which is about as long as the file.
        decode_bytes: stored.pixels() * (components.max(3) + coefficients.max(converted))
            + bytes.len() as u64,
    })
}

/// Whether the metadata, or a picture or video after the image, contains the position for certain.
fn has_certain_position(stream: &Stream<'_>) -> bool {
    let mut xmps = stream.xmps().into_iter();
    stream
        .exifs()
        .any(|exif| exif::has_certain_position(Some(exif), None))
        || xmps.any(|xmp| exif::has_certain_position(None, Some(&xmp)))
        || exif::trailer_has_certain_position(stream.trailer())
}

/// Whether any metadata, or anything after the image, may contain the position of the camera.
fn may_have_position(stream: &Stream<'_>) -> bool {
    stream
        .exifs()
        .any(|exif| exif::may_have_position(Some(exif), None))
        || stream
            .xmps()
            .iter()
            .any(|xmp| exif::may_have_position(None, Some(xmp)))
        || exif::trailer_may_have_position(stream.trailer())
}

#[cfg(test)]
mod tests {
    use crate::format::probe;
    use crate::limits::Limits;

    #[test]
    fn an_image_of_hundreds_of_scans_is_over_a_limit() {
        let (side, pixels) = (2000u16, vec![128; 2000 * 2000]);
        let mut jpeg = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, 80);
        encoder.set_progressive(true);
        encoder
            .encode(&pixels, side, side, jpeg_encoder::ColorType::Luma)
            .unwrap();
        assert!(probe(&jpeg, &Limits::default()).is_ok());
        // Repeats the last scan: a file of a few kilobytes can do that.
        let last = jpeg
            .windows(2)
            .rposition(|pair| pair == [0xff, 0xda])
            .unwrap();
        let end = jpeg.len() - 2;
        let scan = jpeg[last..end].to_vec();
        jpeg.splice(end..end, scan.repeat(600));
        let error = probe(&jpeg, &Limits::default()).expect_err("too much work");
        let error = error.to_string();
        assert!(error.contains("scans"), "{error}");
        assert!(
            error.ends_with("is over the limit of 2000 megapixels"),
            "{error}"
        );
    }
}
