//! Colours: compares variants of flat patches with LittleCMS and with the formulas of the
//! standards.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use image::codecs::png::{PngDecoder, PngEncoder};
use image::{ExtendedColorType, ImageDecoder, ImageEncoder};
use jpeg_encoder::ColorType;

use crate::corpus;
use crate::pixels::{crc32, variant_of};
use crate::scratch::Scratch;

type Rgb = [u8; 3];

/// Side of a patch in pixels: a whole block of a JPEG with halved chroma.
const SIDE: usize = 16;

const COLOURS: [Rgb; 12] = [
    [0, 0, 0],
    [255, 255, 255],
    [128, 128, 128],
    [64, 64, 64],
    [200, 30, 30],
    [30, 160, 40],
    [40, 60, 200],
    [220, 200, 60],
    [90, 180, 190],
    [170, 80, 160],
    [240, 180, 150],
    [100, 70, 50],
];

const INKS: [[u8; 4]; 12] = [
    [0, 0, 0, 0],
    [0, 0, 0, 255],
    [255, 0, 0, 0],
    [0, 255, 0, 0],
    [0, 0, 255, 0],
    [128, 64, 32, 16],
    [30, 200, 180, 20],
    [60, 50, 50, 128],
    [200, 20, 240, 40],
    [10, 30, 60, 0],
    [255, 255, 255, 255],
    [90, 80, 70, 60],
];

/// [`COLOURS`], or [`INKS`], converted to sRGB by LittleCMS 2.19 with the profile of a file in the
/// corpus: the output of `tests/colours/littlecms.py`.
const PATCHES: [(&str, [Rgb; 12]); 14] = [
    (
        "colour/P3-sRGB-color-ring.png",
        [
            [0, 0, 0],
            [255, 255, 255],
            [129, 129, 129],
            [62, 62, 62],
            [220, 0, 0],
            [0, 164, 0],
            [28, 58, 209],
            [225, 200, 0],
            [38, 184, 194],
            [185, 72, 166],
            [251, 178, 146],
            [106, 66, 42],
        ],
    ),
    (
        "colour/adobe-Maxime-Pierrot.png",
        [
            [0, 0, 0],
            [255, 255, 255],
            [129, 129, 129],
            [62, 62, 62],
            [233, 24, 24],
            [0, 161, 8],
            [21, 57, 205],
            [228, 201, 37],
            [0, 181, 192],
            [194, 79, 164],
            [255, 181, 150],
            [110, 68, 45],
        ],
    ),
    (
        "colour/display-Arnaud-Menard.png",
        [
            [0, 0, 0],
            [255, 255, 255],
            [128, 128, 128],
            [64, 64, 64],
            [218, 0, 6],
            [0, 163, 0],
            [34, 61, 208],
            [224, 199, 0],
            [41, 183, 192],
            [183, 73, 164],
            [251, 177, 145],
            [105, 68, 46],
        ],
    ),
    (
        "colour/HUAWEI-EVA-L09-16bit_709_g1_dt.png",
        [
            [0, 0, 0],
            [255, 255, 255],
            [188, 188, 188],
            [137, 137, 137],
            [229, 96, 96],
            [96, 208, 110],
            [110, 133, 229],
            [239, 229, 133],
            [160, 219, 224],
            [213, 152, 208],
            [248, 219, 202],
            [168, 143, 122],
        ],
    ),
    (
        "colour/hd-bulletins-form.png",
        [
            [0, 0, 0],
            [255, 255, 255],
            [139, 139, 139],
            [73, 73, 73],
            [206, 34, 33],
            [32, 170, 45],
            [46, 68, 207],
            [224, 207, 68],
            [101, 188, 198],
            [179, 90, 170],
            [242, 189, 160],
            [111, 80, 57],
        ],
    ),
    (
        "colour/p3.png",
        [
            [0, 0, 0],
            [255, 255, 255],
            [128, 128, 128],
            [64, 64, 64],
            [218, 0, 6],
            [0, 163, 0],
            [34, 61, 208],
            [224, 199, 0],
            [41, 183, 192],
            [183, 73, 164],
            [251, 177, 145],
            [105, 68, 46],
        ],
    ),
    (
        "colour/red-at-12-oclock-with-color-profile.jpg",
        [
            [0, 0, 0],
            [255, 255, 255],
            [146, 146, 146],
            [81, 81, 81],
            [40, 210, 40],
            [53, 40, 176],
            [210, 53, 77],
            [77, 227, 210],
            [202, 109, 193],
            [176, 184, 99],
            [167, 243, 193],
            [65, 119, 88],
        ],
    ),
    (
        "colour/rgb-to-gbr-test.png",
        [
            [0, 0, 0],
            [255, 255, 255],
            [129, 129, 129],
            [62, 62, 62],
            [24, 201, 24],
            [35, 24, 161],
            [201, 35, 57],
            [57, 221, 201],
            [191, 90, 181],
            [161, 172, 79],
            [151, 240, 181],
            [46, 100, 68],
        ],
    ),
    (
        "colour/sample.jpg",
        [
            [0, 0, 0],
            [255, 255, 255],
            [129, 129, 129],
            [62, 62, 62],
            [233, 24, 24],
            [0, 161, 8],
            [21, 57, 205],
            [228, 201, 37],
            [0, 181, 192],
            [194, 79, 164],
            [255, 181, 150],
            [110, 68, 45],
        ],
    ),
    (
        "colour/ultra-hdr.jpg",
        [
            [0, 0, 0],
            [255, 255, 255],
            [128, 128, 128],
            [64, 64, 64],
            [200, 30, 30],
            [30, 160, 40],
            [40, 60, 200],
            [220, 200, 60],
            [90, 180, 190],
            [170, 80, 160],
            [240, 180, 150],
            [100, 70, 50],
        ],
    ),
    (
        "colour/adobe-camille-canaple.jpg",
        [
            [0, 0, 0],
            [255, 255, 255],
            [129, 129, 129],
            [62, 62, 62],
            [233, 24, 24],
            [0, 161, 8],
            [21, 57, 205],
            [228, 201, 37],
            [0, 181, 192],
            [194, 79, 164],
            [255, 181, 150],
            [110, 68, 45],
        ],
    ),
    (
        "formats/f1t.tif",
        [
            [0, 0, 0],
            [255, 255, 255],
            [129, 129, 129],
            [62, 62, 62],
            [233, 24, 24],
            [0, 161, 8],
            [21, 57, 205],
            [228, 201, 37],
            [0, 181, 192],
            [194, 79, 164],
            [255, 181, 150],
            [110, 68, 45],
        ],
    ),
    (
        "orientation/exif-Landscape_15.jpg",
        [
            [0, 0, 0],
            [255, 255, 255],
            [128, 128, 128],
            [64, 64, 64],
            [200, 30, 30],
            [30, 160, 40],
            [40, 60, 200],
            [220, 200, 60],
            [90, 180, 190],
            [170, 80, 160],
            [240, 180, 150],
            [100, 70, 50],
        ],
    ),
    (
        "colour/Channel_digital_image_CMYK_color.jpg",
        [
            [255, 255, 255],
            [55, 53, 53],
            [0, 176, 240],
            [237, 39, 144],
            [255, 242, 21],
            [127, 160, 187],
            [203, 94, 85],
            [119, 120, 121],
            [57, 150, 81],
            [244, 223, 196],
            [32, 31, 31],
            [141, 138, 142],
        ],
    ),
];

/// [`COLOURS`] converted to sRGB from the primaries and transfer function of ITU-T H.273: the
/// output of `tests/colours/h273.py`.
const CODED: [((u8, u8), [Rgb; 12]); 7] = [
    (
        (12, 13),
        [
            [0, 0, 0],
            [255, 255, 255],
            [128, 128, 128],
            [64, 64, 64],
            [218, 0, 6],
            [0, 163, 0],
            [34, 61, 208],
            [224, 199, 0],
            [41, 183, 192],
            [183, 73, 164],
            [251, 177, 145],
            [105, 68, 46],
        ],
    ),
    (
        (9, 13),
        [
            [0, 0, 0],
            [255, 255, 255],
            [128, 128, 128],
            [64, 64, 64],
            [249, 0, 9],
            [0, 169, 0],
            [0, 59, 210],
            [237, 198, 0],
            [0, 188, 192],
            [203, 55, 165],
            [255, 171, 144],
            [116, 65, 46],
        ],
    ),
    (
        (9, 14),
        [
            [0, 0, 0],
            [255, 255, 255],
            [128, 128, 128],
            [64, 64, 64],
            [249, 0, 9],
            [0, 169, 0],
            [0, 59, 210],
            [237, 198, 0],
            [0, 188, 192],
            [203, 55, 165],
            [255, 171, 144],
            [116, 65, 46],
        ],
    ),
    (
        (9, 8),
        [
            [0, 0, 0],
            [255, 255, 255],
            [188, 188, 188],
            [137, 137, 137],
            [255, 52, 91],
            [0, 217, 93],
            [72, 135, 237],
            [250, 228, 114],
            [96, 225, 225],
            [241, 141, 212],
            [255, 215, 199],
            [183, 140, 119],
        ],
    ),
    (
        (1, 4),
        [
            [0, 0, 0],
            [255, 255, 255],
            [129, 129, 129],
            [62, 62, 62],
            [201, 24, 24],
            [24, 161, 35],
            [35, 57, 201],
            [221, 201, 57],
            [90, 181, 191],
            [171, 79, 161],
            [240, 181, 151],
            [100, 68, 46],
        ],
    ),
    (
        (9, 16),
        [
            [0, 0, 0],
            [255, 255, 255],
            [181, 181, 181],
            [45, 45, 45],
            [255, 0, 0],
            [0, 255, 0],
            [0, 32, 255],
            [255, 255, 0],
            [0, 255, 255],
            [255, 0, 255],
            [255, 255, 255],
            [130, 41, 19],
        ],
    ),
    (
        (9, 18),
        [
            [0, 0, 0],
            [255, 255, 255],
            [137, 137, 137],
            [62, 62, 62],
            [255, 0, 0],
            [0, 196, 0],
            [0, 53, 255],
            [255, 255, 0],
            [0, 237, 255],
            [247, 29, 192],
            [255, 223, 158],
            [122, 63, 40],
        ],
    ),
];

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

/// Converts an sRGB colour to CIE L*a*b* relative to D65 (IEC 61966-2-1, CIE 15).
fn lab(colour: Rgb) -> [f64; 3] {
    let [r, g, b] = colour.map(|sample| {
        let value = f64::from(sample) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    });
    let [x, y, z] = [
        (0.412_4 * r + 0.357_6 * g + 0.180_5 * b) / 0.950_5,
        0.212_6 * r + 0.715_2 * g + 0.072_2 * b,
        (0.019_3 * r + 0.119_2 * g + 0.950_5 * b) / 1.089,
    ]
    .map(|value: f64| {
        if value > 216.0 / 24_389.0 {
            value.cbrt()
        } else {
            (24_389.0 / 27.0 * value + 16.0) / 116.0
        }
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// Computes the colour difference CIEDE2000 by the formulas of Sharma, Wu and Dalal (2005).
fn ciede2000([l1, a1, b1]: [f64; 3], [l2, a2, b2]: [f64; 3]) -> f64 {
    let seventh = |chroma: f64| (chroma.powi(7) / (chroma.powi(7) + 25f64.powi(7))).sqrt();
    let mean_chroma = (a1.hypot(b1) + a2.hypot(b2)) / 2.0;
    let stretch = 1.0 + 0.5 * (1.0 - seventh(mean_chroma));
    let (a1, a2) = (a1 * stretch, a2 * stretch);
    let (c1, c2) = (a1.hypot(b1), a2.hypot(b2));
    let hue = |a: f64, b: f64| b.atan2(a).to_degrees().rem_euclid(360.0);
    let (h1, h2) = (hue(a1, b1), hue(a2, b2));
    let has_hue = c1 * c2 != 0.0;
    let turn = match h2 - h1 {
        _ if !has_hue => 0.0,
        turn if turn > 180.0 => turn - 360.0,
        turn if turn < -180.0 => turn + 360.0,
        turn => turn,
    };
    let dl = l2 - l1;
    let dc = c2 - c1;
    let dh = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin();
    let l = (l1 + l2) / 2.0;
    let c = (c1 + c2) / 2.0;
    let h = match h1 + h2 {
        sum if !has_hue => sum,
        sum if (h1 - h2).abs() <= 180.0 => sum / 2.0,
        sum if sum < 360.0 => (sum + 360.0) / 2.0,
        sum => (sum - 360.0) / 2.0,
    };
    let cosine = |degrees: f64| degrees.to_radians().cos();
    let t = 1.0 - 0.17 * cosine(h - 30.0) + 0.24 * cosine(2.0 * h) + 0.32 * cosine(3.0 * h + 6.0)
        - 0.20 * cosine(4.0 * h - 63.0);
    let sl = 1.0 + 0.015 * (l - 50.0).powi(2) / (20.0 + (l - 50.0).powi(2)).sqrt();
    let sc = 1.0 + 0.045 * c;
    let sh = 1.0 + 0.015 * c * t;
    let angle = 30.0 * (-((h - 275.0) / 25.0).powi(2)).exp();
    let rt = -(2.0 * angle).to_radians().sin() * 2.0 * seventh(c);
    let (l, c, h) = (dl / sl, dc / sc, dh / sh);
    (l * l + c * c + h * h + rt * c * h).sqrt()
}

#[test]
fn the_colour_difference_is_the_published_one() {
    // Pairs 1, 7, 17 and 25 of table 1 of Sharma, Wu and Dalal (2005).
    for (first, second, expected) in [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        (
            [60.2574, -34.0099, 36.2677],
            [60.4626, -34.1751, 39.4387],
            1.2644,
        ),
    ] {
        let difference = ciede2000(first, second);
        assert!(
            (difference - expected).abs() < 1e-4,
            "{difference} {expected}"
        );
    }
}
