//! Decodes the text of an SVG, and finds its root element after a prolog of any length.

use std::borrow::Cow;

/// Decodes the text: as UTF-16 by its byte order mark or its first character, otherwise as UTF-8.
/// Returns `None` if it is neither.
pub(super) fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let utf_16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (units, _) = bytes.as_chunks::<2>();
        let units: Vec<u16> = units.iter().map(|pair| unit(*pair)).collect();
        String::from_utf16(&units).ok().map(Cow::Owned)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        [b'<', 0, ..] => utf_16(bytes, u16::from_le_bytes),
        [0, b'<', ..] => utf_16(bytes, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok().map(Cow::Borrowed),
        _ => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
    }
}

/// Returns the text from its first tag on: after declarations, comments and the document type.
pub(in crate::format) fn first_tag(text: &str) -> &str {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = if rest.starts_with("<!--") {
            rest.find("-->").map(|at| at + 3)
        } else if rest.starts_with("<?") {
            rest.find("?>").map(|at| at + 2)
        } else if starts_with_ignoring_case(rest, "<!doctype") && !is_html_doctype(rest) {
            doctype_end(rest)
        } else {
            None
        };
        match end {
            Some(end) => rest = rest[end..].trim_start(),
            None => return rest,
        }
    }
}

/// Returns the prolog of a text from its document type declaration on; empty if there is none.
pub(super) fn doctype(text: &str) -> &str {
    let prolog = &text[..text.len() - first_tag(text).len()];
    let mut rest = prolog;
    while let Some(at) = rest.find("<!") {
        rest = &rest[at..];
        let end = if rest.starts_with("<!--") {
            rest.find("-->")
        } else {
            return rest;
        };
        rest = end.map_or("", |end| &rest[end..]);
    }
    ""
}

fn is_html_doctype(text: &str) -> bool {
    let name = text.get("<!doctype".len()..).unwrap_or_default();
    starts_with_ignoring_case(name.trim_start(), "html")
}

/// Returns the index after a document type declaration, its internal subset and quoted values
/// included.
fn doctype_end(text: &str) -> Option<usize> {
    let (mut quote, mut is_in_subset) = (None, false);
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'[') => is_in_subset = true,
            (None, b']') => is_in_subset = false,
            (None, b'>') if !is_in_subset => return Some(at + 1),
            (None, _) => {}
        }
    }
    None
}

pub(in crate::format) fn starts_with_ignoring_case(text: &str, start: &str) -> bool {
    let text = text.as_bytes().get(..start.len());
    text.is_some_and(|text| text.eq_ignore_ascii_case(start.as_bytes()))
}

/// Returns the names and values of the root element's attributes. Returns `None` unless it is an
/// `svg` element, with or without a prefix.
pub(super) fn root_attributes(text: &str) -> Option<Vec<(&str, &str)>> {
    let tag = first_tag(text).strip_prefix('<')?;
    let name_end = tag.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
    let (name, mut rest) = tag.split_at(name_end);
    let local = name.split_once(':').map_or(name, |(_, local)| local);
    if !local.eq_ignore_ascii_case("svg") {
        return None;
    }
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        let Some((name, value)) = rest.split_once('=') else {
            break;
        };
        let name = name.trim();
        let value = value.trim_start();
        let is_name = |c: char| !c.is_whitespace() && !matches!(c, '<' | '>' | '/' | '"' | '\'');
        if name.is_empty() || !name.chars().all(is_name) {
            break;
        }
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            break;
        };
        // The value may be truncated.
        let Some((value, after)) = value[1..].split_once(quote) else {
            break;
        };
        attributes.push((name, value));
        rest = after;
    }
    Some(attributes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_tag_follows_the_prolog() {
        let long = format!("<!--{}--><svg/>", "x".repeat(100_000));
        for prolog in [
            "<svg/>",
            "\u{feff}<?xml version='1.0'?>\n<!-- a > b --><svg/>",
            "<!DOCTYPE svg PUBLIC \"-//W3C\" \"x.dtd\"><svg/>",
            "<!DOCTYPE svg [<!ENTITY a \"b\">]>\n<svg/>",
            "<!DOCTYPE svg [<!ENTITY a \"]>\"> ] >\n<svg/>",
            "<!DOCTYPE lolz [<!ENTITY a \"b\">\n]>\n<svg/>",
            &long,
        ] {
            assert_eq!(first_tag(prolog), "<svg/>", "{prolog:.60}");
        }
        assert!(first_tag("<!-- <svg> ").starts_with("<!--"));
        assert!(first_tag("<!DOCTYPE html><svg>").starts_with("<!DOCTYPE"));
    }

    #[test]
    fn utf_16_is_decoded() {
        let units: Vec<u16> = "<svg width='5'/>".encode_utf16().collect();
        let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for bytes in [
            little.clone(),
            big.clone(),
            [vec![0xff, 0xfe], little].concat(),
            [vec![0xfe, 0xff], big].concat(),
        ] {
            assert_eq!(text(&bytes).as_deref(), Some("<svg width='5'/>"));
        }
    }

    #[test]
    fn the_root_may_have_a_prefix() {
        let attributes = root_attributes("<svg:svg xmlns:svg = 'x'\n width=\"1\"height='2'>");
        let expected = [("xmlns:svg", "x"), ("width", "1"), ("height", "2")];
        assert_eq!(attributes.as_deref(), Some(expected.as_slice()));
        assert_eq!(root_attributes("<p><svg></p>"), None);
    }
}
