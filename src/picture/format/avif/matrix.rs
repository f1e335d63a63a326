//! The meaning of decoded samples: their ranges, and the matrix that converts three components to
//! red, green and blue.

use re_rav1d::dav1d::pixel::YUVRange;
use re_rav1d::dav1d::{Picture, PixelLayout};

use super::failed;
use crate::error::ImageError;

/// How the samples of a bitstream are coded. `matrix`, `primaries` and `transfer` are code points
/// of H.273.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Coding {
    pub bits: u32,
    pub is_gray: bool,
    pub is_full_range: bool,
    pub matrix: u8,
    pub primaries: u8,
    pub transfer: u8,
}

impl Coding {
    /// Reads the coding of a picture. `said` is what the container declares, which takes precedence
    /// over the bitstream (AVIF, section 4).
    pub fn of(picture: &Picture, said: Option<(u8, bool)>) -> Self {
        let matrix = picture.matrix_coefficients() as u8;
        let is_full_range = picture.color_range() == YUVRange::Full;
        let (matrix, is_full_range) = said.unwrap_or((matrix, is_full_range));
        Coding {
            bits: u32::try_from(picture.bit_depth()).unwrap_or(8),
            is_gray: picture.pixel_layout() == PixelLayout::I400,
            is_full_range,
            matrix,
            primaries: picture.color_primaries() as u8,
            transfer: picture.transfer_characteristic() as u8,
        }
    }
}

/// Conversion of three components to red, green and blue.
#[derive(Clone, Copy)]
pub(super) enum Matrix {
    /// The components are green, blue and red (H.273, equation 41).
    Identity,
    /// Luma and two color differences, by the shares of red and blue in luma.
    Luma { red: f32, blue: f32 },
    /// Luma and the components Cg and Co (H.273, equation 62).
    YCgCo,
}

impl Matrix {
    pub fn of(code: u8, primaries: u8) -> Result<Self, ImageError> {
        const BT_709: Matrix = Matrix::Luma {
            red: 0.2126,
            blue: 0.0722,
        };
        const BT_601: Matrix = Matrix::Luma {
            red: 0.299,
            blue: 0.114,
        };
        const BT_2020: Matrix = Matrix::Luma {
            red: 0.2627,
            blue: 0.0593,
        };
        Ok(match (code, primaries) {
            (0, _) => Matrix::Identity,
            (1, _) | (12, 1) => BT_709,
            // Unspecified: BT.601, as in libavif and libheif.
            (2 | 3 | 5 | 6, _) | (12, 5 | 6) => BT_601,
            (4, _) => Matrix::Luma {
                red: 0.30,
                blue: 0.11,
            },
            (7, _) | (12, 7) => Matrix::Luma {
                red: 0.212,
                blue: 0.087,
            },
            (8, _) => Matrix::YCgCo,
            (9, _) | (12, 9) => BT_2020,
            // Display P3's own shares (H.273, equations 32 to 37).
            (12, 12) => Matrix::Luma {
                red: 0.228_974_6,
                blue: 0.079_286_9,
            },
            _ => {
                return Err(failed(format!(
                    "its colors are of matrix {code}, which is not read"
                )));
            }
        })
    }

    /// Converts luma from 0 to 1 and differences from -0.5 to 0.5 to red, green and blue from 0 to
    /// 1.
    pub fn rgb(self, y: f32, cb: f32, cr: f32) -> [f32; 3] {
        match self {
            // The caller has subtracted 0.5 from blue and red.
            Matrix::Identity => [cr + 0.5, y, cb + 0.5],
            Matrix::Luma { red, blue } => {
                let r = y + 2.0 * (1.0 - red) * cr;
                let b = y + 2.0 * (1.0 - blue) * cb;
                let g = (y - red * r - blue * b) / (1.0 - red - blue);
                [r, g, b]
            }
            Matrix::YCgCo => {
                let t = y - cb;
                [t + cr, y + cb, t - cr]
            }
        }
    }
}

/// Returns the zero and the span of luma, and those of chroma, as they are stored.
pub(super) fn ranges(bits: u32, is_full_range: bool) -> ((f32, f32), (f32, f32)) {
    let most = ((1u32 << bits) - 1) as f32;
    let middle = (1u32 << (bits - 1)) as f32;
    let step = (1u32 << (bits - 8)) as f32;
    if is_full_range {
        ((0.0, most), (middle, most))
    } else {
        ((16.0 * step, 219.0 * step), (middle, 224.0 * step))
    }
}
