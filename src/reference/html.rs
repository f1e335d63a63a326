//! Finds the images in HTML with the tokenizer of `lol_html`.

use std::cell::RefCell;

use lol_html::html_content::Element;
use lol_html::{RewriteStrSettings, element, rewrite_str};

use super::image::Image;
use super::template::{Masked, has_expression};
use super::value::{is_local_or_template, looks_like_image};
use super::{AltText, Certainty, ReadBy};
use crate::path::trim_url;

/// An attribute that names an image, as the tokenizer returns it.
struct Named {
    value: String,
    offset: usize,
    wants_record: bool,
    certainty: Certainty,
    alt: AltText,
}

/// Result of tokenizing a text.
#[derive(Default)]
struct Found {
    images: Vec<Named>,
    /// Targets of links. An expression in one of them names no image.
    links: Vec<String>,
    /// Byte offsets of the ends of `<noscript>` start tags.
    noscripts: Vec<usize>,
}

/// Returns the images of `html`, which is the masked text, possibly with parts blanked out.
pub(super) fn images(masked: &mut Masked<'_>, html: &str) -> Vec<Image> {
    if !html.contains('<') {
        return Vec::new();
    }
    let mut found = Found::default();
    scan(html, 0, &mut found);
    // To the tokenizer, the content of `<noscript>` is text, but browsers without scripts show it.
    for start in std::mem::take(&mut found.noscripts) {
        let end = end_of_noscript(html, start);
        scan(&html[start..end], start, &mut found);
    }
    for link in found.links {
        masked.restore(&link);
    }
    found
        .images
        .into_iter()
        .map(|named| Image {
            value: masked.restore(&htmlize::unescape_attribute(&named.value)),
            offset: named.offset,
            certainty: named.certainty,
            wants_record: named.wants_record,
            alt: named.alt,
            read_by: ReadBy::Browser,
        })
        .filter(|image| is_local_or_template(&image.value))
        .collect()
}

/// Tokenizes `html`, which starts at byte `offset` of the text.
fn scan(html: &str, offset: usize, found: &mut Found) {
    let found = RefCell::new(found);
    let last_in_picture = RefCell::new(None);
    let settings = RewriteStrSettings::new()
        .with_strict(false)
        .append_element_content_handler(element!("picture img", |element| {
            *last_in_picture.borrow_mut() = Some(element.source_location().bytes().start);
            Ok(())
        }))
        .append_element_content_handler(element!("*", |element| {
            let tag = element.source_location().bytes();
            let is_in_picture = *last_in_picture.borrow() == Some(tag.start);
            let mut found = found.borrow_mut();
            add_images(element, offset, is_in_picture, &mut found.images);
            match element.tag_name().as_str() {
                "a" | "area" | "link" | "use" => {
                    found.links.extend(element.get_attribute("href"));
                }
                "noscript" => found.noscripts.push(offset + tag.end),
                _ => {}
            }
            Ok(())
        }));
    // If the tokenizer fails, the images found so far are kept.
    let _ = rewrite_str(html, settings);
}

/// Returns the byte offset of the end tag of the `<noscript>` whose content starts at `start`.
fn end_of_noscript(html: &str, start: usize) -> usize {
    const END: &str = "</noscript";
    html[start..]
        .match_indices("</")
        .map(|(at, _)| start + at)
        .find(|at| {
            html.get(*at..*at + END.len())
                .is_some_and(|tag| tag.eq_ignore_ascii_case(END))
        })
        .unwrap_or(html.len())
}

/// Adds the images that one element names.
fn add_images(
    element: &Element<'_, '_>,
    offset: usize,
    is_in_picture: bool,
    found: &mut Vec<Named>,
) {
    let tag = element.tag_name();
    let is_responsive = is_in_picture || element.has_attribute("srcset");
    let mut alt = (tag == "img").then(|| alt_of(element));
    for attribute in element.attributes() {
        let at = attribute
            .name_source_location()
            .unwrap_or_else(|| element.source_location());
        // Only one attribute gets the alt text: `src` or, for a script, `data-src`.
        let name = attribute.name();
        let is_main = name == "src" || name == "data-src" && !element.has_attribute("src");
        let mut alt = alt.take_if(|_| is_main);
        let mut push = |value: &str, wants_record, certainty| {
            found.push(Named {
                value: trim_url(value).to_owned(),
                offset: offset + at.bytes().start,
                wants_record,
                certainty,
                alt: alt.take().unwrap_or_default(),
            });
        };
        let value = attribute.value();
        match (tag.as_str(), name.as_str()) {
            ("img" | "image", "src") => push(&value, !is_responsive, Certainty::Named),
            ("img", "data-src") => push(&value, !is_responsive, Certainty::PathLike),
            ("image", "href" | "xlink:href") => push(&value, false, Certainty::Named),
            ("img" | "source", "srcset" | "data-srcset") => {
                for url in srcset_urls(&value) {
                    push(url, false, Certainty::Named);
                }
            }
            ("source", "src") if looks_like_image(&value) => push(&value, false, Certainty::Named),
            ("video", "poster") => push(&value, false, Certainty::Named),
            (_, "style") => {
                for url in css_urls(&value) {
                    push(url, false, Certainty::PathLike);
                }
            }
            _ => {}
        }
    }
}

/// Returns the alt text of an `<img>`. Other attributes may replace `alt`, with a text that is not
/// known here.
fn alt_of(element: &Element<'_, '_>) -> AltText {
    const OTHERS: [&str; 5] = [
        "aria-hidden",
        "aria-label",
        "aria-labelledby",
        "role",
        "title",
    ];
    let alt = element.get_attribute("alt");
    let alt = alt.map(|alt| htmlize::unescape_attribute(&alt).into_owned());
    match alt.as_deref().map(str::trim) {
        Some("") => AltText::Decorative,
        Some(text) if has_expression(text) => AltText::Unknown,
        Some(text) => AltText::of(text),
        None if OTHERS.iter().any(|other| element.has_attribute(other)) => AltText::Unknown,
        None => AltText::Missing,
    }
}

/// Returns the URLs of a `srcset`, by the algorithm of HTML, section 4.8.4.2.1, without its errors.
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

/// Returns the arguments of `url()` in a `style` attribute.
pub fn css_urls(style: &str) -> Vec<&str> {
    let mut urls = Vec::new();
    let mut rest = style;
    while let Some(open) = rest.find("url(") {
        rest = rest[open + 4..].trim_ascii_start();
        let (url, after) = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => match rest[1..].find(quote) {
                Some(end) => (&rest[1..=end], &rest[end + 2..]),
                None => return urls,
            },
            _ => match rest.find(')') {
                Some(end) => (rest[..end].trim_ascii_end(), &rest[end..]),
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
