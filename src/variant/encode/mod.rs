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

/// What is known of a picture's content before it is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    Photo,
    /// Flat areas: a screenshot, a chart, a drawing.
    Flat,
}

/// Share of pixels that equal their left neighbour from which a picture is tried lossless.
///
/// Of the corpus's pictures, every one that comes out smaller lossless at 640 pixels is above it,
/// and hardly a photo is; a photo above it costs a trial, never a larger file.
const FLAT: f64 = 0.45;

/// Measures a picture's content on the original's own pixels.
pub fn content(pixels: &Pixels) -> Content {
    let channels = pixels.channels.count();
    let row_length = pixels.dimensions.width as usize * channels;
    let mut equal = 0usize;
    let mut all = 0usize;
    for row in pixels.samples.chunks_exact(row_length.max(1)) {
        let pairs = row
            .chunks_exact(channels)
            .zip(row[channels..].chunks_exact(channels));
        all += row_length / channels - 1;
        equal += pairs.filter(|(left, right)| left == right).count();
    }
    if all > 0 && equal as f64 >= all as f64 * FLAT {
        Content::Flat
    } else {
        Content::Photo
    }
}

/// Encodes one rung. `stop` is looked at while the encoder works.
pub fn encode(
    pixels: &Pixels,
    recipe: &Recipe,
    content: Content,
    stop: &AtomicBool,
) -> Result<Vec<u8>, EncodeError> {
    let Format::Webp = recipe.format;
    let run = |mode| webp::encode(pixels, mode, recipe.effort, stop);
    let lossy = webp::Mode::Lossy(recipe.quality);
    match (recipe.lossless, content) {
        (Lossless::Never, _) | (Lossless::Auto, Content::Photo) => run(lossy),
        (Lossless::Always, _) => run(webp::Mode::Lossless),
        // Sizes decide, and lossless wins a tie.
        (Lossless::Auto, Content::Flat) => {
            let lossless = run(webp::Mode::Lossless)?;
            let lossy = run(lossy)?;
            Ok(if lossless.len() <= lossy.len() {
                lossless
            } else {
                lossy
            })
        }
    }
}

impl Pixels {
    /// Whether the encoder must keep an alpha channel.
    fn has_alpha(&self) -> bool {
        matches!(self.channels, Channels::Rgba | Channels::RgbaPremultiplied)
    }
}
