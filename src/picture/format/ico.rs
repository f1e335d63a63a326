//! ICO: a directory of images. The largest one is used.

use std::borrow::Cow;
use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::ico::IcoDecoder;

use super::png;
use super::spec::{Decoder, Spec};
use crate::error::{ImageError, ProbeError};
use crate::image_crate::{decode_bytes, decode_image, dimensions};
use crate::info::{Format, ImageInfo, Orientation, Raster};
use crate::pixels::Decoded;

pub static SPEC: Spec = Spec {
    format: Format(7),
    name: "ico",
    title: "ICO",
    extensions: &["ico"],
    mime: "image/x-icon",
    matches: |bytes| bytes.starts_with(b"\0\0\x01\0"),
    probe: |bytes, _| probe(bytes).map(ImageInfo::Raster),
    decoder: Decoder::Raster {
        decode,
        decode_scaled: None,
    },
    needs_isolation: false,
    frames: None,
    encoder: None,
};

const HEADER: usize = 6;
const ENTRY: usize = 16;

/// The largest image of an icon.
enum Icon<'a> {
    /// A complete PNG.
    Png(&'a [u8]),
    /// A bitmap with its mask, rewritten as an icon of this one entry.
    Bitmap(Cow<'a, [u8]>),
}

/// Returns the image with the most pixels; among several, the one with the most bits per pixel.
fn largest(ico: &[u8]) -> Result<Icon<'_>, &'static str> {
    let side = |byte: u8| if byte == 0 { 256 } else { u32::from(byte) };
    let count = ico
        .get(4..6)
        .map_or(0, |count| u16::from_le_bytes([count[0], count[1]]));
    let entries = ico.get(HEADER..).unwrap_or_default().chunks_exact(ENTRY);
    let entry = entries
        .take(usize::from(count))
        .max_by_key(|entry| (side(entry[0]) * side(entry[1]), entry[6]))
        .ok_or("it has no image")?;
    let number = |at: usize| {
        let bytes = entry.get(at..)?.first_chunk()?;
        usize::try_from(u32::from_le_bytes(*bytes)).ok()
    };
    let data = number(12)
        .zip(number(8))
        .and_then(|(from, length)| ico.get(from..from.checked_add(length)?))
        .ok_or("its largest image is truncated")?;
    if data.starts_with(b"\x89PNG") {
        return Ok(Icon::Png(data));
    }
    let offset = u32::try_from(HEADER + ENTRY)
        .unwrap_or_default()
        .to_le_bytes();
    let bitmap = [b"\0\0\x01\0\x01\0", &entry[..12], &offset, data].concat();
    Ok(Icon::Bitmap(bitmap.into()))
}

fn probe(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let damaged = |reason: &str| ProbeError::Damaged {
        format: "ICO".into(),
        reason: reason.to_owned(),
    };
    let bitmap = match largest(bytes).map_err(damaged)? {
        Icon::Png(png) => {
            return Ok(Raster {
                format: SPEC.format,
                is_animated: false,
                total_milliseconds: 0,
                passes: 1,
                is_publishable: false,
                ..png::probe(png)?
            });
        }
        Icon::Bitmap(bitmap) => bitmap,
    };
    let decoder = IcoDecoder::new(Cursor::new(bitmap.as_ref()))
        .map_err(|error| ProbeError::of_decoder("ICO", &error))?;
    let stored = dimensions(&decoder);
    Ok(Raster {
        format: SPEC.format,
        stored,
        orientation: Orientation::UPRIGHT,
        has_alpha: true,
        is_animated: false,
        total_milliseconds: 0,
        passes: 1,
        is_publishable: false,
        has_certain_position: false,
        decode_bytes: decode_bytes(stored, decoder.color_type(), true),
    })
}

fn decode(bytes: &[u8], raster: &Raster) -> Result<Decoded, ImageError> {
    match largest(bytes) {
        Ok(Icon::Png(png)) => png::decode_still(png, raster),
        Ok(Icon::Bitmap(bitmap)) => {
            decode_image(IcoDecoder::new(Cursor::new(bitmap.as_ref())), raster)
        }
        Err(reason) => Err(ImageError::Decode(reason.to_owned())),
    }
}
