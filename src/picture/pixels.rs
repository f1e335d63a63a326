//! Samples in memory: as a decoder returns them, and as an encoder takes them.

use serde::{Deserialize, Serialize};

use crate::color_space::ColorSpace;
use crate::units::Dimensions;

/// Pixels in sRGB, eight bits a sample, rows without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    pub dimensions: Dimensions,
    pub channels: Channels,
    pub samples: Vec<u8>,
}

impl Pixels {
    /// Whether an encoder must keep an alpha channel.
    pub fn has_alpha(&self) -> bool {
        self.channels == Channels::Rgba
    }
}

/// The samples of one pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Channels {
    Gray,
    Rgb,
    /// Straight alpha: the colors are not multiplied by it.
    Rgba,
}

impl Channels {
    /// Number of samples per pixel.
    pub fn count(self) -> usize {
        match self {
            Channels::Gray => 1,
            Channels::Rgb => 3,
            Channels::Rgba => 4,
        }
    }
}

/// An image as its decoder returns it: not yet upright, not yet sRGB.
#[derive(Clone)]
pub struct Decoded {
    pub samples: Samples,
    pub color: ColorSpace,
}

/// Color type and bit depth of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SampleKind {
    Gray,
    GrayAlpha,
    Rgb,
    Rgba,
    Cmyk,
    Gray16,
    GrayAlpha16,
    Rgb16,
    Rgba16,
}

impl SampleKind {
    /// Returns the number of bytes per pixel.
    pub fn bytes(self) -> u64 {
        match self {
            SampleKind::Gray => 1,
            SampleKind::GrayAlpha | SampleKind::Gray16 => 2,
            SampleKind::Rgb => 3,
            SampleKind::Rgba | SampleKind::Cmyk | SampleKind::GrayAlpha16 => 4,
            SampleKind::Rgb16 => 6,
            SampleKind::Rgba16 => 8,
        }
    }

    /// Creates samples of this kind from their bytes. Those of 16 bits are in the machine's byte
    /// order.
    pub fn samples(self, bytes: Vec<u8>) -> Samples {
        match self {
            SampleKind::Gray => Samples::Gray(bytes),
            SampleKind::GrayAlpha => Samples::GrayAlpha(bytes),
            SampleKind::Rgb => Samples::Rgb(bytes),
            SampleKind::Rgba => Samples::Rgba(bytes),
            SampleKind::Cmyk => Samples::Cmyk(bytes),
            SampleKind::Gray16 => Samples::Gray16(wide(&bytes)),
            SampleKind::GrayAlpha16 => Samples::GrayAlpha16(wide(&bytes)),
            SampleKind::Rgb16 => Samples::Rgb16(wide(&bytes)),
            SampleKind::Rgba16 => Samples::Rgba16(wide(&bytes)),
        }
    }
}

/// Samples by color type and bit depth; rows without padding.
#[derive(Clone)]
pub enum Samples {
    Gray(Vec<u8>),
    GrayAlpha(Vec<u8>),
    Rgb(Vec<u8>),
    Rgba(Vec<u8>),
    /// Ink coverage; 255 is full.
    Cmyk(Vec<u8>),
    Gray16(Vec<u16>),
    GrayAlpha16(Vec<u16>),
    Rgb16(Vec<u16>),
    Rgba16(Vec<u16>),
}

impl Samples {
    /// Returns the kind and the bytes. Samples of 16 bits are in the machine's byte order.
    pub fn parts(&self) -> (SampleKind, &[u8]) {
        match self {
            Samples::Gray(samples) => (SampleKind::Gray, samples),
            Samples::GrayAlpha(samples) => (SampleKind::GrayAlpha, samples),
            Samples::Rgb(samples) => (SampleKind::Rgb, samples),
            Samples::Rgba(samples) => (SampleKind::Rgba, samples),
            Samples::Cmyk(samples) => (SampleKind::Cmyk, samples),
            Samples::Gray16(samples) => (SampleKind::Gray16, bytemuck::cast_slice(samples)),
            Samples::GrayAlpha16(samples) => {
                (SampleKind::GrayAlpha16, bytemuck::cast_slice(samples))
            }
            Samples::Rgb16(samples) => (SampleKind::Rgb16, bytemuck::cast_slice(samples)),
            Samples::Rgba16(samples) => (SampleKind::Rgba16, bytemuck::cast_slice(samples)),
        }
    }
}

/// A sample of eight or sixteen bits.
pub(crate) trait Sample: Copy + Default + Eq + Into<u64> + TryFrom<u64> {
    /// The largest value; for alpha, it means opaque.
    const FULL: Self;
}

impl Sample for u8 {
    const FULL: u8 = u8::MAX;
}

impl Sample for u16 {
    const FULL: u16 = u16::MAX;
}

/// Joins pairs of bytes, in the machine's byte order, into 16-bit samples.
pub fn wide(bytes: &[u8]) -> Vec<u16> {
    bytes
        .chunks_exact(2)
        .map(|pair| u16::from_ne_bytes([pair[0], pair[1]]))
        .collect()
}

/// Converts premultiplied alpha to straight alpha. Pixels have `channels` samples, alpha last.
pub(crate) fn divide_alpha<T: Sample>(samples: &mut [T], channels: usize) {
    let full: u64 = T::FULL.into();
    for pixel in samples.chunks_exact_mut(channels) {
        let Some((alpha, colors)) = pixel.split_last_mut() else {
            continue;
        };
        let alpha: u64 = (*alpha).into();
        if alpha == 0 || alpha == full {
            continue;
        }
        for color in colors {
            let value: u64 = (*color).into();
            let divided = (value * full + alpha / 2) / alpha;
            *color = T::try_from(divided.min(full)).unwrap_or(T::FULL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpha_is_divided_out_and_no_sample_leaves_its_range() {
        let mut pixels = [64u8, 0, 200, 128, 9, 9, 9, 0, 5, 6, 7, 255];
        divide_alpha(&mut pixels, 4);
        assert_eq!(pixels, [128, 0, 255, 128, 9, 9, 9, 0, 5, 6, 7, 255]);
        let mut gray = [32_768u16, 32_768];
        divide_alpha(&mut gray, 2);
        assert_eq!(gray, [u16::MAX, 32_768]);
    }
}
