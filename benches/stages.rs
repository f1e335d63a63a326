//! Measures the throughput of each stage alone and of whole builds, on the photos of the corpus if
//! it exists, otherwise on the sample uploads.
//!
//! `cargo bench --bench stages`; `cargo bench --bench stages -- decode` for one stage. The bench
//! `front_matter` measures editing of front matter, `no_op` a build with nothing to do.

mod support;

use std::fs;
use std::sync::LazyLock;
use std::sync::atomic::AtomicBool;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use planche::internal::bench::Synthetic;
use planche::internal::ledger::Ledger;
use planche::internal::picture::color::Transforms;
use planche::internal::picture::decode::pixels;
use planche::internal::picture::decoder::InProcess;
use planche::internal::picture::encode::encode;
use planche::internal::picture::format::probe;
use planche::internal::picture::info::{Digest, Format, ImageInfo, Raster};
use planche::internal::picture::limits::Limits;
use planche::internal::picture::pixels::Pixels;
use planche::internal::picture::recipe::{Lossless, Recipe, Resize};
use planche::internal::project::Site;
use planche::internal::survey::survey;

static GO: AtomicBool = AtomicBool::new(false);
/// Small enough for many iterations.
const SIZE: Synthetic = Synthetic {
    articles: 500,
    images: 100,
    seed: 1,
};

/// The photos, sorted by file size, each with the information in its header.
static PICTURES: LazyLock<Vec<(Vec<u8>, Raster)>> = LazyLock::new(|| {
    let mut photos: Vec<(Vec<u8>, Raster)> = support::photos()
        .iter()
        .filter_map(|path| {
            let bytes = fs::read(path).ok()?;
            match probe(&bytes, &Limits::default()) {
                Ok(ImageInfo::Raster(raster)) => Some((bytes, raster)),
                _ => None,
            }
        })
        .collect();
    photos.sort_by_key(|(bytes, _)| bytes.len());
    photos
});

fn main() {
    support::print_machine();
    divan::main();
}

fn picture(format: Format) -> Option<&'static (Vec<u8>, Raster)> {
    PICTURES.iter().find(|(_, raster)| raster.format == format)
}

/// Creates a synthetic site in a temporary folder.
fn synthetic() -> (tempfile::TempDir, Site) {
    let folder = tempfile::tempdir().expect("a folder");
    SIZE.write(folder.path()).expect("a site");
    let site = Site::open(Some(folder.path()), None).expect("a site");
    (folder, site)
}

#[divan::bench]
fn walk(bencher: Bencher) {
    let (_folder, site) = synthetic();
    bencher
        .counter(ItemsCount::new(SIZE.articles))
        .bench_local(|| site.walk());
}

/// Reads articles, finds and resolves references, and probes uploads.
#[divan::bench]
fn read_and_probe(bencher: Bencher) {
    let (_folder, site) = synthetic();
    let ledger = Ledger::default();
    bencher
        .counter(ItemsCount::new(SIZE.articles))
        .bench_local(|| survey(&site, site.walk(), &ledger, &InProcess));
}

#[divan::bench(args = [Format::JPEG, Format::PNG])]
fn header(bencher: Bencher, format: Format) {
    let Some((bytes, _)) = picture(format) else {
        return;
    };
    bencher.bench_local(|| probe(black_box(bytes), &Limits::default()));
}

#[divan::bench]
fn digest(bencher: Bencher) {
    let bytes = &PICTURES[0].0;
    bencher
        .counter(BytesCount::of_slice(bytes))
        .bench_local(|| Digest::of(black_box(bytes)));
}

/// Images without a profile count as sRGB, so this measures no color conversion. Throughput is in
/// samples.
#[divan::bench(args = [Format::JPEG, Format::PNG], sample_count = 10)]
fn decode(bencher: Bencher, format: Format) {
    if let Some((bytes, raster)) = picture(format) {
        let transforms = Transforms::default();
        bencher
            .counter(BytesCount::new(raster.stored.pixels() * 3))
            .bench_local(|| pixels(black_box(bytes), raster, &transforms));
    }
}

/// Decodes the same pixels as a PNG with and without a gamma chunk. The difference is the cost of
/// the color conversion.
#[divan::bench(args = [false, true], sample_count = 10)]
fn decode_with_gamma(bencher: Bencher, has_gamma: bool) {
    let (width, height) = (1600u32, 1000u32);
    let samples = sample_pixels(width, height).samples;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    if has_gamma {
        encoder.set_source_gamma(png::ScaledFloat::new(1.0 / 1.8));
    }
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&samples).expect("a PNG");
    writer.finish().expect("a PNG");
    let Ok(ImageInfo::Raster(raster)) = probe(&bytes, &Limits::default()) else {
        return;
    };
    let transforms = Transforms::default();
    bencher
        .counter(BytesCount::of_slice(&samples))
        .bench_local(|| pixels(black_box(&bytes), &raster, &transforms));
}

/// Generates pixels with properties between those of a photo and of a chart.
fn sample_pixels(width: u32, height: u32) -> Pixels {
    let sample = |at: u32| {
        let (x, y, channel) = (at / 3 % width, at / 3 / width, at % 3);
        let wave = (x * (channel + 1) / 7 + y / 5) ^ (x * y / 97);
        u8::try_from(wave % 256).unwrap_or(u8::MAX)
    };
    Pixels {
        dimensions: planche::internal::picture::units::Dimensions { width, height },
        channels: planche::internal::picture::pixels::Channels::Rgb,
        samples: (0..width * height * 3).map(sample).collect(),
    }
}

fn recipe(format: Format, lossless: Lossless) -> Recipe {
    Recipe {
        lossless,
        ..Recipe::plain(format)
    }
}

#[divan::bench(args = ["webp lossy", "webp lossless", "jpeg"], sample_count = 10)]
fn encode_at_640(bencher: Bencher, what: &str) {
    let recipe = match what {
        "webp lossy" => recipe(Format::WEBP, Lossless::Never),
        "webp lossless" => recipe(Format::WEBP, Lossless::Always),
        _ => recipe(Format::JPEG, Lossless::Never),
    };
    let pixels = sample_pixels(640, 400);
    bencher
        .counter(BytesCount::of_slice(&pixels.samples))
        .bench_local(|| encode(black_box(&pixels), &recipe, None, &GO));
}

/// Builds the smallest photo at one width: decodes, resizes, encodes, and writes twice.
#[divan::bench(args = [Resize::Srgb, Resize::Linear], sample_count = 5)]
fn one_width(bencher: Bencher, light: Resize) {
    let preset =
        format!("widths: [640]\nsizes: 100vw\neffort: 0\nlossless: never\nresize: {light}\n");
    let photos = support::photos();
    bencher
        .with_inputs(|| support::site_of(&photos[..1], &preset))
        .bench_local_values(|site| {
            support::build(site.path(), 1);
            site
        });
}

/// Makes the first build of a synthetic site.
#[divan::bench(sample_count = 5)]
fn flow(bencher: Bencher) {
    bencher
        .counter(ItemsCount::new(SIZE.articles))
        .with_inputs(synthetic)
        .bench_local_values(|(folder, _)| {
            support::build(folder.path(), 2);
            folder
        });
}
