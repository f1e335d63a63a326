//! Generates images: small ones that articles share, and a photo.

/// Returns a small PNG, different for each index.
pub fn picture(index: usize) -> Vec<u8> {
    use image::ImageEncoder;
    use image::codecs::png::PngEncoder;
    let samples: Vec<u8> = (0..64 * 40 * 3)
        .map(|at| ((at * 7) ^ (index * 31) ^ (at * index)) as u8)
        .collect();
    let mut bytes = Vec::new();
    let color = image::ExtendedColorType::Rgb8;
    PngEncoder::new(&mut bytes)
        .write_image(&samples, 64, 40, color)
        .expect("a PNG");
    bytes
}

/// Returns a JPEG of 4000 × 3000 pixels with gradients, edges and noise, similar to a photo.
pub fn photo() -> Vec<u8> {
    const WIDTH: u32 = 4_000;
    const HEIGHT: u32 = 3_000;
    let mut noise = 1u32;
    let mut samples = Vec::with_capacity((WIDTH * HEIGHT * 3) as usize);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = noise >> 28;
            let edge = if (x / 250 + y / 190) % 3 == 0 { 60 } else { 0 };
            let slope = [
                x * 160 / WIDTH,
                y * 160 / HEIGHT,
                (x + y) * 160 / (WIDTH + HEIGHT),
            ];
            samples.extend(slope.map(|value| (value + edge + grain) as u8));
        }
    }
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 88);
    let color = jpeg_encoder::ColorType::Rgb;
    encoder
        .encode(&samples, WIDTH as u16, HEIGHT as u16, color)
        .expect("a JPEG");
    bytes
}
