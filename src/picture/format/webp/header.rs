//! Reads the headers of WebP: the canvas size and the chunks.

use std::borrow::Cow;
use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation as ImageOrientation;

use crate::color::ColorSpace;
use crate::error::ProbeError;
use crate::exif;
use crate::exif::may_have_position;
use crate::image_crate::{composed_bytes, decode_bytes, dimensions};
use crate::info::{Format, Orientation, Raster, total_milliseconds};

pub(crate) fn probe(file: &[u8]) -> Result<Raster, ProbeError> {
    let bytes = &*normalized(file);
    let damaged = |error: image::ImageError| ProbeError::of_decoder("WebP", &error);
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(damaged)?;
    let stored = dimensions(&decoder);
    let color = decoder.color_type();
    let exif = decoder.exif_metadata().ok().flatten();
    let exif = exif.as_deref().map(exif::without_exif_prefix);
    let orientation = Orientation::from_image(exif.and_then(ImageOrientation::from_exif_chunk));
    let is_srgb = ColorSpace::of_icc(decoder.icc_profile().ok().flatten()).is_srgb();
    let frames = frames(bytes);
    let is_animated = decoder.has_animation() && frames > 0;
    Ok(Raster {
        format: Format::WEBP,
        stored,
        orientation,
        // The part of the canvas that no frame has covered is transparent.
        has_alpha: color.has_alpha() || is_animated,
        is_animated,
        total_milliseconds: if is_animated { duration(bytes) } else { 0 },
        passes: frames.max(1),
        is_publishable: orientation == Orientation::UPRIGHT
            && is_srgb
            && !chunks(bytes.get(12..).unwrap_or_default()).any(|chunk| match &chunk.kind {
                b"EXIF" => may_have_position(Some(exif::without_exif_prefix(chunk.data)), None),
                b"XMP " => may_have_position(None, Some(chunk.data)),
                _ => false,
            }),
        has_certain_position: exif::has_certain_position(exif, None) || has_certain_position(bytes),
        // In addition to the pixels, the planes of a lossy frame.
        decode_bytes: decode_bytes(stored, color, is_srgb)
            + stored.pixels() * 4
            + composed_bytes(stored, color, is_animated),
    })
}

/// Whether the XMP, or anything after the end, contains the position for certain.
fn has_certain_position(bytes: &[u8]) -> bool {
    let said = bytes.get(4..).and_then(|bytes| bytes.first_chunk());
    let length = said.and_then(|said| usize::try_from(u32::from_le_bytes(*said)).ok());
    let end = length.and_then(|length| length.checked_add(8));
    let trailer = end.and_then(|end| bytes.get(end..)).unwrap_or_default();
    let mut chunks = chunks(bytes.get(12..).unwrap_or_default());
    let is_xmp = |chunk: &Chunk<'_>| chunk.kind == *b"XMP ";
    chunks.any(|chunk| is_xmp(&chunk) && exif::has_certain_position(None, Some(chunk.data)))
        || exif::trailer_has_certain_position(trailer)
}

/// Returns the total duration of an animation in milliseconds (RFC 9649, section 2.7.1.1).
fn duration(bytes: &[u8]) -> u64 {
    let all = || chunks(bytes.get(12..).unwrap_or_default());
    let loops = all().find(|chunk| chunk.kind == *b"ANIM");
    let loops = loops.and_then(|chunk| chunk.data.get(4..)?.first_chunk().copied());
    let durations = all()
        .filter(|chunk| chunk.kind == *b"ANMF")
        .filter_map(|chunk| {
            let [low, middle, high] = *chunk.data.get(12..)?.first_chunk()?;
            Some(u32::from_le_bytes([low, middle, high, 0]).into())
        });
    total_milliseconds(durations, loops.map_or(0, u16::from_le_bytes).into())
}

/// Corrects the extended header (RFC 9649, section 2.7) to agree with the chunks, as browsers read
/// the file: `image` rejects a file whose header declares a chunk that is missing, and ignores
/// transparency that the header does not declare. Also corrects the names that some writers give to
/// chunks.
pub(super) fn normalized(webp: &[u8]) -> Cow<'_, [u8]> {
    const ICC: u8 = 0x20;
    const ALPHA: u8 = 0x10;
    const EXIF: u8 = 0x08;
    const XMP: u8 = 0x04;
    const ANIMATION: u8 = 0x02;
    /// Offset of the flags, after the headers of the file and of the chunk.
    const FLAGS_AT: usize = 12 + 8;
    if webp.get(12..16) != Some(b"VP8X") {
        return Cow::Borrowed(webp);
    }
    let Some(flags) = webp.get(FLAGS_AT).copied() else {
        return Cow::Borrowed(webp);
    };
    let mut fixed = flags & !(ICC | EXIF | XMP);
    let mut names = Vec::new();
    let mut has_alpha_chunk = false;
    let mut is_lossless_with_alpha = None;
    let mut at = 12;
    for chunk in chunks(&webp[12..]) {
        match &chunk.kind {
            b"ICCP" => fixed |= ICC,
            b"EXIF" => fixed |= EXIF,
            b"XMP " => fixed |= XMP,
            b"Exif" | b"exif" => {
                fixed |= EXIF;
                names.push((at, b"EXIF"));
            }
            b"XMP\0" | b"xmp " => {
                fixed |= XMP;
                names.push((at, b"XMP "));
            }
            b"ALPH" => has_alpha_chunk = true,
            // The bit after the signature and two sizes of 14 bits (RFC 9649, section 3.4).
            b"VP8L" => is_lossless_with_alpha = chunk.data.get(4).map(|byte| byte & 0x10 != 0),
            _ => {}
        }
        at += 8 + chunk.data.len().next_multiple_of(2);
    }
    if fixed & ANIMATION == 0 {
        match is_lossless_with_alpha {
            Some(true) => fixed |= ALPHA,
            Some(false) => fixed &= !ALPHA,
            None if !has_alpha_chunk => fixed &= !ALPHA,
            None => {}
        }
    }
    if fixed == flags && names.is_empty() {
        return Cow::Borrowed(webp);
    }
    let mut copy = webp.to_vec();
    copy[FLAGS_AT] = fixed;
    for (at, name) in names {
        copy[at..at + 4].copy_from_slice(name);
    }
    Cow::Owned(copy)
}

/// Returns the number of frames of an animation, by counting their chunks.
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

/// Iterates over consecutive chunks, up to where they are truncated. The data of the last one may
/// be incomplete.
pub(crate) fn chunks(bytes: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let ([a, b, c, d, l0, l1, l2, l3], data) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes([*l0, *l1, *l2, *l3])).ok()?;
        // Chunks start at even offsets.
        let end = length.saturating_add(length % 2).min(data.len());
        rest = &data[end..];
        Some(Chunk {
            kind: [*a, *b, *c, *d],
            data: &data[..length.min(data.len())],
        })
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::decode::decode;
    use crate::format::webp::libwebp::{Mode, encode};
    use crate::pixels::{Channels, Pixels, Samples};
    use crate::units::{Dimensions, Effort};

    /// Encodes a lossless file with an extended header and further chunks.
    fn extended(alpha: u8, flags: u8, chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let pixels = Pixels {
            dimensions: Dimensions {
                width: 2,
                height: 1,
            },
            channels: Channels::Rgba,
            samples: vec![10, 20, 30, 255, 200, 100, 50, alpha],
        };
        let go = AtomicBool::new(false);
        let simple = encode(&pixels, Mode::Lossless, Effort::new(0).unwrap(), &go).unwrap();
        let mut body = b"WEBPVP8X\x0a\0\0\0".to_vec();
        body.extend([flags, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
        body.extend(&simple[12..]);
        for (kind, data) in chunks {
            body.extend(*kind);
            body.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
            body.extend(*data);
            body.resize(body.len().next_multiple_of(2), 0);
        }
        let length = u32::try_from(body.len()).unwrap().to_le_bytes();
        [b"RIFF", &length[..], &body].concat()
    }

    #[test]
    fn a_header_that_disagrees_with_the_chunks_is_corrected() {
        // Chromium goes by the chunks too.
        for flags in [0, 0x10, 0x08, 0x04, 0x3c] {
            let file = extended(77, flags, &[]);
            let raster = probe(&file).unwrap();
            assert!(raster.has_alpha, "{flags:x}");
            let Samples::Rgba(samples) = decode(&file, &raster).unwrap().samples else {
                panic!("{flags:x}: no transparency");
            };
            assert_eq!(samples[7], 77, "{flags:x}");
        }
    }

    #[test]
    fn chunks_with_other_names_are_read() {
        let position = b"II*\0\x08\0\0\0\x01\0\x25\x88\x04\0\x01\0\0\0\0\0\0\0";
        let upright = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0";
        let xmp = b"exif:GPSLatitude=1";
        for (kind, data, expected) in [
            (b"Exif", position.as_slice(), false),
            (b"EXIF", position, false),
            (b"Exif", upright, true),
            (b"XMP\0", xmp, false),
            (b"XMP ", b"<x/>", true),
        ] {
            let file = extended(255, 0x0c, &[(kind, data)]);
            assert_eq!(probe(&file).unwrap().is_publishable, expected, "{kind:?}");
        }
    }
}
