//! The interface to the decoders, which run in this process or in another one that the caller
//! provides.

use std::fmt::Debug;

use crate::decode;
use crate::error::{ImageError, ProbeError};
use crate::format;
use crate::info::{ImageInfo, Raster};
use crate::limits::Limits;
use crate::pixels::{Decoded, Pixels};
use crate::recipe::Scale;
use crate::units::Dimensions;

/// Functions that read untrusted images. An implementation may call another process, which calls
/// [`InProcess`].
pub trait Decode: Debug + Send + Sync {
    /// Reads headers, like [`format::probe`].
    ///
    /// # Errors
    ///
    /// If the bytes are not an image that a site can use, are damaged, or are over a limit.
    fn probe(&self, bytes: &[u8], limits: &Limits) -> Result<ImageInfo, ProbeError>;

    /// Decodes an image whose headers were read, like [`decode::at_scale`]. Returns `None` if the
    /// file must be decoded whole.
    ///
    /// # Errors
    ///
    /// If the image cannot be decoded.
    fn decode(
        &self,
        bytes: &[u8],
        raster: &Raster,
        scale: Scale,
    ) -> Result<Option<Decoded>, ImageError>;

    /// Renders an SVG drawing at a size in pixels.
    ///
    /// # Errors
    ///
    /// If the drawing cannot be rendered, or a part of it would be missing.
    fn draw(&self, svg: &[u8], dimensions: Dimensions) -> Result<Pixels, ImageError>;
}

/// Decodes in this process. A decoder that panics unwinds; one that aborts ends the process.
#[derive(Clone, Copy, Debug, Default)]
pub struct InProcess;

impl Decode for InProcess {
    fn probe(&self, bytes: &[u8], limits: &Limits) -> Result<ImageInfo, ProbeError> {
        format::probe(bytes, limits)
    }

    fn decode(
        &self,
        bytes: &[u8],
        raster: &Raster,
        scale: Scale,
    ) -> Result<Option<Decoded>, ImageError> {
        decode::at_scale(bytes, raster, scale)
    }

    fn draw(&self, svg: &[u8], dimensions: Dimensions) -> Result<Pixels, ImageError> {
        format::svg::rasterise(svg, dimensions)
    }
}
