//! Decides by trial whether a WebP variant is smaller without loss, or almost without.

use super::libwebp::Mode;
use super::libwebp::shown;
use crate::error::EncodeError;
use crate::pixels::Pixels;
use crate::score::Scorer;

/// Limits for trying a variant lossless: the minimum share of pixels that equal their left
/// neighbour (`FLAT`), and the maximum number of colors (`COLORS`).
///
/// Of 14 screenshots, charts, logos and drawings at up to eight widths each, every variant that was
/// smaller lossless or nearly lossless had a share above 0.63 and at most 1 600 colors. Of 24
/// photographs at three widths, two variants in 72 are tried, and none was smaller. A trial costs a
/// second encode, but never makes a file larger.
const FLAT: f64 = 0.60;
const COLORS: usize = 2_048;

/// libwebp's `near_lossless` levels that are tried, the one with the smaller file first. Lower
/// levels are visible; higher ones save nothing over these.
const NEAR_LOSSLESS: [u8; 2] = [40, 60];
/// Maximum size of a lossless variant, as a multiple of the lossy one's, at which nearly lossless
/// ones are tried: their size is 0.52 to 0.8 of the lossless one's.
const NEAR: usize = 2;
/// Score from which an image is indistinguishable from the original side by side at full size,
/// according to the metric's documentation.
const INVISIBLE: f64 = 90.0;

/// Whether a variant has flat areas and few colors, so that lossless encoding may be smaller.
/// Downscaling blurs both, so each variant is measured separately.
pub(crate) fn is_graphic(pixels: &Pixels) -> bool {
    // A photograph has too many colors within its first rows.
    has_few_colors(pixels) && is_flat(pixels)
}

fn is_flat(pixels: &Pixels) -> bool {
    let channels = pixels.channels.count();
    let row_length = pixels.dimensions.width as usize * channels;
    let equal: usize = pixels
        .samples
        .chunks_exact(row_length.max(1))
        .map(|row| {
            let pairs = row
                .chunks_exact(channels)
                .zip(row[channels..].chunks_exact(channels));
            pairs.filter(|(left, right)| left == right).count()
        })
        .sum();
    equal as f64 >= pixels.dimensions.pixels() as f64 * FLAT
}

fn has_few_colors(pixels: &Pixels) -> bool {
    let mut colors = std::collections::HashSet::new();
    let mut last: &[u8] = &[];
    pixels
        .samples
        .chunks_exact(pixels.channels.count())
        .all(|pixel| {
            if pixel != last {
                colors.insert(pixel);
                last = pixel;
            }
            colors.len() <= COLORS
        })
}

/// Returns the smallest of `lossy`, lossless and nearly lossless that looks at least as good as
/// `lossy`. If sizes are equal, lossless wins.
pub(crate) fn smallest(
    pixels: &Pixels,
    scorer: Option<&Scorer>,
    lossy: Vec<u8>,
    encode: impl Fn(Mode) -> Result<Vec<u8>, EncodeError>,
) -> Result<Vec<u8>, EncodeError> {
    let lossless = encode(Mode::Lossless)?;
    let is_near = lossless.len() <= lossy.len() * NEAR;
    let is_lossless = lossless.len() <= lossy.len();
    let smaller = if is_lossless { &lossless } else { &lossy };
    let mut made = None;
    let mut least = None;
    for level in NEAR_LOSSLESS.into_iter().filter(|_| is_near) {
        let near = encode(Mode::NearLossless(level))?;
        if near.len() >= smaller.len() {
            continue;
        }
        let scorer = match (scorer, &mut made) {
            (Some(scorer), _) => scorer,
            (None, Some(made)) => &*made,
            (None, made) => &*made.insert(Scorer::new(pixels)?),
        };
        let score = |webp: &[u8]| Ok::<_, EncodeError>(scorer.scores(&shown(webp, pixels)?)?.whole);
        let least = match least {
            Some(least) => least,
            None => *least.insert(score(&lossy)?.max(INVISIBLE)),
        };
        if score(&near)? >= least {
            return Ok(near);
        }
    }
    Ok(if is_lossless { lossless } else { lossy })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::format::webp::libwebp;
    use crate::pixels::Channels;
    use crate::score::tests::painted;
    use crate::score::tests::scene;
    use crate::units::{Dimensions, Effort, Quality};

    static GO: AtomicBool = AtomicBool::new(false);

    fn picture(paint: impl Fn(u32, u32) -> u8) -> Pixels {
        let dimensions = Dimensions {
            width: 64,
            height: 48,
        };
        let pixels = (0..48).flat_map(|y| (0..64).map(move |x| (x, y)));
        Pixels {
            dimensions,
            channels: Channels::Rgb,
            samples: pixels.flat_map(|(x, y)| [paint(x, y); 3]).collect(),
        }
    }

    #[test]
    fn a_graphic_is_what_has_areas_of_few_colors() {
        assert!(is_graphic(&picture(|x, _| if x < 20 { 10 } else { 200 })));
        assert!(!is_graphic(&picture(|x, y| (x * 3 + y) as u8)));
        let one_pixel = Pixels {
            dimensions: Dimensions {
                width: 1,
                height: 1,
            },
            channels: Channels::Gray,
            samples: vec![0],
        };
        assert!(!is_graphic(&one_pixel));
        // Pairs of equal pixels, each pair in a different color.
        let mut many = picture(|_, _| 0);
        many.dimensions = Dimensions {
            width: 99,
            height: 99,
        };
        let color = |place: u32| [(place / 4) as u8, (place / 1024) as u8, 7];
        many.samples = (0..99 * 99).flat_map(color).collect();
        assert!(is_flat(&many) && !is_graphic(&many));
    }

    #[test]
    fn the_smallest_file_of_equal_quality_is_chosen() {
        let pixels = painted(120, 80, Channels::Rgb, scene);
        let made = |mode| libwebp::encode(&pixels, mode, Effort::new(0).unwrap(), &GO).unwrap();
        let seen = Mode::Lossy(Quality::new(50.0).unwrap());
        // Bytes after a file's end are ignored, and pad it to the desired size.
        let long = |mode, length| {
            let mut file = made(mode);
            assert!(file.len() <= length, "{}", file.len());
            file.resize(length, 0);
            file
        };
        for (lossless, forty, sixty, expected) in [
            (59_000, 50_000, 55_000, 50_000),
            (61_000, 50_000, 55_000, 50_000),
            (59_000, 59_500, 55_000, 55_000),
            (59_000, 59_000, 59_000, 59_000),
            (60_000, 60_000, 60_000, 60_000),
            (61_000, 61_000, 61_000, 60_000),
            (130_000, 50_000, 50_000, 60_000),
        ] {
            for is_seen in [false, true] {
                let encode = |mode| {
                    Ok(match mode {
                        Mode::NearLossless(40) if is_seen => long(seen, forty),
                        Mode::NearLossless(40) => long(mode, forty),
                        Mode::NearLossless(_) => long(mode, sixty),
                        mode => long(mode, lossless),
                    })
                };
                let lossy = long(seen, 60_000);
                let taken = smallest(&pixels, None, lossy, encode).unwrap().len();
                // A visible difference excludes a file, however small the file is.
                let best = if is_seen && expected == forty && forty < lossless.min(60_000) {
                    sixty
                } else {
                    expected
                };
                assert_eq!(taken, best, "{lossless} {forty} {sixty} {is_seen}");
            }
        }
    }
}
