//! Compares resizing in gamma-encoded sRGB (`resize: srgb`) with resizing in linear light (`resize:
//! linear`): CPU time, bytes, memory, and how much the images differ.
//!
//! `cargo bench --bench light`. Reports CPU seconds on one thread, the minimum of the runs. Images
//! are compared as lossless variants, transparent ones over white.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use image::RgbImage;

use support::{build, cpu_of, graphics, least, photos, print_machine, print_peak, site_of};

const RUNS: usize = 3;
const LIGHTS: [&str; 2] = ["srgb", "linear"];
/// Smallest difference of a channel, out of 255, that is visible side by side.
const VISIBLE: u8 = 4;

fn main() {
    print_machine();
    let photos = photos();
    let graphics = graphics();
    for (name, pictures) in [("photos", &photos), ("graphics", &graphics)] {
        if !pictures.is_empty() {
            costs(name, pictures);
        }
    }
    for light in LIGHTS {
        print_peak(light, &photos, &preset(light));
    }
    println!(
        "\nat 640 px: mean difference, 99.9th percentile, pixels that differ by more than {VISIBLE} of 255"
    );
    for pictures in [&photos, &graphics] {
        differences(pictures);
    }
}

fn preset(light: &str) -> String {
    format!("widths: [320, 640, 960, 1280, 1920]\nsizes: 100vw\nresize: {light}\n")
}

/// Prints the CPU time and bytes of whole builds.
fn costs(name: &str, pictures: &[PathBuf]) {
    let mut seconds = [Vec::new(), Vec::new()];
    let mut bytes = [0, 0];
    for _ in 0..RUNS {
        for (index, light) in LIGHTS.iter().enumerate() {
            let site = site_of(pictures, &preset(light));
            let (cpu, summary) = cpu_of(|| build(site.path(), 1));
            assert_eq!(summary.originals.failed, 0, "an image failed");
            seconds[index].push(cpu);
            bytes[index] = summary.variants.bytes;
        }
    }
    println!("{} {name}, a whole build:", pictures.len());
    for (index, light) in LIGHTS.iter().enumerate() {
        let (cpu, bytes) = (least(&seconds[index]), bytes[index]);
        println!("  {light:<8} {cpu:7.2} s of CPU {bytes:>10} bytes");
    }
}

/// Prints how much each image differs between the two resizing modes.
fn differences(pictures: &[PathBuf]) {
    let [srgb, linear] = LIGHTS.map(|light| {
        let preset =
            format!("widths: [640]\nsizes: 100vw\nlossless: always\neffort: 0\nresize: {light}\n");
        let site = site_of(pictures, &preset);
        build(site.path(), 2);
        variants(&site.path().join("uploads/variants"))
    });
    assert_eq!(srgb.len(), pictures.len());
    for (name, srgb) in &srgb {
        let linear = &linear[name];
        let mut counts = [0u64; 256];
        let mut visible = 0u64;
        for (a, b) in srgb.pixels().zip(linear.pixels()) {
            let by = std::array::from_fn::<u8, 3, _>(|at| a[at].abs_diff(b[at]));
            by.iter().for_each(|by| counts[usize::from(*by)] += 1);
            visible += u64::from(by.iter().any(|by| *by > VISIBLE));
        }
        let samples: u64 = counts.iter().sum();
        let sum: u64 = (0..)
            .zip(&counts)
            .map(|(by, count): (u64, _)| by * count)
            .sum();
        let mut above = samples;
        let percentile = counts.iter().position(|count| {
            above -= count;
            above * 1000 <= samples
        });
        println!(
            "  {name:<48} {:6.2} {:4} {:7.2}%",
            sum as f64 / samples as f64,
            percentile.unwrap_or(0),
            visible as f64 * 300.0 / samples as f64,
        );
    }
}

/// Returns the images of a folder, composited over white, by their names without digests.
fn variants(folder: &Path) -> BTreeMap<String, RgbImage> {
    let files = fs::read_dir(folder).expect("the variants");
    let pictures = files.map(|file| {
        let path = file.expect("a file").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        // Removes the ten digits of the digest and the extension.
        let name = name[..name.len() - ".0123456789.webp".len()].to_owned();
        (name, over_white(&path))
    });
    pictures.collect()
}

fn over_white(path: &Path) -> RgbImage {
    let picture = image::open(path).expect("a WebP").into_rgba8();
    let mut over = RgbImage::new(picture.width(), picture.height());
    for (pixel, over) in picture.pixels().zip(over.pixels_mut()) {
        let alpha = u32::from(pixel[3]);
        let blend =
            |value: u8| ((u32::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        over.0 = [pixel[0], pixel[1], pixel[2]].map(blend);
    }
    over
}
