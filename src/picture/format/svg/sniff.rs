//! Recognizes SVG images and HTML pages by their first tag.

use super::text::{first_tag, root_attributes, starts_with_ignoring_case, text};

/// Whether the root element is `svg`, with or without a namespace prefix.
pub(super) fn is_svg(bytes: &[u8]) -> bool {
    may_be_text(bytes) && text(bytes).is_some_and(|text| root_attributes(&text).is_some())
}

/// Whether the first tag is one of `tags`. Declarations and comments may precede it.
pub(in crate::format) fn starts_with_tag(bytes: &[u8], tags: &[&str]) -> bool {
    /// Number of bytes that are searched: pages are only recognized for a better message.
    const SEARCHED: usize = 16 << 10;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(SEARCHED)]);
    let first = first_tag(&text);
    tags.iter().any(|tag| starts_with_ignoring_case(first, tag))
}

/// Whether the first character, white space and byte order marks aside, is that of a tag. Other
/// files are not decoded.
fn may_be_text(bytes: &[u8]) -> bool {
    let first = bytes.iter().find(|byte| {
        !byte.is_ascii_whitespace() && !matches!(byte, 0 | 0xff | 0xfe | 0xef | 0xbb | 0xbf)
    });
    first == Some(&b'<')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_svg_is_recognized_by_its_root() {
        for text in [
            "<svg/>",
            "<!DOCTYPE svg [<!ENTITY a \"b\">]>\n<svg>",
            "<svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>",
        ] {
            assert!(is_svg(text.as_bytes()), "{text}");
        }
        for text in ["<p><svg></p>", "svg", "<!-- <svg> ", "<svgs>", ""] {
            assert!(!is_svg(text.as_bytes()), "{text}");
        }
        assert!(starts_with_tag(
            b"<!DOCTYPE HTML><p>",
            &["<!doctype html", "<html"]
        ));
    }
}
