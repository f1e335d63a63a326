//! Identifies files in no supported format by their first bytes.

use super::avif::brands;
use super::svg::starts_with_tag;
use crate::error::Unusable;

/// Returns the reason why a file in none of the formats cannot be used.
pub(super) fn unusable(bytes: &[u8]) -> Unusable {
    let starts = |signature: &[u8]| bytes.starts_with(signature);
    let brands = brands(bytes);
    let has_brand = |names: &[&[u8; 4]]| brands.iter().any(|brand| names.contains(brand));
    match bytes {
        [] => Unusable::Empty,
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
        _ if starts_with_tag(bytes, &["<!doctype html", "<html", "<head"]) => Unusable::Html,
        _ => Unusable::Unknown,
    }
}
