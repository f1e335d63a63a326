//! Finds the background image in a `style` attribute: the value of the attribute goes in, a
//! [`Background`] comes out.

use cssparser::{Delimiter, ParseError, Parser, ParserInput, Token};

/// Functions whose value is a color or a number, and never an image or several values.
const PLAIN: [&str; 18] = [
    "calc",
    "clamp",
    "color",
    "color-mix",
    "hsl",
    "hsla",
    "hwb",
    "lab",
    "lch",
    "light-dark",
    "max",
    "min",
    "oklab",
    "oklch",
    "rgb",
    "rgba",
    "round",
    "rem",
];

/// The background image of a `style` attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Background {
    pub url: String,
    /// Byte offset of the end of the declaration, before the semicolon.
    pub declaration_end: usize,
    /// Whether the declaration is `!important`.
    pub is_important: bool,
    /// Whether the style has a `background-size` that does not depend on the image's own size.
    pub is_sized: bool,
}

/// Images in the value of a declaration.
enum Value {
    /// No image.
    None,
    /// One image in one layer.
    Image { url: String, is_important: bool },
    /// Several layers, or a function that may produce them: another declaration would drop them.
    Other,
}

/// Returns the background of a style, if exactly one declaration has an image, in a single layer.
/// `None` if the style already has an `image-set()`.
pub(super) fn background(style: &str) -> Option<Background> {
    if style.to_ascii_lowercase().contains("image-set(") {
        return None;
    }
    let mut found: Option<Background> = None;
    let mut is_sized = false;
    let mut input = ParserInput::new(style);
    let mut parser = Parser::new(&mut input);
    while !parser.is_exhausted() {
        let value = parser.parse_until_before(Delimiter::Semicolon, |part| {
            let name = part.expect_ident()?.to_ascii_lowercase();
            part.expect_colon()?;
            let start = part.state();
            match name.as_str() {
                "background" => is_sized = has_size(part, true),
                "background-size" => is_sized = has_size(part, false),
                _ => {}
            }
            part.reset(&start);
            let is_background = matches!(name.as_str(), "background" | "background-image");
            Ok::<_, ParseError<'_, ()>>(if is_background {
                value(part)
            } else {
                while part.next().is_ok() {}
                Value::None
            })
        });
        let end = parser.position().byte_index();
        match value.unwrap_or(Value::None) {
            Value::None => {}
            Value::Image { url, is_important } if found.is_none() => {
                found = Some(Background {
                    url,
                    declaration_end: end,
                    is_important,
                    is_sized: false,
                });
            }
            Value::Image { .. } | Value::Other => return None,
        }
        // Skips the semicolon.
        let _ = parser.next();
    }
    let found = found.filter(|found| is_complete(&style[..found.declaration_end]))?;
    Some(Background { is_sized, ..found })
}

/// Whether a value has a size of the background: anywhere or, in the value of `background`, behind
/// a slash.
fn has_size(part: &mut Parser<'_, '_>, is_shorthand: bool) -> bool {
    let mut is_size = !is_shorthand;
    while let Ok(token) = part.next() {
        match token {
            Token::Delim('/') => is_size = true,
            Token::Dimension { .. } | Token::Percentage { .. } if is_size => return true,
            Token::Ident(word) if is_size => {
                let sizes = ["cover", "contain"];
                if sizes.iter().any(|size| word.eq_ignore_ascii_case(size)) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

fn value<'i>(part: &mut Parser<'i, '_>) -> Value {
    let mut url = None;
    let mut is_important = false;
    let mut is_open = false;
    while let Ok(token) = part.next().cloned() {
        is_open = token == Token::Delim('/');
        let image = match &token {
            Token::UnquotedUrl(url) => Some(url.to_string()),
            Token::Function(name) if name.eq_ignore_ascii_case("url") => {
                let quoted = part.parse_nested_block(|url| {
                    let url = url.expect_string()?.to_string();
                    Ok::<_, ParseError<'_, ()>>(url)
                });
                match quoted {
                    Ok(url) => Some(url),
                    Err(_) => return Value::Other,
                }
            }
            Token::Function(name) if !is_plain(name) => return Value::Other,
            Token::Comma | Token::BadUrl(_) | Token::BadString(_) => return Value::Other,
            Token::Ident(name) => {
                is_important |= name.eq_ignore_ascii_case("important");
                None
            }
            _ => None,
        };
        if image.is_some() && url.is_some() {
            return Value::Other;
        }
        url = url.or(image);
    }
    match url {
        Some(url) if !is_open => Value::Image { url, is_important },
        Some(_) => Value::Other,
        None => Value::None,
    }
}

fn is_plain(function: &str) -> bool {
    PLAIN.iter().any(|name| function.eq_ignore_ascii_case(name))
}

/// Whether a declaration can be appended: no string, comment or other construct is left open.
fn is_complete(style: &str) -> bool {
    let longer = format!("{style};z:1");
    let mut input = ParserInput::new(&longer);
    let mut parser = Parser::new(&mut input);
    let mut last = None;
    while !parser.is_exhausted() {
        let start = parser.position().byte_index();
        let _ = parser.parse_until_before(Delimiter::Semicolon, |part| {
            while part.next().is_ok() {}
            Ok::<_, ParseError<'_, ()>>(())
        });
        last = Some(start);
        let _ = parser.next();
    }
    last == Some(style.len() + 1)
}

/// Converts a byte offset in an attribute's value without character references into one in the
/// value as written. The offset must be behind a character that is written as itself, or at the end
/// of a reference.
pub(super) fn written_offset(written: &str, at: usize) -> Option<usize> {
    let mut left = at;
    let mut start = 0;
    while start < written.len() {
        // A reference never extends past the next ampersand.
        let next = written[start + 1..].find('&');
        let end = next.map_or(written.len(), |next| start + 1 + next);
        let part = &written[start..end];
        let length = htmlize::unescape_attribute(part).len();
        if left <= length {
            // Text after the reference is written as itself.
            return match left {
                0 => Some(start),
                _ => (start + part.len()).checked_sub(length - left),
            };
        }
        left -= length;
        start = end;
    }
    (left == 0).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_background_of_a_style_is_found() {
        let found = |style| background(style).map(|found| (found.url, found.declaration_end));
        let at = |url: &str, end| Some((url.to_owned(), end));
        assert_eq!(found("background-image:url(/a.jpg)"), at("/a.jpg", 28));
        assert_eq!(
            found("color:red;background: url( '/a b.jpg' ) center;x:y"),
            at("/a b.jpg", 46)
        );
        assert_eq!(
            found("background:url(data:image/png;base64,AA)"),
            at("data:image/png;base64,AA", 40)
        );
        assert_eq!(
            found("BACKGROUND:URL(/a.jpg) rgb(0, 0, 0 / calc(1*.5))"),
            at("/a.jpg", 48)
        );
        assert_eq!(
            found("b\\61 ckground:url(/\\61 .jpg)/* ; */;x:y"),
            at("/a.jpg", 35)
        );
        for none in [
            "",
            "color:red",
            "background:red",
            "list-style:url(/a.jpg)",
            "--background:url(/a.jpg)",
            "background:url(/a.jpg),url(/b.jpg)",
            "background:url(/a.jpg);background-image:image-set(url(/b.webp) 1x)",
            "background:url(/a.jpg",
            "background:url('/a.jpg",
            "background:url(/a.jpg) /* x",
            "background:url(/a.jpg)/",
        ] {
            assert_eq!(found(none), None, "{none}");
        }
    }

    #[test]
    fn a_background_of_several_layers_is_none() {
        for none in [
            "background:linear-gradient(#000a,#000a),url(/a.jpg)",
            "background-image:url(/a.jpg),none",
            "background:cross-fade(url(/a.jpg),red)",
            "background:var(--x,url(/a.jpg))",
            "background:url(/a.jpg) var(--x)",
            "background:element(#a) url(/a.jpg)",
            "background:url(/a.jpg);background:linear-gradient(red,red)",
            "background:IMAGE-SET(url(/a.jpg))",
        ] {
            assert_eq!(background(none), None, "{none}");
        }
    }

    #[test]
    fn important_is_found() {
        let is_important = |style| background(style).unwrap().is_important;
        assert!(is_important("background:url(/a.jpg)!important"));
        assert!(is_important("background:url(/a.jpg) ! IMPORTANT ;x:y"));
        assert!(!is_important("background:url(/important.jpg)"));
        assert!(!is_important("background:url(/a.jpg);x:y!important"));
    }

    #[test]
    fn a_size_of_the_background_is_found() {
        for (style, expected) in [
            ("background:url(/a.jpg) 0 0/cover", true),
            ("background:url(/a.jpg) center / 10px", true),
            ("background:url(/a.jpg);background-size:CONTAIN", true),
            ("background-size:cover;background-image:url(/a.jpg)", true),
            ("background-size:cover;background:url(/a.jpg)", false),
            ("background:url(/a.jpg) 10px 10px", false),
            ("background:url(/a.jpg) 0/auto", false),
            ("background:url(/a.jpg);background-size:auto", false),
        ] {
            assert_eq!(background(style).unwrap().is_sized, expected, "{style}");
        }
    }

    #[test]
    fn places_are_found_among_character_references() {
        // `'` as five bytes, `&` as a reference, and a `&` that begins no reference.
        let written = "a:url(&#39;é&#39;);b:&amp;&c";
        let value = "a:url('é');b:&&c";
        assert_eq!(htmlize::unescape_attribute(written), value);
        for mark in [";b", "b:", "c"] {
            let at = written_offset(written, value.find(mark).unwrap());
            assert_eq!(at, written.find(mark), "{mark}");
        }
        assert_eq!(written_offset(written, value.len()), Some(written.len()));
        assert_eq!(written_offset(written, value.len() + 1), None);
        assert_eq!(written_offset("", 0), Some(0));
    }
}
