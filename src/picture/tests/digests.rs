//! Checks the digests of variants: the same input results in the same bytes on every processor.
//!
//! `digests.txt` contains the version of each encoder, which is a part of variants' names, and the
//! BLAKE3 digest of each case below. A digest may change only together with the version of its
//! format: otherwise, two files of the same name would differ. After a version was raised,
//!
//! ```text
//! PLANCHE_WRITE_DIGESTS=1 cargo test -p planche-picture --test digests
//! ```
//!
//! writes the table again. `PLANCHE_DIGESTS_ONLY=TEXT` checks the cases whose names contain a text,
//! which saves minutes under emulation. `.ci/qemu-digests` runs this test on emulated processors,
//! old and new.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use image::{ExtendedColorType, ImageEncoder};
use moxcms::{ColorProfile, ToneReprCurve};
use planche_picture::color::Transforms;
use planche_picture::decoder::InProcess;
use planche_picture::error::ImageError;
use planche_picture::format::probe;
use planche_picture::format::webp::libwebp::{Mode, animation};
use planche_picture::framing::{Background, Focus};
use planche_picture::info::{Format, ImageInfo};
use planche_picture::limits::Limits;
use planche_picture::pixels::{Channels, Pixels};
use planche_picture::quality::{QualitySpec, Target};
use planche_picture::recipe::{Color, Framing, Lossless, Recipe, Rendition, Resize, Scale};
use planche_picture::render::{Context, Renderer};
use planche_picture::units::{Dimensions, Effort, Quality, Score};

const SIZE: Dimensions = Dimensions {
    width: 160,
    height: 120,
};
const SMALL: Dimensions = Dimensions {
    width: 64,
    height: 48,
};

static GO: AtomicBool = AtomicBool::new(false);

/// Returns a sample of a scene with smooth areas, edges and grain, computed with integers only.
fn sample(x: u32, y: u32, channel: u32) -> u8 {
    let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519)) >> 28;
    let wave = (x * (3 + channel) + y * (5 - channel)) % 512;
    let smooth = if wave < 256 { wave } else { 511 - wave };
    let edge = if (x / 24 + y / 18) % 3 == channel % 3 {
        40
    } else {
        0
    };
    (smooth * 3 / 4 + edge + grain).min(255) as u8
}

fn samples(size: Dimensions, channels: u32) -> Vec<u8> {
    let places = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
    places
        .flat_map(|(x, y)| {
            (0..channels).map(move |channel| match channel {
                3 => (x * 255 / size.width) as u8,
                _ => sample(x, y, channel),
            })
        })
        .collect()
}

fn wide(size: Dimensions, channels: u32) -> Vec<u8> {
    let samples = samples(size, channels);
    let wide = samples.iter().enumerate().map(|(at, sample)| {
        let low = (at as u32).wrapping_mul(40_503) >> 8;
        u16::from(*sample) << 8 | (low & 0xff) as u16
    });
    wide.flat_map(u16::to_ne_bytes).collect()
}

fn png(bytes: &[u8], color: ExtendedColorType, icc: Option<Vec<u8>>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut file);
    if let Some(icc) = icc {
        encoder.set_icc_profile(icc).unwrap();
    }
    encoder
        .write_image(bytes, SIZE.width, SIZE.height, color)
        .unwrap();
    file
}

fn jpeg(size: Dimensions, color: jpeg_encoder::ColorType, icc: Option<&[u8]>) -> Vec<u8> {
    let channels = match color {
        jpeg_encoder::ColorType::Cmyk => 4,
        _ => 3,
    };
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    if let Some(icc) = icc {
        encoder.add_icc_profile(icc).unwrap();
    }
    let (width, height) = (size.width as u16, size.height as u16);
    encoder
        .encode(&samples(size, channels), width, height, color)
        .unwrap();
    file
}

/// Builds an ICC profile of version 2 that maps channels to Lab by a table with two points per
/// side.
fn table_profile(space: &[u8; 4], channels: u32) -> Vec<u8> {
    let mut table = b"mft2\0\0\0\0".to_vec();
    table.extend([channels as u8, 3, 2, 0]);
    for number in [1, 0, 0, 0, 1, 0, 0, 0, 1u32] {
        table.extend((number << 16).to_be_bytes());
    }
    table.extend([0, 2, 0, 2]);
    for _ in 0..channels {
        table.extend([0, 0, 0xff, 0xff]);
    }
    for node in 0..1u32 << channels {
        let on = node.count_ones();
        let is_ink = channels == 4;
        let level = if is_ink { channels - on } else { on };
        let tint = |bit: u32| if node >> bit & 1 == 1 { 9_000u32 } else { 0 };
        let lab = [
            0xff00 * level / channels,
            0x8000 + tint(0) - tint(1) / 2,
            0x8000 + tint(1) - tint(2),
        ];
        table.extend(lab.iter().flat_map(|value| (*value as u16).to_be_bytes()));
    }
    for _ in 0..3 {
        table.extend([0, 0, 0xff, 0xff]);
    }
    let white = [
        b"XYZ \0\0\0\0".as_slice(),
        &[0, 0, 0xf6, 0xd6, 0, 1, 0, 0, 0, 0, 0xd3, 0x2d],
    ];
    let white = white.concat();
    let start = 128 + 4 + 2 * 12;
    let white_at = (start + table.len()).next_multiple_of(4);
    let total = white_at + white.len();
    let mut icc = vec![0; 128];
    icc[..4].copy_from_slice(&(total as u32).to_be_bytes());
    icc[8..12].copy_from_slice(&[2, 0x40, 0, 0]);
    icc[12..16].copy_from_slice(b"prtr");
    icc[16..20].copy_from_slice(space);
    icc[20..24].copy_from_slice(b"Lab ");
    icc[36..40].copy_from_slice(b"acsp");
    icc[68..80].copy_from_slice(&[0, 0, 0xf6, 0xd6, 0, 1, 0, 0, 0, 0, 0xd3, 0x2d]);
    icc.extend(2u32.to_be_bytes());
    for (tag, at, length) in [
        (b"A2B0", start, table.len()),
        (b"wtpt", white_at, white.len()),
    ] {
        icc.extend(tag);
        icc.extend((at as u32).to_be_bytes());
        icc.extend((length as u32).to_be_bytes());
    }
    icc.extend(table);
    icc.resize(white_at, 0);
    icc.extend(white);
    icc
}

/// Builds a profile with the primaries of Display P3 and a different curve for each channel.
fn three_curves() -> Vec<u8> {
    let mut profile = ColorProfile::new_display_p3();
    profile.cicp = None;
    profile.red_trc = Some(ToneReprCurve::Parametric(vec![1.8]));
    profile.green_trc = Some(ToneReprCurve::Parametric(vec![2.2]));
    profile.blue_trc = Some(ToneReprCurve::Lut(
        (0..=255u32)
            .map(|at| (at * at * 65_535 / 65_025) as u16)
            .collect(),
    ));
    profile.encode().unwrap()
}

fn frame(step: u32) -> Vec<u8> {
    let places = (0..SMALL.height).flat_map(|y| (0..SMALL.width).map(move |x| (x, y)));
    places
        .flat_map(|(x, y)| {
            let is_in = (step * 8..step * 8 + 20).contains(&x) && (10..30).contains(&y);
            if is_in {
                [220, 40, 60, 255]
            } else {
                [sample(x, y, 0) & 0xe0, 120, 200, 255]
            }
        })
        .collect()
}

fn gif() -> Vec<u8> {
    let mut file = Vec::new();
    let (width, height) = (SMALL.width as u16, SMALL.height as u16);
    let mut encoder = gif::Encoder::new(&mut file, width, height, &[]).unwrap();
    for step in 0..4 {
        let mut frame = gif::Frame::from_rgba_speed(width, height, &mut frame(step), 10);
        frame.delay = 7;
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    file
}

fn apng() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, SMALL.width, SMALL.height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_animated(4, 0).unwrap();
    encoder.set_frame_delay(1, 15).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for step in 0..4 {
        writer.write_image_data(&frame(step)).unwrap();
    }
    writer.finish().unwrap();
    file
}

fn animated_webp() -> Vec<u8> {
    let mode = Mode::Lossy(Quality::new(90.0).unwrap());
    let effort = Effort::new(3).unwrap();
    let mut encoder = animation::Encoder::new(SMALL, mode, effort, 0, &GO).unwrap();
    for step in 0..4 {
        let pixels = Pixels {
            dimensions: SMALL,
            channels: Channels::Rgba,
            samples: frame(step),
        };
        encoder.add(&pixels, u64::from(step) * 66).unwrap();
    }
    encoder.finish(264).unwrap()
}

fn tiff() -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let mut encoder = tiff::encoder::TiffEncoder::new(&mut file).unwrap();
    encoder
        .write_image::<tiff::encoder::colortype::RGB8>(SIZE.width, SIZE.height, &samples(SIZE, 3))
        .unwrap();
    file.into_inner()
}

const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 160 120'>\
    <linearGradient id='g'><stop stop-color='#135'/><stop offset='1' stop-color='#fc8'/>\
    </linearGradient><rect width='160' height='120' fill='url(#g)'/>\
    <circle cx='70' cy='60' r='41.3' fill='#0a7' fill-opacity='.6'/>\
    <path d='M10 100 C 40 10 65 10 95 80 S 150 150 150 30' stroke='#fff' stroke-width='3.3' \
    fill='none'/></svg>";

/// Inserts an Exif orientation of 6 into a JPEG.
fn turned(jpeg: &[u8]) -> Vec<u8> {
    let exif =
        b"\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    [&jpeg[..2], exif, &jpeg[2..]].concat()
}

fn webp() -> Recipe {
    recipe(Format::WEBP)
}

fn recipe(format: Format) -> Recipe {
    Recipe {
        effort: Effort::new(3).unwrap().into(),
        background: (format == Format::JPEG).then_some(Background::WHITE),
        ..Recipe::plain(format)
    }
}

/// Returns every fixture with the ways in which it is rendered.
fn cases() -> Vec<(String, Vec<u8>, Rendition)> {
    let whole = |recipe| Rendition {
        dimensions: SMALL,
        framing: Framing::Whole,
        recipe,
    };
    let square = |framing| Rendition {
        dimensions: Dimensions {
            width: 48,
            height: 48,
        },
        framing,
        recipe: webp(),
    };
    let window = Dimensions {
        width: 120,
        height: 120,
    };
    let cover = |focus: &str| {
        let focus = Focus::try_from(focus.to_owned()).unwrap();
        square(Framing::Cover { window, focus })
    };
    let target = QualitySpec::Target(Target {
        ssimulacra2: Score::new(75.0).unwrap(),
    });
    let rgb = png(&samples(SIZE, 3), ExtendedColorType::Rgb8, None);
    let rgba = png(&samples(SIZE, 4), ExtendedColorType::Rgba8, None);
    let photo = jpeg(SIZE, jpeg_encoder::ColorType::Rgb, None);
    let (curves, lut) = (three_curves(), table_profile(b"RGB ", 3));
    let inks = table_profile(b"CMYK", 4);
    let large = Dimensions {
        width: 1280,
        height: 960,
    };
    let mut cases = Vec::new();
    let mut add = |name: &str, bytes: &[u8], rendition: Rendition| {
        let format = rendition.recipe.format.spec().name;
        cases.push((format!("{format} {name}"), bytes.to_vec(), rendition));
    };
    for format in Format::encodable() {
        add("rgb", &rgb, whole(recipe(format)));
        add("rgba", &rgba, whole(recipe(format)));
    }
    for format in [Format::WEBP, Format::JPEG, Format::AVIF] {
        let target = Recipe {
            quality: target,
            ..recipe(format)
        };
        add("target", &rgb, whole(target));
    }
    let lossless = Recipe {
        lossless: Lossless::Always,
        ..webp()
    };
    let auto = Recipe {
        lossless: Lossless::Auto,
        ..webp()
    };
    let sharp = Recipe {
        is_sharp: true,
        ..webp()
    };
    let linear = Recipe {
        resize: Resize::Linear,
        ..webp()
    };
    let keep = Recipe {
        color: Color::Keep,
        ..webp()
    };
    add("lossless", &rgb, whole(lossless));
    add("sharp", &rgb, whole(sharp));
    add("linear", &rgb, whole(linear));
    add("linear rgba", &rgba, whole(linear));
    add("svg", SVG.as_bytes(), whole(webp()));
    add("svg auto", SVG.as_bytes(), whole(auto));
    add("tiff", &tiff(), whole(webp()));
    let gray = png(&samples(SIZE, 1), ExtendedColorType::L8, None);
    add("gray", &gray, whole(webp()));
    for (name, channels, color) in [
        ("gray 16", 1, ExtendedColorType::L16),
        ("rgb 16", 3, ExtendedColorType::Rgb16),
        ("rgba 16", 4, ExtendedColorType::Rgba16),
    ] {
        add(
            name,
            &png(&wide(SIZE, channels), color, None),
            whole(webp()),
        );
    }
    for (name, icc) in [("three curves", &curves), ("lut", &lut)] {
        let eight = png(
            &samples(SIZE, 3),
            ExtendedColorType::Rgb8,
            Some(icc.clone()),
        );
        let sixteen = png(&wide(SIZE, 3), ExtendedColorType::Rgb16, Some(icc.clone()));
        add(name, &eight, whole(lossless));
        add(&format!("{name} 16"), &sixteen, whole(lossless));
    }
    let mut p3 = ColorProfile::new_display_p3().encode().unwrap();
    // Removes the date of creation.
    p3[24..36].fill(0);
    let p3 = png(&samples(SIZE, 3), ExtendedColorType::Rgb8, Some(p3));
    add("p3", &p3, whole(lossless));
    add("p3 keep", &p3, whole(keep));
    let cmyk = |icc| jpeg(SIZE, jpeg_encoder::ColorType::Cmyk, icc);
    add("cmyk", &cmyk(None), whole(webp()));
    add("cmyk profile", &cmyk(Some(&inks)), whole(lossless));
    add("jpeg", &photo, whole(webp()));
    let upright = Rendition {
        dimensions: SMALL.transposed(),
        ..whole(webp())
    };
    add("orientation", &turned(&photo), upright);
    let scaled = Recipe {
        scale: Scale::Quarter,
        ..webp()
    };
    add(
        "scaled jpeg",
        &jpeg(large, jpeg_encoder::ColorType::Rgb, None),
        whole(scaled),
    );
    add("crop auto", &rgb, cover("auto"));
    add("crop focus", &rgb, cover("0.3 0.6"));
    add(
        "contain",
        &rgb,
        square(Framing::Contain {
            background: Background::WHITE,
        }),
    );
    let transparent = Background::TRANSPARENT;
    add(
        "contain clear",
        &rgba,
        square(Framing::Contain {
            background: transparent,
        }),
    );
    let animated = Recipe {
        is_animated: true,
        ..webp()
    };
    let half = |recipe| Rendition {
        dimensions: Dimensions {
            width: 32,
            height: 24,
        },
        ..whole(recipe)
    };
    for (name, bytes) in [("gif", gif()), ("apng", apng()), ("webp", animated_webp())] {
        add(&format!("animated {name}"), &bytes, half(animated));
        add(&format!("first frame {name}"), &bytes, half(webp()));
    }
    let sharp = Recipe {
        is_sharp: true,
        ..animated
    };
    add("animated sharp", &gif(), half(sharp));
    cases
}

struct Item(Rendition);

impl AsRef<Rendition> for Item {
    fn as_ref(&self) -> &Rendition {
        &self.0
    }
}

fn variant(bytes: Vec<u8>, rendition: Rendition) -> Vec<u8> {
    let info = probe(&bytes, &Limits::default()).unwrap();
    let transforms = Transforms::default();
    let context = Context {
        transforms: &transforms,
        decoder: &InProcess,
        stop: &GO,
    };
    let item = Item(rendition);
    let renderer = match info {
        ImageInfo::Raster(raster) if rendition.recipe.is_animated => {
            Renderer::animated(bytes, raster, context)
        }
        info => Renderer::still(bytes, &info, &[&item], context).unwrap(),
    };
    let sink = |_: &Item, bytes: &[u8]| Ok::<_, ImageError>(bytes.to_vec());
    let mut variants = renderer.render(&[&item], &sink);
    variants.pop().unwrap().unwrap()
}

/// Writes the table of versions and digests. Versions come first; the first word of a line is the
/// format.
fn table(cases: Vec<(String, Vec<u8>, Rendition)>) -> String {
    let mut lines: Vec<String> = Format::encodable()
        .map(|format| {
            let version = format.encoder().version;
            format!("{} version: {version}", format.spec().name)
        })
        .collect();
    lines.extend(cases.into_iter().map(|(name, bytes, rendition)| {
        let digest = blake3::hash(&variant(bytes, rendition)).to_hex();
        format!("{name}: {}", &digest[..32])
    }));
    lines.join("\n") + "\n"
}

fn entries(table: &str) -> BTreeMap<&str, &str> {
    table
        .lines()
        .filter_map(|line| line.split_once(": "))
        .collect()
}

#[test]
fn variants_have_the_digests_of_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/digests.txt");
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let only = std::env::var("PLANCHE_DIGESTS_ONLY").ok();
    let mut cases = cases();
    if let Some(only) = &only {
        cases.retain(|(name, _, _)| name.contains(only.as_str()));
    }
    let table = table(cases);
    let (old, new) = (entries(&kept), entries(&table));
    let changed: Vec<&str> = old
        .iter()
        .filter(|(name, digest)| {
            let format = name.split(' ').next().unwrap_or_default();
            let version = format!("{format} version");
            let is_same_version = old.get(version.as_str()) == new.get(version.as_str());
            is_same_version && new.get(*name).is_some_and(|one| one != *digest)
        })
        .map(|(name, _)| *name)
        .collect();
    assert!(
        changed.is_empty(),
        "{changed:?} have other bytes, and the version of the encoder is the same: raise it in \
         src/picture/format"
    );
    if std::env::var_os("PLANCHE_WRITE_DIGESTS").is_some() {
        std::fs::write(&path, &table).unwrap();
    } else if only.is_none() {
        assert_eq!(
            kept, table,
            "write the table again: see the head of this file"
        );
    }
}
