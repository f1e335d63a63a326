//! Decodes the frames of a GIF (GIF89a).

use std::io::Cursor;
use std::num::NonZero;
use std::time::Duration;

use gif::{ColorOutput, DecodeOptions, Decoder, DisposalMethod, MemoryLimit};

use super::header::plays;
use crate::animation::{Blend, Dispose, FrameSource, OpenAnimation, RawFrame};
use crate::color::ColorSpace;
use crate::error::ImageError;
use crate::info::Raster;
use crate::pixels::Samples;

struct Gif<'b>(Decoder<Cursor<&'b [u8]>>);

pub(crate) fn open<'b>(bytes: &'b [u8], raster: &Raster) -> Result<OpenAnimation<'b>, ImageError> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    let limit = NonZero::new(raster.decode_bytes).unwrap_or(NonZero::<u64>::MIN);
    options.set_memory_limit(MemoryLimit::Bytes(limit));
    let decoder = options.read_info(Cursor::new(bytes)).map_err(failed)?;
    Ok(OpenAnimation {
        is_gray: false,
        is_wide: false,
        color: ColorSpace::of_icc(decoder.icc_profile().map(<[u8]>::to_vec)),
        plays: plays(bytes),
        source: Box::new(Gif(decoder)),
    })
}

fn failed(error: gif::DecodingError) -> ImageError {
    ImageError::of_decoder(&error)
}

impl FrameSource for Gif<'_> {
    fn next(&mut self) -> Result<Option<RawFrame>, ImageError> {
        let Some(frame) = self.0.read_next_frame().map_err(failed)? else {
            return Ok(None);
        };
        Ok(Some(RawFrame {
            left: frame.left.into(),
            top: frame.top.into(),
            width: frame.width.into(),
            height: frame.height.into(),
            samples: Samples::Rgba(frame.buffer.to_vec()),
            blend: Blend::Over,
            dispose: match frame.dispose {
                DisposalMethod::Any | DisposalMethod::Keep => Dispose::Keep,
                DisposalMethod::Background => Dispose::Clear,
                DisposalMethod::Previous => Dispose::Restore,
            },
            duration: Duration::from_millis(u64::from(frame.delay) * 10),
        }))
    }
}
