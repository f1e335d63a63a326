//! GIF: the logical screen, and frames by their block headers.

use std::io::Cursor;

use image::ColorType;

use super::composed_bytes;
use super::{Orientation, ProbeError, Raster, RasterFormat};
use crate::units::Dimensions;

pub(super) fn probe(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let damaged = |error: gif::DecodingError| ProbeError::Damaged {
        format: "GIF",
        reason: error.to_string(),
    };
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(damaged)?;
    let stored = Dimensions {
        width: u32::from(decoder.width()),
        height: u32::from(decoder.height()),
    };
    let mut frames = 0;
    let mut largest_frame = 0u64;
    loop {
        match decoder.next_frame_info() {
            Ok(Some(frame)) => {
                largest_frame = largest_frame.max(u64::from(frame.width) * u64::from(frame.height));
                frames += 1;
            }
            Ok(None) => break,
            // The first frame is what counts.
            Err(error) if frames == 0 => return Err(damaged(error)),
            Err(_) => break,
        }
    }
    if frames == 0 {
        return Err(ProbeError::Damaged {
            format: "GIF",
            reason: "it has no picture".to_owned(),
        });
    }
    let outside = |limit: u64| largest_frame > limit;
    if outside(stored.pixels().max(1).saturating_mul(4)) && outside(1 << 24) {
        return Err(ProbeError::Damaged {
            format: "GIF",
            reason: "a frame is far larger than the picture".to_owned(),
        });
    }
    Ok(Raster {
        format: RasterFormat::Gif,
        stored,
        orientation: Orientation::UPRIGHT,
        has_alpha: true,
        is_animated: frames > 1,
        passes: frames,
        is_publishable: true,
        decode_bytes: (stored.pixels() + largest_frame) * 4
            + composed_bytes(stored, ColorType::Rgba8, frames > 1),
    })
}

/// How often an animation plays; 0 is for ever.
///
/// Without the extension NETSCAPE2.0 it plays once; with it, the extension's number is how often it
/// is played *again*, as browsers take it, and `gif2webp` unless it is asked for its old way.
pub(crate) fn plays(bytes: &[u8]) -> u16 {
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let Ok(mut decoder) = options.read_info(Cursor::new(bytes)) else {
        return 1;
    };
    while let Ok(Some(_)) = decoder.next_frame_info() {}
    match decoder.repeat() {
        gif::Repeat::Infinite => 0,
        gif::Repeat::Finite(again) => again.saturating_add(1),
    }
}
