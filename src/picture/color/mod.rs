//! Color: which space an image's samples are in, and their conversion to sRGB.

mod convert;

pub use crate::color_space::{ColorSpace, Profiles};
pub use convert::{Transforms, kept, to_srgb};
