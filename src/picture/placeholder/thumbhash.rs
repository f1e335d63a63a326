//! Computes ThumbHashes: an image's lowest frequencies in about 25 bytes (Wallace 2023,
//! evanw/thumbhash).
//!
//! The official crate computes in `f32` with the C library's cosine, which differs between systems:
//! for an image of one color, it encodes only that rounding error, scaled up. This module computes
//! only sums and products of `f64` in a fixed order, and writes a channel as flat if it would be
//! decoded as flat.

use std::f64::consts::{FRAC_PI_2, PI};

use crate::frame::rgba;
use crate::pixels::Pixels;
use crate::resize::sine;

/// Maximum number of pixels per side that the format allows.
pub const SIDE: u32 = 100;

/// Frequencies of one channel: the mean, and the others relative to the largest of them, `scale`.
struct Spectrum {
    mean: f64,
    /// The other frequencies divided by `scale`, from -1 to 1.
    waves: Vec<f64>,
    scale: f64,
}

/// Computes the hash of an image of at most [`SIDE`] pixels per side.
pub fn hash(pixels: &Pixels) -> Vec<u8> {
    let (width, height) = (
        pixels.dimensions.width as usize,
        pixels.dimensions.height as usize,
    );
    let longest = width.max(height);
    let pixels: Vec<[f64; 4]> = rgba(pixels)
        .chunks_exact(4)
        .map(|pixel| std::array::from_fn(|index| f64::from(pixel[index]) / 255.0))
        .collect();
    let has_alpha = pixels.iter().any(|pixel| pixel[3] < 1.0);
    let cosines = Cosines {
        horizontal: cosines(width),
        vertical: cosines(height),
    };
    let channels = channels(&pixels);
    let waves = |side: usize, most: usize| (2 * most * side + longest) / (2 * longest);
    let most = if has_alpha { 5 } else { 7 };
    let (nx, ny) = (waves(width, most).max(1), waves(height, most).max(1));
    let spectrum = |index: usize, nx, ny, steps| cosines.spectrum(&channels[index], nx, ny, steps);
    let light = spectrum(0, nx.max(3), ny.max(3), 31.0);
    let yellow = spectrum(1, 3, 3, 63.0);
    let red = spectrum(2, 3, 3, 63.0);
    let header = steps(light.mean, 63.0)
        | steps(0.5 + 0.5 * yellow.mean, 63.0) << 6
        | steps(0.5 + 0.5 * red.mean, 63.0) << 12
        | steps(light.scale, 31.0) << 18
        | u32::from(has_alpha) << 23;
    let is_landscape = width > height;
    let shape = (if is_landscape { ny } else { nx }) as u32
        | steps(yellow.scale, 63.0) << 3
        | steps(red.scale, 63.0) << 9
        | u32::from(is_landscape) << 15;
    let mut hash = header.to_le_bytes()[..3].to_vec();
    hash.extend_from_slice(&shape.to_le_bytes()[..2]);
    let mut spectra = vec![light, yellow, red];
    if has_alpha {
        let alpha = spectrum(3, 5, 5, 15.0);
        let byte = steps(alpha.mean, 15.0) | steps(alpha.scale, 15.0) << 4;
        hash.extend_from_slice(&byte.to_le_bytes()[..1]);
        spectra.push(alpha);
    }
    let waves = spectra.iter().flat_map(|spectrum| &spectrum.waves);
    let waves: Vec<u32> = waves.map(|wave| steps(0.5 + 0.5 * wave, 15.0)).collect();
    hash.extend(waves.chunks(2).map(|pair| {
        let high = pair.get(1).copied().unwrap_or(0);
        u8::try_from(pair[0] | high << 4).unwrap_or(u8::MAX)
    }));
    hash
}

/// Quantizes a value of 0 to 1 to an integer of 0 to `steps`.
fn steps(value: f64, steps: f64) -> u32 {
    (value.clamp(0.0, 1.0) * steps).round() as u32
}

/// Returns lightness, yellow against blue, red against green, and alpha. Colors are composited over
/// the mean color.
fn channels(pixels: &[[f64; 4]]) -> [Vec<f64>; 4] {
    let alpha: f64 = pixels.iter().map(|pixel| pixel[3]).sum();
    let mean: [f64; 3] = std::array::from_fn(|index| {
        let sum: f64 = pixels.iter().map(|pixel| pixel[index] * pixel[3]).sum();
        if alpha > 0.0 { sum / alpha } else { 0.0 }
    });
    // Not `compose::over`: that one rounds to whole samples, and the format works on fractions.
    let over =
        |pixel: &[f64; 4], index: usize| mean[index] * (1.0 - pixel[3]) + pixel[index] * pixel[3];
    let channel = |of: &dyn Fn([f64; 3], f64) -> f64| {
        let pixel =
            |pixel: &[f64; 4]| of(std::array::from_fn(|index| over(pixel, index)), pixel[3]);
        pixels.iter().map(pixel).collect::<Vec<f64>>()
    };
    [
        channel(&|[r, g, b], _| (r + g + b) / 3.0),
        channel(&|[r, g, b], _| (r + g) / 2.0 - b),
        channel(&|[r, g, _], _| r - g),
        channel(&|_, alpha| alpha),
    ]
}

/// The waves of a discrete cosine transform in both directions.
struct Cosines {
    horizontal: Vec<Vec<f64>>,
    vertical: Vec<Vec<f64>>,
}

/// Computes cos (π ⁄ n · k · (i + ½)) of the first waves `k` over `n` pixels.
fn cosines(n: usize) -> Vec<Vec<f64>> {
    let wave = |k: usize| {
        (0..n)
            .map(move |i| {
                // The angle in units of 2π ⁄ 4n. It is reduced exactly, since the cosine is
                // periodic and even.
                let turned = k * (2 * i + 1) % (4 * n);
                let angle = turned.min(4 * n - turned);
                sine(FRAC_PI_2 - PI * angle as f64 / (2 * n) as f64)
            })
            .collect()
    };
    (0..7).map(wave).collect()
}

impl Cosines {
    /// Computes the waves in the upper left triangle of `nx` by `ny`. If the scale would be
    /// quantized to 0 of `scales` steps, all waves are 0.
    fn spectrum(&self, channel: &[f64], nx: usize, ny: usize, scales: f64) -> Spectrum {
        let width = self.horizontal[0].len();
        let mut all = Vec::new();
        for y in 0..ny {
            let waves = (0..nx).take_while(|x| x * ny < nx * (ny - y));
            for x in waves {
                let rows = channel.chunks_exact(width).zip(&self.vertical[y]);
                let sum: f64 = rows
                    .map(|(row, vertical)| {
                        let row = row.iter().zip(&self.horizontal[x]);
                        row.map(|(value, wave)| value * wave).sum::<f64>() * vertical
                    })
                    .sum();
                all.push(sum / channel.len() as f64);
            }
        }
        let mean = all.remove(0);
        let scale = all.iter().fold(0.0, |most: f64, wave| most.max(wave.abs()));
        let is_flat = steps(scale, scales) == 0;
        let scaled = |wave: f64| if is_flat { 0.0 } else { wave / scale };
        Spectrum {
            mean,
            waves: all.into_iter().map(scaled).collect(),
            scale,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::Channels;
    use crate::units::Dimensions;

    fn picture(width: u32, height: u32, paint: impl Fn(u32, u32) -> [u8; 4]) -> Pixels {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Pixels {
            dimensions: Dimensions { width, height },
            channels: Channels::Rgba,
            samples: pixels.flat_map(|(x, y)| paint(x, y)).collect(),
        }
    }

    fn wavy(x: u32, y: u32) -> [u8; 4] {
        let wave = |a: u32, b: u32| ((f64::from(a) / f64::from(b)).sin() * 110.0 + 128.0) as u8;
        [
            wave(2 * x + y, 19),
            wave(x + 3 * y, 34),
            wave(x + y, 21),
            255,
        ]
    }

    #[test]
    fn it_is_what_the_reference_writes() {
        let fading = |x: u32, y: u32| {
            let [r, g, b, _] = wavy(x, y);
            [r, g, b, wavy(3 * x, 2 * y)[0]]
        };
        let sizes = [
            (100, 75),
            (75, 100),
            (100, 100),
            (100, 8),
            (3, 90),
            (31, 17),
        ];
        for (width, height) in sizes {
            for is_fading in [false, true] {
                let pixels = if is_fading {
                    picture(width, height, fading)
                } else {
                    picture(width, height, wavy)
                };
                let ours = hash(&pixels);
                let (w, h) = (width as usize, height as usize);
                let theirs = thumbhash::rgba_to_thumb_hash(w, h, &pixels.samples);
                let shown = format!("{width}x{height} {is_fading}: {ours:?} {theirs:?}");
                assert_eq!(
                    (ours.len(), &ours[..5]),
                    (theirs.len(), &theirs[..5]),
                    "{shown}"
                );
                // A wave of 0 lies between two steps, and in single precision a little off; the
                // decoded colors differ by no more than that.
                let decoded = |hash: &[u8]| thumbhash::thumb_hash_to_rgba(hash).unwrap();
                let (ours, theirs) = (decoded(&ours), decoded(&theirs));
                assert_eq!((ours.0, ours.1), (theirs.0, theirs.1), "{shown}");
                let pairs = ours.2.iter().zip(&theirs.2);
                let apart: Vec<u8> = pairs.map(|(one, other)| one.abs_diff(*other)).collect();
                let mean =
                    apart.iter().map(|one| f64::from(*one)).sum::<f64>() / apart.len() as f64;
                let most = apart.iter().max().unwrap();
                assert!(mean < 2.0 && *most < 20, "{mean} {most} {shown}");
            }
        }
    }

    #[test]
    fn a_flat_image_is_decoded_as_its_color() {
        for color in [[0, 0, 0, 255], [255, 255, 255, 255], [200, 30, 90, 255]] {
            let hash = hash(&picture(40, 30, |_, _| color));
            let (_, _, shown) = thumbhash::thumb_hash_to_rgba(&hash).unwrap();
            for pixel in shown.chunks_exact(4) {
                for (one, other) in pixel.iter().zip(color) {
                    assert!(one.abs_diff(other) <= 8, "{pixel:?} {color:?}");
                }
            }
            // Every wave is encoded as half-way between -1 and 1: no noise is scaled up.
            assert!(
                hash[5..hash.len() - 1].iter().all(|byte| *byte == 0x88),
                "{hash:?}"
            );
        }
    }

    #[test]
    fn a_fully_transparent_image_has_a_hash() {
        let hash = hash(&picture(1, 1, |_, _| [9, 9, 9, 0]));
        assert_eq!(thumbhash::thumb_hash_to_average_rgba(&hash).unwrap().3, 0.0);
    }
}
