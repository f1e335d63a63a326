//! Images in HTML, through `lol_html`'s tokens.

use std::cell::RefCell;

use lol_html::html_content::Element;
use lol_html::{RewriteStrSettings, element, rewrite_str};

use super::template::Masked;
use super::{Certainty, Image, looks_like_picture};

/// An attribute that names a picture, as the parser gave it.
struct Named {
    value: String,
    offset: usize,
    wants_record: bool,
    certainty: Certainty,
}

/// The images of `html`, which is the masked text or a part of it between blanks.
pub(super) fn images(masked: &mut Masked<'_>, html: &str) -> Vec<Image> {
    if !html.contains('<') {
        return Vec::new();
    }
    let found = RefCell::new(Vec::new());
    let links = RefCell::new(Vec::new());
    let in_picture = RefCell::new(Vec::new());
    // Without scripts, what `<noscript>` holds is shown: read it as the content of any element.
    let html = html.replace("<noscript", "<no-scrip");
    let settings = RewriteStrSettings::new()
        .with_strict(false)
        .append_element_content_handler(element!("picture img", |element| {
            in_picture
                .borrow_mut()
                .push(element.source_location().bytes().start);
            Ok(())
        }))
        .append_element_content_handler(element!("*", |element| {
            let start = element.source_location().bytes().start;
            let is_in_picture = in_picture.borrow().last() == Some(&start);
            found.borrow_mut().extend(named(element, is_in_picture));
            if matches!(element.tag_name().as_str(), "a" | "area" | "link" | "use") {
                links.borrow_mut().extend(element.get_attribute("href"));
            }
            Ok(())
        }));
    // A text that the tokenizer gives up on keeps what was found before that.
    let _ = rewrite_str(&html, settings);
    for link in links.into_inner() {
        masked.restore(&link);
    }
    let found = found.into_inner().into_iter();
    found
        .map(|named| Image {
            value: masked.restore(&htmlize::unescape_attribute(&named.value)),
            offset: named.offset,
            certainty: named.certainty,
            wants_record: named.wants_record,
        })
        .filter(|image| super::is_local_or_template(&image.value))
        .collect()
}

/// The pictures that one element names.
fn named(element: &Element<'_, '_>, is_in_picture: bool) -> Vec<Named> {
    let tag = element.tag_name();
    let is_responsive = is_in_picture || element.has_attribute("srcset");
    let mut found = Vec::new();
    for attribute in element.attributes() {
        let name = attribute.name();
        let offset = attribute
            .name_source_location()
            .map_or(element.source_location().bytes().start, |location| {
                location.bytes().start
            });
        let value = attribute.value();
        let mut push = |value: &str, wants_record, certainty| {
            found.push(Named {
                value: value.trim().to_owned(),
                offset,
                wants_record,
                certainty,
            });
        };
        match (tag.as_str(), name.as_str()) {
            ("img" | "image", "src") => push(&value, !is_responsive, Certainty::Named),
            ("img", "data-src") => push(&value, !is_responsive, Certainty::PathLike),
            ("image", "href" | "xlink:href") => push(&value, false, Certainty::Named),
            ("img" | "source", "srcset" | "data-srcset") => {
                for url in srcset_urls(&value) {
                    push(url, false, Certainty::Named);
                }
            }
            ("source", "src") if looks_like_picture(&value) => {
                push(&value, false, Certainty::Named)
            }
            ("video", "poster") => push(&value, false, Certainty::Named),
            (_, "style") => {
                for url in css_urls(&value) {
                    push(url, false, Certainty::PathLike);
                }
            }
            _ => {}
        }
    }
    found
}

/// The URLs of a srcset (HTML, section 4.8.4.2.1, step by step without its errors).
fn srcset_urls(srcset: &str) -> Vec<&str> {
    let mut urls = Vec::new();
    let mut rest = srcset;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        if rest.is_empty() {
            return urls;
        }
        let end = rest
            .find(|c: char| c.is_ascii_whitespace())
            .unwrap_or(rest.len());
        let url = &rest[..end];
        rest = &rest[end..];
        let bare = url.trim_end_matches(',');
        urls.push(bare);
        if bare.len() == url.len() {
            rest = rest.find(',').map_or("", |comma| &rest[comma + 1..]);
        }
    }
}

/// The arguments of `url()` in a `style` attribute.
fn css_urls(style: &str) -> Vec<&str> {
    let mut urls = Vec::new();
    let mut rest = style;
    while let Some(open) = rest.find("url(") {
        rest = rest[open + 4..].trim_start();
        let (url, after) = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => match rest[1..].find(quote) {
                Some(end) => (&rest[1..=end], &rest[end + 2..]),
                None => return urls,
            },
            _ => match rest.find(')') {
                Some(end) => (rest[..end].trim_end(), &rest[end..]),
                None => return urls,
            },
        };
        urls.push(url);
        rest = after;
    }
    urls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn srcsets_are_split_as_a_browser_does() {
        assert_eq!(srcset_urls("/a.png 1x, /b.png 2x"), ["/a.png", "/b.png"]);
        assert_eq!(
            srcset_urls(" /a,b.png 320w,/c.png,, /d.png "),
            ["/a,b.png", "/c.png", "/d.png"]
        );
        assert_eq!(srcset_urls("/a.png,"), ["/a.png"]);
        assert!(srcset_urls(" , ").is_empty());
    }

    #[test]
    fn style_urls_are_found() {
        assert_eq!(
            css_urls("a:url(/a.png);b: url( '/b c.png' ) no-repeat, url(\"/d.png\")"),
            ["/a.png", "/b c.png", "/d.png"]
        );
        assert!(css_urls("url('x").is_empty() && css_urls("url(x").is_empty());
    }
}
