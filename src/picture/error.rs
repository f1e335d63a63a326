//! Errors of reading an image or producing a variant.

use std::borrow::Cow;
use std::error::Error;

use serde::{Deserialize, Serialize};

use crate::reason::{Part, in_words};
use crate::units::Dimensions;

/// Error of scoring pixels: they are too few, or not of the original's size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the score cannot be computed")]
pub struct ScoreError;

/// What the machine lacks, so that an image which may be intact cannot be processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lack {
    /// Memory, processes or open files.
    Resources,
    /// The file system `/proc`.
    Proc,
}

impl Lack {
    /// Returns what the user can do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Lack::Resources => {
                "free memory, raise the limits of the process (`ulimit -a` lists them), or run \
                 with `--jobs 1`; if that does not help, export the image again"
            }
            Lack::Proc => "mount `/proc`",
        }
    }
}

/// Error of reading the headers of an image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ProbeError {
    #[error("{0}")]
    Unusable(Unusable),
    #[error("cannot read this {format} file: {reason}")]
    Damaged {
        format: Cow<'static, str>,
        reason: String,
    },
    /// The machine lacks what the decoder needs.
    #[error("cannot read this {format} file: {reason}")]
    Lacking {
        format: Cow<'static, str>,
        reason: String,
        lack: Lack,
    },
    #[error("{what} {actual} is over the limit of {limit}")]
    OverLimit {
        what: Cow<'static, str>,
        actual: String,
        limit: String,
        /// Key under `limits:` that sets the limit.
        key: Cow<'static, str>,
    },
}

/// A file that is not an image, or not one that a site can use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Unusable {
    #[error("the file is empty")]
    Empty,
    #[error("this is a Git LFS pointer, not the image itself")]
    LfsPointer,
    #[error("this is an HTML page, not an image")]
    Html,
    #[error("this is a PDF document, not an image")]
    Pdf,
    #[error("the content is not a known image format")]
    Unknown,
    #[error("browsers do not show HEIC")]
    Heic,
    #[error("few browsers show JPEG XL")]
    JpegXl,
    #[error("browsers do not show JPEG 2000")]
    Jpeg2000,
    #[error("this kind of TIFF is not supported: {0}")]
    Tiff(Cow<'static, str>),
    #[error("this kind of AVIF is not supported: {0}")]
    Avif(Cow<'static, str>),
    #[error("browsers do not show JPEGs with 12 bits per sample")]
    Jpeg12Bit,
    #[error("browsers do not show arithmetic-coded JPEGs")]
    JpegArithmetic,
}

impl Unusable {
    /// Whether the file is an image, in a format or variety that browsers do not show.
    pub fn is_image(&self) -> bool {
        !matches!(
            self,
            Unusable::Empty
                | Unusable::LfsPointer
                | Unusable::Html
                | Unusable::Pdf
                | Unusable::Unknown
        )
    }

    /// Returns what the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Unusable::Empty => "upload the file again",
            Unusable::LfsPointer => "run `git lfs pull`",
            Unusable::Html => "the download failed: save the image itself",
            Unusable::Pdf => "export the page as JPEG or PNG, or link to the document instead",
            Unusable::Unknown => "upload a JPEG, PNG, GIF, WebP, AVIF, TIFF, BMP or SVG",
            Unusable::Heic
            | Unusable::Jpeg12Bit
            | Unusable::JpegArithmetic
            | Unusable::Jpeg2000 => "export it as an ordinary JPEG",
            Unusable::JpegXl | Unusable::Avif(_) | Unusable::Tiff(_) => "export it as JPEG or PNG",
        }
    }
}

/// Error of producing a variant.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum ImageError {
    #[error("cannot decode this file: {0}")]
    Decode(String),
    #[error("cannot convert its colors to sRGB: {0}")]
    Color(String),
    #[error("cannot resize it: {0}")]
    Resize(String),
    #[error("cannot encode a variant of {dimensions} pixels: {reason}")]
    Encode {
        dimensions: Dimensions,
        reason: String,
    },
    /// The machine lacks what the decoder needs.
    #[error("cannot decode this file: {0}", .reason)]
    Lacking { reason: String, lack: Lack },
    #[error("cannot encode a variant of {dimensions} pixels: the encoder is out of memory")]
    EncoderMemory { dimensions: Dimensions },
    /// The decoder found other dimensions than the headers declare.
    #[error("the file changed while it was being processed")]
    Changed,
    #[error("interrupted")]
    Interrupted,
}

impl ProbeError {
    /// Creates the error of a decoder that cannot read the headers of a file.
    pub(crate) fn of_decoder(format: &'static str, error: &(dyn Error + 'static)) -> ProbeError {
        ProbeError::Damaged {
            format: format.into(),
            reason: in_words(error, Part::Headers).into_owned(),
        }
    }
}

impl ImageError {
    /// Returns what the machine lacks, if that is the reason.
    pub fn lack(&self) -> Option<Lack> {
        match self {
            ImageError::Lacking { lack, .. } => Some(*lack),
            ImageError::EncoderMemory { .. } => Some(Lack::Resources),
            _ => None,
        }
    }

    /// Creates the error of a decoder that cannot read the pixels of a file.
    pub(crate) fn of_decoder(error: &(dyn Error + 'static)) -> ImageError {
        ImageError::Decode(in_words(error, Part::Pixels).into_owned())
    }
}

/// Error of encoding pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    #[error("the encoder is out of memory")]
    OutOfMemory,
    #[error("a side is longer than the format allows")]
    TooLarge,
    #[error("the encoder rejected the pixels")]
    Refused,
    #[error("interrupted")]
    Interrupted,
    #[error("{0}")]
    Score(#[from] ScoreError),
}

impl EncodeError {
    /// Converts the error to that of the variant of these dimensions.
    pub fn for_variant(self, dimensions: Dimensions) -> ImageError {
        match self {
            EncodeError::Interrupted => ImageError::Interrupted,
            EncodeError::OutOfMemory => ImageError::EncoderMemory { dimensions },
            error => ImageError::Encode {
                dimensions,
                reason: error.to_string(),
            },
        }
    }
}
