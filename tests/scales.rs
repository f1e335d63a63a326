//! Compares originals decoded at a reduced scale with a decode at full size, which a preset with an
//! additional large width causes.

use image::{RgbImage, RgbaImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::orientations::exif;
use crate::pixels::{difference, variants_of};
use crate::scratch::Scratch;

/// Odd dimensions, so that neither blocks nor scaled samples end at the image's edge.
const WIDTH: u32 = 643;
const HEIGHT: u32 = 427;

/// Returns an image with waves in all directions, and a different colour in each corner.
fn picture() -> RgbImage {
    RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let (across, down) = (
            f64::from(x) / f64::from(WIDTH),
            f64::from(y) / f64::from(HEIGHT),
        );
        let wave = (across * across * 40.0).sin() * (down * 25.0 + across * 9.0).cos();
        let level = |value: f64| (value * 255.0).clamp(0.0, 255.0) as u8;
        image::Rgb([
            level(0.25 + 0.5 * across + 0.2 * wave),
            level(0.75 - 0.5 * down + 0.2 * wave),
            level(0.5 + 0.3 * (down - across) - 0.2 * wave),
        ])
    })
}

/// Returns a JPEG that stores the image's samples as they are, regardless of its orientation.
fn jpeg(
    picture: &RgbImage,
    color: ColorType,
    sampling: SamplingFactor,
    orientation: u16,
) -> Vec<u8> {
    let (width, height) = picture.dimensions();
    let samples: Vec<u8> = match color {
        ColorType::Luma => image::imageops::grayscale(picture).into_raw(),
        ColorType::Cmyk => {
            let inks = |pixel: &image::Rgb<u8>| [255 - pixel[0], 255 - pixel[1], 255 - pixel[2], 0];
            picture.pixels().flat_map(inks).collect()
        }
        _ => picture.as_raw().clone(),
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 95);
    encoder.set_sampling_factor(sampling);
    encoder.set_progressive(orientation.is_multiple_of(2));
    let exif = [&b"Exif\0\0"[..], &exif(orientation)].concat();
    encoder.add_app_segment(1, exif).unwrap();
    let (width, height) = (width as u16, height as u16);
    encoder.encode(&samples, width, height, color).unwrap();
    bytes
}

/// Builds a site, and returns the smallest variant of each file.
fn small(files: &[(String, Vec<u8>)], preset: &str) -> Vec<RgbaImage> {
    let site = Scratch::site();
    site.write("presets/card.yml", preset);
    site.write_uploads(files);
    site.planche(&[]).exits(0);
    files
        .iter()
        .map(|(name, _)| {
            let variants = variants_of(&site, name);
            variants.into_iter().min_by_key(|variant| variant.width())
        })
        .map(|variant| variant.unwrap())
        .collect()
}

#[test]
fn a_small_variant_shows_what_it_would_show_of_all_pixels() {
    let picture = picture();
    let mut files = Vec::new();
    for orientation in 1..=8 {
        let bytes = jpeg(&picture, ColorType::Rgb, SamplingFactor::F_2_2, orientation);
        files.push((format!("turned-{orientation}.jpg"), bytes));
    }
    for (name, color, sampling) in [
        ("gray", ColorType::Luma, SamplingFactor::F_1_1),
        ("inks", ColorType::Cmyk, SamplingFactor::F_1_1),
        ("full", ColorType::Rgb, SamplingFactor::F_1_1),
        ("across", ColorType::Rgb, SamplingFactor::F_2_1),
    ] {
        for orientation in 1..=2 {
            let bytes = jpeg(&picture, color, sampling, orientation);
            files.push((format!("{name}-{orientation}.jpg"), bytes));
        }
    }
    // The framings: the whole image, a crop, and the whole image in a frame.
    for (width, framing) in [
        (24, ""),
        (26, "aspect: 1/1\nfocus: 0.2 0.7\n"),
        (26, "aspect: 3/1\nfocus: auto\n"),
        (20, "aspect: 1/1\nfit: contain\nbackground: '#123456'\n"),
    ] {
        let preset =
            |widths: &str| format!("widths: [{widths}]\nsizes: 100vw\nlossless: always\n{framing}");
        let scaled = small(&files, &preset(&width.to_string()));
        let whole = small(&files, &preset(&format!("{width}, 300")));
        for (((name, _), scaled), whole) in files.iter().zip(&scaled).zip(&whole) {
            let difference = difference(scaled, whole);
            let what = format!("{name} at {width}, {framing:?}: {difference}");
            assert!(difference < 1.5, "{what}");
            // CMYK images are not decoded at a reduced scale.
            assert_eq!(difference == 0.0, name.starts_with("inks"), "{what}");
        }
    }
}

#[test]
fn a_large_original_is_decoded_at_a_half() {
    let (width, height) = (4801, 3335);
    let nearest = image::imageops::FilterType::Nearest;
    let large = image::imageops::resize(&picture(), width, height, nearest);
    let bytes = jpeg(&large, ColorType::Rgb, SamplingFactor::F_2_2, 1);
    let files = [("large.jpg".to_owned(), bytes)];
    let preset = |widths: &str| format!("widths: [{widths}]\nsizes: 100vw\nlossless: always\n");
    let scaled = small(&files, &preset("600"));
    let whole = small(&files, &preset("600, 1000"));
    let difference = difference(&scaled[0], &whole[0]);
    assert!(difference > 0.0 && difference < 1.0, "{difference}");
}

#[test]
fn two_presets_of_one_picture_do_not_change_each_other() {
    let preset = |widths: &str| format!("widths: [{widths}]\nsizes: 100vw\n");
    let upload = jpeg(&picture(), ColorType::Rgb, SamplingFactor::F_2_2, 6);
    let variants = |places: &[(&str, &str)]| {
        let site = Scratch::empty();
        site.write("uploads/a.jpg", &upload);
        let mut rules = String::new();
        let mut article = String::from("---\n");
        for (key, widths) in places {
            site.write(&format!("presets/{key}.yml"), preset(widths));
            rules.push_str(&format!("  - {{ at: {key}, preset: {key} }}\n"));
            article.push_str(&format!("{key}: /uploads/a.jpg\n"));
        }
        site.write(
            "planche.yml",
            format!(
                "generator: none\ncontent: [\"*.md\"]\nuploads: [{{ url: /uploads/, dir: uploads }}]\nrules:\n{rules}"
            ),
        );
        site.write("a.md", article + "---\n");
        site.planche(&[]).exits(0);
        let files = site.files();
        let variants = files.into_iter();
        let variants = variants.filter(|(name, _)| name.starts_with("uploads/variants/"));
        variants.collect::<std::collections::BTreeMap<_, _>>()
    };
    let mut apart = variants(&[("small", "24")]);
    apart.extend(variants(&[("large", "24, 300")]));
    // There are three variants: the two small ones, which differ, and a large one.
    assert_eq!(apart.len(), 3);
    let together = variants(&[("small", "24"), ("large", "24, 300")]);
    assert_eq!(
        apart.keys().collect::<Vec<_>>(),
        together.keys().collect::<Vec<_>>()
    );
    assert!(apart == together, "the bytes differ");
}
