//! Finds the most salient window of an image, for `focus: auto`.
//!
//! Salience is that of Achanta, Hemami, Estrada and Süsstrunk, "Frequency-tuned salient region
//! detection" (CVPR 2009): how far a pixel's color, slightly blurred, lies from the mean color of
//! the image, in CIE L*a*b*. The window is the one with the most salience; among equals, the one
//! nearest to the middle. Every step is an addition, a multiplication or a division, so that all
//! machines choose the same window.

use crate::compose::over;
use crate::framing::Background;
use crate::pixels::Pixels;
use crate::resize::Window;
use crate::units::Dimensions;

/// The longer side of the image in which salience is computed.
const SIDE: u32 = 256;

/// Returns the size at which salience is computed.
pub fn small(own: Dimensions) -> Dimensions {
    let longer = own.width.max(own.height);
    if longer <= SIDE {
        return own;
    }
    let width = (u64::from(own.width) * u64::from(SIDE) / u64::from(longer)).max(1);
    let width = u32::try_from(width).unwrap_or(SIDE);
    Dimensions {
        width,
        height: own.height_at(width).min(SIDE),
    }
}

/// Returns the most salient window of a size in an image of size `own`; `small` is that image
/// resized to [`small()`].
pub fn window(small: &Pixels, own: Dimensions, size: Dimensions) -> Window {
    let salience = salience(small);
    let Dimensions { width, height } = small.dimensions;
    let scaled = |length: u32, own: u32, small: u32| {
        let scaled = (u64::from(length) * u64::from(small) + u64::from(own) / 2) / u64::from(own);
        u32::try_from(scaled).unwrap_or(small).clamp(1, small)
    };
    let columns = |x: u32| (0..height).map(move |y| (x, y));
    let rows = |y: u32| (0..width).map(move |x| (x, y));
    let at = |(x, y): (u32, u32)| salience[(y * width + x) as usize];
    let by_column: Vec<u64> = (0..width).map(|x| columns(x).map(at).sum()).collect();
    let by_row: Vec<u64> = (0..height).map(|y| rows(y).map(at).sum()).collect();
    let begin = |sums: &[u64], window: u32, own: u32, small: u32| {
        let begin = best(sums, scaled(window, own, small) as usize);
        let begin = u64::from(begin) * u64::from(own) / u64::from(small);
        u32::try_from(begin).unwrap_or(0).min(own - window)
    };
    Window {
        left: begin(&by_column, size.width, own.width, width),
        top: begin(&by_row, size.height, own.height, height),
        size,
    }
}

/// Returns the start of the range of `length` with the largest sum; among equal ones, the most
/// central.
fn best(sums: &[u64], length: usize) -> u32 {
    let middle = (sums.len() - length) / 2;
    let stretches = sums
        .windows(length)
        .map(|stretch| stretch.iter().sum::<u64>());
    let mut best = (middle, sums[middle..middle + length].iter().sum());
    for (begin, sum) in stretches.enumerate() {
        let is_nearer = begin.abs_diff(middle) < best.0.abs_diff(middle);
        if sum > best.1 || sum == best.1 && is_nearer {
            best = (begin, sum);
        }
    }
    u32::try_from(best.0).unwrap_or(0)
}

/// Computes the salience of each pixel in integer sixteenths, so that sums of equal parts are
/// equal.
fn salience(pixels: &Pixels) -> Vec<u64> {
    let (width, height) = (
        pixels.dimensions.width as usize,
        pixels.dimensions.height as usize,
    );
    let colors: Vec<[f64; 3]> = pixels
        .samples
        .chunks_exact(pixels.channels.count())
        .map(|pixel| match *pixel {
            [gray] => lab([gray; 3]),
            [r, g, b] => lab([r, g, b]),
            // Transparent pixels show the page, which is mostly white.
            [r, g, b, a] => {
                let [r, g, b, _] = over([r, g, b, a], Background::WHITE.0);
                lab([r, g, b])
            }
            _ => [0.0; 3],
        })
        .collect();
    let mut mean = [0.0; 3];
    for color in &colors {
        for (sum, value) in mean.iter_mut().zip(color) {
            *sum += value / colors.len() as f64;
        }
    }
    let blurred = blur(&blur(&colors, width, height, 1), width, height, width);
    let distance = |color: &[f64; 3]| {
        let squares = color.iter().zip(&mean);
        let sum: f64 = squares
            .map(|(value, mean)| (value - mean) * (value - mean))
            .sum();
        (sum * 16.0) as u64
    };
    blurred.iter().map(distance).collect()
}

/// Applies one direction of the 5 × 5 binomial filter that the paper uses. `step` is the distance
/// of two pixels in that direction: 1 or `width`.
fn blur(colors: &[[f64; 3]], width: usize, height: usize, step: usize) -> Vec<[f64; 3]> {
    const WEIGHTS: [f64; 5] = [1.0 / 16.0, 4.0 / 16.0, 6.0 / 16.0, 4.0 / 16.0, 1.0 / 16.0];
    let length = if step == 1 { width } else { height };
    let at = |index: usize| {
        if step == 1 {
            index % width
        } else {
            index / width
        }
    };
    let pixel = |index: usize| {
        let here = at(index);
        let mut sum = [0.0; 3];
        for (tap, weight) in WEIGHTS.iter().enumerate() {
            // Pixels beyond the border repeat it.
            let there = (here + tap).saturating_sub(2).min(length - 1);
            let color = colors[index - here * step + there * step];
            for (sum, value) in sum.iter_mut().zip(color) {
                *sum += weight * value;
            }
        }
        sum
    };
    (0..colors.len()).map(pixel).collect()
}

/// Converts an sRGB color to CIE L*a*b* with the white point D65 (CIE 15:2018, IEC 61966-2-1).
fn lab(rgb: [u8; 3]) -> [f64; 3] {
    let [r, g, b] = rgb.map(crate::linear_light::amount);
    let x = (0.412_456_4 * r + 0.357_576_1 * g + 0.180_437_5 * b) / 0.950_47;
    let y = 0.212_672_9 * r + 0.715_152_2 * g + 0.072_175_0 * b;
    let z = (0.019_333_9 * r + 0.119_192_0 * g + 0.950_304_1 * b) / 1.088_83;
    let f = |t: f64| {
        if t > 0.008_856 {
            cube_root(t)
        } else {
            7.787 * t + 16.0 / 116.0
        }
    };
    let (x, y, z) = (f(x), f(y), f(z));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// Computes the cube root of 0.008 to 1.1 by Newton's method: that of the C library depends on the
/// system.
fn cube_root(t: f64) -> f64 {
    (0..8).fold(0.6, |root, _| (2.0 * root + t / (root * root)) / 3.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pixels::Channels;

    #[test]
    fn colors_are_those_of_the_standard() {
        // Values of Bruce Lindbloom's calculator, D65.
        for (rgb, expected) in [
            ([255, 255, 255], [100.0, 0.0, 0.0]),
            ([0, 0, 0], [0.0, 0.0, 0.0]),
            ([255, 0, 0], [53.24, 80.09, 67.20]),
            ([0, 255, 0], [87.73, -86.18, 83.18]),
            ([0, 0, 255], [32.30, 79.19, -107.86]),
        ] {
            for (got, wanted) in lab(rgb).into_iter().zip(expected) {
                assert!((got - wanted).abs() < 0.02, "{rgb:?}: {:?}", lab(rgb));
            }
        }
        for step in 9..=1100 {
            let t = f64::from(step) / 1000.0;
            assert!((cube_root(t) - t.cbrt()).abs() < 1e-12, "{t}");
        }
    }

    #[test]
    fn a_window_finds_the_salient_part() {
        let own = Dimensions {
            width: 1600,
            height: 900,
        };
        let size = small(own);
        assert_eq!((size.width, size.height), (256, 144));
        let picture = |centre: u32| {
            let pixels = (0..size.height).flat_map(|_| 0..size.width);
            let samples = pixels.flat_map(|x| {
                if x.abs_diff(centre) < 20 {
                    [200, 40, 30]
                } else {
                    [120, 150, 180]
                }
            });
            Pixels {
                dimensions: size,
                channels: Channels::Rgb,
                samples: samples.collect(),
            }
        };
        let square = Dimensions {
            width: 900,
            height: 900,
        };
        let Window { left, top, .. } = window(&picture(200), own, square);
        // Column 200 of 256 is column 1250 of 1600, which lies in the window.
        assert!(
            left + 125 <= 1250 && 1250 + 125 <= left + 900 && top == 0,
            "{left}"
        );
        let plain = picture(9999);
        let left = window(&plain, own, square).left;
        assert!(left.abs_diff(350) <= 4, "as central as it can be: {left}");
    }
}
