//! Decodes animations: the frames that a format's decoder reads go in, one by one, and the images
//! that are displayed come out.
//!
//! The `image` crate composes frames too, but it clears too much or nothing in WebP, restores the
//! wrong pixels in APNG after a cleared frame, and does not read 16-bit APNG. The decoders
//! therefore only provide the frames, and this module composes them on one canvas.

mod canvas;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::color::ColorSpace;
use crate::error::ImageError;
use crate::info::Raster;
use crate::pixels::{Decoded, Sample, Samples};
use canvas::Canvas;

/// A frame as it is displayed, with its duration.
pub(crate) struct Frame {
    pub decoded: Decoded,
    pub duration: Duration,
}

/// The frames of an animation, decoded one at a time.
pub(crate) struct Frames<'b> {
    source: Box<dyn FrameSource + 'b>,
    canvas: AnyCanvas,
    color: ColorSpace,
    /// How many times the animation plays; 0 means forever.
    pub plays: u16,
    next: u32,
    frames: u32,
}

/// Source of the frames of a file: the decoder of one format.
pub trait FrameSource {
    /// Returns the next frame; `None` at the end of the file.
    fn next(&mut self) -> Result<Option<RawFrame>, ImageError>;
}

/// A frame as stored in the file, not yet composed on the canvas.
pub struct RawFrame {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
    pub samples: Samples,
    pub blend: Blend,
    pub dispose: Dispose,
    pub duration: Duration,
}

/// How a frame is drawn on the canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blend {
    /// The canvas shows through transparent pixels of the frame.
    Over,
    /// The frame replaces the canvas in its area.
    Source,
}

/// Disposal of a frame: what happens to its area before the next frame is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dispose {
    Keep,
    /// The area becomes transparent; the file's background color is ignored, as in browsers.
    Clear,
    /// The area becomes what it was before the frame.
    Restore,
}

/// A canvas with the color type and the bit depth of the file.
enum AnyCanvas {
    Gray(Canvas<u8, 2>),
    Rgb(Canvas<u8, 4>),
    Gray16(Canvas<u16, 2>),
    Rgb16(Canvas<u16, 4>),
}

/// Returns the first frame of an animation as it is displayed.
pub fn first(opened: OpenAnimation<'_>, raster: &Raster) -> Result<Decoded, ImageError> {
    let frame = Frames::new(opened, raster).next()?;
    let frame = frame.ok_or_else(|| ImageError::Decode("it has no frame".to_owned()))?;
    Ok(frame.decoded)
}

/// An animation that a format's decoder has opened: its properties, and the source of its frames.
pub struct OpenAnimation<'b> {
    pub source: Box<dyn FrameSource + 'b>,
    pub is_gray: bool,
    /// Whether samples have 16 bits.
    pub is_wide: bool,
    pub color: ColorSpace,
    /// How many times the animation plays; 0 means forever.
    pub plays: u16,
}

impl<'b> Frames<'b> {
    /// Starts to read the frames of an animation whose headers were read.
    pub fn new(opened: OpenAnimation<'b>, raster: &Raster) -> Self {
        let size = raster.stored;
        let canvas = match (opened.is_gray, opened.is_wide) {
            (true, false) => AnyCanvas::Gray(Canvas::new(size)),
            (false, false) => AnyCanvas::Rgb(Canvas::new(size)),
            (true, true) => AnyCanvas::Gray16(Canvas::new(size)),
            (false, true) => AnyCanvas::Rgb16(Canvas::new(size)),
        };
        Frames {
            source: opened.source,
            canvas,
            color: opened.color,
            plays: opened.plays,
            next: 0,
            frames: raster.passes,
        }
    }

    /// Decodes and composes the next frame; `None` after the number of frames that the file's
    /// headers declare.
    pub fn next(&mut self) -> Result<Option<Frame>, ImageError> {
        if self.next == self.frames {
            return Ok(None);
        }
        self.next += 1;
        let failed = |reason: &str| {
            let (next, frames) = (self.next, self.frames);
            ImageError::Decode(format!("frame {next} of {frames}: {reason}"))
        };
        let raw = match self.source.next() {
            Ok(Some(raw)) => raw,
            Ok(None) => return Err(failed("the file ends before it")),
            Err(ImageError::Decode(reason)) => return Err(failed(&reason)),
            Err(error) => return Err(error),
        };
        let duration = raw.duration;
        let samples = self.canvas.show(raw);
        let samples = samples.ok_or_else(|| failed("its samples do not fill it"))?;
        Ok(Some(Frame {
            decoded: Decoded {
                samples,
                color: self.color.clone(),
            },
            duration,
        }))
    }
}

impl AnyCanvas {
    /// Draws a frame and returns a copy of the canvas. Returns `None` if the number of the frame's
    /// samples does not match its size, or if their color type or bit depth is not the canvas's.
    fn show(&mut self, raw: RawFrame) -> Option<Samples> {
        let RawFrame {
            left,
            top,
            width,
            height,
            samples,
            blend,
            dispose,
            ..
        } = raw;
        let place = canvas::FrameRect {
            left: left as usize,
            top: top as usize,
            width: width as usize,
            height: height as usize,
        };
        Some(match self {
            AnyCanvas::Gray(canvas) => {
                let samples = match samples {
                    Samples::Gray(samples) => opaque::<u8, 1, 2>(&samples),
                    Samples::GrayAlpha(samples) => samples,
                    _ => return None,
                };
                Samples::GrayAlpha(canvas.show(&samples, place, blend, dispose)?)
            }
            AnyCanvas::Rgb(canvas) => {
                let samples = match samples {
                    Samples::Rgb(samples) => opaque::<u8, 3, 4>(&samples),
                    Samples::Rgba(samples) => samples,
                    _ => return None,
                };
                Samples::Rgba(canvas.show(&samples, place, blend, dispose)?)
            }
            AnyCanvas::Gray16(canvas) => {
                let samples = match samples {
                    Samples::Gray16(samples) => opaque::<u16, 1, 2>(&samples),
                    Samples::GrayAlpha16(samples) => samples,
                    _ => return None,
                };
                Samples::GrayAlpha16(canvas.show(&samples, place, blend, dispose)?)
            }
            AnyCanvas::Rgb16(canvas) => {
                let samples = match samples {
                    Samples::Rgb16(samples) => opaque::<u16, 3, 4>(&samples),
                    Samples::Rgba16(samples) => samples,
                    _ => return None,
                };
                Samples::Rgba16(canvas.show(&samples, place, blend, dispose)?)
            }
        })
    }
}

/// Adds a fully opaque alpha sample to each pixel.
fn opaque<T: Sample, const FROM: usize, const TO: usize>(samples: &[T]) -> Vec<T> {
    let mut out = Vec::with_capacity(samples.len() / FROM * TO);
    for pixel in samples.chunks_exact(FROM) {
        out.extend_from_slice(pixel);
        out.push(T::FULL);
    }
    out
}
