//! Colors: the color space that an image declares, and the conversion of its samples to sRGB.

mod convert;

pub use crate::color_space::{ColorSpace, Profiles};
pub use convert::{Transforms, kept, to_srgb};
