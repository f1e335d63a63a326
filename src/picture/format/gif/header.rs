//! GIF: the logical screen, and frames by their block headers.

use std::io::Cursor;

use image::ColorType;

use crate::error::ProbeError;
use crate::image_crate::composed_bytes;
use crate::info::{Format, Orientation, Raster};
use crate::units::Dimensions;

pub(crate) fn probe(bytes: &[u8]) -> Result<Raster, ProbeError> {
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
        format: Format::Gif,
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

#[cfg(test)]
mod tests {
    use crate::format::probe;
    use crate::info::ImageInfo;
    use crate::limits::Limits;

    #[test]
    fn frames_by_pixels_are_limited() {
        // Frames of one pixel on a screen of a million.
        let gif = |frames| {
            let screen = b"GIF89a\xe8\x03\xe8\x03\x80\0\0\0\0\0\xff\xff\xff".to_vec();
            let frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";
            [screen, frame.repeat(frames), b";".to_vec()].concat()
        };
        let Ok(ImageInfo::Raster(raster)) = probe(&gif(2000), &Limits::default()) else {
            panic!("within the limit");
        };
        assert_eq!(raster.passes, 2000);
        let error = probe(&gif(2001), &Limits::default()).expect_err("too much work");
        assert!(error.to_string().contains("2001 frames"), "{error}");
    }
}
