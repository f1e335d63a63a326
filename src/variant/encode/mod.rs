//! From pixels to a file's bytes.

pub mod webp;

use std::sync::atomic::AtomicBool;

use super::{Channels, Pixels};
use crate::plan::Recipe;
use crate::preset::{Format, Lossless};

/// A rung that could not be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    #[error("the encoder is out of memory")]
    OutOfMemory,
    #[error("a side is longer than the format allows")]
    TooLarge,
    #[error("the encoder refused it")]
    Refused,
    #[error("interrupted")]
    Interrupted,
}

/// Share of pixels that equal their left neighbour from which a rung is tried lossless.
///
/// Of 86 screenshots, charts, logos and drawings at up to six widths each, every rung that came out
/// smaller lossless was above 0.72; of photographs none was above 0.5. A rung above it costs a
/// second encode, never a larger file.
const FLAT: f64 = 0.70;

/// Whether a rung has flat areas: what lossless encoding can be smaller for. Downscaling blurs
/// them, so that each rung is measured for itself.
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

/// Encodes one rung. `stop` is looked at while the encoder works.
pub fn encode(pixels: &Pixels, recipe: &Recipe, stop: &AtomicBool) -> Result<Vec<u8>, EncodeError> {
    if recipe.format != Format::Webp {
        return Err(EncodeError::Refused);
    }
    let run = |mode| webp::encode(pixels, mode, recipe.effort, stop);
    let lossy = webp::Mode::Lossy(recipe.quality);
    match recipe.lossless {
        Lossless::Always => run(webp::Mode::Lossless),
        // Sizes decide, and lossless wins a tie.
        Lossless::Auto if is_flat(pixels) => {
            let lossless = run(webp::Mode::Lossless)?;
            let lossy = run(lossy)?;
            Ok(if lossless.len() <= lossy.len() {
                lossless
            } else {
                lossy
            })
        }
        Lossless::Auto | Lossless::Never => run(lossy),
    }
}

impl Pixels {
    /// Whether the encoder must keep an alpha channel.
    fn has_alpha(&self) -> bool {
        self.channels == Channels::Rgba
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Dimensions;

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
    fn flat_is_what_has_areas_of_one_colour() {
        assert!(is_flat(&picture(|x, _| if x < 20 { 10 } else { 200 })));
        assert!(!is_flat(&picture(|x, y| (x * 3 + y) as u8)));
        let one_pixel = Pixels {
            dimensions: Dimensions {
                width: 1,
                height: 1,
            },
            channels: Channels::Gray,
            samples: vec![0],
        };
        assert!(!is_flat(&one_pixel));
    }
}
