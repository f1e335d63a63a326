//! Downscaling with Lanczos3. Alpha is multiplied in and gamma removed once for all sizes.

use std::cell::RefCell;
use std::f64::consts::{FRAC_PI_2, PI};

use fast_image_resize::images::Image;
use fast_image_resize::pixels;
use fast_image_resize::{
    Filter, FilterType, MulDiv, PixelTrait, PixelType, ResizeAlg, ResizeError, ResizeOptions,
    Resizer,
};

use crate::error::ImageError;
use crate::linear_light;
use crate::pixels::{Channels, Pixels};
use crate::recipe::Resize;
use crate::units::Dimensions;

thread_local! {
    /// One per thread: it keeps its buffers and coefficients from size to size.
    static RESIZER: RefCell<Resizer> = RefCell::new(Resizer::new());
}

/// Lanczos with three lobes (Duchon 1979), sin(πx)·sin(πx/3)·3/(πx)², by one sine instead of two:
/// sin 3a = 3 sin a − 4 sin³ a. For a small size, the coefficients are a good part of the cost.
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

fn pixel_type(channels: Channels, light: Resize) -> PixelType {
    match (channels, light) {
        (Channels::Gray, Resize::Srgb) => PixelType::U8,
        (Channels::Rgb, Resize::Srgb) => PixelType::U8x3,
        (Channels::Rgba, Resize::Srgb) => PixelType::U8x4,
        (Channels::Gray, Resize::Linear) => PixelType::U16,
        (Channels::Rgb, Resize::Linear) => PixelType::U16x3,
        (Channels::Rgba, Resize::Linear) => PixelType::U16x4,
    }
}

/// `Resizer::resize`, compiled for the pixel types of `pixel_type` alone: the other seven cost a
/// quarter of the time that this crate takes to compile.
fn resize_image(
    resizer: &mut Resizer,
    from: &Image,
    to: &mut Image,
    options: &ResizeOptions,
) -> Result<(), ResizeError> {
    match from.pixel_type() {
        PixelType::U8 => resize_typed::<pixels::U8>(resizer, from, to, options),
        PixelType::U8x3 => resize_typed::<pixels::U8x3>(resizer, from, to, options),
        PixelType::U8x4 => resize_typed::<pixels::U8x4>(resizer, from, to, options),
        PixelType::U16 => resize_typed::<pixels::U16>(resizer, from, to, options),
        PixelType::U16x3 => resize_typed::<pixels::U16x3>(resizer, from, to, options),
        PixelType::U16x4 => resize_typed::<pixels::U16x4>(resizer, from, to, options),
        _ => Err(ResizeError::PixelTypesAreDifferent),
    }
}

fn resize_typed<P: PixelTrait>(
    resizer: &mut Resizer,
    from: &Image,
    to: &mut Image,
    options: &ResizeOptions,
) -> Result<(), ResizeError> {
    match (from.typed_image::<P>(), to.typed_image_mut::<P>()) {
        (Some(from), Some(mut to)) => resizer.resize_typed(&from, &mut to, options),
        _ => Err(ResizeError::PixelTypesAreDifferent),
    }
}

/// Pixels ready to be resized to any number of sizes: alpha is multiplied in, and the gamma is the
/// one in which pixels are averaged.
pub struct PreparedImage {
    image: Image<'static>,
    channels: Channels,
    light: Resize,
    /// The image's full size, which windows are measured in.
    own: Dimensions,
    /// How many samples the image covers, across and down; the last ones may be covered in part.
    extent: (f64, f64),
}

/// A part of an image as stored, in pixels of the full size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub left: u32,
    pub top: u32,
    pub size: Dimensions,
}

/// Prepares pixels for resizing.
pub fn prepare(pixels: Pixels, light: Resize) -> Result<PreparedImage, ImageError> {
    let Pixels {
        dimensions,
        channels,
        samples,
    } = pixels;
    let Dimensions { width, height } = dimensions;
    let mut image = match light {
        Resize::Srgb => Image::from_vec_u8(width, height, samples, pixel_type(channels, light))
            .map_err(failed)?,
        Resize::Linear => {
            let mut image = Image::new(width, height, pixel_type(channels, light));
            linear_light::to_linear(&samples, channels, image.buffer_mut());
            image
        }
    };
    if channels == Channels::Rgba {
        MulDiv::new()
            .multiply_alpha_inplace(&mut image)
            .map_err(failed)?;
    }
    Ok(PreparedImage {
        image,
        channels,
        light,
        own: dimensions,
        extent: (width.into(), height.into()),
    })
}

impl PreparedImage {
    /// Declares that these samples are an image of size `own` that was decoded smaller, or rendered
    /// larger: it covers `extent` of them.
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

    /// Resizes a window. The result is sRGB with straight alpha.
    pub fn resize(&self, window: Window, target: Dimensions) -> Result<Pixels, ImageError> {
        let kind = pixel_type(self.channels, self.light);
        let mut image = Image::new(target.width, target.height, kind);
        let Window { left, top, size } = window;
        // Products first, so that an unscaled size stays an integer.
        let across = |x: u32| f64::from(x) * self.extent.0 / f64::from(self.own.width);
        let down = |y: u32| f64::from(y) * self.extent.1 / f64::from(self.own.height);
        let (left, top) = (across(left), down(top));
        // The sum of two rounded numbers may pass the last sample by a rounding.
        let width = across(size.width).min(f64::from(self.image.width()) - left);
        let height = down(size.height).min(f64::from(self.image.height()) - top);
        let options = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(filter()))
            .crop(left, top, width, height)
            .use_alpha(false);
        RESIZER
            .with_borrow_mut(|resizer| resize_image(resizer, &self.image, &mut image, &options))
            .map_err(failed)?;
        if self.channels == Channels::Rgba {
            MulDiv::new()
                .divide_alpha_inplace(&mut image)
                .map_err(failed)?;
        }
        Ok(Pixels {
            dimensions: target,
            channels: self.channels,
            samples: match self.light {
                Resize::Srgb => image.into_vec(),
                Resize::Linear => linear_light::to_srgb(image.buffer(), self.channels),
            },
        })
    }
}

fn failed(error: impl std::fmt::Display) -> ImageError {
    ImageError::Resize(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(size: Dimensions) -> Window {
        let (left, top) = (0, 0);
        Window { left, top, size }
    }

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
            let resized = prepared.resize(whole(pixels.dimensions), target).unwrap();
            assert_eq!(resized.channels, Channels::Rgba);
            for pixel in resized.samples.chunks_exact(4).filter(|pixel| pixel[3] > 8) {
                assert!(pixel[0] > 240 && pixel[1] < 16, "{pixel:?}");
            }
        }
    }

    #[test]
    fn a_checkerboard_keeps_its_brightness_in_linear_light() {
        // Half of the light of white is 0.5, which sRGB writes as 187.5 (IEC 61966-2-1).
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
                .resize(whole(dimensions), target)
                .unwrap();
            for pixel in resized.samples.chunks_exact(channels.count()) {
                assert!(pixel[0].abs_diff(expected) <= 1, "{channels:?} {pixel:?}");
            }
        }
    }
}
