//! Prepares the samples that the metric compares: in RGB or RGBA, over a gray, halved, or cut into
//! tiles.

use std::borrow::Cow;
use std::sync::LazyLock;

use fast_ssim2::{PixelDescriptor, PixelSlice};

use crate::compose::over;
use crate::error::ScoreError;
use crate::linear_light;
use crate::pixels::{Channels, Pixels};

/// Width and height of a tile, including a margin on each side that is not counted: the radius of
/// the metric's blur.
pub(super) const TILE: (usize, usize) = (48, 24);

/// An image to compare, with three channels.
pub(super) struct Samples {
    pub width: usize,
    /// Left and top of the tiles that the image consists of; empty for a whole image.
    pub tiles: Vec<(usize, usize)>,
    pub values: Values,
}

pub(super) enum Values {
    /// In sRGB.
    Stored(Vec<u8>),
    /// In linear light.
    Light(Vec<f32>),
}

impl Samples {
    pub fn slice(&self) -> Result<PixelSlice<'_>, ScoreError> {
        match &self.values {
            Values::Stored(values) => slice(values, self.width, Channels::Rgb),
            Values::Light(values) => {
                let stride = self.width * 3 * size_of::<f32>();
                let height = values.len() / (self.width * 3).max(1);
                let bytes = bytemuck::cast_slice(values);
                sliced(
                    bytes,
                    self.width,
                    height,
                    stride,
                    PixelDescriptor::RGBF32_LINEAR,
                )
            }
        }
    }
}

/// Converts pixels to samples of three or four channels.
pub(super) fn spread(pixels: &Pixels, channels: Channels) -> Cow<'_, [u8]> {
    if pixels.channels == channels {
        return Cow::Borrowed(&pixels.samples);
    }
    let rgba = crate::frame::rgba(pixels);
    Cow::Owned(match channels {
        Channels::Rgba => rgba,
        _ => rgba
            .chunks_exact(4)
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect(),
    })
}

/// Returns RGB samples: the samples themselves, or RGBA samples composited over a gray.
pub(super) fn over_gray(samples: &[u8], gray: Option<u8>) -> Cow<'_, [u8]> {
    let Some(gray) = gray else {
        return Cow::Borrowed(samples);
    };
    let (pixels, _) = samples.as_chunks::<4>();
    let opaque = pixels.iter().flat_map(|pixel| {
        let [r, g, b, _] = over(*pixel, [gray, gray, gray, u8::MAX]);
        [r, g, b]
    });
    Cow::Owned(opaque.collect())
}

pub(super) fn slice(
    samples: &[u8],
    width: usize,
    channels: Channels,
) -> Result<PixelSlice<'_>, ScoreError> {
    let descriptor = match channels {
        Channels::Rgba => PixelDescriptor::RGBA8_SRGB,
        _ => PixelDescriptor::RGB8_SRGB,
    };
    let stride = width * channels.count();
    sliced(
        samples,
        width,
        samples.len() / stride.max(1),
        stride,
        descriptor,
    )
}

fn sliced(
    bytes: &[u8],
    width: usize,
    height: usize,
    stride: usize,
    descriptor: PixelDescriptor,
) -> Result<PixelSlice<'_>, ScoreError> {
    let side = |side: usize| u32::try_from(side).map_err(|_| ScoreError);
    let slice = PixelSlice::new(bytes, side(width)?, side(height)?, stride, descriptor);
    slice.map_err(|_| ScoreError)
}

/// The linear light of each sRGB value.
static LIGHT: LazyLock<[f32; 256]> =
    LazyLock::new(|| std::array::from_fn(|value| linear_light::amount(value as u8) as f32));

/// Halves the size of an sRGB image. The result is linear light.
pub(super) fn halved(rgb: &[u8], width: usize, height: usize) -> Vec<f32> {
    let light = &*LIGHT;
    halve(rgb, width, height, |value| light[usize::from(value)])
}

/// Halves the size of an image in linear light.
pub(super) fn halved_again(light: &[f32], width: usize, height: usize) -> Vec<f32> {
    halve(light, width, height, |value| value)
}

/// Halves the size in linear light: takes the means of two by two pixels. Pixels beyond an edge
/// repeat the edge, as in the metric.
fn halve<T: Copy>(rgb: &[T], width: usize, height: usize, light: impl Fn(T) -> f32) -> Vec<f32> {
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let mut half = Vec::with_capacity(half_width * half_height * 3);
    for y in 0..half_height {
        let row = |y: usize| &rgb[y.min(height - 1) * width * 3..][..width * 3];
        let (above, below) = (row(2 * y), row(2 * y + 1));
        for x in 0..half_width {
            let (left, right) = (2 * x * 3, (2 * x + 1).min(width - 1) * 3);
            for channel in 0..3 {
                let at = |row: &[T], pixel: usize| light(row[pixel + channel]);
                let sum = at(above, left) + at(above, right) + at(below, left) + at(below, right);
                half.push(sum * 0.25);
            }
        }
    }
    half
}

/// Copies tiles side by side to an image of a tile's height. `tiles` has the left and top of each.
pub(super) fn tiled<T: Copy>(rgb: &[T], width: usize, tiles: &[(usize, usize)]) -> Vec<T> {
    let rows = (0..TILE.1).flat_map(|row| {
        tiles.iter().map(move |(left, top)| {
            let begin = ((top + row) * width + left) * 3;
            &rgb[begin..begin + TILE.0 * 3]
        })
    });
    rows.flatten().copied().collect()
}
