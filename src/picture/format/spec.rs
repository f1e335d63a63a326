//! The description of a format: one [`Spec`] per format, listed in [`super::ALL`].

use std::sync::atomic::AtomicBool;

use crate::animation::OpenAnimation;
use crate::error::{EncodeError, ImageError, ProbeError};
use crate::info::{Format, ImageInfo, Raster};
use crate::limits::Limits;
use crate::pixels::{Decoded, Pixels};
use crate::recipe::{Recipe, Scale};
use crate::units::Dimensions;

/// The longest time between two frames, in milliseconds: 24 bits (RFC 9649, section 2.7.1.1).
pub const MAX_FRAME_MILLISECONDS: u64 = (1 << 24) - 1;

/// Everything about one format.
pub struct Spec {
    pub format: Format,
    /// Name in settings and in records.
    pub name: &'static str,
    /// Name in messages.
    pub title: &'static str,
    /// File name extensions in lower case, without the dot. Variants get the first one.
    pub extensions: &'static [&'static str],
    pub mime: &'static str,
    /// Whether a file starts like this format.
    pub matches: fn(&[u8]) -> bool,
    /// Reads the headers; no pixel is decoded.
    pub probe: fn(&[u8], &Limits) -> Result<ImageInfo, ProbeError>,
    pub decoder: Decoder,
    /// Whether reading a hostile file, headers included, may abort the process, or take memory or
    /// time that no limit bounds. [`Decode`](crate::decoder::Decode) can do it in another process.
    pub needs_isolation: bool,
    /// Opens an animation; `None` if the format has none, or none that is resized.
    pub frames: Option<OpenFrames>,
    /// `None` if variants are not written in this format.
    pub encoder: Option<Encoder>,
}

/// Opens the animation in a file.
pub type OpenFrames = for<'b> fn(&'b [u8], &Raster) -> Result<OpenAnimation<'b>, ImageError>;

/// Decodes an image of this size at a scale. Returns `None` if the file must be decoded whole.
pub type DecodeScaled = fn(&[u8], Dimensions, Scale) -> Option<Decoded>;

/// Encodes pixels by a recipe, with an ICC profile if they are not sRGB. Stops if the flag is set.
pub type Encode = fn(&Pixels, &Recipe, Option<&[u8]>, &AtomicBool) -> Result<Vec<u8>, EncodeError>;

/// Functions that decode a file to samples.
pub enum Decoder {
    /// Raster images, or the first frame of an animation.
    Raster {
        decode: fn(&[u8], &Raster) -> Result<Decoded, ImageError>,
        /// Decodes at a smaller scale.
        decode_scaled: Option<DecodeScaled>,
    },
    /// Drawings, rendered at any size.
    Vector {
        draw: fn(&[u8], Dimensions) -> Result<Pixels, ImageError>,
    },
}

/// Functions that encode pixels to a file, and their properties.
pub struct Encoder {
    /// Names and versions of the encoder's crates, a part of every variant's name. The number after
    /// `planche` counts our own changes to the processing between the original's pixels and the
    /// variant's. Every change of bytes must change this text.
    pub version: &'static str,
    /// Peak memory per pixel in bytes, measured.
    pub bytes_per_pixel: u64,
    pub has_alpha: bool,
    /// Whether an ICC profile can be embedded.
    pub keeps_profile: bool,
    /// Whether [`Recipe::quality`] has an effect, so that a target score can be searched.
    pub is_lossy: bool,
    /// Whether images can be encoded without loss.
    pub has_lossless: bool,
    /// Whether the encoder offers sharp YUV ([`Recipe::is_sharp`]).
    pub has_sharp_yuv: bool,
    /// Encodes pixels that are sRGB, or in the color space of the profile.
    pub encode: Encode,
    /// `None` if no animations are written in this format.
    pub animate: Option<StartAnimation>,
    /// Returns the length that a file claims to have, read from its container; `None` if it does
    /// not start or end like this format. `read` returns bytes at an offset.
    pub claimed_length: fn(u64, &ReadAt<'_>) -> Option<u64>,
}

/// Reads a number of bytes at an offset, fewer at the end of the file.
pub type ReadAt<'r> = dyn Fn(u64, usize) -> Option<Vec<u8>> + 'r;

/// Creates an encoder for an animation whose frames are similar to the given one. The number is how
/// many times the animation plays; 0 means forever.
pub type StartAnimation = for<'s> fn(
    &Pixels,
    &Recipe,
    u16,
    &'s AtomicBool,
) -> Result<Box<dyn AnimationEncoder + 's>, EncodeError>;

/// Encoder of an animation, frame by frame.
pub trait AnimationEncoder: Send {
    /// Adds a frame that is shown from `start` on, in milliseconds. `start` is not before that of
    /// the last frame, and at most [`MAX_FRAME_MILLISECONDS`] after it.
    fn add(&mut self, frame: &Pixels, start: u64) -> Result<(), EncodeError>;

    /// Ends the animation at `end`, in milliseconds, and returns the file.
    fn finish(self: Box<Self>, end: u64) -> Result<Vec<u8>, EncodeError>;
}
