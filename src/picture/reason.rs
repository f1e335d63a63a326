//! Turns the errors of decoders into reasons for people who upload images.
//!
//! The decoders' own messages are for programmers, are in English only, and change between
//! versions. Frequent causes, and those that somebody can do something about, have words of their
//! own here. For all others, the reason only says which part of the file is damaged.

use std::borrow::Cow;
use std::error::Error;
use std::io::{self, ErrorKind};

use image::ImageError;
use image::error::LimitErrorKind;
use re_rav1d::dav1d;
use resvg::usvg::{self, roxmltree};
use tiff::{TiffError, TiffFormatError};

pub(crate) type Words = Cow<'static, str>;

/// The part of a file that was being read when a decoder failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Headers,
    Pixels,
}

pub(crate) const UNUSUAL: &str = "its samples or its compression are unusual";
const MEMORY: &str = "it needs too much memory";
const SIZE: &str = "its width or height is out of range";
const ORDER: &str = "its parts are in the wrong order";
const OUTSIDE: &str = "a frame lies outside the image";

/// Starts of messages whose error types the decoders keep private, and the words for them.
const PRIVATE: &[(&str, &str)] = &[
    // PNG
    ("Missing palette", "its palette is missing"),
    ("Not enough palette", "its palette is truncated"),
    ("CRC error", "a checksum does not match its data"),
    ("IDAT or fdAT chunk is missing", "it has no image data"),
    (
        "IDAT or fDAT chunk does not have",
        "its image data is truncated",
    ),
    ("fcTL chunk missing", ORDER),
    ("Sequence is not in order", ORDER),
    ("Unexpected restart of", ORDER),
    ("Sub frame is out-of-bounds", OUTSIDE),
    ("Invalid image dimensions", SIZE),
    ("Invalid color", UNUSUAL),
    ("Invalid bit depth", UNUSUAL),
    ("Unknown compression", UNUSUAL),
    ("Unknown filter", UNUSUAL),
    ("Unknown interlace", UNUSUAL),
    ("Unrecognized critical chunk", UNUSUAL),
    // GIF and WebP
    ("frame descriptor is out-of-bounds", OUTSIDE),
    ("Frame outside image", OUTSIDE),
    (
        "An expected chunk was missing",
        "one of its parts is missing",
    ),
    // BMP and ICO
    ("Palette size", "its palette is too large"),
    ("Negative width", SIZE),
    ("Invalid height", SIZE),
    ("Image too large", SIZE),
    ("Invalid channel bit count", UNUSUAL),
    ("Invalid image type", UNUSUAL),
    ("Unknown image compression", UNUSUAL),
    ("More than one plane", UNUSUAL),
    ("ICO directory contains no image", "it has no image"),
];

/// Texts that follow the name of a chunk in messages about the order of a PNG's chunks.
const ORDERS: &[&str] = &[
    "appeared before IHDR",
    "is invalid after",
    "is invalid before",
    "must appear",
];

/// Returns the reason for an error of any decoder, by the error's type if it is public.
pub(crate) fn in_words(error: &(dyn Error + 'static), part: Part) -> Words {
    if let Some(error) = error.downcast_ref::<io::Error>() {
        return of_io(error, part);
    }
    if let Some(error) = error.downcast_ref::<ImageError>() {
        return of_image(error, part);
    }
    if let Some(error) = error.downcast_ref::<png::DecodingError>() {
        return match error {
            png::DecodingError::IoError(error) => of_io(error, part),
            png::DecodingError::LimitsExceeded => MEMORY.into(),
            png::DecodingError::Format(error) => of_text(&error.to_string(), part),
            png::DecodingError::Parameter(_) => damaged(part),
        };
    }
    if let Some(error) = error.downcast_ref::<gif::DecodingError>() {
        return match error {
            gif::DecodingError::OutOfMemory | gif::DecodingError::MemoryLimit => MEMORY.into(),
            gif::DecodingError::UnexpectedEof => truncated(part),
            gif::DecodingError::Io(error) => of_io(error, part),
            error => of_text(&error.to_string(), part),
        };
    }
    if let Some(error) = error.downcast_ref::<TiffError>() {
        return of_tiff(error, part);
    }
    if let Some(error) = error.downcast_ref::<jpeg_decoder::Error>() {
        return match error {
            jpeg_decoder::Error::Unsupported(_) => UNUSUAL.into(),
            jpeg_decoder::Error::Io(error) => of_io(error, part),
            jpeg_decoder::Error::Format(_) | jpeg_decoder::Error::Internal(_) => damaged(part),
        };
    }
    if let Some(error) = error.downcast_ref::<dav1d::Error>() {
        return match error {
            dav1d::Error::NotEnoughMemory => MEMORY.into(),
            dav1d::Error::UnsupportedBitstream => UNUSUAL.into(),
            _ => damaged(part),
        };
    }
    if let Some(error) = error.downcast_ref::<roxmltree::Error>() {
        return of_xml(error);
    }
    if let Some(error) = error.downcast_ref::<usvg::Error>() {
        return of_svg(error);
    }
    // The error of a decoder that another one calls.
    if let Some(cause) = error.source() {
        return in_words(cause, part);
    }
    of_text(&error.to_string(), part)
}

fn damaged(part: Part) -> Words {
    match part {
        Part::Headers => "its headers are damaged".into(),
        Part::Pixels => "its image data is damaged".into(),
    }
}

fn truncated(part: Part) -> Words {
    match part {
        Part::Headers => "it is truncated".into(),
        Part::Pixels => "its image data is truncated".into(),
    }
}

fn of_io(error: &io::Error, part: Part) -> Words {
    match error.kind() {
        ErrorKind::UnexpectedEof => truncated(part),
        ErrorKind::OutOfMemory => MEMORY.into(),
        _ => damaged(part),
    }
}

fn of_image(error: &ImageError, part: Part) -> Words {
    match error {
        ImageError::IoError(error) => of_io(error, part),
        ImageError::Limits(error) => match error.kind() {
            LimitErrorKind::DimensionError => SIZE.into(),
            _ => MEMORY.into(),
        },
        ImageError::Unsupported(_) => UNUSUAL.into(),
        ImageError::Decoding(_) => error
            .source()
            .map_or_else(|| damaged(part), |cause| in_words(cause, part)),
        ImageError::Encoding(_) | ImageError::Parameter(_) => damaged(part),
    }
}

fn of_tiff(error: &TiffError, part: Part) -> Words {
    match error {
        TiffError::IoError(error) => of_io(error, part),
        TiffError::LimitsExceeded | TiffError::IntSizeError => MEMORY.into(),
        TiffError::UnsupportedError(_) => UNUSUAL.into(),
        TiffError::FormatError(TiffFormatError::RequiredTagNotFound(tag)) => {
            format!("its tag `{tag:?}` is missing").into()
        }
        TiffError::FormatError(TiffFormatError::InvalidDimensions(..)) => SIZE.into(),
        _ => damaged(part),
    }
}

/// Includes the line and column, since the author of a drawing may be able to correct it.
fn of_xml(error: &roxmltree::Error) -> Words {
    use roxmltree::Error as Xml;
    let at = error.pos();
    let at = format!("line {}, column {}", at.row, at.col);
    match error {
        Xml::UnclosedRootNode | Xml::UnexpectedEndOfStream => truncated(Part::Headers),
        Xml::NoRootNode => "it has no root element".into(),
        Xml::NodesLimitReached => "it has too many elements".into(),
        Xml::AttributesLimitReached | Xml::NamespacesLimitReached => {
            "an element has too many attributes".into()
        }
        Xml::EntityReferenceLoop(_) => format!("its entities expand without end ({at})").into(),
        Xml::UnknownNamespace(name, _) => {
            format!("it does not declare the namespace `{name}` ({at})").into()
        }
        Xml::UnknownEntityReference(name, _) => {
            format!("it does not define the entity `&{name};` ({at})").into()
        }
        Xml::DuplicatedAttribute(name, _) => {
            format!("it has the attribute `{name}` twice in one element ({at})").into()
        }
        Xml::UnexpectedCloseTag(expected, found, _) => {
            format!("it closes `<{expected}>` with `</{found}>` ({at})").into()
        }
        _ => format!("it is not valid XML ({at})").into(),
    }
}

fn of_svg(error: &usvg::Error) -> Words {
    match error {
        usvg::Error::ParsingFailed(error) => of_xml(error),
        usvg::Error::ElementsLimitReached => "it has too many elements".into(),
        usvg::Error::InvalidSize => SIZE.into(),
        usvg::Error::NotAnUtf8Str => "it is neither in UTF-8 nor in UTF-16".into(),
        usvg::Error::MalformedGZip | usvg::Error::SvgzFeatureNotEnabled => {
            "it is compressed, and is not read".into()
        }
    }
}

fn of_text(text: &str, part: Part) -> Words {
    let mut known = PRIVATE.iter();
    if let Some((_, words)) = known.find(|(start, _)| text.starts_with(start)) {
        return (*words).into();
    }
    if ORDERS.iter().any(|order| text.contains(order)) {
        return ORDER.into();
    }
    match text.contains("mask") {
        true => "its color masks are damaged".into(),
        false => damaged(part),
    }
}

#[cfg(test)]
mod tests {
    use crate::decode::pixels;
    use crate::decoder::{Decode, InProcess};
    use crate::format::probe;
    use crate::info::ImageInfo;
    use crate::limits::Limits;
    use crate::units::Dimensions;

    /// Returns the error message for a file, from its headers or from its pixels; empty if there is
    /// none.
    fn said(file: &[u8]) -> String {
        let raster = match probe(file, &Limits::default()) {
            Ok(ImageInfo::Raster(raster)) => raster,
            Ok(ImageInfo::Vector { dimensions }) => {
                let drawn = InProcess.draw(file, dimensions);
                return drawn
                    .err()
                    .map_or_else(String::new, |error| error.to_string());
            }
            Err(error) => return error.to_string(),
        };
        let decoded = pixels(file, &raster, &crate::color::Transforms::default());
        decoded
            .err()
            .map_or_else(String::new, |error| error.to_string())
    }

    /// Encodes a chunk of a PNG (section 5.3).
    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let content = [kind.as_slice(), data].concat();
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        let checksum = crc32fast::hash(&content).to_be_bytes();
        [&length, content.as_slice(), &checksum].concat()
    }

    fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
        [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
    }

    /// Encodes the `IHDR` of a PNG of 2 by 2 pixels with a bit depth and a color type.
    fn header(depth: u8, color: u8) -> Vec<u8> {
        chunk(b"IHDR", &[0, 0, 0, 2, 0, 0, 0, 2, depth, color, 0, 0, 0])
    }

    #[test]
    fn a_damaged_png_is_described_in_plain_words() {
        let pixels = || chunk(b"IDAT", b"no deflate stream");
        let end = || chunk(b"IEND", &[]);
        let mut wrong_sum = header(8, 2);
        *wrong_sum.last_mut().unwrap() ^= 1;
        for (file, expected) in [
            (
                png(&[wrong_sum, pixels(), end()]),
                "cannot read this PNG file: a checksum does not match its data",
            ),
            (
                png(&[header(3, 2), pixels(), end()]),
                "cannot read this PNG file: its samples or its compression are unusual",
            ),
            (
                png(&[header(8, 2), pixels(), end()]),
                "cannot decode this file: its image data is damaged",
            ),
            (
                png(&[header(8, 2)])[..20].to_vec(),
                "cannot read this PNG file: it is truncated",
            ),
        ] {
            assert_eq!(said(&file), expected);
        }
    }

    /// Encodes a BMP of two rows without a palette: a file header of 14 bytes, an information
    /// header of 40, and the pixels.
    fn bmp(width: i32, bits: u16, compression: u32, pixels: &[u8]) -> Vec<u8> {
        let number = |number: u32| number.to_le_bytes().to_vec();
        let info = [
            number(40),
            width.to_le_bytes().to_vec(),
            number(2),
            1u16.to_le_bytes().to_vec(),
            bits.to_le_bytes().to_vec(),
            number(compression),
            vec![0; 20],
        ];
        let file = [b"BM".to_vec(), number(0), number(0), number(54)];
        [file.concat(), info.concat(), pixels.to_vec()].concat()
    }

    #[test]
    fn a_damaged_bmp_is_described_in_plain_words() {
        // Two rows of two pixels, each padded to eight bytes.
        assert_eq!(said(&bmp(2, 24, 0, &[90; 16])), "");
        for (file, expected) in [
            (
                bmp(2, 24, 0, &[90; 7]),
                "cannot decode this file: its image data is truncated",
            ),
            (
                bmp(-2, 24, 0, &[90; 16]),
                "cannot read this BMP file: its width or height is out of range",
            ),
            (
                bmp(2, 24, 99, &[90; 16]),
                "cannot read this BMP file: its samples or its compression are unusual",
            ),
            (
                bmp(2, 13, 0, &[90; 16]),
                "cannot read this BMP file: its samples or its compression are unusual",
            ),
            (
                bmp(2, 24, 0, &[])[..30].to_vec(),
                "cannot read this BMP file: it is truncated",
            ),
        ] {
            assert_eq!(said(&file), expected);
        }
    }

    #[test]
    fn a_drawing_that_is_not_valid_xml_says_where() {
        let svg = |content: &str| {
            format!(
                "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>\n{content}</svg>"
            )
        };
        let start = "cannot read this SVG file: ";
        for (content, expected) in [
            ("<g>", "it closes `<g>` with `</svg>` (line 2, column 4)"),
            (
                "<a:g/>",
                "it does not declare the namespace `a` (line 2, column 2)",
            ),
            (
                "<g id='&x;'/>",
                "it does not define the entity `&x;` (line 2, column 8)",
            ),
            (
                "<g id='a' id='b'/>",
                "it has the attribute `id` twice in one element (line 2, column 11)",
            ),
            ("<1/>", "it is not valid XML (line 2, column 2)"),
        ] {
            let said = said(svg(content).as_bytes());
            assert_eq!(said.strip_prefix(start), Some(expected), "{said}");
        }
        let open = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><g>";
        let size = Dimensions {
            width: 9,
            height: 9,
        };
        let drawn = InProcess.draw(open.as_bytes(), size).unwrap_err();
        assert_eq!(
            drawn.to_string(),
            "cannot decode this file: it is truncated"
        );
    }

    #[test]
    fn no_decoder_speaks_for_itself() {
        // Files of each format, with only the first bytes valid.
        for start in [
            &b"\x89PNG\r\n\x1a\n"[..],
            b"GIF89a",
            b"RIFF\x40\0\0\0WEBPVP8 ",
            b"RIFF\x40\0\0\0WEBPVP8L\x08\0\0\0\x2f\0\0\0",
            b"II*\0\x08\0\0\0",
            b"MM\0*\0\0\0\x08",
            b"BM",
            b"\0\0\x01\0\x01\0",
            b"\xff\xd8\xff\xe0\0\x10JFIF\0",
        ] {
            for filling in [&[][..], &[0; 40], &[0xff; 40]] {
                let said = said(&[start, filling].concat());
                let reason = said.rsplit(": ").next().unwrap_or_default();
                let is_ours = reason.starts_with("it ")
                    || reason.starts_with("its ")
                    || reason.starts_with("a ")
                    || reason.starts_with("one of its ")
                    || said.ends_with("is over the limit of 100 megapixels");
                assert!(is_ours, "{start:?}: {said}");
            }
        }
    }
}
