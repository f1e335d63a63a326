//! Originals: what an upload is, by its content, never by its extension.
//!
//! [`probe`] reads headers only. What it says decides whether pixels are allocated at all, so the
//! limits are checked here, before any decoder runs.

mod exif;
mod format;
mod svg;

use std::io::Cursor;

use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation as ImageOrientation;
use image::{ColorType, ImageDecoder};
use serde::{Deserialize, Serialize};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

pub use format::Unusable;

use crate::config::Limits;
use crate::finding::{Code, Finding};
use crate::site::SitePath;
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
    /// Whether the file itself may be a candidate: a still web format, upright, sRGB or untagged,
    /// without a position.
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
        Container::Jpeg => probe_jpeg(bytes)?,
        Container::Png => probe_png(bytes)?,
        Container::Gif => probe_gif(bytes)?,
        Container::Webp => probe_webp(bytes)?,
    };
    check_limits(&raster, limits)?;
    Ok(Picture::Raster(raster))
}

fn check_limits(raster: &Raster, limits: &Limits) -> Result<(), ProbeError> {
    let stored = raster.stored;
    if stored.width == 0 || stored.height == 0 {
        return Err(ProbeError::Damaged {
            format: "picture",
            reason: "it has no pixels".to_owned(),
        });
    }
    let side = stored.width.max(stored.height);
    if side > limits.side {
        return Err(ProbeError::OverLimit {
            what: "a side of",
            actual: format!("{side} pixels"),
            limit: format!("{} pixels", limits.side),
            key: "side",
        });
    }
    if stored.pixels() > u64::from(limits.megapixels) * 1_000_000 {
        return Err(ProbeError::OverLimit {
            what: "a picture of",
            actual: format!("{:.1} megapixels", stored.pixels() as f64 / 1e6),
            limit: format!("{} megapixels", limits.megapixels),
            key: "megapixels",
        });
    }
    Ok(())
}

/// A JPEG's decoder with the headers read.
///
/// The strict reading comes first: it refuses a file that is cut off. Odd bytes between the headers
/// are passed over by a lenient one, if the file has its end marker.
pub(crate) fn open_jpeg(
    bytes: &[u8],
    out: Option<ColorSpace>,
) -> Result<JpegDecoder<ZCursor<&[u8]>>, String> {
    let mut refusal = String::new();
    for is_strict in [true, false] {
        if !is_strict && !has_end_marker(bytes) {
            break;
        }
        let mut options = DecoderOptions::default()
            .set_max_width(usize::from(u16::MAX))
            .set_max_height(usize::from(u16::MAX))
            .set_strict_mode(is_strict);
        if let Some(out) = out {
            options = options.jpeg_set_out_colorspace(out);
        }
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
        match decoder.decode_headers() {
            Ok(()) => return Ok(decoder),
            Err(error) => refusal = error.to_string().trim_matches(['"', '\n', ' ']).to_owned(),
        }
    }
    Err(refusal)
}

/// Whether an end marker follows the last scan; a thumbnail's stands before it.
fn has_end_marker(jpeg: &[u8]) -> bool {
    let last = |marker: [u8; 2]| jpeg.windows(2).rposition(|pair| pair == marker);
    last([0xff, 0xd9]) > last([0xff, 0xda])
}

fn probe_jpeg(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let damaged = |reason| ProbeError::Damaged {
        format: "JPEG",
        reason,
    };
    let decoder = open_jpeg(bytes, None).map_err(|reason| match unsupported_jpeg(&reason) {
        Some(unusable) => ProbeError::Unusable(unusable),
        None => damaged(reason),
    })?;
    let info = decoder
        .info()
        .ok_or_else(|| damaged("it has no header".to_owned()))?;
    let stored = Dimensions {
        width: u32::from(info.width),
        height: u32::from(info.height),
    };
    let exif = decoder.exif().map(Vec::as_slice);
    let orientation = Orientation::of(exif.and_then(ImageOrientation::from_exif_chunk));
    let is_progressive = info.sof.is_progressive();
    let components = u64::from(info.components.max(1));
    // All coefficients at once, two bytes each, and then the pixels.
    let coefficients = if is_progressive { 2 * components } else { 0 };
    let is_rgb = components != 4;
    let is_srgb = is_srgb(decoder.icc_profile().as_deref());
    // A profile's conversion makes the pixels anew.
    let converted = if is_srgb { 0 } else { 3 };
    Ok(Raster {
        format: RasterFormat::Jpeg,
        stored,
        orientation,
        has_alpha: false,
        is_animated: false,
        is_publishable: is_rgb
            && orientation == Orientation::UPRIGHT
            && is_srgb
            && !has_position(exif, decoder.xmp().map(Vec::as_slice)),
        decode_bytes: stored.pixels() * (components.max(3) + coefficients.max(converted)),
    })
}

/// What no browser shows either.
fn unsupported_jpeg(reason: &str) -> Option<Unusable> {
    if reason.contains("12 bits") || reason.contains("8-bit images") {
        Some(Unusable::Jpeg12Bit)
    } else if reason.contains("`DAC`") || reason.contains("rithmetic") {
        Some(Unusable::JpegArithmetic)
    } else {
        None
    }
}

/// Bytes that a decoder may use for what is no pixels: profiles, texts, tables.
const METADATA_BYTES: u64 = 64 << 20;

/// Limits for `image`'s decoders: the pixels that the header promises, and some for the rest.
pub(crate) fn image_limits(pixels_bytes: u64) -> image::Limits {
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(pixels_bytes.saturating_add(METADATA_BYTES));
    limits
}

fn probe_png(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let damaged = |error: image::ImageError| ProbeError::Damaged {
        format: "PNG",
        reason: error.to_string(),
    };
    let mut decoder =
        PngDecoder::with_limits(Cursor::new(bytes), image_limits(0)).map_err(damaged)?;
    let stored = dimensions(&decoder);
    let colour = decoder.color_type();
    let exif = decoder.exif_metadata().ok().flatten();
    let orientation = Orientation::of(exif.as_deref().and_then(ImageOrientation::from_exif_chunk));
    let icc = decoder.icc_profile().ok().flatten();
    let is_srgb = is_srgb(icc.as_deref());
    let xmp = decoder.xmp_metadata().ok().flatten();
    // What sRGB's own chunk comes with (PNG, section 11.3.2.5) says nothing more.
    let gamma = decoder.gamma_value().ok().flatten();
    let has_gamma = gamma.is_some_and(|gamma| (gamma - 0.45455).abs() > 0.0005);
    let is_animated = decoder.is_apng().unwrap_or(false);
    Ok(Raster {
        format: RasterFormat::Png,
        stored,
        orientation,
        has_alpha: colour.has_alpha(),
        is_animated,
        is_publishable: !is_animated
            && orientation == Orientation::UPRIGHT
            && is_srgb
            && (!has_gamma || icc.is_some())
            && !has_position(exif.as_deref(), xmp.as_deref()),
        decode_bytes: decode_bytes(stored, colour, is_srgb),
    })
}

fn probe_gif(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let damaged = |error: gif::DecodingError| ProbeError::Damaged {
        format: "GIF",
        reason: error.to_string(),
    };
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(damaged)?;
    let stored = Dimensions {
        width: u32::from(decoder.width()),
        height: u32::from(decoder.height()),
    };
    let mut frames = 0;
    let mut largest_frame = 0u64;
    while frames < 2 {
        match decoder.next_frame_info() {
            Ok(Some(frame)) => {
                largest_frame = largest_frame.max(u64::from(frame.width) * u64::from(frame.height));
                frames += 1;
            }
            Ok(None) => break,
            // The first frame is what counts.
            Err(error) if frames == 0 => return Err(damaged(error)),
            Err(_) => break,
        }
    }
    if frames == 0 {
        return Err(ProbeError::Damaged {
            format: "GIF",
            reason: "it has no picture".to_owned(),
        });
    }
    let outside = |limit: u64| largest_frame > limit;
    if outside(stored.pixels().max(1).saturating_mul(4)) && outside(1 << 24) {
        return Err(ProbeError::Damaged {
            format: "GIF",
            reason: "a frame is far larger than the picture".to_owned(),
        });
    }
    Ok(Raster {
        format: RasterFormat::Gif,
        stored,
        orientation: Orientation::UPRIGHT,
        has_alpha: true,
        is_animated: frames > 1,
        is_publishable: frames == 1,
        decode_bytes: (stored.pixels() + largest_frame) * 4,
    })
}

fn probe_webp(bytes: &[u8]) -> Result<Raster, ProbeError> {
    let damaged = |error: image::ImageError| ProbeError::Damaged {
        format: "WebP",
        reason: error.to_string(),
    };
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(damaged)?;
    let stored = dimensions(&decoder);
    let colour = decoder.color_type();
    let exif = decoder.exif_metadata().ok().flatten();
    let orientation = Orientation::of(exif.as_deref().and_then(ImageOrientation::from_exif_chunk));
    let icc = decoder.icc_profile().ok().flatten();
    let is_srgb = is_srgb(icc.as_deref());
    let xmp = decoder.xmp_metadata().ok().flatten();
    let is_animated = decoder.has_animation();
    Ok(Raster {
        format: RasterFormat::Webp,
        stored,
        orientation,
        has_alpha: colour.has_alpha(),
        is_animated,
        is_publishable: !is_animated
            && orientation == Orientation::UPRIGHT
            && is_srgb
            && !has_position(exif.as_deref(), xmp.as_deref()),
        // The planes of the lossy frame beside the pixels.
        decode_bytes: decode_bytes(stored, colour, is_srgb) + stored.pixels() * 4,
    })
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

/// Whether a profile is absent or the sRGB that every browser assumes, by what it is called: the
/// pixels are not looked at here.
fn is_srgb(icc: Option<&[u8]>) -> bool {
    let Some(icc) = icc else { return true };
    let Ok(profile) = moxcms::ColorProfile::new_from_slice(icc) else {
        return false;
    };
    if profile.color_space != moxcms::DataColorSpace::Rgb {
        return false;
    }
    colour_is_srgb(&profile)
}

/// Whether a profile's primaries and tone curve are those of sRGB: its colours of a grid come out
/// as they went in, one step aside at most.
pub(crate) fn colour_is_srgb(profile: &moxcms::ColorProfile) -> bool {
    const STEPS: [u8; 6] = [0, 51, 102, 153, 204, 255];
    let srgb = moxcms::ColorProfile::new_srgb();
    let layout = moxcms::Layout::Rgb;
    let options = moxcms::TransformOptions::default();
    let Ok(transform) = profile.create_transform_8bit(layout, &srgb, layout, options) else {
        return false;
    };
    let grid: Vec<u8> = STEPS
        .iter()
        .flat_map(|r| {
            STEPS
                .iter()
                .flat_map(move |g| STEPS.iter().flat_map(move |b| [*r, *g, *b]))
        })
        .collect();
    let mut out = vec![0; grid.len()];
    transform.transform(&grid, &mut out).is_ok()
        && grid
            .iter()
            .zip(&out)
            .all(|(before, after)| before.abs_diff(*after) <= 1)
}

/// Whether metadata says where a picture was taken: Exif's GPS directory, or XMP's properties of
/// the same names (`exif:GPSLatitude`, …).
fn has_position(exif: Option<&[u8]>, xmp: Option<&[u8]>) -> bool {
    let needle = b"GPSL";
    exif::has_position(exif)
        || xmp.is_some_and(|xmp| xmp.windows(needle.len()).any(|window| window == needle))
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
