//! Colours: compares variants of flat patches with LittleCMS and with the formulas of the
//! standards.

mod difference;
mod tables;

use std::fs;
use std::io::Cursor;
use std::path::Path;

use image::codecs::png::{PngDecoder, PngEncoder};
use image::{ExtendedColorType, ImageDecoder, ImageEncoder};
use jpeg_encoder::ColorType;

use crate::corpus;
use crate::pixels::{crc32, variant_of};
use crate::scratch::Scratch;
use difference::{ciede2000, lab};
use tables::{CODED, COLOURS, INKS, PATCHES};

type Rgb = [u8; 3];

/// Side of a patch in pixels: a whole block of a JPEG with halved chroma.
const SIDE: usize = 16;

/// Returns the pixels of flat patches, side by side.
fn strip<const N: usize>(patches: &[[u8; N]]) -> Vec<u8> {
    let row: Vec<u8> = patches
        .iter()
        .flat_map(|patch| patch.repeat(SIDE))
        .collect();
    row.repeat(SIDE)
}

fn width() -> u32 {
    u32::try_from(COLOURS.len() * SIDE).unwrap()
}

fn height() -> u32 {
    u32::try_from(SIDE).unwrap()
}

fn png(icc: Option<Vec<u8>>, pixels: &[u8], colour: ExtendedColorType) -> Vec<u8> {
    let mut png = Vec::new();
    let mut encoder = PngEncoder::new(&mut png);
    if let Some(icc) = icc {
        encoder.set_icc_profile(icc).unwrap();
    }
    encoder
        .write_image(pixels, width(), height(), colour)
        .unwrap();
    png
}

/// Inserts a chunk after the header of a PNG.
fn with_chunk(mut png: Vec<u8>, kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind, data].concat();
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let chunk = [&length[..], &body, &crc32(&body).to_be_bytes()].concat();
    let behind_header = 8 + 25;
    png.splice(behind_header..behind_header, chunk);
    png
}

fn jpeg_of_inks(icc: &[u8], colour: ColorType) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut jpeg, 100);
    encoder.add_icc_profile(icc).unwrap();
    let (width, height) = (width().try_into().unwrap(), height().try_into().unwrap());
    encoder
        .encode(&strip(&INKS), width, height, colour)
        .unwrap();
    jpeg
}

fn profile_of(file: &Path) -> Vec<u8> {
    let bytes = fs::read(file).unwrap();
    let profile = if bytes.starts_with(b"\x89PNG") {
        let mut decoder = PngDecoder::new(Cursor::new(&bytes)).unwrap();
        decoder.icc_profile().unwrap()
    } else if bytes.starts_with(&[0xff, 0xd8]) {
        let mut decoder =
            zune_jpeg::JpegDecoder::new(zune_core::bytestream::ZCursor::new(&bytes[..]));
        decoder.decode_headers().unwrap();
        decoder.icc_profile()
    } else {
        let mut decoder = tiff::decoder::Decoder::new(Cursor::new(&bytes)).unwrap();
        decoder.get_tag_u8_vec(tiff::tags::Tag::IccProfile).ok()
    };
    profile.unwrap()
}

/// Builds lossless variants of these files. Returns, for each file, the center pixel of each patch.
fn shown(files: &[(String, Vec<u8>)]) -> Vec<Vec<Rgb>> {
    let site = Scratch::site();
    site.write(
        "presets/card.yml",
        format!("widths: [{}]\nsizes: 100vw\nlossless: always\n", width()),
    );
    site.write_uploads(files);
    site.planche(&[]).exits(0);
    let middle = |variant: image::RgbaImage| {
        (0..COLOURS.len())
            .map(|patch| {
                let x = u32::try_from(patch * SIDE + SIDE / 2).unwrap();
                let [r, g, b, _] = variant.get_pixel(x, height() / 2).0;
                [r, g, b]
            })
            .collect()
    };
    files
        .iter()
        .map(|(name, _)| middle(variant_of(&site, name)))
        .collect()
}

#[track_caller]
fn check(name: &str, shown: &[Rgb], expected: &[Rgb], tolerance: f64) {
    for (shown, expected) in shown.iter().zip(expected) {
        let difference = ciede2000(lab(*shown), lab(*expected));
        assert!(
            difference <= tolerance,
            "{name}: {shown:?} instead of {expected:?}, {difference:.2}"
        );
    }
}

#[test]
fn profiles_are_applied_as_littlecms_applies_them() {
    let Some(corpus) = corpus::folder("corpus/odd") else {
        return;
    };
    let mut files = Vec::new();
    let mut expected = Vec::new();
    for (place, (name, colours)) in PATCHES.iter().enumerate() {
        let icc = profile_of(&corpus.join(name));
        if icc[16..20] == *b"CMYK" {
            let inks = [(ColorType::Cmyk, "cmyk"), (ColorType::CmykAsYcck, "ycck")];
            for (colour, kind) in inks {
                files.push((format!("{place}-{kind}.jpg"), jpeg_of_inks(&icc, colour)));
                expected.push((name, colours));
            }
            continue;
        }
        let pixels = strip(&COLOURS);
        let wide: Vec<u8> = pixels.iter().flat_map(|sample| [*sample; 2]).collect();
        let eight = png(Some(icc.clone()), &pixels, ExtendedColorType::Rgb8);
        let sixteen = png(Some(icc), &wide, ExtendedColorType::Rgb16);
        for (bits, png) in [(8, eight), (16, sixteen)] {
            files.push((format!("{place}-{bits}.png"), png));
            expected.push((name, colours));
        }
    }
    let shown = shown(&files);
    for (((file, _), shown), (name, colours)) in files.iter().zip(&shown).zip(expected) {
        check(&format!("{name} ({file})"), shown, colours, 2.0);
    }
}

#[test]
fn code_points_of_a_png_are_those_of_h273() {
    let files: Vec<(String, Vec<u8>)> = CODED
        .iter()
        .map(|((primaries, transfer), _)| {
            let plain = png(None, &strip(&COLOURS), ExtendedColorType::Rgb8);
            let coded = with_chunk(plain, b"cICP", &[*primaries, *transfer, 0, 1]);
            (format!("{primaries}-{transfer}.png"), coded)
        })
        .collect();
    for ((name, _), (shown, (_, expected))) in files.iter().zip(shown(&files).iter().zip(&CODED)) {
        check(name, shown, expected, 2.0);
    }
}

#[test]
fn gamma_counts_for_colours_and_for_grays() {
    // In linear light, a half is 188 in sRGB and a quarter is 137 (IEC 61966-2-1).
    let gray = [[128], [64], [255], [0]].map(|[gray]| [gray]).repeat(3);
    let gray_alpha: Vec<[u8; 2]> = gray.iter().map(|[gray]| [*gray, 255]).collect();
    let colour: Vec<Rgb> = gray.iter().map(|[gray]| [*gray; 3]).collect();
    let wide =
        |pixels: &[u8]| -> Vec<u8> { pixels.iter().flat_map(|sample| [*sample; 2]).collect() };
    let linear = |png| with_chunk(png, b"gAMA", &100_000u32.to_be_bytes());
    let files = [
        ("gray.png", strip(&gray), ExtendedColorType::L8),
        ("gray16.png", wide(&strip(&gray)), ExtendedColorType::L16),
        ("alpha.png", strip(&gray_alpha), ExtendedColorType::La8),
        (
            "alpha16.png",
            wide(&strip(&gray_alpha)),
            ExtendedColorType::La16,
        ),
        ("rgb.png", strip(&colour), ExtendedColorType::Rgb8),
    ]
    .map(|(name, pixels, colour)| (name.to_owned(), linear(png(None, &pixels, colour))));
    let expected = [[188; 3], [137; 3], [255; 3], [0; 3]].repeat(3);
    for ((name, _), shown) in files.iter().zip(shown(&files)) {
        check(name, &shown, &expected, 1.0);
    }
}
