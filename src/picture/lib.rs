//! The image engine of `planche`: bytes and settings in, bytes out.
//!
//! [`probe`](format::probe) reads the headers of an image. [`Renderer`](render::Renderer) decodes
//! it once per scale and encodes every [`Rendition`](recipe::Rendition). The engine knows nothing
//! about sites, paths, URLs or the disk.
//!
//! [`format`](mod@format) has one file or folder per image format, which contains everything about
//! it.

#[cfg(test)]
#[path = "../../tests/corpus.rs"]
mod corpus;
#[cfg(test)]
#[path = "../../tests/needs.rs"]
mod needs;

pub mod animate;
pub mod animation;
pub mod appearance;
pub mod color;
pub mod color_space;
pub mod compose;
pub mod contained;
pub mod context;
pub mod decode;
pub mod decoder;
pub mod encode;
pub mod error;
pub mod estimate;
pub mod exif;
pub mod fingerprint;
pub mod format;
pub mod frame;
pub mod framing;
pub mod image_crate;
pub mod info;
pub mod limits;
pub mod linear_light;
pub mod memory;
pub mod parallel;
pub mod pixels;
pub mod placeholder;
pub mod quality;
mod reason;
pub mod recipe;
pub mod render;
pub mod resize;
pub mod salience;
pub mod score;
pub mod search;
pub mod shown;
pub mod sources;
pub mod units;
pub mod verify;
