//! Reads the headers of PNG (third edition) and APNG: the chunks other than pixels.

use std::borrow::Cow;
use std::io::Cursor;

use image::ImageDecoder;
use image::codecs::png::PngDecoder;
use image::metadata::Orientation as ImageOrientation;

use crate::color::ColorSpace;
use crate::error::ProbeError;
use crate::exif;
use crate::exif::may_have_position;
use crate::image_crate::{composed_bytes, decode_bytes, dimensions, image_limits};
use crate::info::{Format, Orientation, Raster, total_milliseconds};

pub(crate) fn probe(file: &[u8]) -> Result<Raster, ProbeError> {
    let bytes = &*normalized(file);
    let damaged = |error: image::ImageError| ProbeError::of_decoder("PNG", &error);
    if chunks(bytes)
        .next()
        .is_some_and(|first| first.kind == *b"CgBI")
    {
        return Err(ProbeError::Damaged {
            format: "PNG".into(),
            reason: "Xcode has converted it for an app, and only Apple's programs show it".into(),
        });
    }
    let mut decoder =
        PngDecoder::with_limits(Cursor::new(bytes), image_limits(0)).map_err(damaged)?;
    let stored = dimensions(&decoder);
    let color = decoder.color_type();
    let exif = chunk(bytes, *b"eXIf").map(exif::without_exif_prefix);
    let orientation = Orientation::from_image(exif.and_then(ImageOrientation::from_exif_chunk));
    let icc = decoder.icc_profile().ok().flatten();
    let is_srgb = color_space(bytes, icc).is_srgb();
    let frames = frames(bytes);
    let is_animated = frames.is_some();
    Ok(Raster {
        format: Format::PNG,
        stored,
        orientation,
        // The part of the canvas that no frame has covered is transparent.
        has_alpha: color.has_alpha() || is_animated,
        is_animated,
        total_milliseconds: if is_animated { duration(bytes) } else { 0 },
        passes: frames.unwrap_or(1),
        is_publishable: orientation == Orientation::UPRIGHT
            && is_srgb
            && !chunks(bytes).any(|chunk| chunk_may_have_position(&chunk)),
        has_certain_position: has_certain_position(bytes),
        decode_bytes: decode_bytes(stored, color, is_srgb)
            + composed_bytes(stored, color, is_animated),
    })
}

/// Returns the number of frames of an APNG, at most as many as it declares. Returns `None` for a
/// still image, and for an APNG whose only frame is its default image.
fn frames(png: &[u8]) -> Option<u32> {
    let said = u32::from_be_bytes(*chunk(png, *b"acTL")?.first_chunk()?);
    let is_control = |chunk: &Chunk| chunk.kind == *b"fcTL";
    let there = chunks(png).filter(is_control).count();
    let begins_with_default = chunk(png, *b"fcTL").is_some();
    let frames = said.min(u32::try_from(there).unwrap_or(u32::MAX));
    (frames > u32::from(begins_with_default)).then_some(frames)
}

/// Returns the total duration of an APNG in milliseconds: the delays of its frames, times how often
/// it plays.
fn duration(png: &[u8]) -> u64 {
    let u16_at = |data: &[u8], at: usize| -> Option<u64> {
        Some(u16::from_be_bytes(*data.get(at..)?.first_chunk()?).into())
    };
    let controls = chunks(png).filter(|chunk| chunk.kind == *b"fcTL");
    let delays = controls.filter_map(|control| {
        let hundred_if_zero = |denominator| if denominator == 0 { 100 } else { denominator };
        let denominator = hundred_if_zero(u16_at(control.data, 22)?);
        Some(u16_at(control.data, 20)? * 1000 / denominator)
    });
    let plays = chunk(png, *b"acTL").and_then(|control| control.get(4..)?.first_chunk().copied());
    total_milliseconds(delays, plays.map_or(0, u32::from_be_bytes))
}

/// Returns the file as browsers read it: without invalid transparency, and with an end.
pub(super) fn normalized(png: &[u8]) -> Cow<'_, [u8]> {
    let known = without_long_transparency(png);
    match ended(&known) {
        Some(ended) => Cow::Owned(ended),
        None => known,
    }
}

/// Appends an end to a file that is truncated in or after its image data: browsers need none. The
/// decoder checks whether all of the data is there. Returns `None` if there is nothing to add, if
/// there is no image data, or if frames of an animation are missing.
fn ended(png: &[u8]) -> Option<Vec<u8>> {
    let mut end = 8;
    let (mut has_data, mut frames) = (false, 0);
    for chunk in chunks(png) {
        let next = end + chunk.data.len() + 12;
        if next > png.len() {
            break;
        }
        match &chunk.kind {
            b"IEND" => return None,
            b"IDAT" => has_data = true,
            b"fcTL" => frames += 1,
            _ => {}
        }
        end = next;
    }
    // The type and the remaining data of a truncated chunk.
    let cut = png.get(end + 4..end + 8).zip(png.get(end + 8..));
    let cut = cut.filter(|(kind, _)| matches!(*kind, b"IDAT" | b"fdAT"));
    let said = chunk(png, *b"acTL").and_then(|control| control.first_chunk().copied());
    if !has_data && cut.is_none() || said.is_some_and(|said| u32::from_be_bytes(said) > frames) {
        return None;
    }
    let mut ended = png[..end].to_vec();
    let mut add = |kind: &[u8], data: &[u8]| {
        let start = ended.len() + 4;
        ended.extend_from_slice(&u32::try_from(data.len()).ok()?.to_be_bytes());
        ended.extend_from_slice(kind);
        ended.extend_from_slice(data);
        let checksum = crc32fast::hash(&ended[start..]);
        ended.extend_from_slice(&checksum.to_be_bytes());
        Some(())
    };
    if let Some((kind, data)) = cut {
        let said = png[end..]
            .first_chunk()
            .map(|length| u32::from_be_bytes(*length));
        let length = said.and_then(|said| usize::try_from(said).ok())?;
        // A part of the checksum may follow the data.
        add(kind, &data[..length.min(data.len())])?;
    }
    add(b"IEND", &[])?;
    Some(ended)
}

/// Removes a `tRNS` chunk with more entries than the palette. Browsers ignore such a chunk.
fn without_long_transparency(png: &[u8]) -> Cow<'_, [u8]> {
    const INDEXED: u8 = 3;
    let color_type = chunk(png, *b"IHDR").and_then(|header| header.get(9));
    if color_type != Some(&INDEXED) {
        return Cow::Borrowed(png);
    }
    let entries = chunk(png, *b"PLTE").map_or(0, |palette| palette.len() / 3);
    let mut at = 8;
    for chunk in chunks(png) {
        let end = at + chunk.data.len() + 12;
        if chunk.kind == *b"tRNS" && chunk.data.len() > entries && end <= png.len() {
            return Cow::Owned([&png[..at], &png[end..]].concat());
        }
        at = end;
    }
    Cow::Borrowed(png)
}

/// A chunk: its type and its data.
struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    /// Whether the checksum is right; not checked for pixels.
    is_intact: bool,
}

/// Iterates over the chunks of a file, up to the first that is truncated.
fn chunks(png: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut at = 8;
    std::iter::from_fn(move || {
        let [l0, l1, l2, l3, k0, k1, k2, k3] = *png.get(at..)?.first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes([l0, l1, l2, l3])).ok()?;
        let start = at + 8;
        let data = png.get(start..start.checked_add(length)?)?;
        at = start + length + 4;
        let checksum = png.get(at - 4..at).unwrap_or_default();
        // The decoder checks the pixels.
        let is_intact = [k0, k1, k2, k3] == *b"IDAT"
            || crc32fast::hash(&png[start - 4..start + length]).to_be_bytes() == *checksum;
        Some(Chunk {
            kind: [k0, k1, k2, k3],
            data,
            is_intact,
        })
    })
}

/// Returns the data of the first chunk of a type before the pixels, where decoders look for it. A
/// chunk with a wrong checksum is ignored, as in browsers.
fn chunk(png: &[u8], kind: [u8; 4]) -> Option<&[u8]> {
    chunks(png)
        .take_while(|chunk| chunk.kind != *b"IDAT")
        .find(|chunk| chunk.kind == kind && chunk.is_intact)
        .map(|chunk| chunk.data)
}

/// Whether a chunk, in any place, may contain the position. `true` also for compressed text, so
/// that no position is published by mistake.
fn chunk_may_have_position(chunk: &Chunk) -> bool {
    const XMP: &[u8] = b"XML:com.adobe.xmp\0";
    match &chunk.kind {
        b"eXIf" => may_have_position(Some(exif::without_exif_prefix(chunk.data)), None),
        b"iTXt" => chunk.data.strip_prefix(XMP).is_some_and(|rest| {
            let is_compressed = rest.first() == Some(&1);
            is_compressed || may_have_position(None, Some(rest))
        }),
        // Copies of Exif and XMP by ImageMagick.
        b"zTXt" | b"tEXt" => chunk.data.starts_with(b"Raw profile type "),
        _ => false,
    }
}

/// Whether a chunk, or anything after the end, contains the position for certain.
fn has_certain_position(png: &[u8]) -> bool {
    let mut end = 8;
    for chunk in chunks(png) {
        end = png.len().min(end + chunk.data.len() + 12);
        let tells = match &chunk.kind {
            b"IEND" => return exif::trailer_has_certain_position(&png[end..]),
            b"eXIf" => {
                exif::has_certain_position(Some(exif::without_exif_prefix(chunk.data)), None)
            }
            b"iTXt" => exif::has_certain_position(None, Some(chunk.data)),
            _ => false,
        };
        if tells {
            return true;
        }
    }
    false
}

/// Returns the color space of a file; `icc` is its profile, inflated. The first one present of
/// `cICP`, `iCCP`, `sRGB`, and `gAMA` with `cHRM` counts (PNG, section 4.3).
pub(crate) fn color_space(png: &[u8], icc: Option<Vec<u8>>) -> ColorSpace {
    // Primaries, transfer, the matrix of RGB, full range. PNG has no other matrix, and a narrow
    // range is for video.
    if let Some([primaries, transfer, 0, 1]) = chunk(png, *b"cICP") {
        return ColorSpace::Coded {
            primaries: *primaries,
            transfer: *transfer,
        };
    }
    if let Some(icc) = icc {
        return ColorSpace::Icc(icc);
    }
    if chunk(png, *b"sRGB").is_some() {
        return ColorSpace::Srgb;
    }
    let numbers = |kind| {
        let (numbers, _) = chunk(png, kind)?.as_chunks::<4>();
        Some(numbers.iter().map(|bytes| u32::from_be_bytes(*bytes)))
    };
    let gamma = numbers(*b"gAMA").and_then(|mut numbers| numbers.next());
    let chromaticities = numbers(*b"cHRM").and_then(|numbers| {
        let numbers: Vec<u32> = numbers.collect();
        numbers.first_chunk().copied()
    });
    if gamma.is_none() && chromaticities.is_none() {
        return ColorSpace::Srgb;
    }
    ColorSpace::Measured {
        gamma,
        chromaticities,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodes a file of these chunks, from which only headers are read.
    fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, data) in chunks {
            png.extend_from_slice(&u32::try_from(data.len()).unwrap().to_be_bytes());
            png.extend_from_slice(*kind);
            png.extend_from_slice(data);
            let checksum = crc32fast::hash(&png[png.len() - data.len() - 4..]);
            png.extend_from_slice(&checksum.to_be_bytes());
        }
        png
    }

    #[test]
    fn an_image_of_an_app_is_named() {
        // As Xcode writes it, before the header.
        let file = png(&[(b"CgBI", &[0x50, 0, 0x20, 6]), (b"IHDR", &[0; 13])]);
        let reason = probe(&file).expect_err("no ordinary PNG").to_string();
        assert!(reason.contains("Xcode"), "{reason}");
    }

    #[test]
    fn a_chunk_with_a_wrong_checksum_is_ignored() {
        let mut file = png(&[(b"sRGB", &[0]), (b"IDAT", &[])]);
        assert!(chunk(&file, *b"sRGB").is_some());
        file[8 + 8 + 1] ^= 1;
        assert!(chunk(&file, *b"sRGB").is_none());
    }

    /// Chromium 156 shows all of these.
    #[test]
    fn an_image_that_lacks_only_its_end_is_whole() {
        let mut whole = Vec::new();
        let pixels: Vec<u8> = (0..64 * 64u32).map(|n| (n * n % 251) as u8).collect();
        let mut encoder = png::Encoder::new(&mut whole, 64, 64);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&pixels).unwrap();
        writer.finish().unwrap();
        let decoded = |file: &[u8]| {
            let raster = probe(file).ok()?;
            let decoded = super::super::decode_still(file, &raster).ok()?;
            match decoded.samples {
                crate::pixels::Samples::Gray(samples) => Some(samples),
                _ => panic!("it is gray"),
            }
        };
        let expected = Some(pixels);
        // The end has twelve bytes, and so do the length, type and checksum of a chunk.
        for missing in [0, 1, 4, 11, 12, 13, 16] {
            let cut = &whole[..whole.len() - missing];
            assert!(decoded(cut) == expected, "{missing}");
        }
        for missing in [100, 1000] {
            let cut = &whole[..whole.len() - missing];
            assert!(decoded(cut).is_none(), "{missing}");
        }
    }

    #[test]
    fn transparency_beyond_the_palette_is_ignored() {
        let header = [0, 0, 0, 1, 0, 0, 0, 1, 8, 3, 0, 0, 0];
        for (entries, expected) in [(2, true), (3, false)] {
            let file = png(&[
                (b"IHDR", &header),
                (b"PLTE", &[0; 6]),
                (b"tRNS", &[0; 3][..entries]),
                (b"IDAT", &[]),
            ]);
            assert_eq!(chunk(&normalized(&file), *b"tRNS").is_some(), expected);
        }
    }

    #[test]
    fn of_what_says_the_colors_the_first_in_rank_counts() {
        let icc = || Some(b"profile".to_vec());
        let cicp: (&[u8; 4], &[u8]) = (b"cICP", &[9, 16, 0, 1]);
        let srgb: (&[u8; 4], &[u8]) = (b"sRGB", &[0]);
        let gamma: (&[u8; 4], &[u8]) = (b"gAMA", &[0, 1, 0x86, 0xa0]);
        let coded = ColorSpace::Coded {
            primaries: 9,
            transfer: 16,
        };
        let measured = ColorSpace::Measured {
            gamma: Some(100_000),
            chromaticities: None,
        };
        for (chunks, icc, expected) in [
            (&[gamma, srgb, cicp][..], icc(), coded),
            (&[gamma, srgb], icc(), ColorSpace::of_icc(icc())),
            (&[gamma, srgb], None, ColorSpace::Srgb),
            (&[gamma], None, measured.clone()),
            // For video, or after the pixels.
            (&[gamma, (b"cICP", &[9, 16, 9, 1])], None, measured.clone()),
            (&[gamma, (b"cICP", &[9, 16, 0, 0])], None, measured),
            (&[(b"IDAT", &[]), srgb, gamma], None, ColorSpace::Srgb),
            (&[], None, ColorSpace::Srgb),
        ] {
            assert_eq!(color_space(&png(chunks), icc), expected);
        }
    }
}
