//! Compares a whole build of photos with its lower bound: only decoding plus only encoding to WebP.
//! Reports CPU seconds, the minimum of five runs, because disturbances only add time.
//!
//! `cargo bench --bench flow`

mod support;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use fast_image_resize::images::Image;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use planche::internal::picture::format::webp::libwebp::{Mode, encode};
use planche::internal::picture::pixels::{Channels, Pixels};
use planche::internal::picture::units::{Dimensions, Effort, Quality};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

use support::{build, cpu_of, image_size, least, photos, print_machine, print_peak, site_of};

const WIDTHS: [u32; 5] = [320, 640, 960, 1280, 1920];
const PRESET: &str =
    "widths: [320, 640, 960, 1280, 1920]\nsizes: 100vw\nquality: 80\neffort: 4\nlossless: never\n";
const RUNS: usize = 5;

fn main() {
    print_machine();
    let photos = photos();
    let mut flows = Vec::new();
    let mut decodes = Vec::new();
    let mut encodes = Vec::new();
    for _ in 0..RUNS {
        let site = site_of(&photos, PRESET);
        let (flow, summary) = cpu_of(|| build(site.path(), 1));
        flows.push(flow);
        let (mut decode, mut encode) = (0.0, 0.0);
        for photo in &photos {
            let (seconds, decoded) = alone(photo);
            decode += seconds;
            encode += encodes_alone(&decoded);
        }
        decodes.push(decode);
        encodes.push(encode);
        assert_eq!(summary.originals.failed, 0, "a photo failed");
    }
    let (flow, decode, encode) = (least(&flows), least(&decodes), least(&encodes));
    println!(
        "{} photos at {WIDTHS:?}, quality 80, effort 4, one thread, CPU seconds:",
        photos.len()
    );
    println!("  build           {flow:7.2}");
    println!("  decoder alone   {decode:7.2}");
    println!("  encodes alone   {encode:7.2}");
    println!(
        "  build / (decoder + encodes) {:.3}",
        flow / (decode + encode)
    );
    println!("  build / encodes             {:.3}", flow / encode);
    print_peak("memory", &photos, PRESET);
}

/// Returns the CPU seconds of decoding alone, and the pixels of the photo.
fn alone(photo: &PathBuf) -> (f64, Pixels) {
    let bytes = fs::read(photo).expect("a photo");
    cpu_of(|| {
        if bytes.starts_with(b"\x89PNG") {
            let image = image::load_from_memory(&bytes).expect("a PNG").into_rgb8();
            let dimensions = Dimensions {
                width: image.width(),
                height: image.height(),
            };
            return Pixels {
                dimensions,
                channels: Channels::Rgb,
                samples: image.into_raw(),
            };
        }
        let options = DecoderOptions::default()
            .set_max_width(usize::from(u16::MAX))
            .set_max_height(usize::from(u16::MAX))
            .jpeg_set_out_colorspace(ColorSpace::RGB);
        let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(&bytes), options);
        let samples = decoder.decode().expect("a JPEG");
        Pixels {
            dimensions: image_size(&bytes),
            channels: Channels::Rgb,
            samples,
        }
    })
}

/// Returns the CPU seconds of the WebP encodes alone, without resizing.
fn encodes_alone(pixels: &Pixels) -> f64 {
    let go = AtomicBool::new(false);
    let mode = Mode::Lossy(Quality::new(80.0).expect("a quality"));
    let effort = Effort::new(4).expect("an effort");
    let Dimensions { width, height } = pixels.dimensions;
    let source =
        Image::from_vec_u8(width, height, pixels.samples.clone(), PixelType::U8x3).expect("pixels");
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    let widths = WIDTHS.iter().map(|rung| (*rung).min(width));
    let mut seconds = 0.0;
    let mut last = 0;
    for rung in widths {
        if rung == last {
            continue;
        }
        last = rung;
        let dimensions = Dimensions {
            width: rung,
            height: pixels.dimensions.height_at(rung),
        };
        let mut target = Image::new(dimensions.width, dimensions.height, PixelType::U8x3);
        Resizer::new()
            .resize(&source, &mut target, &options)
            .expect("resized");
        let resized = Pixels {
            dimensions,
            channels: Channels::Rgb,
            samples: target.into_vec(),
        };
        seconds += cpu_of(|| encode(&resized, mode, effort, &go).expect("encoded")).0;
    }
    seconds
}
