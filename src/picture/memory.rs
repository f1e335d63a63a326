//! Computes the peak memory of rendering, before anything is decoded.

use crate::info::ImageInfo;
use crate::quality::QualitySpec;
use crate::recipe::{Recipe, Rendition, Resize, Scale};

/// Maximum number of renditions of undecided widths that are rendered at once: how many there will
/// be is not known when the memory of a job is computed.
pub const UNDECIDED_AT_ONCE: usize = 4;

/// Bytes per pixel that the lossless encoding of an alpha plane takes, measured.
const ALPHA: u64 = 24;

/// Returns the peak memory of rendering an image, in bytes. It is the larger of two: the file and
/// its decoder, or the pixels and all renditions at once, each with its encoder's planes and
/// tables.
///
/// `largest_undecided` has, for each ladder whose widths depend on file sizes, the largest
/// rendition that may follow.
pub fn peak_bytes(
    info: &ImageInfo,
    file_bytes: u64,
    renditions: &[&Rendition],
    largest_undecided: &[&Rendition],
) -> u64 {
    let (channels, smaller, whole, decode_bytes) = match info {
        ImageInfo::Raster(raster) => {
            let channels = if raster.has_alpha { 4 } else { 3 };
            let smaller: u64 = [Scale::Quarter, Scale::Half]
                .into_iter()
                .filter(|scale| renditions.iter().any(|one| one.recipe.scale == *scale))
                .map(|scale| scale.samples(raster.stored).pixels())
                .sum();
            let whole = raster.stored.pixels();
            (channels, smaller, whole, raster.decode_bytes)
        }
        ImageInfo::Vector { dimensions } => {
            let drawn: u64 = renditions
                .iter()
                .map(|one| one.drawn(*dimensions).pixels())
                .sum();
            (4, 0, drawn, drawn * 4)
        }
    };
    // Linear light takes two bytes per sample, in addition to the stored values that other
    // renditions need.
    let is_linear = |one: &&Rendition| one.recipe.resize == Resize::Linear;
    let sample_bytes = if renditions.iter().any(is_linear) {
        3
    } else {
        1
    };
    let per_pixel = channels * sample_bytes;
    let pixels = (smaller + whole) * per_pixel;
    let bytes_of = |one: &Rendition| {
        let own = one.dimensions.pixels();
        let encoder = one.recipe.format.encoder().bytes_per_pixel;
        let alpha = if channels == 4 { ALPHA } else { 0 };
        let bytes = own * (per_pixel + encoder + alpha) + score_bytes(&one.recipe, channels, own);
        if one.recipe.is_animated {
            bytes + animation_bytes(own, file_bytes)
        } else {
            bytes
        }
    };
    let (mut frames, mut stills) = (0, 0);
    for one in renditions {
        let sum = if one.recipe.is_animated {
            &mut frames
        } else {
            &mut stills
        };
        *sum += bytes_of(one);
    }
    // Undecided widths are rendered after the ends of their ladder, and none is larger than the
    // upper end.
    for one in largest_undecided {
        let most = if one.recipe.is_animated {
            &mut frames
        } else {
            &mut stills
        };
        *most = (*most).max(bytes_of(one) * UNDECIDED_AT_ONCE as u64);
    }
    // The smaller scales are already in memory while the full image is decoded.
    let decoder = file_bytes + decode_bytes + smaller * channels;
    let still = decoder.max(pixels + stills);
    // Animated renditions are rendered first, and the decoder stays in memory while they are
    // encoded.
    if frames > 0 {
        still.max(decoder + pixels + frames)
    } else {
        still
    }
}

/// Returns the bytes that the encoder of one animated rendition keeps from frame to frame: the
/// frame twice and four canvases; most of them again if two encodings are tried; and its output,
/// which is larger than the original only if few colors become many.
fn animation_bytes(pixels: u64, file_bytes: u64) -> u64 {
    pixels * 36 + file_bytes * 4
}

/// Returns the maximum number of bytes that a search for a score takes in addition to the encoder,
/// measured. Small images are scored whole, large ones from tiles and at half their size;
/// transparent ones twice.
fn score_bytes(recipe: &Recipe, channels: u64, pixels: u64) -> u64 {
    const SMALL: u64 = 300_000;
    let is_searched = matches!(recipe.quality, QualitySpec::Target(_));
    if !is_searched || recipe.is_animated || !recipe.format.encoder().is_lossy {
        return 0;
    }
    let once = pixels * 16 + pixels.min(SMALL) * 60;
    if channels == 4 { once * 2 } else { once }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::info::{Format, Orientation, Raster};
    use crate::quality::Target;
    use crate::recipe::Framing;
    use crate::units::{Dimensions, Score};

    #[test]
    fn widths_that_are_still_undecided_are_counted_as_if_they_were_listed() {
        let stored = Dimensions {
            width: 2000,
            height: 1500,
        };
        let info = ImageInfo::Raster(Raster {
            format: Format::PNG,
            stored,
            orientation: Orientation::UPRIGHT,
            has_alpha: false,
            is_animated: false,
            passes: 1,
            is_publishable: true,
            decode_bytes: stored.pixels() * 3,
            total_milliseconds: 0,
            has_certain_position: false,
        });
        let rendition = |width| Rendition {
            dimensions: Dimensions {
                width,
                height: stored.height_at(width),
            },
            framing: Framing::Whole,
            recipe: Recipe {
                quality: QualitySpec::Target(Target {
                    ssimulacra2: Score::new(75.0).unwrap(),
                }),
                ..Recipe::plain(Format::WEBP)
            },
        };
        let (low, high) = (rendition(320), rendition(1600));
        let open = peak_bytes(&info, 0, &[&low, &high], &[&high]);
        let listed = peak_bytes(&info, 0, &[&high; UNDECIDED_AT_ONCE], &[]);
        assert!(open >= listed, "{open} < {listed}");
    }
}
