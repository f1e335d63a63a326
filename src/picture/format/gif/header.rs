//! Reads the headers of a GIF: the logical screen, and the block headers of frames. No pixel is
//! decoded.

use std::io::Cursor;

use image::ColorType;

use crate::error::ProbeError;
use crate::image_crate::composed_bytes;
use crate::info::{Orientation, Raster, total_milliseconds};
use crate::units::Dimensions;

pub(crate) fn probe(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let damaged = |error: gif::DecodingError| ProbeError::of_decoder("GIF", &error);
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(damaged)?;
    let mut stored = screen(bytes).unwrap_or(Dimensions {
        width: u32::from(decoder.width()),
        height: u32::from(decoder.height()),
    });
    let mut frames = 0;
    let mut durations: Vec<u64> = Vec::new();
    let mut largest_frame = 0u64;
    loop {
        match decoder.next_frame_info() {
            Ok(Some(frame)) => {
                // The first frame enlarges the screen, as in browsers.
                if frames == 0 {
                    let right = u32::from(frame.left) + u32::from(frame.width);
                    let bottom = u32::from(frame.top) + u32::from(frame.height);
                    stored.width = stored.width.max(right);
                    stored.height = stored.height.max(bottom);
                }
                largest_frame = largest_frame.max(u64::from(frame.width) * u64::from(frame.height));
                frames += 1;
                durations.push(u64::from(frame.delay) * 10);
            }
            Ok(None) => break,
            // After the first frame, an error only ends the animation.
            Err(error) if frames == 0 => return Err(damaged(error)),
            Err(_) => break,
        }
    }
    if frames == 0 {
        return Err(ProbeError::Damaged {
            format: "GIF".into(),
            reason: "it has no frame".to_owned(),
        });
    }
    let outside = |limit: u64| largest_frame > limit;
    if outside(stored.pixels().max(1).saturating_mul(4)) && outside(1 << 24) {
        return Err(ProbeError::Damaged {
            format: "GIF".into(),
            reason: "a frame is far larger than the image".to_owned(),
        });
    }
    Ok(Raster {
        format: super::SPEC.format,
        stored,
        orientation: Orientation::UPRIGHT,
        has_alpha: true,
        is_animated: frames > 1,
        total_milliseconds: if frames > 1 {
            total_milliseconds(durations.into_iter(), times(decoder.repeat()))
        } else {
            0
        },
        passes: frames,
        is_publishable: true,
        has_certain_position: false,
        decode_bytes: (stored.pixels() + largest_frame) * 4
            + composed_bytes(
                stored,
                ColorType::Rgba8,
                frames > 1 || screen(bytes) != Some(stored),
            ),
    })
}

/// Returns the size of the logical screen (GIF89a, section 18).
pub(super) fn screen(gif: &[u8]) -> Option<Dimensions> {
    let [w0, w1, h0, h1] = *gif.get(6..)?.first_chunk()?;
    Some(Dimensions {
        width: u16::from_le_bytes([w0, w1]).into(),
        height: u16::from_le_bytes([h0, h1]).into(),
    })
}

/// Returns how many times an animation plays; 0 means forever.
///
/// Without the extension NETSCAPE2.0, it plays once. The number in that extension is how often it
/// is *repeated*, as in browsers, and in `gif2webp` by default.
pub(crate) fn plays(bytes: &[u8]) -> u16 {
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let Ok(mut decoder) = options.read_info(Cursor::new(bytes)) else {
        return 1;
    };
    while let Ok(Some(_)) = decoder.next_frame_info() {}
    u16::try_from(times(decoder.repeat())).unwrap_or(u16::MAX)
}

/// Returns how many times an animation plays that is repeated `repeat` times; 0 means forever.
fn times(repeat: gif::Repeat) -> u32 {
    match repeat {
        gif::Repeat::Infinite => 0,
        gif::Repeat::Finite(again) => u32::from(again) + 1,
    }
}

#[cfg(test)]
mod tests {
    use crate::decode::pixels;
    use crate::format::probe;
    use crate::info::ImageInfo;
    use crate::limits::Limits;

    #[test]
    fn the_first_frame_enlarges_the_screen() {
        // A logical screen, and a frame of 2 by 2 pixels of color 1 at (3, 4). Chromium shows at
        // least 5 by 6 pixels.
        for screen in [[0u8, 0], [1, 1], [4, 5], [9, 9]] {
            let gif = [
                b"GIF89a",
                &[screen[0], 0, screen[1], 0, 0x80, 0, 0][..],
                b"\0\0\0\x0a\xc8\x1e",
                b"\x2c\x03\0\x04\0\x02\0\x02\0\0\x02\x03\x4c\x12\x05\0;",
            ]
            .concat();
            let Ok(ImageInfo::Raster(raster)) = probe(&gif, &Limits::default()) else {
                panic!("{screen:?}");
            };
            let (width, height) = (u32::from(screen[0]).max(5), u32::from(screen[1]).max(6));
            assert_eq!((raster.stored.width, raster.stored.height), (width, height));
            let pixels = pixels(&gif, &raster, &crate::color::Transforms::default()).unwrap();
            let at = |x: u32, y: u32| &pixels.samples[((y * width + x) * 4) as usize..][..4];
            assert_eq!(at(4, 5), [10, 200, 30, 255]);
            assert_eq!(at(2, 5)[3], 0);
        }
    }

    #[test]
    fn frames_by_pixels_are_limited() {
        // Frames of one pixel on a screen of a million pixels.
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
