//! Finds the images that arguments of tags and shortcodes name:
//! `{% include card.html image_path="/a.png" %}`, `{{< figure src="a.png" >}}`.

use super::super::expression::{filter_name, is_url_filter};
use super::super::image::Image;
use super::super::value::{is_local, looks_like_assignment, looks_like_glob, looks_like_image};
use super::super::{AltText, Certainty, ReadBy};
use crate::generator::Templates;

/// Returns the images that one expression names. `start` is its byte offset in the body.
pub(super) fn images_in<'t>(
    text: &'t str,
    start: usize,
    templates: Templates,
) -> impl Iterator<Item = Image> + 't {
    let is_go = templates == Templates::Go;
    let words = if is_go { bare_words(text) } else { Vec::new() };
    quoted(text)
        .into_iter()
        .chain(words)
        .filter(move |(at, value)| {
            let before = &text[..*at];
            is_local(value) && !is_shown_otherwise(before) && (is_go || !is_template(before))
        })
        .filter_map(move |(at, value)| {
            let certainty = if looks_like_image(value) {
                let after = &text[at + value.len() + 1..];
                let is_guess = looks_like_glob(value)
                    || looks_like_assignment(value)
                    || is_filtered_otherwise(after);
                if is_guess {
                    Certainty::Guessed
                } else {
                    Certainty::PathLike
                }
            } else if is_go && is_source(&text[..at], value) {
                // The shortcode may add the extension of an existing file.
                Certainty::Guessed
            } else {
                return None;
            };
            Some(Image {
                value: value.to_owned(),
                offset: start + at,
                certainty,
                wants_record: true,
                read_by: ReadBy::Template,
                alt: AltText::Unknown,
            })
        })
}

/// Whether a value without an extension is the `src` of a shortcode, judging by the text before it.
fn is_source(before: &str, value: &str) -> bool {
    let name = value.rsplit('/').next().unwrap_or(value);
    let key = before.trim_end_matches(['"', '`']).strip_suffix("src=");
    !name.is_empty()
        && !name.contains('.')
        && key.is_some_and(|key| key.ends_with([' ', '\t', '\n', '\r']))
}

/// Whether a value names a template or a file whose text is put there, as in
/// `{% include "icons/rss.svg" %}`, judging by the text before it.
fn is_template(before: &str) -> bool {
    const TAGS: [&str; 8] = [
        "extends",
        "from",
        "import",
        "include",
        "include_cached",
        "include_relative",
        "layout",
        "render",
    ];
    let before = before.trim_end_matches(['"', '\'']).trim_end();
    let tag = before
        .strip_prefix("{%")
        .map(|tag| tag.trim_start_matches(['-', ' ', '\t', '\n', '\r']));
    tag.is_some_and(|tag| TAGS.contains(&tag))
}

/// Whether a filter that makes something other than a URL of a value follows it, as in
/// `{{ "/icons/rss.svg" | contents }}`.
fn is_filtered_otherwise(after: &str) -> bool {
    let filter = after.trim_start().strip_prefix('|');
    filter.is_some_and(|filter| !is_url_filter(filter_name(filter)))
}

/// Whether a value belongs to an argument that shows no image (the target of a link, or a text),
/// judging by the text before it.
fn is_shown_otherwise(before: &str) -> bool {
    const KEYS: [&str; 6] = ["alt", "caption", "download", "href", "link", "title"];
    let before = before.trim_end_matches(['"', '\'', '`']).trim_end();
    let Some(before) = before.strip_suffix(['=', ':']) else {
        return false;
    };
    let mut words = before
        .trim_end()
        .rsplit(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
    words.next().is_some_and(|key| KEYS.contains(&key))
}

/// Returns the quoted strings of a text: the offset of each one's content, and the content.
fn quoted(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find(['"', '\'', '`']) {
        let start = at + open + 1;
        let quote = char::from(text.as_bytes()[start - 1]);
        let Some(length) = text[start..].find(quote) else {
            break;
        };
        found.push((start, &text[start..start + length]));
        at = start + length + 1;
    }
    found
}

/// Returns the words of a text outside of quotes, with their offsets. Hugo's arguments need no
/// quotes.
fn bare_words(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut at = 0;
    let ends = quoted(text)
        .into_iter()
        .map(|(start, value)| (start - 1, start + value.len() + 1));
    for (end, next) in ends.chain([(text.len(), text.len())]) {
        let words = text[at..end].split(|c: char| c.is_whitespace() || c == '=');
        found.extend(words.map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word)));
        at = next;
    }
    found
}
