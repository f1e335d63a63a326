//! Properties of an image that are read from its headers: format, dimensions, orientation, cost of
//! decoding.

use image::metadata::Orientation as ImageOrientation;
use serde::{Deserialize, Serialize};

use crate::units::Dimensions;

/// A 256-bit BLAKE3 digest of a file's bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        Digest(*blake3::hash(bytes).as_bytes())
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Digest({})", blake3::Hash::from_bytes(self.0).to_hex())
    }
}

/// An image format: its index in [`format::ALL`](crate::format::ALL). [`Format::spec`] returns its
/// description.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Format(pub(crate) u8);

/// Properties of an image that are read from its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImageInfo {
    Raster(Raster),
    /// SVG, with its intrinsic size in CSS pixels.
    Vector {
        dimensions: Dimensions,
    },
}

impl ImageInfo {
    /// Width and height as displayed, after the orientation is applied.
    pub fn dimensions(&self) -> Dimensions {
        match self {
            ImageInfo::Raster(raster) => raster.dimensions(),
            ImageInfo::Vector { dimensions } => *dimensions,
        }
    }

    /// Whether the file itself may be a srcset candidate.
    pub fn is_publishable(&self) -> bool {
        matches!(self, ImageInfo::Raster(raster) if raster.is_publishable)
    }

    pub fn is_animated(&self) -> bool {
        matches!(self, ImageInfo::Raster(raster) if raster.is_animated)
    }
}

/// Properties of a raster image that are read from its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raster {
    pub format: Format,
    /// Dimensions as stored, before the orientation is applied.
    pub stored: Dimensions,
    pub orientation: Orientation,
    /// Whether the file can hold transparency.
    pub has_alpha: bool,
    pub is_animated: bool,
    /// Total duration of an animation in milliseconds, repetitions included; `u64::MAX` if it never
    /// ends. 0 for a still image, and if it is not known.
    pub total_milliseconds: u64,
    /// Number of times that decoding visits every pixel: the frames of an animation, or the scans
    /// of a JPEG.
    pub passes: u32,
    /// Whether the file itself may be a srcset candidate: a web format, upright, sRGB or untagged,
    /// without a GPS position. An animation may be one, next to its animated variants.
    pub is_publishable: bool,
    /// Whether the metadata contains the position of the camera, for certain.
    pub has_certain_position: bool,
    /// Peak memory of decoding in bytes, computed from the header; includes the conversion to
    /// eight-bit sRGB.
    pub decode_bytes: u64,
}

/// Returns the total duration of an animation in milliseconds. `durations` are those of its frames,
/// in milliseconds; `plays` is how many times it plays, and 0 means forever. A frame of up to 10 ms
/// is shown for 100 ms, as in browsers.
pub fn total_milliseconds(durations: impl Iterator<Item = u64>, plays: u32) -> u64 {
    let once: u64 = durations
        .map(|duration| if duration <= 10 { 100 } else { duration })
        .fold(0, u64::saturating_add);
    match plays {
        0 => u64::MAX,
        plays => once.saturating_mul(plays.into()),
    }
}

impl Raster {
    /// Width and height as displayed, after the orientation is applied.
    pub fn dimensions(&self) -> Dimensions {
        self.orientation.turned(self.stored)
    }
}

/// Exif orientation, 1 to 8; an invalid one counts as 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orientation(u8);

impl Orientation {
    pub const UPRIGHT: Orientation = Orientation(1);

    /// Converts the orientation that the `image` crate read; upright if there was none.
    pub fn from_image(image: Option<ImageOrientation>) -> Self {
        image.map_or(Orientation::UPRIGHT, |image| Orientation(image.to_exif()))
    }

    /// Creates an orientation from its Exif number; `None` unless that is 1 to 8.
    pub fn from_exif(number: u8) -> Option<Self> {
        (1..=8).contains(&number).then_some(Orientation(number))
    }

    /// Returns the Exif number.
    pub fn exif(self) -> u8 {
        self.0
    }

    /// Converts between stored and displayed dimensions, in either direction.
    pub fn turned(self, size: Dimensions) -> Dimensions {
        if self.is_transposed() {
            size.transposed()
        } else {
            size
        }
    }

    /// Whether width and height are exchanged.
    pub fn is_transposed(self) -> bool {
        self.0 >= 5
    }
}
