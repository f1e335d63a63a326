//! Limits of images that are checked from headers, before pixels are allocated.

use serde::{Deserialize, Serialize};

use crate::error::ProbeError;
use crate::info::Raster;
use crate::units::Dimensions;

/// Maximum sizes of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Maximum number of pixels, in millions.
    pub megapixels: u32,
    /// Maximum width and height in pixels.
    pub side: u32,
    /// Maximum number of pixels that decoding visits, in millions: pixels times the frames of an
    /// animation, or times the scans of a JPEG.
    pub work: u32,
}

impl Limits {
    /// No limits, for files that this program has just written.
    pub const NONE: Limits = Limits {
        megapixels: u32::MAX,
        side: u32::MAX,
        work: u32::MAX,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            megapixels: 100,
            side: 30_000,
            // Twenty scans at the limit of megapixels: encoders write ten.
            work: 2_000,
        }
    }
}

impl Limits {
    /// Checks an image against all limits.
    ///
    /// # Errors
    ///
    /// If the image is over one of the limits, or has no pixels.
    pub fn check(&self, raster: &Raster) -> Result<(), ProbeError> {
        let stored = raster.stored;
        self.check_dimensions(stored)?;
        let work = stored
            .pixels()
            .saturating_mul(u64::from(raster.passes.max(1)));
        if work > u64::from(self.work) * 1_000_000 {
            let unit = if raster.is_animated {
                "frames"
            } else {
                "scans"
            };
            return Err(ProbeError::OverLimit {
                what: "decoding".into(),
                actual: format!(
                    "{} {unit}, {:.1} megapixels in all,",
                    raster.passes,
                    work as f64 / 1e6
                ),
                limit: format!("{} megapixels", self.work),
                key: "work".into(),
            });
        }
        Ok(())
    }

    /// Checks the width, the height and the number of pixels against the limits.
    ///
    /// # Errors
    ///
    /// If the dimensions are over one of the limits, or zero.
    pub fn check_dimensions(&self, size: Dimensions) -> Result<(), ProbeError> {
        if size.width == 0 || size.height == 0 {
            return Err(ProbeError::Damaged {
                format: "image".into(),
                reason: "it has no pixels".to_owned(),
            });
        }
        let side = size.width.max(size.height);
        if side > self.side {
            return Err(ProbeError::OverLimit {
                what: "a side of".into(),
                actual: format!("{side} pixels"),
                limit: format!("{} pixels", self.side),
                key: "side".into(),
            });
        }
        if size.pixels() > u64::from(self.megapixels) * 1_000_000 {
            return Err(ProbeError::OverLimit {
                what: "an image of".into(),
                actual: format!("{:.1} megapixels", size.pixels() as f64 / 1e6),
                limit: format!("{} megapixels", self.megapixels),
                key: "megapixels".into(),
            });
        }
        Ok(())
    }
}
