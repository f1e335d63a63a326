use image::ColorType;

use super::*;
use crate::image_crate::decode_bytes;
use crate::units::Dimensions;
#[test]
fn files_that_are_not_images_are_named() {
    let limits = Limits::default();
    for (bytes, expected) in [
        (&b""[..], "the file is empty"),
        (
            b"<!DOCTYPE html><html>",
            "this is an HTML page, not an image",
        ),
        (
            b"version https://git-lfs.github.com/spec/v1\noid",
            "this is a Git LFS pointer",
        ),
        (b"%PDF-1.7", "this is a PDF document, not an image"),
        (b"\0\0\0\x1cftypheic", "HEIC"),
        (b"\xff\x0a\0", "JPEG XL"),
        (b"hello", "the content is not a known image format"),
    ] {
        let error = probe(bytes, &limits).expect_err(expected);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn a_picture_that_says_where_it_was_taken_is_not_published() {
    let xmp = b"<x:xmpmeta><rdf:Description exif:GPSLatitude=\"46,31N\"/></x:xmpmeta>";
    let pixel = [0u8, 0, 0];
    let (color, side) = (image::ExtendedColorType::Rgb8, 1);
    let mut png = Vec::new();
    image::ImageEncoder::write_image(
        image::codecs::png::PngEncoder::new(&mut png),
        &pixel,
        side,
        side,
        color,
    )
    .unwrap();
    let chunk = |kind: &[u8], data: &[u8]| {
        let mut chunk = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
        let body = [kind, data].concat();
        chunk.extend_from_slice(&body);
        chunk.extend_from_slice(&crc32(&body).to_be_bytes());
        chunk
    };
    let text = [b"XML:com.adobe.xmp\0\0\0\0\0".as_slice(), xmp].concat();
    let behind_header = 8 + 25;
    let mut png_with = png.clone();
    png_with.splice(behind_header..behind_header, chunk(b"iTXt", &text));
    let mut webp = Vec::new();
    image::ImageEncoder::write_image(
        image::codecs::webp::WebPEncoder::new_lossless(&mut webp),
        &pixel,
        side,
        side,
        color,
    )
    .unwrap();
    // VP8X with the flag of XMP, canvas of 1 × 1; the image; the metadata.
    let riff = |kind: &[u8], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        let padding = &[0][..data.len() % 2];
        [kind, &length, data, padding].concat()
    };
    let body = [
        b"WEBP".to_vec(),
        riff(b"VP8X", &[4, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        webp[12..].to_vec(),
        riff(b"XMP ", xmp),
    ]
    .concat();
    let webp_with = riff(b"RIFF", &body);
    for (what, bytes, expected) in [
        ("PNG", &png, true),
        ("PNG with a position", &png_with, false),
        ("WebP", &webp, true),
        ("WebP with a position", &webp_with, false),
    ] {
        let Ok(ImageInfo::Raster(raster)) = probe(bytes, &Limits::default()) else {
            panic!("{what}");
        };
        assert_eq!(raster.is_publishable, expected, "{what}");
    }
}

#[test]
fn limits_are_checked_from_the_header() {
    // A PNG that declares 40000 × 40000 pixels and contains none.
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend_from_slice(&40_000u32.to_be_bytes());
    png.extend_from_slice(&40_000u32.to_be_bytes());
    png.extend_from_slice(&[8, 6, 0, 0, 0]);
    let crc = crc32(&png[12..]);
    png.extend_from_slice(&crc.to_be_bytes());
    png.extend_from_slice(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    let error = probe(&png, &Limits::default()).expect_err("too large");
    assert_eq!(
        error.to_string(),
        "a side of 40000 pixels is over the limit of 30000 pixels"
    );
    assert!(matches!(error, ProbeError::OverLimit { key, .. } if key == "side"));
}

#[test]
fn the_copies_on_the_way_to_eight_bits_are_counted() {
    for (color, is_srgb, bytes) in [
        (ColorType::L8, true, 1),
        (ColorType::L8, false, 4),
        (ColorType::Rgb8, true, 3),
        (ColorType::Rgb8, false, 6),
        (ColorType::Rgba16, true, 16),
        (ColorType::Rgba16, false, 24),
    ] {
        let stored = Dimensions {
            width: 10,
            height: 10,
        };
        let counted = decode_bytes(stored, color, is_srgb);
        assert_eq!(counted, 100 * bytes, "{color:?} {is_srgb}");
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

fn length_of(format: Format, file: &[u8]) -> Option<u64> {
    let read = |offset: u64, length: usize| {
        let begin = usize::try_from(offset).ok()?.min(file.len());
        Some(file[begin..file.len().min(begin + length)].to_vec())
    };
    (format.encoder().claimed_length)(file.len() as u64, &read)
}

#[test]
fn the_length_of_a_container_is_read() {
    let png = [
        b"\x89PNG\r\n\x1a\n".as_slice(),
        b"data",
        b"\0\0\0\0IEND\xae\x42\x60\x82".as_slice(),
    ]
    .concat();
    let avif = b"\0\0\0\x0cftypavif\0\0\0\x09mdat\x01";
    for (format, file, length) in [
        (Format::WEBP, b"RIFF\x04\0\0\0WEBP".as_slice(), Some(12)),
        (
            Format::WEBP,
            b"RIFF\xff\xff\xff\xffWEBP",
            Some((1 << 32) + 7),
        ),
        (Format::WEBP, b"RIFX\x04\0\0\0WEBP", None),
        (Format::WEBP, b"RIFF\x04\0", None),
        (Format::PNG, &png, Some(24)),
        (Format::PNG, &png[..23], None),
        (Format::PNG, &png[1..], None),
        (Format::JPEG, b"\xff\xd8\xff\xe0data\xff\xd9", Some(10)),
        (Format::JPEG, b"\xff\xd8\xff\xe0data\xff", None),
        (Format::AVIF, avif, Some(21)),
        (Format::AVIF, &avif[..20], Some(21)),
        (Format::AVIF, &avif[..14], None),
        (Format::AVIF, &avif[12..], None),
    ] {
        assert_eq!(length_of(format, file), length, "{format:?} {file:?}");
    }
    for format in Format::encodable() {
        assert_eq!(length_of(format, b""), None, "{format:?}");
    }
}

#[test]
fn the_list_is_in_the_order_of_the_formats() {
    for (index, spec) in ALL.iter().enumerate() {
        assert_eq!(usize::from(spec.format.0), index, "{}", spec.name);
        assert!(std::ptr::eq(spec.format.spec(), *spec));
    }
}
