//! Variants: from an original's bytes to files that stand complete on disk.
//!
//! One decode of an original at each scale, whatever the number of widths and places that use it:
//! `decode` → `colour` → `resize` → `encode` → written under their names. Only this module can say
//! that a file stands ([`Shelf`]), and so only it can make a record that may be written.

mod animate;
mod budget;
mod colour;
mod complete;
mod decode;
pub mod encode;
mod frame;
mod light;
mod look;
mod masters;
mod placeholder;
mod produce;
mod resize;
mod salience;
pub mod score;
mod shelf;
mod thumbhash;

pub use colour::Transforms;
pub use decode::rasterise;
pub use produce::{Budget, Produced, Progress, Silent, produce};
pub use shelf::{Shelf, Standing, Unseen, VariantSet};

use crate::original::Raster;
use crate::units::Dimensions;

/// The pixels of an original as they are stored, not yet upright, in sRGB. What a decoder panics
/// at panics.
pub fn pixels(
    bytes: &[u8],
    raster: &Raster,
    transforms: &Transforms,
) -> Result<Pixels, VariantError> {
    colour::to_srgb(decode::decode(bytes, raster)?, raster.stored, transforms)
}

/// Pixels in sRGB, eight bits a sample, rows without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    pub dimensions: Dimensions,
    pub channels: Channels,
    pub samples: Vec<u8>,
}

/// The samples of one pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    Gray,
    Rgb,
    /// Alpha not multiplied into the colours.
    Rgba,
}

impl Channels {
    pub fn count(self) -> usize {
        match self {
            Channels::Gray => 1,
            Channels::Rgb => 3,
            Channels::Rgba => 4,
        }
    }
}

/// One original's variants could not be made.
#[derive(Debug, thiserror::Error)]
pub enum VariantError {
    #[error("cannot decode this file: {0}")]
    Decode(String),
    #[error("its colours cannot be converted to sRGB: {0}")]
    Colour(String),
    #[error("cannot resize it: {0}")]
    Resize(String),
    #[error("cannot encode a variant of {dimensions} pixels: {reason}")]
    Encode {
        dimensions: Dimensions,
        reason: String,
    },
    #[error("{}", .0.full())]
    Site(#[from] crate::site::SiteError),
    #[error("the file changed while it was being processed")]
    Changed,
    #[error("the decoder stopped: {0}")]
    Panicked(String),
    #[error("it needs {needs} of memory, more than the limit of {limit}")]
    OverMemory {
        needs: crate::units::ByteSize,
        limit: crate::units::ByteSize,
    },
    #[error("interrupted")]
    Interrupted,
}
