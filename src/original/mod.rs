//! Originals: what an upload is, by its content, never by its extension.
//!
//! [`probe`] reads headers only. What it says decides whether pixels are allocated at all, so the
//! limits are checked here, before any decoder runs.

mod avif;
mod bmp;
mod colour;
mod exif;
mod format;
mod gif;
mod ico;
mod jpeg;
mod png;
mod svg;
mod tiff;
mod webp;

use image::metadata::Orientation as ImageOrientation;
use image::{ColorType, ImageDecoder};
use serde::{Deserialize, Serialize};

pub(crate) use avif::{Avif, Layer as AvifLayer};
pub(crate) use colour::{ColourSpace, Profiles};
pub use format::Unusable;
pub(crate) use gif::plays as gif_plays;
pub(crate) use ico::{Icon, largest as largest_icon};
pub(crate) use jpeg::open as open_jpeg;
pub(crate) use png::colour_space as png_colour_space;
pub(crate) use tiff::{Tiff, TiffSamples};
pub(crate) use webp::{Chunk as WebpChunk, chunks as webp_chunks};

use crate::config::Limits;
use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::units::Dimensions;
use format::Container;

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

/// An upload that articles reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    pub path: SitePath,
    pub digest: Digest,
    pub bytes: u64,
    pub picture: Picture,
}

/// What an upload shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Picture {
    Raster(Raster),
    /// SVG: published as it is, with its intrinsic size.
    Vector {
        dimensions: Dimensions,
    },
}

impl Picture {
    /// Width and height as shown.
    pub fn dimensions(&self) -> Dimensions {
        match self {
            Picture::Raster(raster) => raster.dimensions(),
            Picture::Vector { dimensions } => *dimensions,
        }
    }

    /// Whether the file itself may be a candidate.
    pub fn is_publishable(&self) -> bool {
        matches!(self, Picture::Raster(raster) if raster.is_publishable)
    }

    pub fn is_animated(&self) -> bool {
        matches!(self, Picture::Raster(raster) if raster.is_animated)
    }

    /// Whether it is an animation whose frames can be decoded.
    pub fn has_frames(&self) -> bool {
        use RasterFormat::{Gif, Png, Webp};
        matches!(self, Picture::Raster(raster)
            if raster.is_animated && matches!(raster.format, Gif | Png | Webp))
    }
}

/// A picture of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raster {
    pub format: RasterFormat,
    /// As stored, before the orientation is applied.
    pub stored: Dimensions,
    pub orientation: Orientation,
    /// Whether the file can hold transparency.
    pub has_alpha: bool,
    pub is_animated: bool,
    /// How often decoding goes over the pixels: frames of an animation, scans of a JPEG.
    pub passes: u32,
    /// Whether the file itself may be a candidate: a web format, upright, sRGB or untagged,
    /// without a position; of an animation, beside its animated variants.
    pub is_publishable: bool,
    /// Bytes that decoding takes at its peak, from the header, the way to sRGB of eight bits
    /// included.
    pub decode_bytes: u64,
}

impl Raster {
    /// Width and height as shown.
    pub fn dimensions(&self) -> Dimensions {
        self.orientation.turned(self.stored)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RasterFormat {
    Jpeg,
    Png,
    Gif,
    Webp,
    Avif,
    Tiff,
    Bmp,
    Ico,
}

/// Exif orientation, 1 to 8; an invalid one counts as 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orientation(u8);

impl Orientation {
    pub const UPRIGHT: Orientation = Orientation(1);

    fn of(image: Option<ImageOrientation>) -> Self {
        image.map_or(Orientation::UPRIGHT, |image| Orientation(image.to_exif()))
    }

    /// From the number that Exif gives it; none if that is not 1 to 8.
    pub fn from_exif(number: u8) -> Option<Self> {
        (1..=8).contains(&number).then_some(Orientation(number))
    }

    /// Its number in Exif.
    pub fn exif(self) -> u8 {
        self.0
    }

    /// A size as stored of one that is upright, and the other way round.
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

    /// As the `image` crate names it, to apply it.
    pub fn to_image(self) -> ImageOrientation {
        ImageOrientation::from_exif(self.0).unwrap_or(ImageOrientation::NoTransforms)
    }
}

/// An upload that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    #[error("{0}")]
    Unusable(Unusable),
    #[error("cannot read this {format} file: {reason}")]
    Damaged {
        format: &'static str,
        reason: String,
    },
    #[error("{what} {actual} is over the limit of {limit}")]
    OverLimit {
        what: &'static str,
        actual: String,
        limit: String,
        key: &'static str,
    },
}

impl ProbeError {
    /// The finding about the upload at `path`.
    pub fn finding(&self, path: &SitePath) -> Finding {
        let (code, hint) = match self {
            ProbeError::Unusable(unusable) => (unusable.code(), unusable.hint().to_owned()),
            ProbeError::Damaged { .. } => (
                Code::UndecodableUpload,
                "export the picture again and upload it anew".to_owned(),
            ),
            ProbeError::OverLimit { key, .. } => (
                Code::OverLimit,
                format!(
                    "make the picture smaller, or raise `limits: {{ {key}: … }}` in planche.yml"
                ),
            ),
        };
        Finding::new(code, self.to_string())
            .in_file(path.as_str())
            .hint(hint)
    }
}

/// Reads the headers of an upload's bytes.
pub fn probe(bytes: &[u8], limits: &Limits) -> Result<Picture, ProbeError> {
    let container = Container::of(bytes).map_err(ProbeError::Unusable)?;
    let raster = match container {
        Container::Svg => {
            let dimensions = svg::intrinsic_size(bytes).map_err(|reason| ProbeError::Damaged {
                format: "SVG",
                reason,
            })?;
            return Ok(Picture::Vector { dimensions });
        }
        Container::Jpeg => jpeg::probe(bytes)?,
        Container::Png => png::probe(bytes)?,
        Container::Gif => gif::probe(bytes)?,
        Container::Webp => webp::probe(bytes)?,
        Container::Avif => avif::probe(bytes, limits)?,
        Container::Tiff => tiff::probe(bytes)?,
        Container::Bmp => bmp::probe(bytes)?,
        Container::Ico => ico::probe(bytes)?,
    };
    check_limits(&raster, limits)?;
    Ok(Picture::Raster(raster))
}

fn check_limits(raster: &Raster, limits: &Limits) -> Result<(), ProbeError> {
    let stored = raster.stored;
    check_size(stored, limits)?;
    let work = stored
        .pixels()
        .saturating_mul(u64::from(raster.passes.max(1)));
    if work > u64::from(limits.work) * 1_000_000 {
        let of = if raster.is_animated {
            "frames"
        } else {
            "scans"
        };
        return Err(ProbeError::OverLimit {
            what: "decoding",
            actual: format!(
                "{} {of}, {:.1} megapixels in all,",
                raster.passes,
                work as f64 / 1e6
            ),
            limit: format!("{} megapixels", limits.work),
            key: "work",
        });
    }
    Ok(())
}

fn check_size(size: Dimensions, limits: &Limits) -> Result<(), ProbeError> {
    if size.width == 0 || size.height == 0 {
        return Err(ProbeError::Damaged {
            format: "picture",
            reason: "it has no pixels".to_owned(),
        });
    }
    let side = size.width.max(size.height);
    if side > limits.side {
        return Err(ProbeError::OverLimit {
            what: "a side of",
            actual: format!("{side} pixels"),
            limit: format!("{} pixels", limits.side),
            key: "side",
        });
    }
    if size.pixels() > u64::from(limits.megapixels) * 1_000_000 {
        return Err(ProbeError::OverLimit {
            what: "a picture of",
            actual: format!("{:.1} megapixels", size.pixels() as f64 / 1e6),
            limit: format!("{} megapixels", limits.megapixels),
            key: "megapixels",
        });
    }
    Ok(())
}

/// Bytes that a decoder may use for what is no pixels: profiles, texts, tables.
const METADATA_BYTES: u64 = 64 << 20;

/// Limits for `image`'s decoders: the pixels that the header promises, and some for the rest.
pub(crate) fn image_limits(pixels_bytes: u64) -> image::Limits {
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(pixels_bytes.saturating_add(METADATA_BYTES));
    limits
}

fn dimensions(decoder: &impl ImageDecoder) -> Dimensions {
    let (width, height) = decoder.dimensions();
    Dimensions { width, height }
}

/// The samples as the decoder gives them; those of sixteen bits once more as numbers; and once
/// more, in three channels at least, where a profile converts them.
fn decode_bytes(stored: Dimensions, colour: ColorType, is_srgb: bool) -> u64 {
    let bytes = u64::from(colour.bytes_per_pixel());
    let is_wide = colour.bytes_per_pixel() > colour.channel_count();
    let copies = if is_wide { 2 * bytes } else { bytes };
    let converted = if is_srgb { 0 } else { bytes.max(3) };
    stored.pixels().saturating_mul(copies + converted)
}

/// What composing an animation takes beside: the canvas, the one that a frame gives way to again,
/// and the copy that colours are converted of, all with alpha.
fn composed_bytes(stored: Dimensions, colour: ColorType, is_animated: bool) -> u64 {
    if !is_animated {
        return 0;
    }
    let sample = u64::from(colour.bytes_per_pixel() / colour.channel_count());
    let channels = if colour.has_color() { 4 } else { 2 };
    stored.pixels().saturating_mul(3 * channels * sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_picture_is_named() {
        let limits = Limits::default();
        for (bytes, expected) in [
            (&b""[..], "the file is empty"),
            (
                b"<!DOCTYPE html><html>",
                "this is an HTML page, not a picture",
            ),
            (
                b"version https://git-lfs.github.com/spec/v1\noid",
                "this is a Git LFS pointer",
            ),
            (b"%PDF-1.7", "this is a PDF document, not a picture"),
            (b"\0\0\0\x1cftypheic", "HEIC"),
            (b"\xff\x0a\0", "JPEG XL"),
            (b"hello", "the content is of no known picture format"),
        ] {
            let error = probe(bytes, &limits).expect_err(expected);
            assert!(error.to_string().contains(expected), "{error}");
        }
    }

    #[test]
    fn a_picture_that_says_where_it_was_taken_is_not_published() {
        let xmp = b"<x:xmpmeta><rdf:Description exif:GPSLatitude=\"46,31N\"/></x:xmpmeta>";
        let pixel = [0u8, 0, 0];
        let (colour, side) = (image::ExtendedColorType::Rgb8, 1);
        let mut png = Vec::new();
        image::ImageEncoder::write_image(
            image::codecs::png::PngEncoder::new(&mut png),
            &pixel,
            side,
            side,
            colour,
        )
        .unwrap();
        let chunk = |kind: &[u8], data: &[u8]| {
            let mut chunk = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
            let body = [kind, data].concat();
            chunk.extend_from_slice(&body);
            chunk.extend_from_slice(&crc32(&body).to_be_bytes());
            chunk
        };
        let text = [b"XML:com.adobe.xmp\0\0\0\0\0".as_slice(), xmp].concat();
        let behind_header = 8 + 25;
        let mut png_with = png.clone();
        png_with.splice(behind_header..behind_header, chunk(b"iTXt", &text));
        let mut webp = Vec::new();
        image::ImageEncoder::write_image(
            image::codecs::webp::WebPEncoder::new_lossless(&mut webp),
            &pixel,
            side,
            side,
            colour,
        )
        .unwrap();
        // VP8X with the flag of XMP, canvas of 1 × 1; the image; the metadata.
        let riff = |kind: &[u8], data: &[u8]| {
            let length = u32::try_from(data.len()).unwrap().to_le_bytes();
            let padding = &[0][..data.len() % 2];
            [kind, &length, data, padding].concat()
        };
        let body = [
            b"WEBP".to_vec(),
            riff(b"VP8X", &[4, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            webp[12..].to_vec(),
            riff(b"XMP ", xmp),
        ]
        .concat();
        let webp_with = riff(b"RIFF", &body);
        for (what, bytes, expected) in [
            ("PNG", &png, true),
            ("PNG with a position", &png_with, false),
            ("WebP", &webp, true),
            ("WebP with a position", &webp_with, false),
        ] {
            let Ok(Picture::Raster(raster)) = probe(bytes, &Limits::default()) else {
                panic!("{what}");
            };
            assert_eq!(raster.is_publishable, expected, "{what}");
        }
    }

    #[test]
    fn limits_are_checked_from_the_header() {
        // A PNG that promises 40000 × 40000 pixels and holds none.
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend_from_slice(&40_000u32.to_be_bytes());
        png.extend_from_slice(&40_000u32.to_be_bytes());
        png.extend_from_slice(&[8, 6, 0, 0, 0]);
        let crc = crc32(&png[12..]);
        png.extend_from_slice(&crc.to_be_bytes());
        png.extend_from_slice(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
        let error = probe(&png, &Limits::default()).expect_err("too large");
        assert_eq!(
            error.to_string(),
            "a side of 40000 pixels is over the limit of 30000 pixels"
        );
        let finding = error.finding(&SitePath::default());
        assert_eq!(finding.code, Code::OverLimit);
        assert!(
            finding
                .hint
                .is_some_and(|hint| hint.contains("limits: { side: … }"))
        );
    }

    #[test]
    fn the_copies_on_the_way_to_eight_bits_are_counted() {
        for (colour, is_srgb, bytes) in [
            (ColorType::L8, true, 1),
            (ColorType::L8, false, 4),
            (ColorType::Rgb8, true, 3),
            (ColorType::Rgb8, false, 6),
            (ColorType::Rgba16, true, 16),
            (ColorType::Rgba16, false, 24),
        ] {
            let stored = Dimensions {
                width: 10,
                height: 10,
            };
            let counted = decode_bytes(stored, colour, is_srgb);
            assert_eq!(counted, 100 * bytes, "{colour:?} {is_srgb}");
        }
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0u32, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
            })
        })
    }
}
