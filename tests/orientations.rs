//! Orientations: variants must be upright for every orientation, in every container.

use std::fs;
use std::io::Cursor;

use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbImage, RgbaImage};
use tiff::encoder::{TiffEncoder, colortype};
use tiff::tags::Tag;

use crate::corpus;
use crate::pixels::{difference, variant_of};
use crate::scratch::Scratch;

const WIDTH: u32 = 24;
const HEIGHT: u32 = 16;

/// Returns an image in which no two pixels are equal.
fn upright() -> RgbImage {
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let [x, y] = [x, y].map(|at| u8::try_from(at).unwrap());
        image::Rgb([x * 10, y * 15, 255 - x * 3 - y * 5])
    })
}

/// Returns the pixels as a file with this orientation stores them. The orientation says which side
/// of the image the first row and the first column are (Exif 3.0, section 4.6.5.1.6).
fn stored(orientation: u16) -> RgbImage {
    let upright = upright();
    let (right, bottom) = (WIDTH - 1, HEIGHT - 1);
    let at = |x: u32, y: u32| match orientation {
        2 => (right - x, y),
        3 => (right - x, bottom - y),
        4 => (x, bottom - y),
        5 => (y, x),
        6 => (right - y, x),
        7 => (right - y, bottom - x),
        8 => (y, bottom - x),
        _ => (x, y),
    };
    let (width, height) = match orientation {
        5..=8 => (HEIGHT, WIDTH),
        _ => (WIDTH, HEIGHT),
    };
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = at(x, y);
        *upright.get_pixel(x, y)
    })
}

/// Returns Exif data with a single entry, the orientation.
pub fn exif(orientation: u16) -> Vec<u8> {
    let [high, low] = orientation.to_be_bytes();
    let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, high, low, 0, 0];
    [&b"MM\0*\0\0\0\x08\0\x01"[..], &entry, &[0; 4]].concat()
}

fn png(orientation: u16) -> Vec<u8> {
    let mut png = Vec::new();
    let mut encoder = PngEncoder::new(&mut png);
    encoder.set_exif_metadata(exif(orientation)).unwrap();
    write(encoder, &stored(orientation));
    png
}

fn webp(orientation: u16, name: &[u8]) -> Vec<u8> {
    let mut webp = Vec::new();
    let mut encoder = WebPEncoder::new_lossless(&mut webp);
    let exif = [name, &exif(orientation)].concat();
    encoder.set_exif_metadata(exif).unwrap();
    write(encoder, &stored(orientation));
    webp
}

fn tiff(orientation: u16) -> Vec<u8> {
    let mut tiff = Cursor::new(Vec::new());
    let pixels = stored(orientation);
    let mut encoder = TiffEncoder::new(&mut tiff).unwrap();
    let mut picture = encoder
        .new_image::<colortype::RGB8>(pixels.width(), pixels.height())
        .unwrap();
    picture
        .encoder()
        .write_tag(Tag::Orientation, orientation)
        .unwrap();
    picture.write_data(pixels.as_raw()).unwrap();
    tiff.into_inner()
}

fn write(encoder: impl ImageEncoder, pixels: &RgbImage) {
    let (width, height) = pixels.dimensions();
    encoder
        .write_image(pixels.as_raw(), width, height, ExtendedColorType::Rgb8)
        .unwrap();
}

/// Builds lossless variants of these files at their full width, and returns them.
fn variants(files: &[(String, Vec<u8>)], widths: &str) -> Vec<RgbaImage> {
    let site = Scratch::site();
    site.write(
        "presets/card.yml",
        format!("widths: [{widths}]\nsizes: 100vw\nlossless: always\n"),
    );
    site.write_uploads(files);
    site.planche(&[]).exits(0);
    files
        .iter()
        .map(|(name, _)| variant_of(&site, name))
        .collect()
}

#[test]
fn each_orientation_results_in_the_same_variant() {
    let mut files = Vec::new();
    // Values out of range are treated as absent.
    for orientation in (1..=8).chain([0, 9, 256, 65_535]) {
        files.push((format!("png{orientation}.png"), png(orientation)));
        files.push((format!("tiff{orientation}.tif"), tiff(orientation)));
        files.push((format!("webp{orientation}.webp"), webp(orientation, b"")));
        let named = webp(orientation, b"Exif\0\0");
        files.push((format!("named{orientation}.webp"), named));
    }
    let upright = image::DynamicImage::from(upright()).into_rgba8();
    for ((name, _), variant) in files.iter().zip(variants(&files, "24")) {
        assert_eq!(variant, upright, "{name}");
    }
}

#[test]
fn the_sets_of_the_corpus_come_out_upright() {
    let Some(folder) = corpus::folder("corpus/odd/orientation") else {
        return;
    };
    let set: Vec<(String, Vec<u8>)> = (1..=8)
        .map(|orientation| format!("Landscape_{orientation}.jpg"))
        .chain([2, 6].map(|orientation| format!("hopper_orientation_{orientation}.webp")))
        .map(|name| (name.clone(), fs::read(folder.join(&name)).unwrap()))
        .collect();
    let variants = variants(&set, "120");
    let (landscapes, portraits) = variants.split_at(8);
    for (of, set) in [("Landscape", landscapes), ("hopper", portraits)] {
        for (place, member) in set.iter().enumerate() {
            // The images differ slightly: each shows its number, and was encoded separately.
            let difference = difference(&set[0], member);
            assert!(difference < 5.0, "{of}, {place}: {difference}");
        }
    }
}
