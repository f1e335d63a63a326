//! Writes the code that replaces a tag.

use super::attribute::alternative;
use super::tag::{Tag, Value};
use crate::generator::{Kit, ShownImage, ShownRecord};
use crate::path::SitePath;

/// Returns the code that replaces a tag; `None` if the tag has an attribute that the code cannot
/// take over.
pub(super) fn replacement(
    kit: &Kit,
    template: &SitePath,
    tag: &Tag<'_>,
    src: &str,
    record: ShownRecord<'_>,
) -> Option<String> {
    let known = ["src", "alt", "class", "loading", "decoding"];
    let mut attributes = tag.attributes.iter();
    if !attributes.all(|own| known.iter().any(|name| own.name.eq_ignore_ascii_case(name))) {
        return None;
    }
    let literal = |name| match tag.get(name) {
        Some(Value::Text(text)) if !text.contains('{') => Some(Some(text)),
        Some(_) => None,
        None => Some(None),
    };
    (kit.image)(&ShownImage {
        template,
        src,
        record,
        alt: alternative(tag.get("alt"))?,
        class: literal("class")?,
        loading: literal("loading")?,
    })
}
