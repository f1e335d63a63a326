//! Computes the edits of a page for one image: a slot and the content of a record go in, edits come
//! out. Pure.

use std::fmt::Write;
use std::ops::Range;

use super::fit::Fit;
use super::slot::{Kind, Slot};
use crate::record::{Content, Source};

/// A replacement of bytes of a page; an insertion if the range is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub place: Range<usize>,
    pub text: String,
}

/// When a browser loads an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Immediately: the image is small, and comes before the first large one.
    Early,
    /// Immediately and with high priority: the first large image of the page.
    First,
    /// When the image comes near the viewport.
    Later,
}

/// Returns the edits of an `<img>`. `prefix` is the path from the page to the root of the site.
pub(super) fn image(
    slot: &Slot,
    content: &Content,
    fit: &Fit,
    role: Role,
    prefix: &str,
) -> Vec<Edit> {
    let is_lazy = slot.is_lazy || role == Role::Later && !slot.has("loading");
    let sizes = |preset: &Option<String>| {
        let sizes = fit.sizes.value(preset.as_deref()?);
        let is_auto = is_lazy && fit.may_be_auto;
        Some(if is_auto {
            format!("auto, {sizes}")
        } else {
            sizes
        })
    };
    let mut text = String::new();
    let mut add = |name: &str, value: Option<String>| {
        if let (Some(value), false) = (value, slot.has(name)) {
            attribute(&mut text, name, &value);
        }
    };
    if !content.srcset.is_empty() {
        add("srcset", Some(srcset(&content.srcset, prefix)));
        add("sizes", sizes(&content.sizes));
    }
    add("width", fit.width.map(|width| width.to_string()));
    add("height", fit.height.map(|height| height.to_string()));
    match role {
        Role::Later => add("loading", Some("lazy".to_owned())),
        Role::First if !slot.is_lazy => add("fetchpriority", Some("high".to_owned())),
        Role::First | Role::Early => {}
    }
    add("decoding", Some("async".to_owned()));
    let mut edits = Vec::new();
    // A new `<picture>` would separate the image from its parent. Without `<source>` elements,
    // browsers load the format that all of them support.
    let sources: &[Source] = if fit.must_stay_child && !slot.is_in_picture {
        &[]
    } else {
        &content.sources
    };
    if !sources.is_empty() {
        let mut before = String::new();
        if !slot.is_in_picture {
            before.push_str("<picture>");
        }
        for source in sources {
            push_source(&mut before, source, sizes(&source.sizes), prefix);
        }
        edits.push(insertion(slot.tag.start, before));
    }
    edits.push(insertion(slot.name_end, text));
    if !sources.is_empty() && !slot.is_in_picture {
        edits.push(insertion(slot.tag.end, "</picture>".to_owned()));
    }
    edits.retain(|edit| !edit.text.is_empty());
    edits
}

/// Returns the attributes to add to an `<img>` of a feed: only `srcset` and `sizes`, as feed
/// readers have their own layout.
pub(super) fn in_feed(content: &Content, prefix: &str) -> String {
    let mut text = String::new();
    if !content.srcset.is_empty() {
        attribute(&mut text, "srcset", &srcset(&content.srcset, prefix));
        if let Some(sizes) = &content.sizes {
            attribute(&mut text, "sizes", sizes);
        }
    }
    text
}

/// Returns the edit of a `<link>` that preloads an image.
pub(super) fn preload(
    link: &Slot,
    content: &Content,
    sizes: Option<&str>,
    prefix: &str,
) -> Option<Edit> {
    // With several formats, a browser could preload one and show another.
    if content.srcset.is_empty() || !content.sources.is_empty() {
        return None;
    }
    let mut text = String::new();
    attribute(&mut text, "imagesrcset", &srcset(&content.srcset, prefix));
    if let Some(sizes) = sizes {
        attribute(&mut text, "imagesizes", sizes);
    }
    Some(insertion(link.name_end, text))
}

/// Returns the edits of any other element.
pub(super) fn other(slot: &Slot, content: &Content, prefix: &str) -> Vec<Edit> {
    if content.srcset.is_empty() {
        return Vec::new();
    }
    let url = |url: &str| escaped(&format!("{prefix}{}", url.trim_start_matches('/')));
    match slot.kind {
        Kind::Image | Kind::Preload => Vec::new(),
        Kind::Poster | Kind::Meta => vec![Edit {
            place: slot.place.clone(),
            text: url(&content.src),
        }],
        Kind::Style => {
            let candidates = match &content.sizes {
                // Only the largest variant: `background-image` has no `sizes`.
                Some(_) => vec![image_set_entry(&content.src, "1x", prefix)],
                None => content
                    .srcset
                    .iter()
                    .filter_map(|entry| entry.split_once(' '))
                    .map(|(url, density)| image_set_entry(url, density, prefix))
                    .collect(),
            };
            let important = if slot.is_important { "!important" } else { "" };
            let set = candidates.join(",");
            let text = format!(";background-image:image-set({set}){important}");
            vec![insertion(slot.place.end, text)]
        }
    }
}

/// Formats an entry of `image-set()` without white space, which would end an unquoted attribute.
fn image_set_entry(url: &str, density: &str, prefix: &str) -> String {
    format!("url({prefix}{}){density}", url.trim_start_matches('/'))
}

fn insertion(at: usize, text: String) -> Edit {
    Edit {
        place: at..at,
        text,
    }
}

fn push_source(text: &mut String, source: &Source, sizes: Option<String>, prefix: &str) {
    text.push_str("<source");
    if let Some(media) = &source.media {
        attribute(text, "media", media);
    }
    attribute(text, "type", &source.mime);
    attribute(text, "srcset", &srcset(&source.srcset, prefix));
    if let Some(sizes) = sizes {
        attribute(text, "sizes", &sizes);
    }
    attribute(text, "width", &source.dimensions.width.to_string());
    attribute(text, "height", &source.dimensions.height.to_string());
    text.push('>');
}

/// Joins entries with root-relative URLs into a `srcset`. `prefix` is the path to the root.
fn srcset(entries: &[String], prefix: &str) -> String {
    let entries = entries.iter();
    let entries: Vec<String> = entries
        .map(|entry| format!("{prefix}{}", entry.trim_start_matches('/')))
        .collect();
    entries.join(", ")
}

fn attribute(text: &mut String, name: &str, value: &str) {
    let _ = write!(text, " {name}=\"{}\"", escaped(value));
}

fn escaped(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::fit::Sizes;
    use crate::html::scan::first;
    use crate::picture::units::Dimensions;

    fn content(srcset: &[&str], sources: Vec<Source>) -> Content {
        Content {
            original: String::new(),
            src: "/v/a-2.jpg".to_owned(),
            srcset: srcset.iter().map(|entry| (*entry).to_owned()).collect(),
            sizes: Some("50vw".to_owned()),
            dimensions: Dimensions {
                width: 2,
                height: 1,
            },
            placeholders: Default::default(),
            sources,
            also: Vec::new(),
        }
    }

    fn fit() -> Fit {
        Fit {
            width: Some(4),
            height: None,
            sizes: Sizes::Preset,
            must_stay_child: false,
            may_be_auto: true,
        }
    }

    /// Applies edits to a page.
    fn edited(page: &str, edits: &[Edit]) -> String {
        let mut new = page.to_owned();
        for edit in edits.iter().rev() {
            new.replace_range(edit.place.clone(), &edit.text);
        }
        new
    }

    #[test]
    fn images_get_the_attributes_that_they_lack() {
        let content = content(&["/v/a-1.jpg 1w", "/v/a-2.jpg 2w"], Vec::new());
        for (page, role, expected) in [
            (
                "<IMG src=a>",
                Role::First,
                "<IMG srcset=\"x/v/a-1.jpg 1w, x/v/a-2.jpg 2w\" sizes=\"50vw\" width=\"4\" fetchpriority=\"high\" decoding=\"async\" src=a>",
            ),
            (
                "<img src=a decoding=sync width=1 sizes=9vw>",
                Role::Later,
                "<img srcset=\"x/v/a-1.jpg 1w, x/v/a-2.jpg 2w\" loading=\"lazy\" src=a decoding=sync width=1 sizes=9vw>",
            ),
            (
                "<img src=a loading=lazy>",
                Role::First,
                "<img srcset=\"x/v/a-1.jpg 1w, x/v/a-2.jpg 2w\" sizes=\"auto, 50vw\" width=\"4\" decoding=\"async\" src=a loading=lazy>",
            ),
        ] {
            let edits = image(&first(page), &content, &fit(), role, "x/");
            assert_eq!(edited(page, &edits), expected);
        }
    }

    #[test]
    fn sources_come_with_a_picture_unless_the_image_must_stay_a_child() {
        let source = Source {
            media: Some("(a & b)".to_owned()),
            mime: "image/webp".to_owned(),
            srcset: vec!["/v/a-1.webp 1w".to_owned()],
            sizes: None,
            dimensions: Dimensions {
                width: 2,
                height: 1,
            },
        };
        let content = content(&[], vec![source]);
        let own = Fit {
            width: None,
            ..fit()
        };
        let as_child = Fit {
            must_stay_child: true,
            ..own
        };
        let source = "<source media=\"(a &amp; b)\" type=\"image/webp\" srcset=\"/v/a-1.webp 1w\" width=\"2\" height=\"1\">";
        let new = "<img decoding=\"async\" src=a>";
        for (page, fit, expected) in [
            (
                "<img src=a>",
                own,
                format!("<picture>{source}{new}</picture>"),
            ),
            ("<img src=a>", as_child, new.to_owned()),
            (
                "<picture><img src=a>",
                own,
                format!("<picture>{source}{new}"),
            ),
            (
                "<picture><img src=a>",
                as_child,
                format!("<picture>{source}{new}"),
            ),
        ] {
            let edits = image(&first(page), &content, &fit, Role::Early, "/");
            assert_eq!(edited(page, &edits), expected);
        }
    }
}
