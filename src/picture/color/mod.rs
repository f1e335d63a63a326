//! Color: which space an image's samples are in, and their conversion to sRGB.

mod convert;
mod space;

pub use convert::{Transforms, kept, to_srgb};
pub use space::{ColorSpace, Profiles};
