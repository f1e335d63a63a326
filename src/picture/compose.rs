//! Alpha compositing of one pixel over another, on the stored values, as in browsers.

use crate::framing::Background;
use crate::pixels::{Channels, Pixels, Sample};

/// Composites the pixel `above` over the pixel `below`. Samples are rounded to the nearest value.
///
/// Pixels have `N` samples, straight alpha last. The operator is Porter and Duff's "over"
/// (Compositing Digital Images, 1984). If both pixels are fully transparent, the result is `below`.
pub(crate) fn over<T: Sample, const N: usize>(above: [T; N], below: [T; N]) -> [T; N] {
    let full: u64 = T::FULL.into();
    let (alpha_above, alpha_below): (u64, u64) = (above[N - 1].into(), below[N - 1].into());
    if alpha_above == full {
        return above;
    }
    if alpha_above == 0 {
        return below;
    }
    let sample = |value: u64| T::try_from(value).unwrap_or(T::FULL);
    let mix = |weight_above: u64, weight_below: u64, sum: u64, alpha: T| {
        std::array::from_fn(|index| {
            if index == N - 1 {
                return alpha;
            }
            let (above, below): (u64, u64) = (above[index].into(), below[index].into());
            sample((above * weight_above + below * weight_below + sum / 2) / sum)
        })
    };
    let rest = full - alpha_above;
    if alpha_below == full {
        // The general case with every weight divided by `full`, which changes no rounded result:
        // `full` is odd. A constant divisor is several times faster.
        return mix(alpha_above, rest, full, T::FULL);
    }
    // In units of 1 / `full`². The sum is not 0, since `alpha_above` is not.
    let (weight_above, weight_below) = (alpha_above * full, alpha_below * rest);
    let sum = weight_above + weight_below;
    mix(
        weight_above,
        weight_below,
        sum,
        sample((sum + full / 2) / full),
    )
}

impl Pixels {
    /// Removes transparency: composites the image over `background`, whose own alpha is ignored.
    pub fn opaque(self, background: Background) -> Pixels {
        if self.channels != Channels::Rgba {
            return self;
        }
        let [r, g, b, _] = background.0;
        let (pixels, _) = self.samples.as_chunks::<4>();
        let samples = pixels.iter().flat_map(|pixel| {
            let [r, g, b, _] = over(*pixel, [r, g, b, u8::MAX]);
            [r, g, b]
        });
        Pixels {
            dimensions: self.dimensions,
            channels: Channels::Rgb,
            samples: samples.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_is_composited_over_another() {
        let blue = [0, 0, 255, 255];
        // By hand: alpha 128 of 255 over opaque: 255·128/255 = 128, 255·127/255 = 127.
        assert_eq!(over([255u8, 0, 0, 128], blue), [128, 0, 127, 255]);
        // 128 + 128·127/255 = 191.75; red 128/191.75 of 255 = 170.2, blue 84.8.
        assert_eq!(
            over([255u8, 0, 0, 128], [0, 0, 255, 128]),
            [170, 0, 85, 192]
        );
        assert_eq!(over([9u8, 9, 9, 0], [1, 2, 3, 4]), [1, 2, 3, 4]);
        assert_eq!(over([9u8, 9, 9, 1], [0; 4]), [9, 9, 9, 1]);
        assert_eq!(over([65_535u16, 32_768], [0, 65_535]), [32_768, 65_535]);
    }

    #[test]
    fn the_shortcut_for_an_opaque_pixel_below_equals_the_general_case() {
        let nearest = |value: u64, alpha: u64, below: u64, full: u64| {
            let sum = value * alpha * full + below * full * (full - alpha);
            (sum + full * full / 2) / (full * full)
        };
        for alpha in 1..255u8 {
            for value in 0..=255u8 {
                for below in [0, 1, 26, 127, 128, 230, 255u8] {
                    let expected = nearest(value.into(), alpha.into(), below.into(), 255);
                    let [result, _] = over([value, alpha], [below, 255]);
                    assert_eq!(u64::from(result), expected, "{value} {alpha} {below}");
                }
            }
        }
        for alpha in (1..65_535u16).step_by(257) {
            for value in (0..=65_535u16).step_by(101) {
                let expected = nearest(value.into(), alpha.into(), 40_000, 65_535);
                let [result, _] = over([value, alpha], [40_000, 65_535]);
                assert_eq!(u64::from(result), expected, "{value} {alpha}");
            }
        }
    }
}
