//! What to add to a page for one image: a slot and the content of a record go in, insertions come
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

/// When an image is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// At once: it is small, and comes before the first large one.
    Early,
    /// At once and first: the first large image of the page.
    First,
    /// When it comes near.
    Later,
}

/// The edits of an `<img>`.
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
    if !content.sources.is_empty() {
        let mut before = String::new();
        if !slot.is_framed {
            before.push_str("<picture>");
        }
        for source in &content.sources {
            push_source(&mut before, source, sizes(&source.sizes), prefix);
        }
        edits.push(insertion(slot.tag.start, before));
    }
    edits.push(insertion(slot.name_end, text));
    if !content.sources.is_empty() && !slot.is_framed {
        edits.push(insertion(slot.tag.end, "</picture>".to_owned()));
    }
    edits.retain(|edit| !edit.text.is_empty());
    edits
}

/// What to add to an `<img>` of a feed: readers have their own layout.
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

/// The edits of any other element.
pub(super) fn other(slot: &Slot, content: &Content, prefix: &str) -> Vec<Edit> {
    if content.srcset.is_empty() {
        return Vec::new();
    }
    let url = |url: &str| escaped(&format!("{prefix}{}", url.trim_start_matches('/')));
    match slot.kind {
        Kind::Image => Vec::new(),
        Kind::Preload => {
            // One of several formats that is preloaded may not be the one that is shown.
            if !content.sources.is_empty() {
                return Vec::new();
            }
            let mut text = String::new();
            attribute(&mut text, "imagesrcset", &srcset(&content.srcset, prefix));
            if let Some(sizes) = &content.sizes {
                attribute(&mut text, "imagesizes", sizes);
            }
            vec![insertion(slot.name_end, text)]
        }
        Kind::Poster | Kind::Meta => vec![Edit {
            place: slot.place.clone(),
            text: url(&content.src),
        }],
        Kind::Style => {
            let candidates = match &content.sizes {
                // The largest alone: a background has no `sizes`.
                Some(_) => vec![image_set_entry(&content.src, "1x", prefix)],
                None => content
                    .srcset
                    .iter()
                    .filter_map(|entry| entry.split_once(' '))
                    .map(|(url, density)| image_set_entry(url, density, prefix))
                    .collect(),
            };
            let text = format!(";background-image:image-set({})", candidates.join(","));
            vec![insertion(slot.place.end, text)]
        }
    }
}

fn image_set_entry(url: &str, density: &str, prefix: &str) -> String {
    format!("url({prefix}{}) {density}", url.trim_start_matches('/'))
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

/// Entries below the root, as the page names them.
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
