//! Whether a variant's file is whole, by its container's own length or end.

use crate::path::SitePath;
use crate::preset::Format;
use crate::site::Site;

/// The last bytes of a PNG: its empty `IEND` chunk (PNG, section 11.2.5).
const PNG_END: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";
/// The last bytes of a JPEG: its end marker (ITU-T T.81, table B.1).
const JPEG_END: &[u8] = b"\xff\xd9";
/// Boxes at the top of an AVIF at most; ours have three.
const MAX_BOXES: usize = 64;

/// Whether a file of that length holds all that it says; `path` ends in its format's extension.
pub(super) fn is_complete(site: &Site, path: &SitePath, bytes: u64) -> bool {
    let read = |offset: u64, length: usize| site.root.read_at(path, offset, length).ok();
    let format = Format::ALL
        .into_iter()
        .find(|format| path.as_str().ends_with(format.extension()));
    format.is_some_and(|format| length(format, bytes, &read) == Some(bytes))
}

/// The length that a file says it has; none if it does not begin or end as its format does.
fn length(format: Format, bytes: u64, read: &dyn Fn(u64, usize) -> Option<Vec<u8>>) -> Option<u64> {
    let ends_in = |end: &[u8]| {
        let begin = bytes.checked_sub(end.len() as u64)?;
        (read(begin, end.len())? == end).then_some(bytes)
    };
    match format {
        Format::Webp => riff_length(&read(0, 12)?),
        Format::Png => (read(0, 8)? == b"\x89PNG\r\n\x1a\n").then(|| ends_in(PNG_END))?,
        Format::Jpeg => (read(0, 3)? == b"\xff\xd8\xff").then(|| ends_in(JPEG_END))?,
        Format::Avif => boxes_length(bytes, read),
    }
}

/// RFC 9649, section 2.4.
fn riff_length(header: &[u8]) -> Option<u64> {
    if header.get(..4) != Some(b"RIFF") || header.get(8..12) != Some(b"WEBP") {
        return None;
    }
    let size = u32::from_le_bytes(header.get(4..8)?.try_into().ok()?);
    // The field counts what follows it, and a chunk's padding with it.
    Some(u64::from(size) + 8)
}

/// Where the last box of a file ends (ISO/IEC 14496-12, section 4.2).
fn boxes_length(bytes: u64, read: &dyn Fn(u64, usize) -> Option<Vec<u8>>) -> Option<u64> {
    let mut end = 0;
    for index in 0..MAX_BOXES {
        let header = read(end, 8)?;
        if header.is_empty() && index > 0 {
            return Some(end);
        }
        let size = u32::from_be_bytes(header.get(..4)?.try_into().ok()?);
        let is_first = index == 0;
        if size < 8 || is_first && header.get(4..8)? != b"ftyp" {
            return None;
        }
        end += u64::from(size);
        if end > bytes {
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length_of(format: Format, file: &[u8]) -> Option<u64> {
        let read = |offset: u64, length: usize| {
            let begin = usize::try_from(offset).ok()?.min(file.len());
            Some(file[begin..file.len().min(begin + length)].to_vec())
        };
        length(format, file.len() as u64, &read)
    }

    #[test]
    fn a_container_tells_its_own_length() {
        let png = [b"\x89PNG\r\n\x1a\n".as_slice(), b"data", PNG_END].concat();
        let avif = b"\0\0\0\x0cftypavif\0\0\0\x09mdat\x01";
        for (format, file, length) in [
            (Format::Webp, b"RIFF\x04\0\0\0WEBP".as_slice(), Some(12)),
            (
                Format::Webp,
                b"RIFF\xff\xff\xff\xffWEBP",
                Some((1 << 32) + 7),
            ),
            (Format::Webp, b"RIFX\x04\0\0\0WEBP", None),
            (Format::Webp, b"RIFF\x04\0", None),
            (Format::Png, &png, Some(24)),
            (Format::Png, &png[..23], None),
            (Format::Png, &png[1..], None),
            (Format::Jpeg, b"\xff\xd8\xff\xe0data\xff\xd9", Some(10)),
            (Format::Jpeg, b"\xff\xd8\xff\xe0data\xff", None),
            (Format::Avif, avif, Some(21)),
            (Format::Avif, &avif[..20], Some(21)),
            (Format::Avif, &avif[..14], None),
            (Format::Avif, &avif[12..], None),
        ] {
            assert_eq!(length_of(format, file), length, "{format:?} {file:?}");
        }
        for format in Format::ALL {
            assert_eq!(length_of(format, b""), None, "{format:?}");
        }
    }
}
