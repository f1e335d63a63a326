//! Finds the images in a body, or in a front-matter string of Markdown or HTML.

use std::borrow::Cow;

use super::image::Image;
use super::template::mask;
use super::{Choice, Place, Reference, Search, html, markdown};
use crate::article::{Article, Markup};
use crate::generator::{Dialect, Markdown, Templates};

/// Returns the references of an article's body, in the order of the text.
pub(super) fn find(article: &Article, search: &Search<'_>) -> Vec<Reference> {
    let path = article.path.as_str();
    let mut rules = search.rules.iter().enumerate();
    let choice = match rules.find(|(_, rule)| rule.takes_body(path)) {
        Some((index, rule)) => Choice::by_rule(index, rule, || Some(Choice::default_for_body())),
        None => Some(Choice::default_for_body()),
    };
    let Some(choice) = choice else {
        return Vec::new();
    };
    let body = text_of_body(article.body());
    images(&body, article.markup(), search.dialect)
        .into_iter()
        .map(|image| Reference {
            value: image.value.replace(NOT_UTF8, "\u{fffd}").into(),
            place: Place::Body,
            offset: article.body_start() + image.offset,
            certainty: image.certainty,
            read_by: image.read_by,
            preset: image.wants_record.then(|| choice.clone()),
            is_skipped: false,
            focus: None,
            alt: image.alt,
            caption: None,
            folder: None,
        })
        .collect()
}

/// Replacement for each byte that is not UTF-8: the ASCII character "substitute". It is one byte
/// long, so that the offsets of all others stay the same.
const NOT_UTF8: char = '\u{1a}';

/// Decodes a body, which may have any encoding. Bytes that are not UTF-8 cannot name an upload.
fn text_of_body(body: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(body) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(body.len());
    for chunk in body.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| NOT_UTF8));
    }
    Cow::Owned(text)
}

/// Returns the images of a text, in the order of the text.
pub(super) fn images(text: &str, markup: Markup, dialect: &Dialect) -> Vec<Image> {
    if markup == Markup::Other || !may_hold_images(text) {
        return Vec::new();
    }
    // In MDX, braces are JavaScript, whichever generator reads it.
    let templates = match markup {
        Markup::Mdx => Templates::Plain,
        _ => dialect.templates,
    };
    let mut masked = mask(text, templates);
    let mut images = match markup {
        Markup::Markdown => markdown::images(&mut masked, dialect.markdown),
        Markup::Mdx => markdown::images(&mut masked, Markdown::Mdx),
        Markup::Html | Markup::Other => {
            let html = masked.text().to_owned();
            html::images(&mut masked, &html)
        }
    };
    images.extend(masked.arguments());
    images.sort_by_key(|image| image.offset);
    images
}

/// Whether a text contains one of the marks that every image needs. Most articles do not, and are
/// not parsed.
fn may_hold_images(text: &str) -> bool {
    ["![", "<", "{{", "{%", "url("]
        .iter()
        .any(|mark| text.contains(mark))
}
