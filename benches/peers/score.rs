//! Computes the similarity of images to their references: SSIMULACRA2, 100 for equal images.
//!
//! Reads lines `REFERENCE<tab>IMAGE` and prints a score for each, in order. Transparent images are
//! compared over white and over black; the lower score counts.
//!
//! `cargo run --example score < pairs.tsv`

use std::error::Error;
use std::io::stdin;

use fast_ssim2::{PixelDescriptor, PixelSlice, compute_ssimulacra2};
use image::{ImageReader, RgbaImage};
use rayon::prelude::*;

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let lines: Vec<String> = stdin().lines().collect::<Result<_, _>>()?;
    let scores: Vec<f64> = lines
        .par_iter()
        .map(|line| similarity(line).map_err(|error| format!("{line}: {error}").into()))
        .collect::<Result<_, Failure>>()?;
    for score in scores {
        println!("{score:.4}");
    }
    Ok(())
}

fn similarity(pair: &str) -> Result<f64, Failure> {
    let (reference, picture) = pair.split_once('\t').ok_or("a line without a tab")?;
    let (reference, picture) = (open(reference)?, open(picture)?);
    if reference.dimensions() != picture.dimensions() {
        return Err("the sizes differ".into());
    }
    let opaque = |picture: &RgbaImage| picture.pixels().all(|pixel| pixel[3] == 255);
    let over_white = score(&reference, &picture, 255)?;
    if opaque(&reference) && opaque(&picture) {
        return Ok(over_white);
    }
    Ok(over_white.min(score(&reference, &picture, 0)?))
}

fn open(path: &str) -> Result<RgbaImage, Failure> {
    let reader = ImageReader::open(path)?.with_guessed_format()?;
    Ok(reader.decode()?.into_rgba8())
}

fn score(reference: &RgbaImage, picture: &RgbaImage, background: u8) -> Result<f64, Failure> {
    let (width, height) = reference.dimensions();
    let stride = 3 * width as usize;
    let (reference, picture) = (over(reference, background), over(picture, background));
    let slice =
        |samples| PixelSlice::new(samples, width, height, stride, PixelDescriptor::RGB8_SRGB);
    Ok(compute_ssimulacra2(&slice(&reference)?, &slice(&picture)?)?)
}

/// Composites an image over a gray background, and returns its RGB samples.
fn over(picture: &RgbaImage, background: u8) -> Vec<u8> {
    let blend = |value: u8, alpha: u8| {
        let (alpha, over) = (u32::from(alpha), 255 - u32::from(alpha));
        ((u32::from(value) * alpha + u32::from(background) * over + 127) / 255) as u8
    };
    picture
        .pixels()
        .flat_map(|pixel| [0, 1, 2].map(|at| blend(pixel[at], pixel[3])))
        .collect()
}
