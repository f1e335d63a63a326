//! Percent-encoding of the paths in URLs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All characters but those that need no escape in the path of a URL and in a srcset.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'-');

/// Encodes a path for a URL. The result needs no further escape in a srcset, in HTML or in YAML.
pub fn encode_path(path: &str) -> String {
    utf8_percent_encode(path, ENCODED).to_string()
}

/// Removes the characters around a URL that browsers remove: control characters and spaces (URL
/// Standard, section 4.4). All others, such as U+00A0, are part of the URL.
pub fn trim_url(url: &str) -> &str {
    url.trim_matches(|c| c <= ' ')
}

/// Decodes the path of a URL once. Returns `None` if the result is not UTF-8, or is the same.
pub fn decode_percent(path: &str) -> Option<String> {
    if !path.contains('%') {
        return None;
    }
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    (decoded != path).then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_remove_controls_and_spaces_only() {
        assert_eq!(trim_url("\0 \t/a b\u{1f}\r\n"), "/a b");
        for kept in ["/a\u{a0}", "\u{3000}/a", "/a\u{85}", "\u{2028}/a\u{2009}"] {
            assert_eq!(trim_url(kept), kept);
        }
    }

    #[test]
    fn encoded_paths_need_no_escape_and_decode_again() {
        let path = "uploads/2018 été, «x» (1)%.png";
        let encoded = encode_path(path);
        assert!(
            encoded
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/._~-%".contains(&byte)),
            "{encoded}"
        );
        assert_eq!(decode_percent(&encoded).as_deref(), Some(path));
        assert_eq!(decode_percent("/plain.png"), None);
        assert_eq!(decode_percent("%ff.png"), None);
    }
}
