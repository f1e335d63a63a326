//! Decodes the frames of an APNG (PNG, third edition, section 4.9).

use std::borrow::Cow;
use std::io::Cursor;
use std::time::Duration;

use png::{BlendOp, ColorType, Decoder, DisposeOp, FrameControl, Limits, Reader, Transformations};

use super::header::{color_space, normalized};
use crate::animation::{Blend, Dispose, FrameSource, OpenAnimation, RawFrame};
use crate::error::ImageError;
use crate::image_crate::image_limits;
use crate::info::Raster;
use crate::pixels::{Samples, wide};

struct Png<'b> {
    reader: Reader<Cursor<Cow<'b, [u8]>>>,
    /// The rows of one frame as the decoder writes them.
    rows: Vec<u8>,
}

pub(crate) fn open<'b>(bytes: &'b [u8], raster: &Raster) -> Result<OpenAnimation<'b>, ImageError> {
    let limit = image_limits(raster.decode_bytes).max_alloc;
    let limits = Limits {
        bytes: usize::try_from(limit.unwrap_or(u64::MAX)).unwrap_or(usize::MAX),
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(normalized(bytes)), limits);
    decoder.set_transformations(Transformations::EXPAND);
    let reader = decoder.read_info().map_err(failed)?;
    if reader.info().size() != (raster.stored.width, raster.stored.height) {
        return Err(ImageError::Changed);
    }
    let length = reader.output_buffer_size();
    let length = length.ok_or_else(|| ImageError::Decode("it has too many pixels".to_owned()))?;
    let info = reader.info();
    let icc = info.icc_profile.as_ref().map(|icc| icc.to_vec());
    // A default image without a frame control before it is for programs that do not support APNG.
    let begins_beside = info.frame_control.is_none();
    let plays = info
        .animation_control
        .map_or(0, |control| control.num_plays);
    let (color, depth) = reader.output_color_type();
    let mut png = Png {
        reader,
        rows: vec![0; length],
    };
    if begins_beside {
        png.reader.next_frame(&mut png.rows).map_err(failed)?;
    }
    Ok(OpenAnimation {
        source: Box::new(png),
        is_gray: matches!(color, ColorType::Grayscale | ColorType::GrayscaleAlpha),
        is_wide: depth == png::BitDepth::Sixteen,
        color: color_space(bytes, icc),
        // An animation with so many plays takes years.
        plays: u16::try_from(plays).unwrap_or(u16::MAX),
    })
}

fn failed(error: png::DecodingError) -> ImageError {
    ImageError::of_decoder(&error)
}

impl FrameSource for Png<'_> {
    fn next(&mut self) -> Result<Option<RawFrame>, ImageError> {
        let frame = self.reader.next_frame(&mut self.rows).map_err(failed)?;
        let info = self.reader.info();
        let Some(control) = info.frame_control().copied() else {
            return Ok(None);
        };
        // The decoder writes the rows of an interlaced frame with the row length of the canvas.
        let stride = if info.interlaced {
            self.reader.output_line_size(info.width)
        } else {
            Some(frame.line_size)
        };
        let bytes: Vec<u8> = self
            .rows
            .chunks_exact(stride.unwrap_or(frame.line_size).max(1))
            .take(frame.height as usize)
            .flat_map(|row| &row[..frame.line_size])
            .copied()
            .collect();
        let big_endian = |bytes: Vec<u8>| wide(&native(bytes));
        let is_wide = frame.bit_depth == png::BitDepth::Sixteen;
        let samples = match (frame.color_type, is_wide) {
            (ColorType::Grayscale, false) => Samples::Gray(bytes),
            (ColorType::GrayscaleAlpha, false) => Samples::GrayAlpha(bytes),
            (ColorType::Rgb, false) => Samples::Rgb(bytes),
            (ColorType::Rgba, false) => Samples::Rgba(bytes),
            (ColorType::Grayscale, true) => Samples::Gray16(big_endian(bytes)),
            (ColorType::GrayscaleAlpha, true) => Samples::GrayAlpha16(big_endian(bytes)),
            (ColorType::Rgb, true) => Samples::Rgb16(big_endian(bytes)),
            (ColorType::Rgba, true) => Samples::Rgba16(big_endian(bytes)),
            (ColorType::Indexed, _) => {
                return Err(ImageError::Decode("its palette is missing".to_owned()));
            }
        };
        Ok(Some(RawFrame {
            left: control.x_offset,
            top: control.y_offset,
            width: frame.width,
            height: frame.height,
            samples,
            blend: match control.blend_op {
                BlendOp::Source => Blend::Source,
                BlendOp::Over => Blend::Over,
            },
            dispose: match control.dispose_op {
                DisposeOp::None => Dispose::Keep,
                DisposeOp::Background => Dispose::Clear,
                DisposeOp::Previous => Dispose::Restore,
            },
            duration: duration(&control),
        }))
    }
}

/// Converts samples of two bytes from big-endian to the processor's byte order.
fn native(mut bytes: Vec<u8>) -> Vec<u8> {
    for pair in bytes.as_chunks_mut::<2>().0 {
        *pair = u16::from_be_bytes(*pair).to_ne_bytes();
    }
    bytes
}

/// Returns the duration of a frame: a fraction of a second, in hundredths if the denominator is 0.
fn duration(control: &FrameControl) -> Duration {
    let denominator = match control.delay_den {
        0 => 100,
        given => u64::from(given),
    };
    Duration::from_nanos(u64::from(control.delay_num) * 1_000_000_000 / denominator)
}
