//! Chooses the widths of an image's variants from the widths in the preset.

use crate::picture::units::{Dimensions, WEBP_MAX_SIDE};

/// A width this close below the image's own width saves too little to be worth a file.
const CLOSE: f64 = 0.10;

/// Returns the widths of an image's variants, ascending and never empty, for ascending `wanted`
/// widths.
///
/// Nothing is upscaled, except vector images (`is_scalable`). If the image is narrower than the
/// largest requested width, the image's width is the largest, and a width within 10% below it is
/// left out.
pub(super) fn widths(own: Dimensions, wanted: &[u32], is_scalable: bool) -> Vec<u32> {
    // A WebP has at most 16383 pixels a side: a very tall image gets only narrow variants.
    let tallest = u64::from(WEBP_MAX_SIDE) * u64::from(own.width) / u64::from(own.height.max(1));
    let widest = u32::try_from(tallest)
        .unwrap_or(u32::MAX)
        .clamp(1, WEBP_MAX_SIDE);
    let top = if is_scalable {
        widest
    } else {
        own.width.min(widest)
    };
    if wanted.last().is_none_or(|largest| top >= *largest) {
        return wanted.to_vec();
    }
    let close = f64::from(top) * (1.0 - CLOSE);
    let mut widths: Vec<u32> = wanted
        .iter()
        .copied()
        .filter(|width| f64::from(*width) < close)
        .collect();
    widths.push(top);
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_width_is_the_top_of_a_narrow_picture() {
        let standard = [320, 640, 960, 1280, 1920];
        for (width, expected) in [
            (4000, vec![320, 640, 960, 1280, 1920]),
            (1920, vec![320, 640, 960, 1280, 1920]),
            (1919, vec![320, 640, 960, 1280, 1919]),
            (1000, vec![320, 640, 1000]),
            (1067, vec![320, 640, 960, 1067]),
            (1066, vec![320, 640, 1066]),
            (711, vec![320, 711]),
            (712, vec![320, 640, 712]),
            (320, vec![320]),
            (100, vec![100]),
            (1, vec![1]),
        ] {
            let own = Dimensions {
                width,
                height: width,
            };
            assert_eq!(widths(own, &standard, false), expected, "{width}");
        }
    }

    #[test]
    fn no_width_exceeds_the_limit_of_webp() {
        let standard = [320, 640, 16383];
        let tall = Dimensions {
            width: 1000,
            height: 30_000,
        };
        for width in widths(tall, &standard, false) {
            assert!(tall.height_at(width) <= WEBP_MAX_SIDE, "{width}");
        }
        let strip = Dimensions {
            width: 16_384,
            height: 40,
        };
        assert_eq!(widths(strip, &standard, false), [320, 640, 16383]);
        let needle = Dimensions {
            width: 1,
            height: 20_000,
        };
        assert_eq!(widths(needle, &standard, false), [1]);
        let icon = Dimensions {
            width: 24,
            height: 24,
        };
        assert_eq!(widths(icon, &standard, true), [320, 640, 16383]);
    }
}
