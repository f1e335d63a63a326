//! Samples in memory: as a decoder returns them, and as an encoder takes them.

use crate::color::ColorSpace;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Samples by kind; rows without padding.
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

/// Joins pairs of bytes, in the machine's order, into samples of sixteen bits.
pub fn wide(bytes: &[u8]) -> Vec<u16> {
    bytes
        .chunks_exact(2)
        .map(|pair| u16::from_ne_bytes([pair[0], pair[1]]))
        .collect()
}

/// Turns premultiplied alpha into straight alpha; alpha is the last sample of each pixel.
pub fn divide_alpha<T: Copy + Into<u32> + TryFrom<u32>>(
    samples: &mut [T],
    channels: usize,
    full: T,
) {
    let whole: u32 = full.into();
    for pixel in samples.chunks_exact_mut(channels) {
        let Some((alpha, colors)) = pixel.split_last_mut() else {
            continue;
        };
        let alpha: u32 = (*alpha).into();
        if alpha == 0 || alpha == whole {
            continue;
        }
        for color in colors {
            let value: u64 = u64::from((*color).into());
            let divided = (value * u64::from(whole) + u64::from(alpha / 2)) / u64::from(alpha);
            let divided = u32::try_from(divided).unwrap_or(whole).min(whole);
            *color = T::try_from(divided).unwrap_or(full);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alpha_is_divided_out_and_no_sample_leaves_its_range() {
        let mut pixels = [64u8, 0, 200, 128, 9, 9, 9, 0, 5, 6, 7, 255];
        divide_alpha(&mut pixels, 4, u8::MAX);
        assert_eq!(pixels, [128, 0, 255, 128, 9, 9, 9, 0, 5, 6, 7, 255]);
        let mut gray = [32_768u16, 32_768];
        divide_alpha(&mut gray, 2, u16::MAX);
        assert_eq!(gray, [u16::MAX, 32_768]);
    }
}
