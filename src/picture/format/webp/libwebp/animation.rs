//! Encodes animated WebP with libwebp's `WebPAnimEncoder`, which writes the part of each frame that
//! differs from the previous one. Only the first frame is a key frame: others would be written in
//! full, and each candidate would be encoded twice. `docs/presets.md` has the figures.
//!
//! Invariants in addition to those of the parent module:
//!
//! 6. An encoder is made by `WebPAnimEncoderNew`, never null, and deleted exactly once, by `Drop`.
//! 7. libwebp keeps no state per thread: an encoder may move from thread to thread, one call at a
//!    time, which `&mut self` ensures. It keeps no pointer to a frame after the call that adds it.
//! 8. libwebp only decodes what it has encoded itself: a single frame, to write it as a still
//!    picture.

use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::atomic::AtomicBool;

use webp::{
    WebPAnimEncoder, WebPAnimEncoderAdd, WebPAnimEncoderAssemble, WebPAnimEncoderDelete,
    WebPAnimEncoderNewInternal, WebPAnimEncoderOptions, WebPAnimEncoderOptionsInitInternal,
    WebPConfig, WebPEncodingError, WebPGetMuxABIVersion,
};

use super::Assembled;
use super::Mode;
use super::PARTITION_LIMIT;
use super::configuration;
use super::error_of;
use super::imported;
use super::settled::Settled;
use crate::error::EncodeError;
use crate::pixels::Pixels;
use crate::units::{Dimensions, Effort, WEBP_MAX_SIDE};

/// Longest duration of a frame in milliseconds: 24 bits, four and a half hours.
pub const MAX_DURATION: u64 = (1 << 24) - 1;

/// Quality of the alpha plane. A plane of up to 248 different values is lossless all the same; with
/// more, values are off by at most 1. At 100 and method 6, libwebp searches for the smallest plane
/// at any cost: for the transparent blocks in frames, it finds the same plane, and takes 50 times
/// as long.
const ALPHA_QUALITY: c_int = 99;

/// Number of pixels from which a frame's modes may exceed the 512 KiB of libwebp's partition 0: 160
/// bits for each block of 16 × 16. A frame cannot be added twice, so the limit is set in advance.
const PARTITION_PIXELS: u64 = 6_000_000;

/// An animation that is being encoded.
pub struct Encoder<'s> {
    encoder: NonNull<WebPAnimEncoder>,
    config: WebPConfig,
    /// `None` in lossless modes.
    settled: Option<Settled>,
    stop: &'s AtomicBool,
}

// SAFETY: invariant 7.
unsafe impl Send for Encoder<'_> {}

impl Drop for Encoder<'_> {
    fn drop(&mut self) {
        // SAFETY: made by `new`; deleted only here (invariant 6).
        unsafe { WebPAnimEncoderDelete(self.encoder.as_ptr()) }
    }
}

impl<'s> Encoder<'s> {
    /// Starts an animation with frames of that size, 1 to 16383 pixels per side. It plays `plays`
    /// times; 0 means forever. `stop` is polled while frames are encoded.
    pub fn new(
        dimensions: Dimensions,
        mode: Mode,
        effort: Effort,
        plays: u16,
        stop: &'s AtomicBool,
    ) -> Result<Self, EncodeError> {
        let Dimensions { width, height } = dimensions;
        if width == 0 || height == 0 || width > WEBP_MAX_SIDE || height > WEBP_MAX_SIDE {
            return Err(EncodeError::TooLarge);
        }
        let mut config = configuration(mode, effort)?;
        config.alpha_quality = ALPHA_QUALITY;
        if dimensions.pixels() >= PARTITION_PIXELS {
            config.partition_limit = PARTITION_LIMIT;
        }
        let mut options = MaybeUninit::<WebPAnimEncoderOptions>::uninit();
        // SAFETY: the call initialises all fields of what it is given, if it succeeds.
        let mut options = unsafe {
            if WebPAnimEncoderOptionsInitInternal(options.as_mut_ptr(), WebPGetMuxABIVersion()) == 0
            {
                return Err(EncodeError::Refused);
            }
            options.assume_init()
        };
        options.anim_params.loop_count = c_int::from(plays);
        // Transparent; browsers ignore it.
        options.anim_params.bgcolor = 0;
        // SAFETY: the size is valid (invariant 1), and the options are initialised; they are
        // copied.
        let encoder = unsafe {
            WebPAnimEncoderNewInternal(
                width.cast_signed(),
                height.cast_signed(),
                &raw const options,
                WebPGetMuxABIVersion(),
            )
        };
        Ok(Encoder {
            encoder: NonNull::new(encoder).ok_or(EncodeError::OutOfMemory)?,
            config,
            settled: mode
                .lossy_quality()
                .map(|quality| Settled::new(dimensions, quality)),
            stop,
        })
    }

    /// Adds a frame that is shown from `begin` on, in milliseconds. `begin` is not before that of
    /// the last frame, and at most [`MAX_DURATION`] after it.
    pub fn add(&mut self, frame: &Pixels, begin: u64) -> Result<(), EncodeError> {
        let settled = match &mut self.settled {
            Some(settled) => Some(settled.settle(frame).ok_or(EncodeError::Refused)?),
            None => None,
        };
        let frame = settled.as_ref().unwrap_or(frame);
        let mut picture = imported(frame, 1, self.stop)?;
        // SAFETY: encoder, picture and configuration are initialised and valid, and the flag that
        // the picture points to outlives the encoder (invariants 3 and 6). A frame of another size
        // is refused by the call.
        let added = unsafe {
            WebPAnimEncoderAdd(
                self.encoder.as_ptr(),
                &raw mut picture.0,
                timestamp(begin),
                &raw const self.config,
            )
        };
        match (added, picture.0.error_code) {
            (0, WebPEncodingError::VP8_ENC_OK) => Err(EncodeError::Refused),
            (0, code) => Err(error_of(code)),
            _ => Ok(()),
        }
    }

    /// Ends the animation at `end`, in milliseconds, and returns the file.
    pub fn finish(self, end: u64) -> Result<Vec<u8>, EncodeError> {
        let mut assembled = Assembled::new();
        // SAFETY: the encoder is valid (invariant 6); a null frame marks the end; `assembled` is
        // initialised.
        let done = unsafe {
            WebPAnimEncoderAdd(
                self.encoder.as_ptr(),
                std::ptr::null_mut(),
                timestamp(end),
                std::ptr::null(),
            ) != 0
                && WebPAnimEncoderAssemble(self.encoder.as_ptr(), &raw mut assembled.0) != 0
        };
        let file = assembled.file().filter(|_| done);
        file.ok_or(EncodeError::Refused)
    }
}

/// Converts a time to the 32 bits of libwebp. It may wrap around, since only differences count.
fn timestamp(milliseconds: u64) -> c_int {
    let [a, b, c, d, ..] = milliseconds.to_le_bytes();
    c_int::from_le_bytes([a, b, c, d])
}

#[cfg(test)]
pub(crate) mod tests {
    use webp::{
        WEBP_CSP_MODE, WebPAnimDecoderDelete, WebPAnimDecoderGetInfo, WebPAnimDecoderGetNext,
        WebPAnimDecoderNewInternal, WebPAnimDecoderOptions, WebPAnimDecoderOptionsInit,
        WebPAnimInfo, WebPData, WebPGetDemuxABIVersion,
    };

    use super::*;
    use crate::pixels::Channels;
    use crate::units::Quality;

    /// An animation as libwebp shows it.
    pub(crate) struct Shown {
        pub dimensions: Dimensions,
        pub plays: u32,
        /// RGBA samples of each frame, and the time in milliseconds at which it ends.
        pub frames: Vec<(Vec<u8>, u64)>,
    }

    /// Decodes with libwebp's own `WebPAnimDecoder`.
    pub(crate) fn shown(bytes: &[u8]) -> Shown {
        let data = WebPData {
            bytes: bytes.as_ptr(),
            size: bytes.len(),
        };
        let mut options = MaybeUninit::<WebPAnimDecoderOptions>::uninit();
        let mut info = WebPAnimInfo::default();
        let mut frames = Vec::new();
        // SAFETY: options and information are initialised by the calls; `data` and the canvas,
        // which is the decoder's, are read while they live; the decoder is deleted once.
        unsafe {
            assert_ne!(WebPAnimDecoderOptionsInit(options.as_mut_ptr()), 0);
            let mut options = options.assume_init();
            options.color_mode = WEBP_CSP_MODE::MODE_RGBA;
            let decoder = WebPAnimDecoderNewInternal(
                &raw const data,
                &raw const options,
                WebPGetDemuxABIVersion(),
            );
            assert!(!decoder.is_null(), "no WebP");
            assert_ne!(WebPAnimDecoderGetInfo(decoder, &raw mut info), 0);
            let length = info.canvas_width as usize * info.canvas_height as usize * 4;
            for _ in 0..info.frame_count {
                let (mut canvas, mut end) = (std::ptr::null_mut(), 0);
                let decoded = WebPAnimDecoderGetNext(decoder, &raw mut canvas, &raw mut end);
                assert_ne!(decoded, 0, "frame {}", frames.len());
                let pixels = std::slice::from_raw_parts(canvas, length).to_vec();
                frames.push((pixels, u64::from(end.cast_unsigned())));
            }
            WebPAnimDecoderDelete(decoder);
        }
        Shown {
            dimensions: Dimensions {
                width: info.canvas_width,
                height: info.canvas_height,
            },
            plays: info.loop_count,
            frames,
        }
    }

    static GO: AtomicBool = AtomicBool::new(false);

    /// Paints a square over an opaque or a transparent background; it moves with `step`.
    pub(crate) fn moving(step: u32, ground: [u8; 4]) -> Pixels {
        let dimensions = Dimensions {
            width: 40,
            height: 24,
        };
        let samples = (0..24).flat_map(|y| (0..40).map(move |x| (x, y)));
        Pixels {
            dimensions,
            channels: Channels::Rgba,
            samples: samples
                .flat_map(|(x, y)| {
                    let is_in = (step..step + 8).contains(&x) && (step..step + 8).contains(&y);
                    if is_in {
                        [200, (x * 5) as u8, (y * 9) as u8, 255]
                    } else {
                        ground
                    }
                })
                .collect(),
        }
    }

    fn effort() -> Effort {
        Effort::new(4).unwrap()
    }

    #[test]
    fn frames_times_and_repetitions_are_kept() {
        for ground in [[9, 8, 7, 255], [0; 4]] {
            let steps = [0, 4, 4, 12, 2];
            let begins = [0, 30, 30, 170, 1_000];
            let frames = steps.map(|step| moving(step, ground));
            let size = frames[0].dimensions;
            let mut encoder = Encoder::new(size, Mode::Lossless, effort(), 3, &GO).unwrap();
            for (frame, begin) in frames.iter().zip(begins) {
                encoder.add(frame, begin).unwrap();
            }
            let shown = shown(&encoder.finish(1_001).unwrap());
            assert_eq!((shown.dimensions, shown.plays), (size, 3));
            // Two consecutive frames are equal and become one.
            let ends: Vec<u64> = shown.frames.iter().map(|(_, end)| *end).collect();
            assert_eq!(ends, [30, 170, 1_000, 1_001]);
            for ((pixels, _), frame) in shown.frames.iter().zip([0, 1, 3, 4]) {
                assert!(*pixels == frames[frame].samples, "frame {frame}");
            }
        }
    }

    #[test]
    fn gray_and_opaque_frames_mix_with_others() {
        let gray = Pixels {
            channels: Channels::Gray,
            samples: vec![77; 40 * 24],
            ..moving(0, [0; 4])
        };
        let size = gray.dimensions;
        let mut encoder = Encoder::new(size, Mode::Lossless, effort(), 0, &GO).unwrap();
        encoder.add(&gray, 0).unwrap();
        encoder.add(&moving(0, [0; 4]), 20).unwrap();
        let shown = shown(&encoder.finish(50).unwrap());
        assert_eq!(shown.plays, 0);
        assert_eq!(shown.frames[0].0, [77, 77, 77, 255].repeat(40 * 24));
        assert!(shown.frames[1].0 == moving(0, [0; 4]).samples);
    }

    #[test]
    fn invalid_input_is_refused_and_a_stop_request_is_obeyed() {
        let frame = moving(0, [1, 2, 3, 255]);
        let lossy = Mode::Lossy(Quality::new(80.0).unwrap());
        let begin = |size| Encoder::new(size, lossy, effort(), 0, &GO);
        let size = |width, height| Dimensions { width, height };
        for (width, height) in [(0, 1), (1, 16_384)] {
            let refused = begin(size(width, height)).err();
            assert_eq!(refused, Some(EncodeError::TooLarge));
        }
        let mut other = begin(size(41, 24)).unwrap();
        assert_eq!(other.add(&frame, 0), Err(EncodeError::Refused));
        let mut backwards = begin(frame.dimensions).unwrap();
        backwards.add(&frame, 10).unwrap();
        assert_eq!(backwards.add(&frame, 9), Err(EncodeError::Refused));
        assert!(begin(frame.dimensions).unwrap().finish(10).is_err());
        let stopped = AtomicBool::new(true);
        let mut encoder = Encoder::new(frame.dimensions, lossy, effort(), 0, &stopped).unwrap();
        assert_eq!(encoder.add(&frame, 0), Err(EncodeError::Interrupted));
    }

    #[test]
    fn only_the_first_frame_is_a_key_frame() {
        let quality = Quality::new(80.0).unwrap();
        for mode in [
            Mode::Lossless,
            Mode::Lossy(quality),
            Mode::LossySharp(quality),
        ] {
            let mut encoder =
                Encoder::new(moving(0, [0; 4]).dimensions, mode, effort(), 0, &GO).unwrap();
            for step in 0..40 {
                let frame = moving(step % 8, [10, 90, 200, 255]);
                encoder.add(&frame, u64::from(step) * 40).unwrap();
            }
            let bytes = encoder.finish(40 * 40).unwrap();
            // A key frame covers the canvas: position 0 and the full size (RFC 9649, section
            // 2.7.1.1).
            let frames = crate::format::webp::header::chunks(&bytes[12..]);
            let frames = frames.filter(|chunk| chunk.kind == *b"ANMF");
            let is_key: Vec<bool> = frames
                .map(|chunk| chunk.data[..12] == [0, 0, 0, 0, 0, 0, 39, 0, 0, 23, 0, 0])
                .collect();
            assert_eq!(is_key.len(), 40, "{mode:?}");
            assert!(is_key[0] && !is_key[1..].contains(&true), "{mode:?}");
        }
    }

    #[test]
    fn a_slow_fade_beside_a_movement_is_not_lost() {
        let lossy = Mode::Lossy(Quality::new(80.0).unwrap());
        let size = moving(0, [0; 4]).dimensions;
        let mut encoder = Encoder::new(size, lossy, effort(), 0, &GO).unwrap();
        // The change from frame to frame is less than libwebp writes (4.17).
        let ground = |step: u32| 40 + step as u8 * 3;
        for step in 0..48 {
            let value = ground(step);
            let frame = moving(step % 8, [value, value, value, 255]);
            encoder.add(&frame, u64::from(step) * 40).unwrap();
        }
        let shown = shown(&encoder.finish(48 * 40).unwrap());
        for (pixels, end) in shown.frames {
            let step = u32::try_from(end / 40 - 1).unwrap();
            // The square never covers these places.
            for (x, y) in [(20, 4), (28, 12), (36, 20), (1, 22)] {
                let value = pixels[(y * 40 + x) * 4];
                let off = value.abs_diff(ground(step));
                assert!(off <= 4 + 6, "({x}, {y}) in frame {step}: {value}");
            }
        }
    }

    #[test]
    fn partly_transparent_frames_keep_their_alpha() {
        let lossy = Mode::Lossy(Quality::new(80.0).unwrap());
        let mut frame = moving(0, [0; 4]);
        let pixels = frame.samples.as_chunks_mut::<4>().0;
        // 240 different values.
        for (at, pixel) in pixels.iter_mut().enumerate() {
            *pixel = [90, 140, 40, (at % 240) as u8];
        }
        for effort in [4, 6] {
            let effort = Effort::new(effort).unwrap();
            let mut encoder = Encoder::new(frame.dimensions, lossy, effort, 0, &GO).unwrap();
            encoder.add(&frame, 0).unwrap();
            encoder.add(&moving(3, [0; 4]), 40).unwrap();
            let shown = shown(&encoder.finish(80).unwrap());
            let alpha = |samples: &[u8]| samples.iter().skip(3).step_by(4).copied().collect();
            let (ours, expected): (Vec<u8>, Vec<u8>) =
                (alpha(&shown.frames[0].0), alpha(&frame.samples));
            assert_eq!(ours, expected);
        }
    }

    #[test]
    fn times_of_weeks_and_the_longest_frame_are_taken() {
        let weeks = 50 * 24 * 3_600_000;
        let size = moving(0, [0; 4]).dimensions;
        let mut encoder = Encoder::new(size, Mode::Lossless, effort(), 1, &GO).unwrap();
        let mut begin = 0;
        while begin < weeks {
            let step = u32::try_from(begin / MAX_DURATION % 9).unwrap();
            encoder.add(&moving(step, [0; 4]), begin).unwrap();
            begin += MAX_DURATION;
        }
        let bytes = encoder.finish(begin).unwrap();
        let frames = crate::format::webp::header::chunks(&bytes[12..]);
        let frames = frames.filter(|chunk| chunk.kind == *b"ANMF").count();
        assert_eq!(frames as u64, begin / MAX_DURATION);
    }
}
