//! Draws the uploads of the sample site, from nothing but arithmetic.
//!
//! `cargo run --release --example draw` writes them into `uploads/`.

mod canvas;
mod scenes;

use std::error::Error;
use std::fs;
use std::path::Path;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use canvas::Canvas;

fn main() -> Result<(), Box<dyn Error>> {
    let uploads = Path::new(env!("CARGO_MANIFEST_DIR")).join("uploads");
    fs::create_dir_all(uploads.join("2023"))?;
    let at = |name: &str| uploads.join(name);
    // Photo-like: noise and gradients everywhere.
    png(
        &at("prague_schaer_CIO_une800.png"),
        &scenes::city(800, 450, 0),
    )?;
    jpeg(
        &at("2023/atelier.jpg"),
        &scenes::hills(3000, 2000),
        86,
        None,
    )?;
    jpeg(
        &at("Été à la mairie.jpg"),
        &scenes::city(1600, 900, 100),
        84,
        None,
    )?;
    // Flat: what lossless encoding is for.
    png(
        &at("capture-tableau-de-bord.png"),
        &scenes::screenshot(1440, 900),
    )?;
    png(&at("graphique-visites.png"), &scenes::chart(1200, 675))?;
    // With alpha.
    png(&at("logo.png"), &scenes::logo(600))?;
    // Stored on its side, as a phone does: orientation 6 turns it upright.
    jpeg(
        &at("portrait.jpg"),
        &scenes::portrait(900, 1200).turned_left(),
        88,
        Some(6),
    )?;
    fs::write(at("plan.svg"), scenes::MAP)?;
    Ok(())
}

fn png(path: &Path, canvas: &Canvas) -> Result<(), Box<dyn Error>> {
    let mut bytes = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive);
    if canvas.is_opaque() {
        encoder.write_image(
            &canvas.rgb(),
            canvas.width,
            canvas.height,
            ExtendedColorType::Rgb8,
        )?;
    } else {
        encoder.write_image(
            &canvas.rgba(),
            canvas.width,
            canvas.height,
            ExtendedColorType::Rgba8,
        )?;
    }
    fs::write(path, bytes)?;
    Ok(())
}

fn jpeg(
    path: &Path,
    canvas: &Canvas,
    quality: u8,
    orientation: Option<u8>,
) -> Result<(), Box<dyn Error>> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_progressive(true);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    if let Some(orientation) = orientation {
        encoder.add_app_segment(1, exif(orientation))?;
    }
    let (width, height) = (u16::try_from(canvas.width)?, u16::try_from(canvas.height)?);
    encoder.encode(&canvas.rgb(), width, height, ColorType::Rgb)?;
    fs::write(path, bytes)?;
    Ok(())
}

/// An Exif block of one entry: the orientation (tag 0x0112, a short).
fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    block.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0]);
    block
}
