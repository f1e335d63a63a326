//! Classifies values: a path to an image, a URL, or some other text.

use super::expression::plain_value;
use crate::path::trim_url;
use crate::printable::must_be_escaped;

/// File extensions of images, in lower case. Without a rule, a string counts as an image only if it
/// ends in one of these. The content decides what the file really is.
pub(super) const EXTENSIONS: [&str; 20] = [
    "png", "jpg", "jpeg", "jpe", "jfif", "gif", "webp", "avif", "svg", "apng", "bmp", "tif",
    "tiff", "heic", "heif", "jxl", "jp2", "j2k", "ico", "mpo",
];

/// Whether a value is a file name, without a folder and without a host.
pub(super) fn is_bare_name(value: &str) -> bool {
    !value.contains(['/', '\\', ':', '?', '#'])
}

/// Whether a value can name a file of the site.
pub(super) fn is_local(value: &str) -> bool {
    let value = trim_url(value);
    !value.is_empty()
        && !value.starts_with("data:")
        && !value.starts_with('#')
        && !value.contains(['{', '\n'])
}

/// Like [`is_local`], for a value in a body, which may contain template expressions.
pub(super) fn is_local_or_template(value: &str) -> bool {
    plain_value(value).is_some_and(|(path, _)| is_local(&path))
}

/// Whether a value ends in an image's extension, not counting a query, a fragment, or quotes and
/// invisible characters that were pasted along.
pub fn looks_like_image(value: &str) -> bool {
    let path = value.split(['?', '#']).next().unwrap_or(value);
    has_image_extension(path) || has_image_extension(value)
}

/// Returns the offset of the first quoted string in program code that looks like a path to an
/// image.
pub fn quoted_image(code: &str) -> Option<usize> {
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`');
    code.match_indices(is_quote).find_map(|(at, quote)| {
        let text = &code[at + quote.len()..];
        let text = &text[..text.find(quote)?];
        (is_local(text) && looks_like_image(text)).then_some(at)
    })
}

fn has_image_extension(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || is_pasted(c));
    text.rsplit_once('.').is_some_and(|(before, extension)| {
        !before.is_empty()
            && EXTENSIONS
                .iter()
                .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

/// Whether a value looks like a glob, such as `images/*.jpg` or `**/{a,b}.png`. A file may still
/// have exactly that name.
pub(super) fn looks_like_glob(value: &str) -> bool {
    let path = value.trim();
    // A `?` starts a query if there is an image's extension before it or a `=` after it.
    let is_wild = |(before, after): (&str, &str)| {
        !has_image_extension(before) && !after.contains('=') && has_image_extension(path)
    };
    path.contains('*')
        || path.split_once('?').is_some_and(is_wild)
        || path.contains('[') && path.contains(']')
        || path.contains('{') && path.contains('}')
}

/// Whether a value is text about a path rather than a path: `paths = images/a.jpg`.
pub(super) fn looks_like_assignment(value: &str) -> bool {
    value.contains(" = ") || value.contains(": ")
}

/// Whether a character is often pasted around a path: an invisible one, or a typographic quote.
pub(super) fn is_pasted(c: char) -> bool {
    must_be_escaped(c) || matches!(c, '\u{2018}'..='\u{201f}' | '«' | '»' | '‹' | '›')
}

/// Removes the quotes, spaces and invisible characters that were pasted around a value.
pub(super) fn without_pasted(value: &str) -> &str {
    value.trim_matches(|c: char| c.is_whitespace() || is_pasted(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_quoted_path_to_an_image_is_found() {
        for (code, at) in [
            ("{ title: 'It is', hero: \"/uploads/a.jpg\" }", Some(24)),
            ("{ hero: `/a.webp?v=1` }", Some(8)),
            ("{ note: \"don't\", hero: '/a.png' }", Some(23)),
            (
                "{ file: 'a.pdf', icon: 'data:image/a.png' } // 'a.png",
                None,
            ),
            ("", None),
        ] {
            assert_eq!(quoted_image(code), at, "{code}");
        }
    }

    #[test]
    fn images_are_recognized_by_their_extension() {
        for value in [
            "/a.png",
            "a.JPG",
            "a.jpg?v=1",
            "a.jpg#x",
            "download?file=a.jpg",
            "/a.jpg\u{200b}",
            "\u{201c}/a.jpg\u{201d}",
            "« a.jpg »",
        ] {
            assert!(looks_like_image(value), "{value}");
        }
        for value in ["", "jpg", ".jpg", "a.pdf", "a.jpgx"] {
            assert!(!looks_like_image(value), "{value}");
        }
    }

    #[test]
    fn globs_and_texts_are_no_paths() {
        for value in [
            "images/*.jpg",
            "**.png",
            "a[12].jpg",
            "**/{a,b}.jpg",
            "images/photo-?.jpg",
        ] {
            assert!(looks_like_glob(value), "{value}");
        }
        for value in ["/a.jpg?b.jpg", "/a.jpg?v=1", "/load?file=a.jpg", "/a?b"] {
            assert!(!looks_like_glob(value), "{value}");
        }
        assert!(!looks_like_glob("images/a (1).jpg"));
        assert!(looks_like_assignment("paths = images/a.jpg"));
        assert!(!looks_like_assignment("/a=b.jpg"));
    }
}
