//! Measures originals that are decoded at a half or a quarter of their size: the similarity of
//! their variants to those made from all pixels, and the cost of a build compared with decoding all
//! pixels, resizing and encoding.
//!
//! `cargo bench --bench scale`. The variant has the largest width for which a photo is decoded at
//! this scale. Reports CPU seconds on one thread, the minimum of the runs, and SSIMULACRA2 scores
//! of lossless variants.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use fast_image_resize::images::Image;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use fast_ssim2::{PixelDescriptor, PixelSlice, compute_ssimulacra2};
use image::RgbImage;
use planche::internal::picture::color::Transforms;
use planche::internal::picture::decode::pixels;
use planche::internal::picture::format::probe;
use planche::internal::picture::format::webp::libwebp::{Mode, encode};
use planche::internal::picture::info::{Format, ImageInfo, Raster};
use planche::internal::picture::limits::Limits;
use planche::internal::picture::pixels::{Channels, Pixels};
use planche::internal::picture::units::{Dimensions, Effort, Quality};

use support::{build, cpu_of, least, photos, print_machine, site_of};

const RUNS: usize = 3;
/// For each scale: the original's width divided by the largest width that uses it, the name of the
/// scale, and the smallest number of pixels for which it is used.
const PARTS: [(u32, &str, u64); 2] = [(16, "2/8", 0), (8, "4/8", 16_000_000)];

fn main() {
    print_machine();
    println!(
        "{:<40} {:>6} {:>5} {:>11} {:>14} {:>11}",
        "photo", "scale", "width", "build, ms", "all pixels, ms", "SSIMULACRA2"
    );
    let photos: Vec<PathBuf> = photos();
    for (part, scale, least_pixels) in PARTS {
        let (mut builds, mut wholes, mut scores) = (Vec::new(), Vec::new(), Vec::new());
        for photo in &photos {
            let bytes = fs::read(photo).expect("a photo");
            let Ok(ImageInfo::Raster(raster)) = probe(&bytes, &Limits::default()) else {
                continue;
            };
            let width = raster.dimensions().width / part;
            let is_large = raster.stored.pixels() >= least_pixels;
            if raster.format != Format::JPEG || width < 64 || !is_large {
                continue;
            }
            let (build, whole) = costs(photo, &bytes, &raster, width);
            let score = similarity(photo, width);
            println!(
                "{:<40} {scale:>6} {width:>5} {:>11.1} {:>14.1} {score:>11.1}",
                photo.file_name().expect("a name").to_string_lossy(),
                build * 1000.0,
                whole * 1000.0,
            );
            builds.push(build);
            wholes.push(whole);
            scores.push(score);
        }
        let (build, whole) = (builds.iter().sum::<f64>(), wholes.iter().sum::<f64>());
        println!(
            "{scale}: {} photos; build / all pixels {:.2}; SSIMULACRA2 minimum {:.1}, mean {:.1}",
            builds.len(),
            build / whole,
            least(&scores),
            scores.iter().sum::<f64>() / scores.len() as f64
        );
    }
}

/// Returns the CPU seconds of a build, and of decoding all pixels, resizing and encoding alone.
fn costs(photo: &Path, bytes: &[u8], raster: &Raster, width: u32) -> (f64, f64) {
    let (mut builds, mut wholes) = (Vec::new(), Vec::new());
    let transforms = Transforms::default();
    let go = AtomicBool::new(false);
    let mode = Mode::Lossy(Quality::new(80.0).expect("a quality"));
    let effort = Effort::new(4).expect("an effort");
    for _ in 0..RUNS {
        let site = site_of(
            &[photo.to_owned()],
            &preset(
                &width.to_string(),
                "quality: 80\neffort: 4\nlossless: never\n",
            ),
        );
        let (seconds, summary) = cpu_of(|| build(site.path(), 1));
        assert_eq!(summary.variants.written, 1, "{}", photo.display());
        builds.push(seconds);
        let (seconds, _) = cpu_of(|| {
            let pixels = pixels(bytes, raster, &transforms).expect("pixels");
            let kind = match pixels.channels {
                Channels::Gray => PixelType::U8,
                Channels::Rgb => PixelType::U8x3,
                Channels::Rgba => PixelType::U8x4,
            };
            let size = pixels.dimensions;
            let source = Image::from_vec_u8(size.width, size.height, pixels.samples, kind);
            let mut small = Image::new(width, size.height_at(width), kind);
            let lanczos = ResizeAlg::Convolution(FilterType::Lanczos3);
            let options = ResizeOptions::new().resize_alg(lanczos);
            Resizer::new()
                .resize(&source.expect("pixels"), &mut small, &options)
                .expect("resized");
            let small = Pixels {
                dimensions: Dimensions {
                    width,
                    height: size.height_at(width),
                },
                channels: pixels.channels,
                samples: small.into_vec(),
            };
            encode(&small, mode, effort, &go).expect("encoded")
        });
        wholes.push(seconds);
    }
    (least(&builds), least(&wholes))
}

/// Returns the similarity of a variant to the same variant made from all pixels. For the latter, a
/// wider variant in the same preset makes the build decode all pixels.
fn similarity(photo: &Path, width: u32) -> f64 {
    let narrowest = |widths: &str| {
        let site = site_of(&[photo.to_owned()], &preset(widths, "lossless: always\n"));
        build(site.path(), 2);
        let variants = fs::read_dir(site.path().join("uploads/variants")).expect("variants");
        let variants = variants.map(|file| image::open(file.expect("a file").path()));
        let variants = variants.map(|picture| picture.expect("a WebP").into_rgb8());
        variants.min_by_key(RgbImage::width).expect("a variant")
    };
    let smaller = narrowest(&width.to_string());
    let whole = narrowest(&format!("{width}, {}", width * 4));
    assert_eq!(smaller.dimensions(), whole.dimensions());
    compute_ssimulacra2(&samples(&whole), &samples(&smaller)).expect("a score")
}

fn samples(picture: &RgbImage) -> PixelSlice<'_> {
    let (width, height) = picture.dimensions();
    let rgb = PixelDescriptor::RGB8_SRGB;
    PixelSlice::new(picture.as_raw(), width, height, 3 * width as usize, rgb).expect("pixels")
}

fn preset(widths: &str, more: &str) -> String {
    format!("widths: [{widths}]\nsizes: 100vw\n{more}")
}
