//! `style` attributes: the background image in one.

use crate::reference::css_urls;

/// The background image of a `style` attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Background {
    pub url: String,
    /// Byte offset of the end of its declaration, without the semicolon.
    pub declaration_end: usize,
}

/// Returns the background of a style with one image in one declaration; `None` if it already has
/// an `image-set()`.
pub(super) fn background(style: &str) -> Option<Background> {
    if style.contains("image-set(") {
        return None;
    }
    let mut found = declarations(style).filter_map(|(start, end)| {
        let (name, value) = style[start..end].split_once(':')?;
        let name = name.trim();
        let is_background = name.eq_ignore_ascii_case("background")
            || name.eq_ignore_ascii_case("background-image");
        let urls = css_urls(value);
        (is_background && !urls.is_empty()).then_some((urls, end))
    });
    let (urls, end) = found.next()?;
    match (urls.as_slice(), found.next()) {
        ([url], None) => Some(Background {
            url: (*url).to_owned(),
            declaration_end: end,
        }),
        _ => None,
    }
}

/// Where declarations are, without semicolons.
fn declarations(style: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut ends = Vec::new();
    let mut quote = None;
    let mut depth = 0_usize;
    for (at, c) in style.char_indices() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, ';') if depth == 0 => ends.push(at),
            _ => {}
        }
    }
    ends.push(style.len());
    let starts = std::iter::once(0).chain(ends.clone().into_iter().map(|end| end + 1));
    starts.zip(ends)
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
        for none in [
            "",
            "color:red",
            "background:red",
            "list-style:url(/a.jpg)",
            "background:url(/a.jpg),url(/b.jpg)",
            "background:url(/a.jpg);background-image:image-set(url(/b.webp) 1x)",
            "background:url(/a.jpg",
        ] {
            assert_eq!(found(none), None, "{none}");
        }
    }
}
