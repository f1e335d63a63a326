//! AVIF through `ravif`: AV1 of ten bits, without chroma subsampling.

use ravif::{Encoder, Img, RGB8, RGBA8};

use super::EncodeError;
use crate::units::{Effort, Quality};
use crate::variant::{Channels, Pixels};

/// Encodes pixels. One thread: the number of threads would decide on tiles, and so on bytes.
pub(super) fn encode(
    pixels: &Pixels,
    quality: Quality,
    effort: Effort,
) -> Result<Vec<u8>, EncodeError> {
    let quality = super::matched::avif(quality);
    // As ravif's own program does it: alpha shows artefacts first.
    let of_alpha = (quality + 100.0) / 2.0;
    let of_alpha = of_alpha.min(quality + quality / 4.0 + 2.0);
    let encoder = Encoder::new()
        .with_quality(quality)
        .with_alpha_quality(of_alpha.clamp(1.0, 100.0))
        // Effort 4 is its speed 6; 10 is the fastest.
        .with_speed(10 - effort.get())
        .with_num_threads(Some(1));
    let (width, height) = (
        pixels.dimensions.width as usize,
        pixels.dimensions.height as usize,
    );
    let samples = &pixels.samples;
    let encoded = match pixels.channels {
        Channels::Gray => {
            let gray = samples.iter();
            let rgb: Vec<RGB8> = gray.map(|gray| RGB8::new(*gray, *gray, *gray)).collect();
            encoder.encode_rgb(Img::new(&rgb, width, height))
        }
        Channels::Rgb => {
            let pixels = samples.chunks_exact(3);
            let rgb: Vec<RGB8> = pixels.map(|p| RGB8::new(p[0], p[1], p[2])).collect();
            encoder.encode_rgb(Img::new(&rgb, width, height))
        }
        Channels::Rgba => {
            let pixels = samples.chunks_exact(4);
            let rgba: Vec<RGBA8> = pixels.map(|p| RGBA8::new(p[0], p[1], p[2], p[3])).collect();
            encoder.encode_rgba(Img::new(&rgba, width, height))
        }
    };
    match encoded {
        Ok(encoded) => Ok(encoded.avif_file),
        Err(_) => Err(EncodeError::Refused),
    }
}
