//! Tests files of unusual structure, made here from ordinary ones: what is unusual changes no
//! pixel, or changes it as browsers do. Expected pixels are those that were painted, or those of
//! the ordinary file; the rest was seen in Chromium 156.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use image::ExtendedColorType;
use image::codecs::webp::WebPEncoder;
use moxcms::ColorProfile;

use planche_picture::color::Transforms;
use planche_picture::decode::pixels;
use planche_picture::format::probe;
use planche_picture::frame::rgba;
use planche_picture::info::{ImageInfo, Orientation, Raster};
use planche_picture::limits::Limits;

const WIDTH: u16 = 48;
const HEIGHT: u16 = 32;

/// Paints a gradient, with one or three samples per pixel.
fn drawn(channels: usize) -> Vec<u8> {
    let places = (0..u32::from(WIDTH) * u32::from(HEIGHT))
        .map(|at| (at % u32::from(WIDTH), at / u32::from(WIDTH)));
    places
        .flat_map(|(x, y)| {
            let color = [x * 5, y * 7, 90].map(|value| u8::try_from(value).unwrap());
            color.into_iter().take(channels)
        })
        .collect()
}

fn raster(bytes: &[u8]) -> Raster {
    match probe(bytes, &Limits::default()).unwrap() {
        ImageInfo::Raster(raster) => raster,
        ImageInfo::Vector { .. } => panic!("a drawing"),
    }
}

/// Decodes an image to RGBA in sRGB, in its stored orientation.
fn shown(bytes: &[u8]) -> Vec<u8> {
    rgba(&pixels(bytes, &raster(bytes), &Transforms::default()).unwrap())
}

fn jpeg(channels: usize) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let color = match channels {
        1 => jpeg_encoder::ColorType::Luma,
        _ => jpeg_encoder::ColorType::Rgb,
    };
    jpeg_encoder::Encoder::new(&mut jpeg, 90)
        .encode(&drawn(channels), WIDTH, HEIGHT, color)
        .unwrap();
    jpeg
}

fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], payload].concat()
}

/// Inserts segments after the start of image.
fn with(jpeg: &[u8], segments: &[Vec<u8>]) -> Vec<u8> {
    [&jpeg[..2], &segments.concat(), &jpeg[2..]].concat()
}

/// Returns the index where the payload of the first segment of a marker starts.
fn payload_of(jpeg: &[u8], marker: u8) -> usize {
    let mut at = 2;
    while jpeg[at + 1] != marker {
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    at + 4
}

/// Gain maps, videos of motion photos and the trailers of phones may follow an image.
#[test]
fn what_follows_a_jpeg_changes_nothing() {
    let jpeg = jpeg(3);
    let expected = shown(&jpeg);
    for trailer in [
        jpeg.clone(),
        vec![0; 300],
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08mdat".to_vec(),
        b"\0\0\x21\x0a\x0e\0\0\0Image_UTC_Data1600000000000SEFH\x6b\0\0\0SEFT".to_vec(),
    ] {
        assert!(shown(&[jpeg.clone(), trailer].concat()) == expected);
    }
}

/// Some phones write other spectral bounds into baseline files; decoders ignore them.
#[test]
fn parameters_of_a_baseline_scan_are_ignored() {
    let jpeg = jpeg(3);
    let expected = shown(&jpeg);
    let scan = payload_of(&jpeg, 0xda);
    let bounds = scan + 1 + 2 * usize::from(jpeg[scan]);
    assert_eq!(jpeg[bounds..bounds + 3], [0, 63, 0]);
    for other in [[0, 0, 0], [0, 63, 0x10], [1, 5, 0]] {
        let mut changed = jpeg.clone();
        changed[bounds..bounds + 3].copy_from_slice(&other);
        assert!(shown(&changed) == expected, "{other:?}");
    }
}

#[test]
fn quantization_tables_may_have_sixteen_bits_and_any_number() {
    let jpeg = jpeg(1);
    let expected = shown(&jpeg);
    let at = payload_of(&jpeg, 0xdb);
    assert_eq!(jpeg[at], 0, "the first table has eight bits and number 0");
    let wide: Vec<u8> = jpeg[at + 1..at + 65]
        .iter()
        .flat_map(|value| [0, *value])
        .collect();
    let length = usize::from(u16::from_be_bytes([jpeg[at - 2], jpeg[at - 1]]));
    let replaced = |table: Vec<u8>| {
        let rest = &jpeg[at - 2 + length..];
        [&jpeg[..at - 4], &segment(0xdb, &table), rest].concat()
    };
    // Tables of 16 bits are only allowed in extended sequential files.
    let mut extended = replaced([vec![0x10], wide].concat());
    let frame = payload_of(&extended, 0xc0) - 3;
    extended[frame] = 0xc1;
    assert!(shown(&extended) == expected);
    let mut other = replaced([&[3], &jpeg[at + 1..at + 65]].concat());
    let frame = payload_of(&other, 0xc0);
    other[frame + 8] = 3;
    assert!(shown(&other) == expected);
}

/// Adobe's marker only applies to three and four components.
#[test]
fn a_gray_jpeg_stays_gray_whatever_adobe_says() {
    let jpeg = jpeg(1);
    let expected = shown(&jpeg);
    for transform in 0..3 {
        let adobe = segment(
            0xee,
            &[b"Adobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat(),
        );
        assert!(shown(&with(&jpeg, &[adobe])) == expected, "{transform}");
    }
}

/// Splits an ICC profile into `parts` segments, numbered from 1.
fn profile(parts: usize) -> Vec<Vec<u8>> {
    let bytes = ColorProfile::new_display_p3().encode().unwrap();
    let count = u8::try_from(parts).unwrap();
    let pieces = bytes.chunks(bytes.len().div_ceil(parts)).zip(1u8..);
    pieces
        .map(|(piece, number)| {
            let head = [b"ICC_PROFILE\0".as_slice(), &[number, count]].concat();
            segment(0xe2, &[&head, piece].concat())
        })
        .collect()
}

#[test]
fn a_profile_in_pieces_is_put_together() {
    let jpeg = jpeg(3);
    let expected = shown(&with(&jpeg, &profile(1)));
    assert!(expected != shown(&jpeg), "the profile has an effect");
    let [first, second, third] = profile(3).try_into().unwrap();
    let exif = segment(0xe1, b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0");
    let formats = segment(0xe2, b"MPF\0II*\0\x08\0\0\0\0\0\0\0\0\0");
    for order in [
        vec![first.clone(), second.clone(), third.clone()],
        vec![third.clone(), first.clone(), second.clone()],
        vec![first.clone(), exif, second.clone(), third.clone()],
        vec![formats, first, second, third],
    ] {
        assert!(shown(&with(&jpeg, &order)) == expected);
    }
}

/// Encodes an Exif segment. `entries` are those of its first directory as (tag, type, value);
/// `has_second` adds a second directory with an orientation of 6.
fn exif(entries: &[(u16, u16, u16)], has_second: bool) -> Vec<u8> {
    let directory = |entries: &[(u16, u16, u16)]| {
        let mut bytes = u16::try_from(entries.len()).unwrap().to_le_bytes().to_vec();
        for (tag, kind, value) in entries {
            bytes.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
            bytes.extend(1u32.to_le_bytes());
            bytes.extend(u32::from(*value).to_le_bytes());
        }
        bytes
    };
    let mut payload = b"Exif\0\0II*\0\x08\0\0\0".to_vec();
    payload.extend(directory(entries));
    if has_second {
        let next = u32::try_from(payload.len() - 6 + 4).unwrap();
        payload.extend(next.to_le_bytes());
        payload.extend(directory(&[(0x0112, 3, 6)]));
    }
    payload.extend([0; 4]);
    segment(0xe1, &payload)
}

#[test]
fn the_orientation_is_a_short_of_the_first_directory() {
    const SHORT: u16 = 3;
    const LONG: u16 = 4;
    let jpeg = jpeg(3);
    let xmp = segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>");
    for (name, segments, is_turned) in [
        ("plain", vec![exif(&[(0x0112, SHORT, 6)], false)], true),
        (
            "behind XMP",
            vec![xmp, exif(&[(0x0112, SHORT, 6)], false)],
            true,
        ),
        (
            "of a thumbnail",
            vec![exif(&[(0x0100, SHORT, 9)], true)],
            false,
        ),
        (
            "of another type",
            vec![exif(&[(0x0112, LONG, 6)], false)],
            false,
        ),
        (
            "twice",
            vec![exif(&[(0x0112, SHORT, 6), (0x0112, SHORT, 1)], false)],
            true,
        ),
        ("none", Vec::new(), false),
    ] {
        let orientation = raster(&with(&jpeg, &segments)).orientation;
        assert_eq!(orientation != Orientation::UPRIGHT, is_turned, "{name}");
    }
}

fn png(
    color: png::ColorType,
    depth: png::BitDepth,
    set: impl FnOnce(&mut png::Info<'_>),
    samples: &[u8],
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut info = png::Info::with_size(WIDTH.into(), HEIGHT.into());
    info.color_type = color;
    info.bit_depth = depth;
    set(&mut info);
    let encoder = png::Encoder::with_info(&mut bytes, info).unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(samples).unwrap();
    writer.finish().unwrap();
    bytes
}

/// A sample is transparent only if all sixteen bits are equal, not only the upper eight.
#[test]
fn sixteen_bits_decide_what_is_transparent() {
    let count = usize::from(WIDTH) * usize::from(HEIGHT);
    let values = [0x1234_u16, 0x12ff, 0x3412];
    let samples: Vec<u8> = (0..count)
        .flat_map(|at| values[at % 3].to_be_bytes())
        .collect();
    let gray = png(
        png::ColorType::Grayscale,
        png::BitDepth::Sixteen,
        |info| info.trns = Some(vec![0x12, 0x34].into()),
        &samples,
    );
    let alpha: Vec<u8> = shown(&gray).chunks_exact(4).map(|pixel| pixel[3]).collect();
    let expected: Vec<u8> = (0..count)
        .map(|at| if at % 3 == 0 { 0 } else { 255 })
        .collect();
    assert!(alpha == expected);
}

/// Editors on phones overwrote files without truncating them (CVE-2023-21036).
#[test]
fn what_follows_a_png_changes_nothing() {
    let plain = png(png::ColorType::Rgb, png::BitDepth::Eight, |_| {}, &drawn(3));
    let expected = shown(&plain);
    let old_end = &plain[plain.len() / 2..];
    assert!(shown(&[&plain, old_end].concat()) == expected);
}

/// A profile for gray says nothing about RGB; browsers show the image as sRGB.
#[test]
fn a_profile_of_another_color_model_is_ignored() {
    let profile = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let with_profile = png(
        png::ColorType::Rgb,
        png::BitDepth::Eight,
        |info| info.icc_profile = Some(profile.into()),
        &drawn(3),
    );
    let drawn: Vec<u8> = drawn(3)
        .chunks_exact(3)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255])
        .collect();
    assert!(shown(&with_profile) == drawn);
}

#[test]
fn zeros_between_the_blocks_of_a_gif_are_passed_over() {
    let palette = [0, 0, 0, 250, 10, 20];
    let samples: Vec<u8> = (0..u32::from(WIDTH) * u32::from(HEIGHT))
        .map(|at| u8::from(at % 3 == 0))
        .collect();
    let mut gif = Vec::new();
    let mut encoder = gif::Encoder::new(&mut gif, WIDTH, HEIGHT, &palette).unwrap();
    let frame = gif::Frame::from_indexed_pixels(WIDTH, HEIGHT, samples, None);
    encoder.write_frame(&frame).unwrap();
    drop(encoder);
    let expected = shown(&gif);
    assert_eq!(gif.last(), Some(&0x3b));
    let body = &gif[..gif.len() - 1];
    for end in [
        &b"\0\0\0\x3b"[..],
        b"\x3b\0\0",
        b"\x3bGIF89a and more",
        b"\x21\xfe\x04text\0\x3b",
    ] {
        assert!(shown(&[body, end].concat()) == expected, "{end:?}");
    }
}

fn chunk(name: &[u8; 4], payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    let padding = vec![0; payload.len() % 2];
    [name, &length[..], payload, &padding].concat()
}

/// The flags declare a profile that is missing, and some chunks are only known to their writer.
#[test]
fn a_webp_may_lack_its_profile_and_have_foreign_chunks() {
    let mut plain = Vec::new();
    WebPEncoder::new_lossless(&mut plain)
        .encode(
            &drawn(3),
            WIDTH.into(),
            HEIGHT.into(),
            ExtendedColorType::Rgb8,
        )
        .unwrap();
    let expected = shown(&plain);
    let image = plain[12..].to_vec();
    let size = |side: u16| u32::from(side - 1).to_le_bytes()[..3].to_vec();
    let extended = |flags: u8, chunks: &[Vec<u8>]| {
        let head = [vec![flags, 0, 0, 0], size(WIDTH), size(HEIGHT)].concat();
        let body = [b"WEBP".to_vec(), chunk(b"VP8X", &head), chunks.concat()].concat();
        chunk(b"RIFF", &body)
    };
    const PROFILE: u8 = 0x20;
    const EXIF: u8 = 0x08;
    let exif = chunk(b"EXIF", b"II*\0\x08\0\0\0\0\0\0\0\0\0");
    for (name, file) in [
        (
            "no profile",
            extended(PROFILE, std::slice::from_ref(&image)),
        ),
        (
            "Photoshop's chunk",
            extended(EXIF, &[image.clone(), chunk(b"PSAI", b"odd"), exif.clone()]),
        ),
        (
            "a chunk before",
            extended(EXIF, &[chunk(b"ABCD", b"a"), image, exif]),
        ),
    ] {
        assert!(shown(&file) == expected, "{name}");
    }
}

/// Encodes a BMP of one row: an information header of 40 bytes, masks, the palette, and the data.
fn bmp(
    bits: u16,
    compression: u32,
    masks: &[u32],
    palette: &[[u8; 4]],
    width: i32,
    data: &[u8],
) -> Vec<u8> {
    let masks: Vec<u8> = masks.iter().flat_map(|mask| mask.to_le_bytes()).collect();
    let colors = palette.concat();
    let start = 54 + masks.len() + colors.len();
    let mut bytes = b"BM".to_vec();
    bytes.extend(u32::try_from(start + data.len()).unwrap().to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(u32::try_from(start).unwrap().to_le_bytes());
    bytes.extend(40u32.to_le_bytes());
    bytes.extend([width.to_le_bytes(), 1i32.to_le_bytes()].concat());
    bytes.extend([1u16.to_le_bytes(), bits.to_le_bytes()].concat());
    bytes.extend(compression.to_le_bytes());
    bytes.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    bytes.extend([0; 8]);
    bytes.extend(u32::try_from(palette.len()).unwrap().to_le_bytes());
    bytes.extend([0; 4]);
    [bytes, masks, colors, data.to_vec()].concat()
}

#[test]
fn bitmaps_of_sixteen_bits_and_run_lengths_are_read() {
    // Red and green in five and six bits.
    let masked = bmp(
        16,
        3,
        &[0xf800, 0x07e0, 0x001f],
        &[],
        2,
        &[0x00, 0xf8, 0xe0, 0x07],
    );
    assert_eq!(shown(&masked), [255, 0, 0, 255, 0, 255, 0, 255]);
    // Three pixels of color 1, one of color 0, the end.
    let palette = [[10, 20, 30, 0], [40, 50, 60, 0]];
    let runs = bmp(8, 1, &[], &palette, 4, &[3, 1, 1, 0, 0, 1]);
    let one = [60, 50, 40, 255];
    assert_eq!(shown(&runs), [one, one, one, [30, 20, 10, 255]].concat());
}
