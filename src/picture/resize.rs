//! Resizes images with Lanczos3. Alpha is multiplied in and gamma is removed once for all sizes.

use std::cell::RefCell;
use std::f64::consts::{FRAC_PI_2, PI};

use bytemuck::Pod;
use fast_image_resize::images::TypedImage;
use fast_image_resize::pixels::{U8, U8x3, U8x4, U16, U16x3, U16x4};
use fast_image_resize::{
    Filter, FilterType, MulDiv, PixelTrait, ResizeAlg, ResizeOptions, Resizer,
};

use crate::error::ImageError;
use crate::linear_light;
use crate::pixels::{Channels, Pixels};
use crate::recipe::Resize;
use crate::units::Dimensions;

thread_local! {
    /// One resizer per thread, which reuses its buffers and coefficients for the next size.
    static RESIZER: RefCell<Resizer> = RefCell::new(Resizer::new());
}

/// The Lanczos kernel with three lobes (Duchon 1979), sin(πx)·sin(πx/3)·3/(πx)², computed with one
/// sine instead of two: sin 3a = 3 sin a − 4 sin³ a. For a small size, the coefficients are a good
/// part of the cost.
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

/// Coefficients of the Taylor series of the sine: 1, −1/3!, 1/5!, …
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

/// Computes the sine of −π to π by its Taylor series, to 1e-15. The sine of the C library depends
/// on the system and on the processor's features.
pub fn sine(a: f64) -> f64 {
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

/// Samples in the pixel types that the resizer takes.
///
/// The resizer is generic over the types of pixels and images, and is compiled as part of this
/// crate. It is only instantiated for these six types of pixels, and for the type of image that it
/// uses itself. With all types, it was half of this crate's code.
enum Samples {
    Gray(TypedImage<'static, U8>),
    Rgb(TypedImage<'static, U8x3>),
    Rgba(TypedImage<'static, U8x4>),
    LinearGray(TypedImage<'static, U16>),
    LinearRgb(TypedImage<'static, U16x3>),
    LinearRgba(TypedImage<'static, U16x4>),
}

impl Samples {
    fn new(pixels: Pixels, light: Resize) -> Result<Self, ImageError> {
        Ok(match (pixels.channels, light) {
            (Channels::Gray, Resize::Srgb) => Samples::Gray(srgb(pixels)?),
            (Channels::Rgb, Resize::Srgb) => Samples::Rgb(srgb(pixels)?),
            (Channels::Rgba, Resize::Srgb) => Samples::Rgba(multiply_alpha(srgb(pixels)?)?),
            (Channels::Gray, Resize::Linear) => Samples::LinearGray(linear(&pixels)?),
            (Channels::Rgb, Resize::Linear) => Samples::LinearRgb(linear(&pixels)?),
            (Channels::Rgba, Resize::Linear) => {
                Samples::LinearRgba(multiply_alpha(linear(&pixels)?)?)
            }
        })
    }

    /// Resizes a part of the image. The result is sRGB with straight alpha.
    fn resize(&self, target: Dimensions, options: &ResizeOptions) -> Result<Pixels, ImageError> {
        let of = |channels, samples| Pixels {
            dimensions: target,
            channels,
            samples,
        };
        let of_linear =
            |channels, samples: &[u8]| of(channels, linear_light::to_srgb(samples, channels));
        Ok(match self {
            Samples::Gray(image) => of(
                Channels::Gray,
                bytemuck::cast_vec(resize(image, target, options)?),
            ),
            Samples::Rgb(image) => of(
                Channels::Rgb,
                bytemuck::cast_vec(resize(image, target, options)?),
            ),
            Samples::Rgba(image) => {
                let pixels = divide_alpha(resize(image, target, options)?, target)?;
                of(Channels::Rgba, bytemuck::cast_vec(pixels))
            }
            Samples::LinearGray(image) => of_linear(
                Channels::Gray,
                bytemuck::cast_slice(&resize(image, target, options)?),
            ),
            Samples::LinearRgb(image) => of_linear(
                Channels::Rgb,
                bytemuck::cast_slice(&resize(image, target, options)?),
            ),
            Samples::LinearRgba(image) => {
                let pixels = divide_alpha(resize(image, target, options)?, target)?;
                of_linear(Channels::Rgba, bytemuck::cast_slice(&pixels))
            }
        })
    }
}

fn srgb<P: PixelTrait + Pod>(pixels: Pixels) -> Result<TypedImage<'static, P>, ImageError> {
    let Dimensions { width, height } = pixels.dimensions;
    let mut samples = pixels.samples;
    // The cast needs a capacity that is a whole number of pixels.
    samples.shrink_to_fit();
    let samples = bytemuck::try_cast_vec(samples)
        .unwrap_or_else(|(_, samples)| bytemuck::pod_collect_to_vec(&samples));
    TypedImage::from_pixels(width, height, samples).map_err(failed)
}

fn linear<P: PixelTrait + Pod>(pixels: &Pixels) -> Result<TypedImage<'static, P>, ImageError> {
    let Dimensions { width, height } = pixels.dimensions;
    let mut light = bytemuck::zeroed_vec(area(pixels.dimensions));
    let bytes = bytemuck::cast_slice_mut::<P, u8>(&mut light);
    linear_light::to_linear(&pixels.samples, pixels.channels, bytes);
    TypedImage::from_pixels(width, height, light).map_err(failed)
}

fn multiply_alpha<P: PixelTrait>(
    mut image: TypedImage<'static, P>,
) -> Result<TypedImage<'static, P>, ImageError> {
    MulDiv::new()
        .multiply_alpha_inplace_typed(&mut image)
        .map_err(failed)?;
    Ok(image)
}

fn divide_alpha<P: PixelTrait>(
    mut pixels: Vec<P>,
    dimensions: Dimensions,
) -> Result<Vec<P>, ImageError> {
    let Dimensions { width, height } = dimensions;
    let mut image = TypedImage::from_pixels_slice(width, height, &mut pixels).map_err(failed)?;
    MulDiv::new()
        .divide_alpha_inplace_typed(&mut image)
        .map_err(failed)?;
    Ok(pixels)
}

fn resize<P: PixelTrait + Pod>(
    from: &TypedImage<'static, P>,
    target: Dimensions,
    options: &ResizeOptions,
) -> Result<Vec<P>, ImageError> {
    let Dimensions { width, height } = target;
    let mut pixels = bytemuck::zeroed_vec(area(target));
    let mut to = TypedImage::from_pixels_slice(width, height, &mut pixels).map_err(failed)?;
    RESIZER
        .with_borrow_mut(|resizer| resizer.resize_typed(from, &mut to, options))
        .map_err(failed)?;
    Ok(pixels)
}

fn area(dimensions: Dimensions) -> usize {
    dimensions.width as usize * dimensions.height as usize
}

/// Pixels ready to be resized to any number of sizes: alpha is multiplied in, and samples are in
/// the color space in which pixels are averaged (sRGB or linear light).
pub struct PreparedImage {
    samples: Samples,
    /// Dimensions of `samples`.
    stored: Dimensions,
    /// Full size of the image. Windows are measured in its pixels.
    own: Dimensions,
    /// Width and height of the image in samples; a fraction if the last ones are covered in part.
    extent: (f64, f64),
}

/// A part of an image, in pixels of the full size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub left: u32,
    pub top: u32,
    pub size: Dimensions,
}

impl Window {
    /// Returns the window that shows all of an image.
    pub fn whole(size: Dimensions) -> Self {
        let (left, top) = (0, 0);
        Window { left, top, size }
    }
}

/// Prepares pixels for resizing.
pub fn prepare(pixels: Pixels, light: Resize) -> Result<PreparedImage, ImageError> {
    let stored = pixels.dimensions;
    Ok(PreparedImage {
        samples: Samples::new(pixels, light)?,
        stored,
        own: stored,
        extent: (stored.width.into(), stored.height.into()),
    })
}

impl PreparedImage {
    /// Declares that these samples are an image of full size `own` that was decoded smaller or
    /// rendered larger, and that covers `extent` samples.
    pub fn rendering(self, own: Dimensions, extent: (f64, f64)) -> Self {
        PreparedImage {
            own,
            extent,
            ..self
        }
    }

    pub fn dimensions(&self) -> Dimensions {
        self.own
    }

    /// Resizes a window of the image as stored. The result is sRGB with straight alpha.
    pub fn resize(&self, window: Window, target: Dimensions) -> Result<Pixels, ImageError> {
        let Window { left, top, size } = window;
        // Multiplies first, so that an unscaled size stays an integer.
        let across = |x: u32| f64::from(x) * self.extent.0 / f64::from(self.own.width);
        let down = |y: u32| f64::from(y) * self.extent.1 / f64::from(self.own.height);
        let (left, top) = (across(left), down(top));
        // Rounding may put the right and lower edges beyond the last sample.
        let width = across(size.width).min(f64::from(self.stored.width) - left);
        let height = down(size.height).min(f64::from(self.stored.height) - top);
        let options = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(filter()))
            .crop(left, top, width, height)
            .use_alpha(false);
        self.samples.resize(target, &options)
    }
}

/// Replaces an error of the resizer. The sizes of the pixels were checked before, so that a failure
/// is a bug of this crate.
fn failed(_: impl std::fmt::Display) -> ImageError {
    ImageError::Resize("the resizer rejected the pixels".to_owned())
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
    fn colors_under_full_transparency_do_not_bleed() {
        // Transparent green next to opaque red: the edge fades from red to transparent.
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
        for light in [Resize::Srgb, Resize::Linear] {
            let prepared = prepare(pixels.clone(), light).unwrap();
            let target = Dimensions {
                width: 16,
                height: 2,
            };
            let resized = prepared
                .resize(Window::whole(pixels.dimensions), target)
                .unwrap();
            assert_eq!(resized.channels, Channels::Rgba);
            for pixel in resized.samples.chunks_exact(4).filter(|pixel| pixel[3] > 8) {
                assert!(pixel[0] > 240 && pixel[1] < 16, "{pixel:?}");
            }
        }
    }

    #[test]
    fn a_checkerboard_keeps_its_brightness_in_linear_light() {
        // Half of the light of white is the sRGB value 187.5 (IEC 61966-2-1).
        let dimensions = Dimensions {
            width: 64,
            height: 64,
        };
        for (channels, light, expected) in [
            (Channels::Gray, Resize::Linear, 188),
            (Channels::Rgb, Resize::Linear, 188),
            (Channels::Rgba, Resize::Linear, 188),
            (Channels::Rgb, Resize::Srgb, 128),
        ] {
            let squares = (0..64u32).flat_map(|y| (0..64u32).map(move |x| (x + y) % 2 == 0));
            let samples = squares.flat_map(|is_white| {
                let value = if is_white { 255 } else { 0 };
                [value, value, value, 255]
                    .into_iter()
                    .take(channels.count())
            });
            let pixels = Pixels {
                dimensions,
                channels,
                samples: samples.collect(),
            };
            let target = Dimensions {
                width: 16,
                height: 16,
            };
            let resized = prepare(pixels, light)
                .unwrap()
                .resize(Window::whole(dimensions), target)
                .unwrap();
            for pixel in resized.samples.chunks_exact(channels.count()) {
                assert!(pixel[0].abs_diff(expected) <= 1, "{channels:?} {pixel:?}");
            }
        }
    }
}
