//! JPEG through `jpeg-encoder`: progressive, with Huffman tables of its own.

use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder};

use super::EncodeError;
use crate::units::Quality;
use crate::variant::{Channels, Pixels};

/// Encodes pixels without alpha, and the profile that they are meant by.
pub(super) fn encode(
    pixels: &Pixels,
    quality: Quality,
    icc: Option<&[u8]>,
) -> Result<Vec<u8>, EncodeError> {
    let colour = match pixels.channels {
        Channels::Gray => ColorType::Luma,
        Channels::Rgb => ColorType::Rgb,
        Channels::Rgba => return Err(EncodeError::Refused),
    };
    let side = |side: u32| u16::try_from(side).map_err(|_| EncodeError::TooLarge);
    let (width, height) = (
        side(pixels.dimensions.width)?,
        side(pixels.dimensions.height)?,
    );
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, super::matched::jpeg(quality));
    encoder.set_progressive(true);
    encoder.set_optimized_huffman_tables(true);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    if let Some(icc) = icc {
        encoder
            .add_icc_profile(icc)
            .map_err(|_| EncodeError::Refused)?;
    }
    encoder
        .encode(&pixels.samples, width, height, colour)
        .map_err(|_| EncodeError::Refused)?;
    Ok(jpeg)
}
