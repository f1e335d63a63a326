//! Computes the edits of a page for one image: a slot and the content of a record go in, edits come
//! out. Pure.

use std::fmt::Write;
use std::ops::Range;

use super::fit::{Fit, as_wide_as, has_same_shape, with_auto};
use super::slot::{Kind, Slot};
use crate::picture::units::Dimensions;
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

/// Returns the edits of an `<img>` that [need not stay unchanged](Fit::must_stay_unchanged).
/// `prefix` is the path from the page to the root of the site.
pub(super) fn image(
    slot: &Slot,
    content: &Content,
    fit: &Fit,
    role: Role,
    prefix: &str,
) -> Vec<Edit> {
    let may_add = |name: &str| !slot.has(name) && !fit.barred.has(name);
    let is_lazy = slot.is_lazy || role == Role::Later && may_add("loading");
    let sizes = |preset: &Option<String>| {
        let sizes = fit.sizes.value(preset.as_deref()?);
        let is_auto = is_lazy && fit.may_be_auto;
        Some(if is_auto { with_auto(&sizes) } else { sizes })
    };
    let mut text = String::new();
    let mut add = |name: &str, value: Option<String>| {
        if let (Some(value), true) = (value, may_add(name)) {
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
            let dimensions = fit.width_with_height.and_then(|width| {
                let is_cut = !has_same_shape(source.dimensions, content.dimensions);
                is_cut.then(|| as_wide_as(source.dimensions, width))
            });
            push_source(
                &mut before,
                source,
                sizes(&source.sizes),
                dimensions,
                prefix,
            );
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

/// Returns the edits of any other element. `natural` are the natural dimensions of the image.
pub(super) fn other(
    slot: &Slot,
    content: &Content,
    natural: Dimensions,
    prefix: &str,
) -> Vec<Edit> {
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
            // The resolution with which the default variant is drawn as large as the original.
            let own = f64::from(content.dimensions.width) / f64::from(natural.width.max(1));
            let candidates = match &content.sizes {
                // Only the largest variant: `background-image` has no `sizes`.
                Some(_) => vec![image_set_entry(&content.src, own, prefix)],
                None => {
                    let entries = content.srcset.iter().filter_map(|entry| density(entry));
                    let entries: Vec<(&str, f64)> = entries.collect();
                    let default = entries.iter().find(|(url, _)| *url == content.src);
                    let scale = match default {
                        Some((_, density)) if !slot.is_background_sized => own / density,
                        _ => 1.0,
                    };
                    let entries = entries.into_iter();
                    entries
                        .map(|(url, density)| image_set_entry(url, density * scale, prefix))
                        .collect()
                }
            };
            let important = if slot.is_important { "!important" } else { "" };
            let set = candidates.join(",");
            let text = format!(";background-image:image-set({set}){important}");
            vec![insertion(slot.place.end, text)]
        }
    }
}

/// Returns the URL and the density of an entry of a `srcset`.
fn density(entry: &str) -> Option<(&str, f64)> {
    let (url, descriptor) = entry.split_once(' ')?;
    let density = descriptor.strip_suffix('x')?.parse().ok()?;
    (density > 0.0).then_some((url, density))
}

/// Formats an entry of `image-set()` without white space, which would end an unquoted attribute.
fn image_set_entry(url: &str, density: f64, prefix: &str) -> String {
    let density = (density * 1e6).round() / 1e6;
    format!("url({prefix}{}){density}x", url.trim_start_matches('/'))
}

fn insertion(at: usize, text: String) -> Edit {
    Edit {
        place: at..at,
        text,
    }
}

/// Appends a `<source>`. Its `dimensions` replace those of the `<img>`, so it has them only if it
/// has another shape.
fn push_source(
    text: &mut String,
    source: &Source,
    sizes: Option<String>,
    dimensions: Option<Dimensions>,
    prefix: &str,
) {
    text.push_str("<source");
    if let Some(media) = &source.media {
        attribute(text, "media", media);
    }
    attribute(text, "type", &source.mime);
    attribute(text, "srcset", &srcset(&source.srcset, prefix));
    if let Some(sizes) = sizes {
        attribute(text, "sizes", &sizes);
    }
    if let Some(Dimensions { width, height }) = dimensions {
        attribute(text, "width", &width.to_string());
        attribute(text, "height", &height.to_string());
    }
    text.push('>');
}

/// Joins entries with root-relative URLs into a `srcset`. `prefix` is the path to the root.
pub(super) fn srcset(entries: &[String], prefix: &str) -> String {
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
    use crate::html::presence::Attributes;
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
            width_with_height: None,
            barred: Attributes::default(),
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
    fn sources_of_another_shape_are_as_wide_as_the_image() {
        let source = |width, height| Source {
            media: None,
            mime: "image/webp".to_owned(),
            srcset: vec!["/v/a-1.webp 1w".to_owned()],
            sizes: None,
            dimensions: Dimensions { width, height },
        };
        let fit = |width_with_height| Fit {
            width_with_height,
            ..fit()
        };
        for (source, fit, expected) in [
            (source(640, 320), fit(Some(2000)), None),
            // Rounded to whole pixels.
            (source(101, 51), fit(Some(2000)), None),
            (source(640, 480), fit(Some(2000)), Some((2000, 1500))),
            (source(640, 480), fit(None), None),
        ] {
            let mut content = content(&["/v/a-2.jpg 2w"], vec![source]);
            content.dimensions = Dimensions {
                width: 200,
                height: 100,
            };
            let edits = image(&first("<img src=a>"), &content, &fit, Role::Early, "/");
            let page = edited("<img src=a>", &edits);
            let end = match expected {
                Some((width, height)) => format!(" width=\"{width}\" height=\"{height}\">"),
                None => " srcset=\"/v/a-1.webp 1w\">".to_owned(),
            };
            let (tag, _) = page.split_once("<img").unwrap();
            assert!(tag.ends_with(&end), "{page}");
        }
    }

    /// A background is drawn as large as the original unless the style says otherwise.
    #[test]
    fn backgrounds_have_the_resolution_of_the_original() {
        let natural = Dimensions {
            width: 8,
            height: 4,
        };
        for (style, sizes, expected) in [
            ("background:url(a)", Some("50vw"), "url(/v/a-2.jpg)0.25x"),
            (
                "background:url(a)",
                None,
                "url(/v/a-1.jpg)0.125x,url(/v/a-2.jpg)0.25x",
            ),
            (
                "background:url(a) 0/cover",
                None,
                "url(/v/a-1.jpg)1x,url(/v/a-2.jpg)2x",
            ),
        ] {
            let mut content = content(&["/v/a-1.jpg 1x", "/v/a-2.jpg 2x"], Vec::new());
            content.sizes = sizes.map(str::to_owned);
            let edits = other(
                &first(&format!("<p style='{style}'>")),
                &content,
                natural,
                "/",
            );
            let set = format!(";background-image:image-set({expected})");
            assert_eq!(edits[0].text, set, "{style}");
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
        let source = "<source media=\"(a &amp; b)\" type=\"image/webp\" srcset=\"/v/a-1.webp 1w\">";
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
