//! JPEG (ITU-T T.81): headers, and what of its variety no browser shows.

use image::metadata::Orientation as ImageOrientation;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace as JpegColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use crate::color::ColorSpace;
use crate::error::{ProbeError, Unusable};
use crate::exif::has_position;
use crate::info::{Format, Orientation, Raster};
use crate::units::Dimensions;

/// A JPEG's decoder with the headers read.
///
/// The strict reading comes first: it refuses a file that is cut off. Odd bytes between the headers
/// are passed over by a lenient one, if the file has its end marker.
pub(crate) fn open(
    bytes: &[u8],
    out: Option<JpegColorSpace>,
) -> Result<JpegDecoder<ZCursor<&[u8]>>, String> {
    let mut refusal = String::new();
    for is_strict in [true, false] {
        if !is_strict && !has_end_marker(bytes) {
            break;
        }
        let mut options = DecoderOptions::default()
            .set_max_width(usize::from(u16::MAX))
            .set_max_height(usize::from(u16::MAX))
            .set_strict_mode(is_strict);
        if let Some(out) = out {
            options = options.jpeg_set_out_colorspace(out);
        }
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
        match decoder.decode_headers() {
            Ok(()) => return Ok(decoder),
            Err(error) => refusal = error.to_string().trim_matches(['"', '\n', ' ']).to_owned(),
        }
    }
    Err(refusal)
}

/// Whether an end marker follows the last scan; a thumbnail's stands before it.
fn has_end_marker(jpeg: &[u8]) -> bool {
    let last = |marker: [u8; 2]| jpeg.windows(2).rposition(|pair| pair == marker);
    last([0xff, 0xd9]) > last([0xff, 0xda])
}

pub(crate) fn probe(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let damaged = |reason| ProbeError::Damaged {
        format: "JPEG",
        reason,
    };
    let decoder = open(bytes, None).map_err(|reason| match unsupported_jpeg(&reason) {
        Some(unusable) => ProbeError::Unusable(unusable),
        None => damaged(reason),
    })?;
    let info = decoder
        .info()
        .ok_or_else(|| damaged("it has no header".to_owned()))?;
    let stored = Dimensions {
        width: u32::from(info.width),
        height: u32::from(info.height),
    };
    let exif = decoder.exif().map(Vec::as_slice);
    let orientation = Orientation::from_image(exif.and_then(ImageOrientation::from_exif_chunk));
    let is_progressive = info.sof.is_progressive();
    let components = u64::from(info.components.max(1));
    // All coefficients at once, two bytes each, and then the pixels.
    let coefficients = if is_progressive { 2 * components } else { 0 };
    let is_rgb = components != 4;
    let is_srgb = ColorSpace::of_icc(decoder.icc_profile()).is_srgb();
    // A profile's conversion makes the pixels anew.
    let converted = if is_srgb { 0 } else { 3 };
    Ok(Raster {
        format: Format::Jpeg,
        stored,
        orientation,
        has_alpha: false,
        is_animated: false,
        passes: scans(bytes),
        is_publishable: is_rgb
            && orientation == Orientation::UPRIGHT
            && is_srgb
            && !has_position(exif, decoder.xmp().map(Vec::as_slice)),
        decode_bytes: stored.pixels() * (components.max(3) + coefficients.max(converted)),
    })
}

/// How many scans the picture is stored in (T.81, section B.1.1.2): each goes over all pixels.
fn scans(jpeg: &[u8]) -> u32 {
    const START_OF_SCAN: u8 = 0xda;
    const END_OF_IMAGE: u8 = 0xd9;
    let mut scans = 0;
    let mut at = 2;
    while let Some(found) = jpeg.get(at..).and_then(next_marker) {
        at += found;
        let marker = jpeg[at + 1];
        at += 2;
        match marker {
            END_OF_IMAGE => break,
            START_OF_SCAN => scans += 1,
            _ => {}
        }
        // The segment's own length; what is behind a scan's header holds no other marker.
        if let Some(length) = jpeg.get(at..at + 2) {
            at += usize::from(u16::from_be_bytes([length[0], length[1]])).max(2);
        }
    }
    scans
}

/// The place of the next marker that begins a segment, or ends the picture.
fn next_marker(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + bytes.get(from..)?.iter().position(|byte| *byte == 0xff)?;
        match bytes.get(at + 1)? {
            // Stuffing, fill bytes, restarts, and the markers of arithmetic coding's temporaries.
            0x00..=0x01 | 0xd0..=0xd8 => from = at + 2,
            0xff => from = at + 1,
            _ => return Some(at),
        }
    }
}

/// What no browser shows either.
fn unsupported_jpeg(reason: &str) -> Option<Unusable> {
    if reason.contains("12 bits") || reason.contains("8-bit images") {
        Some(Unusable::Jpeg12Bit)
    } else if reason.contains("`DAC`") || reason.contains("rithmetic") {
        Some(Unusable::JpegArithmetic)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::probe;
    use crate::limits::Limits;

    #[test]
    fn scans_are_counted_wherever_their_markers_stand() {
        let header = b"\xff\xd8\xff\xe0\0\x06\xff\xda\xff\xda";
        let scan = b"\xff\xda\0\x04\x01\x02ab\xff\0\xff\xd0c\xff\xff";
        let thumbnail = b"\xff\xd9\xff\xda\0\x02";
        for (jpeg, expected) in [
            ([&header[..], scan, &scan[..8], thumbnail].concat(), 2),
            (header.to_vec(), 0),
            ([&header[..], b"\xff\xda\xff"].concat(), 1),
            (b"\xff\xd8\xff".to_vec(), 0),
        ] {
            assert_eq!(scans(&jpeg), expected, "{jpeg:x?}");
        }
    }

    #[test]
    fn a_picture_of_hundreds_of_scans_is_over_a_limit() {
        let (side, pixels) = (2000u16, vec![128; 2000 * 2000]);
        let mut jpeg = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, 80);
        encoder.set_progressive(true);
        encoder
            .encode(&pixels, side, side, jpeg_encoder::ColorType::Luma)
            .unwrap();
        assert!(probe(&jpeg, &Limits::default()).is_ok());
        // The last scan again and again, as a file of a few kilobytes may hold it.
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
