//! Generates the images of synthetic sites.

use jpeg_encoder::{ColorType, Encoder};

use super::random::Random;

/// Small enough to encode a million images in minutes.
const WIDTH: u16 = 240;
const HEIGHT: u16 = 160;

/// Returns a JPEG of a gradient with coarse blocks. Its first pixels encode `number`, so that no
/// two images are equal.
pub(super) fn jpeg(random: &mut Random, number: u32) -> Vec<u8> {
    let (from, to) = (random.next(), random.next());
    let blocks: Vec<u64> = (0..24).map(|_| random.next()).collect();
    let mut samples = Vec::with_capacity(usize::from(WIDTH) * usize::from(HEIGHT) * 3);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let block = blocks[usize::from(y / 40) * 6 + usize::from(x / 40)];
            for channel in 0..3 {
                let byte = |word: u64| (word >> (8 * channel) & 0xff) as u16;
                let shade = byte(from) * (WIDTH - x) / WIDTH + byte(to) * x / WIDTH;
                let shade = (shade + byte(block)) / 2;
                samples.push(u8::try_from(shade.min(255)).unwrap_or(u8::MAX));
            }
        }
    }
    // Each bit is a block of 8 × 8 pixels, large enough to survive JPEG compression.
    for bit in 0..20 {
        if number >> bit & 1 == 1 {
            for y in 0..8 {
                let row = (y * usize::from(WIDTH) + bit * 8) * 3;
                samples[row..row + 24].fill(255);
            }
        }
    }
    let mut bytes = Vec::new();
    Encoder::new(&mut bytes, 80)
        .encode(&samples, WIDTH, HEIGHT, ColorType::Rgb)
        .expect("the number of samples matches the size");
    bytes
}
