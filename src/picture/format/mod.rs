//! The image formats. A format is one file or folder here, which contains everything about it, and
//! one line in [`ALL`].
//!
//! [`probe`] reads headers only and checks the limits, before any pixel is allocated.

pub mod avif;
mod bmp;
mod gif;
mod ico;
pub mod jpeg;
mod names;
pub mod png;
mod sniff;
mod spec;
pub mod svg;
mod tiff;
pub mod webp;

use std::fmt;

use crate::error::ProbeError;
use crate::info::{Format, ImageInfo};
use crate::limits::Limits;

pub use spec::{
    AnimationEncoder, Decoder, Encoder, MAX_FRAME_MILLISECONDS, OpenFrames, ReadAt, Spec,
    StartAnimation,
};

/// Every format, each at the index in its [`Spec::format`]. The ledger stores indices: a new format
/// must be the last one.
pub static ALL: [&Spec; 9] = [
    &avif::SPEC,
    &webp::SPEC,
    &jpeg::SPEC,
    &png::SPEC,
    &gif::SPEC,
    &tiff::SPEC,
    &bmp::SPEC,
    &ico::SPEC,
    &svg::SPEC,
];

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.spec().name)
    }
}

/// Constants for the formats that other files refer to.
impl Format {
    pub const AVIF: Format = Format(0);
    pub const WEBP: Format = Format(1);
    pub const JPEG: Format = Format(2);
    pub const PNG: Format = Format(3);

    /// Returns the description of this format.
    pub fn spec(self) -> &'static Spec {
        ALL[usize::from(self.0)]
    }

    /// Returns the encoder of a format that variants are written in.
    ///
    /// # Panics
    ///
    /// If variants are not written in this format; settings cannot request one.
    pub fn encoder(self) -> &'static Encoder {
        let encoder = self.spec().encoder.as_ref();
        encoder.expect("settings name formats with an encoder only")
    }

    /// Returns the formats that variants are written in.
    pub fn encodable() -> impl Iterator<Item = Format> {
        let specs = ALL.iter().filter(|spec| spec.encoder.is_some());
        specs.map(|spec| spec.format)
    }
}

impl ImageInfo {
    /// Whether this is an animation whose frames can be resized.
    pub fn has_frames(&self) -> bool {
        matches!(self, ImageInfo::Raster(raster)
            if raster.is_animated && raster.format.spec().frames.is_some())
    }
}

/// Whether a file name extension, in lower case and without the dot, is that of an image format.
pub fn is_image_extension(extension: &str) -> bool {
    ALL.iter().any(|spec| spec.extensions.contains(&extension))
}

/// Returns the format whose signature a file starts with, independent of its name.
pub fn of(bytes: &[u8]) -> Option<&'static Spec> {
    ALL.into_iter().find(|spec| (spec.matches)(bytes))
}

/// Reads the headers of an image, independent of its file name.
///
/// # Errors
///
/// If the bytes are not an image that a site can use, are damaged, or are over a limit. May panic
/// where a decoder's header parser does.
pub fn probe(bytes: &[u8], limits: &Limits) -> Result<ImageInfo, ProbeError> {
    let spec = of(bytes).ok_or_else(|| ProbeError::Unusable(sniff::unusable(bytes)))?;
    let info = (spec.probe)(bytes, limits)?;
    if let ImageInfo::Raster(raster) = &info {
        limits.check(raster)?;
    }
    Ok(info)
}

/// Number of bytes from the start of a WebP file that [`is_lossless_webp`] needs.
pub const WEBP_HEAD: usize = 34;

/// Whether a still WebP image is lossless, by the name of its first chunk, or of the one after its
/// extended header (RFC 9649, sections 2.5 to 2.7).
pub fn is_lossless_webp(head: &[u8]) -> bool {
    let chunk = |at: usize| head.get(at..at + 4);
    match chunk(12) {
        Some(b"VP8X") => chunk(30) == Some(b"VP8L"),
        chunk => chunk == Some(b"VP8L"),
    }
}

/// Whether the file of a variant is complete: it starts like its format, and its container declares
/// the length that the file has. `name` ends in the format's extension.
pub fn is_complete(name: &str, length: u64, read: &ReadAt<'_>) -> bool {
    let extension = name.rsplit('.').next().unwrap_or_default();
    let encoders = ALL.iter().filter_map(|spec| {
        let encoder = spec.encoder.as_ref()?;
        (spec.extensions[0] == extension).then_some(encoder)
    });
    encoders
        .into_iter()
        .any(|encoder| (encoder.claimed_length)(length, read) == Some(length))
}

#[cfg(test)]
mod tests;
