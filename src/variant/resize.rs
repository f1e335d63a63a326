//! Downscaling: Lanczos3, alpha premultiplied once for all rungs.

use std::cell::RefCell;
use std::f64::consts::{FRAC_PI_2, PI};

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{Filter, FilterType, MulDiv, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::{Channels, Pixels, VariantError};
use crate::units::Dimensions;

thread_local! {
    /// One a thread: it keeps its buffers and coefficients from rung to rung.
    static RESIZER: RefCell<Resizer> = RefCell::new(Resizer::new());
}

/// Lanczos of three lobes (Duchon 1979), sin(πx)·sin(πx/3)·3/(πx)², by one sine instead of two:
/// sin 3a = 3 sin a − 4 sin³ a. The coefficients of a small rung are a good part of its cost.
fn lanczos3(x: f64) -> f64 {
    if x == 0.0 {
        return 1.0;
    }
    if x.abs() >= 3.0 {
        return 0.0;
    }
    let a = PI * x / 3.0;
    let sine = sine(a);
    sine * sine * (3.0 - 4.0 * sine * sine) / (3.0 * a * a)
}

/// 1, −1/3!, 1/5!, …
const SINE: [f64; 11] = {
    let mut series = [1.0; 11];
    let mut term = 1;
    while term < series.len() {
        let at = (2 * term) as f64;
        series[term] = -series[term - 1] / (at * (at + 1.0));
        term += 1;
    }
    series
};

/// The sine of −π to π by its Taylor series, to 1e-15. The C library's differs from system to
/// system, and by the processor's features.
fn sine(a: f64) -> f64 {
    // sin a = sin (π − a)
    let a = if a.abs() > FRAC_PI_2 {
        PI.copysign(a) - a
    } else {
        a
    };
    let square = a * a;
    a * SINE
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| sum * square + coefficient)
}

fn filter() -> FilterType {
    Filter::new("Lanczos3", lanczos3, 3.0).map_or(FilterType::Lanczos3, FilterType::Custom)
}

fn pixel_type(channels: Channels) -> PixelType {
    match channels {
        Channels::Gray => PixelType::U8,
        Channels::Rgb => PixelType::U8x3,
        Channels::Rgba | Channels::RgbaPremultiplied => PixelType::U8x4,
    }
}

/// Makes the pixels ready to be resized to any number of sizes.
pub(super) fn prepare(mut pixels: Pixels) -> Result<Pixels, VariantError> {
    if pixels.channels == Channels::Rgba {
        in_place(&mut pixels, |image| {
            MulDiv::new().multiply_alpha_inplace(image)
        })?;
        pixels.channels = Channels::RgbaPremultiplied;
    }
    Ok(pixels)
}

/// The prepared pixels at another size, as stored; alpha is divided out again.
pub(super) fn resize(pixels: &Pixels, target: Dimensions) -> Result<Pixels, VariantError> {
    let kind = pixel_type(pixels.channels);
    let failed = |error: &dyn std::fmt::Display| VariantError::Resize(error.to_string());
    let source = ImageRef::new(
        pixels.dimensions.width,
        pixels.dimensions.height,
        &pixels.samples,
        kind,
    )
    .map_err(|error| failed(&error))?;
    let mut image = Image::new(target.width, target.height, kind);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter()))
        .use_alpha(false);
    RESIZER
        .with_borrow_mut(|resizer| resizer.resize(&source, &mut image, &options))
        .map_err(|error| failed(&error))?;
    let mut resized = Pixels {
        dimensions: target,
        channels: pixels.channels,
        samples: image.into_vec(),
    };
    if resized.channels == Channels::RgbaPremultiplied {
        in_place(&mut resized, |image| {
            MulDiv::new().divide_alpha_inplace(image)
        })?;
        resized.channels = Channels::Rgba;
    }
    Ok(resized)
}

fn in_place<E: std::fmt::Display>(
    pixels: &mut Pixels,
    change: impl FnOnce(&mut Image<'_>) -> Result<(), E>,
) -> Result<(), VariantError> {
    let kind = pixel_type(pixels.channels);
    let Dimensions { width, height } = pixels.dimensions;
    let mut image = Image::from_slice_u8(width, height, &mut pixels.samples, kind)
        .map_err(|error| VariantError::Resize(error.to_string()))?;
    change(&mut image).map_err(|error| VariantError::Resize(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_is_lanczos3() {
        for step in -400..=400 {
            let x = f64::from(step) / 100.0;
            let sinc = |x: f64| {
                if x == 0.0 {
                    1.0
                } else {
                    (PI * x).sin() / (PI * x)
                }
            };
            let expected = if x.abs() < 3.0 {
                sinc(x) * sinc(x / 3.0)
            } else {
                0.0
            };
            assert!((lanczos3(x) - expected).abs() < 1e-12, "{x}");
        }
    }

    #[test]
    fn colours_under_full_transparency_do_not_bleed() {
        // Green that cannot be seen beside opaque red: the edge is red, thinner and thinner.
        let row: Vec<u8> = (0..64u32)
            .flat_map(|x| {
                if x < 32 {
                    [255, 0, 0, 255]
                } else {
                    [0, 255, 0, 0]
                }
            })
            .collect();
        let pixels = Pixels {
            dimensions: Dimensions {
                width: 64,
                height: 8,
            },
            channels: Channels::Rgba,
            samples: row.repeat(8),
        };
        let resized = resize(
            &prepare(pixels).unwrap(),
            Dimensions {
                width: 16,
                height: 2,
            },
        )
        .unwrap();
        assert_eq!(resized.channels, Channels::Rgba);
        for pixel in resized.samples.chunks_exact(4).filter(|pixel| pixel[3] > 8) {
            assert!(pixel[0] > 240 && pixel[1] < 16, "{pixel:?}");
        }
    }
}
