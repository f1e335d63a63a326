//! What a file is, by its first bytes.

use crate::finding::Code;

/// A container whose pictures are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Container {
    Jpeg,
    Png,
    Gif,
    Webp,
    Avif,
    Tiff,
    Bmp,
    Ico,
    Svg,
}

/// What a file is instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("the file is empty")]
    Empty,
    #[error("this is a Git LFS pointer, not the picture itself")]
    LfsPointer,
    #[error("this is an HTML page, not a picture")]
    Html,
    #[error("this is a PDF document, not a picture")]
    Pdf,
    #[error("the content is of no known picture format")]
    Unknown,
    #[error("HEIC is a format that browsers do not show")]
    Heic,
    #[error("JPEG XL is a format that few browsers show")]
    JpegXl,
    #[error("JPEG 2000 is a format that browsers do not show")]
    Jpeg2000,
    #[error("this variety of TIFF is not read: {0}")]
    Tiff(&'static str),
    #[error("this variety of AVIF is not read: {0}")]
    Avif(&'static str),
    #[error("a JPEG of 12 bits a sample is one that browsers do not show")]
    Jpeg12Bit,
    #[error("an arithmetic-coded JPEG is one that browsers do not show")]
    JpegArithmetic,
}

impl Unusable {
    pub fn code(self) -> Code {
        match self {
            Unusable::Empty
            | Unusable::LfsPointer
            | Unusable::Html
            | Unusable::Pdf
            | Unusable::Unknown => Code::UndecodableUpload,
            _ => Code::UnsupportedFormat,
        }
    }

    pub fn hint(self) -> &'static str {
        match self {
            Unusable::Empty => "upload the file again",
            Unusable::LfsPointer => "run `git lfs pull`",
            Unusable::Html => "a download went wrong: save the picture itself",
            Unusable::Pdf => "export the page as JPEG or PNG, or link to the document instead",
            Unusable::Unknown => "upload a JPEG, PNG, GIF, WebP, AVIF, TIFF, BMP or SVG",
            Unusable::Heic
            | Unusable::Jpeg12Bit
            | Unusable::JpegArithmetic
            | Unusable::Jpeg2000 => "export it as an ordinary JPEG",
            Unusable::JpegXl | Unusable::Avif(_) | Unusable::Tiff(_) => "export it as JPEG or PNG",
        }
    }
}

impl Container {
    pub fn of(bytes: &[u8]) -> Result<Container, Unusable> {
        if bytes.is_empty() {
            return Err(Unusable::Empty);
        }
        let starts = |signature: &[u8]| bytes.starts_with(signature);
        if starts(b"\xff\xd8\xff") {
            return Ok(Container::Jpeg);
        }
        if starts(b"\x89PNG\r\n\x1a\n") {
            return Ok(Container::Png);
        }
        if starts(b"GIF87a") || starts(b"GIF89a") {
            return Ok(Container::Gif);
        }
        if starts(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            return Ok(Container::Webp);
        }
        if starts(b"II*\0") || starts(b"MM\0*") || starts(b"II+\0") || starts(b"MM\0+") {
            return Ok(Container::Tiff);
        }
        if starts(b"BM") {
            return Ok(Container::Bmp);
        }
        if starts(b"\0\0\x01\0") {
            return Ok(Container::Ico);
        }
        let brands = brands(bytes);
        let has_brand = |names: &[&[u8; 4]]| brands.iter().any(|brand| names.contains(brand));
        if has_brand(&[b"avif", b"avis"]) {
            return Ok(Container::Avif);
        }
        Err(match bytes {
            _ if starts(b"version https://git-lfs.github.com/spec/") => Unusable::LfsPointer,
            _ if starts(b"%PDF") => Unusable::Pdf,
            _ if starts(b"\xff\x0a") || starts(b"\0\0\0\x0cJXL \r\n\x87\n") => Unusable::JpegXl,
            _ if starts(b"\0\0\0\x0cjP  \r\n\x87\n") || starts(b"\xff\x4f\xff\x51") => {
                Unusable::Jpeg2000
            }
            _ if has_brand(&[
                b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1",
            ]) =>
            {
                Unusable::Heic
            }
            _ => return text(bytes),
        })
    }
}

/// The brands of a file of the ISO base media format (ISO/IEC 14496-12, section 4.3): the major one
/// and those that it is compatible with.
fn brands(bytes: &[u8]) -> Vec<&[u8; 4]> {
    /// Files name a handful.
    const MOST: usize = 64;
    let Some([l0, l1, l2, l3, b'f', b't', b'y', b'p']) = bytes.first_chunk() else {
        return Vec::new();
    };
    let length = u32::from_be_bytes([*l0, *l1, *l2, *l3]);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let payload = &bytes[8..length.clamp(8, bytes.len())];
    let (words, _) = payload.as_chunks::<4>();
    let version = 1;
    let words = words.iter().enumerate().filter(|(at, _)| *at != version);
    words.map(|(_, brand)| brand).take(MOST).collect()
}

/// A text: SVG, a web page, or nothing known.
fn text(bytes: &[u8]) -> Result<Container, Unusable> {
    const LOOKED_AT: usize = 16 << 10;
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(LOOKED_AT)]).to_ascii_lowercase();
    let mut rest = start.trim_start_matches('\u{feff}').trim_start();
    // Declarations and comments may stand before the root element.
    loop {
        let end = if rest.starts_with("<!--") {
            rest.find("-->").map(|at| at + 3)
        } else if rest.starts_with("<?") {
            rest.find("?>").map(|at| at + 2)
        } else if rest.starts_with("<!doctype") && !rest.starts_with("<!doctype html") {
            let subset = rest
                .find('[')
                .filter(|open| rest.find('>').is_some_and(|close| *open < close));
            match subset {
                Some(_) => rest.find("]>").map(|at| at + 2),
                None => rest.find('>').map(|at| at + 1),
            }
        } else {
            None
        };
        match end {
            Some(end) => rest = rest[end..].trim_start(),
            None => break,
        }
    }
    if rest.starts_with("<svg") {
        Ok(Container::Svg)
    } else if rest.starts_with("<!doctype html")
        || rest.starts_with("<html")
        || rest.starts_with("<head")
    {
        Err(Unusable::Html)
    } else {
        Err(Unusable::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn svg_is_found_behind_what_may_stand_before_it() {
        for text in [
            "<svg/>",
            "\u{feff}<?xml version='1.0'?>\n<!-- a > b --><svg>",
            "<!DOCTYPE svg PUBLIC \"-//W3C\" \"x.dtd\"><svg>",
            "<!DOCTYPE svg [<!ENTITY a \"b\">]>\n<svg>",
            "<!DOCTYPE lolz [<!ENTITY a \"b\">\n]>\n<svg>",
        ] {
            assert_eq!(Container::of(text.as_bytes()), Ok(Container::Svg), "{text}");
        }
        for text in ["<p><svg></p>", "svg", "<!-- <svg> "] {
            assert_eq!(
                Container::of(text.as_bytes()),
                Err(Unusable::Unknown),
                "{text}"
            );
        }
    }
}
