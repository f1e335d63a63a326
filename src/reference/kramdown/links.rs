//! Finds and rewrites the links and images that kramdown reads and CommonMark does not.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use pulldown_cmark::Options;

use super::{code_ranges, is_within};

/// Returns the destinations of links, images and definitions that contain spaces, in order.
pub(in super::super) fn spaced_destinations(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = text
        .match_indices("](")
        .filter_map(|(at, _)| destination(text, at + 2))
        .collect();
    found.extend(definitions(text).map(|definition| {
        let rest = &text[definition.value.clone()];
        let end = rest.find(['"', '\'']).unwrap_or(rest.len());
        definition.value.start..definition.value.start + end
    }));
    found.sort_by_key(|range| range.start);
    let mut last = 0;
    found.retain_mut(|range| {
        let whole = &text[range.clone()];
        let bare = whole.trim_ascii();
        range.start += whole.len() - whole.trim_ascii_start().len();
        range.end = range.start + bare.len();
        let is_spaced = bare.contains(' ') && !bare.starts_with('<') && bare.len() >= 4;
        let is_kept = is_spaced && range.start >= last;
        if is_kept {
            last = range.end;
        }
        is_kept
    });
    found
}

/// Returns the destination from `start` to the closing parenthesis or to the title.
fn destination(text: &str, start: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut depth = 1;
    for at in start..bytes.len() {
        let next = bytes.get(at + 1);
        match bytes[at] {
            b'\n' => return None,
            // Another link begins. Stopping here keeps the search linear.
            b']' if next == Some(&b'(') => return None,
            b' ' | b'\t' if matches!(next, Some(b'"' | b'\'')) => return Some(start..at),
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(start..at),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A line that defines a link: `[id]: destination "title"`.
struct Definition<'t> {
    line: Range<usize>,
    id: &'t str,
    /// Range of the line after the colon.
    value: Range<usize>,
}

fn definitions(text: &str) -> impl Iterator<Item = Definition<'_>> {
    let mut end = 0;
    text.split_inclusive('\n').filter_map(move |line| {
        let start = end;
        end += line.len();
        let (before, _) = line.split_once("]:")?;
        let id = before.trim_start().strip_prefix('[')?;
        (before.len() - id.len() <= 4).then(|| Definition {
            line: start..end,
            id,
            value: start + before.len() + 2..end,
        })
    })
}

/// Rewrites links that CommonMark reads differently: quotes in a title, a space between `[text]`
/// and `[id]`, and two definitions of one id, where the last one counts in kramdown. Returns `None`
/// if there are no such links.
pub(super) fn as_common_mark(text: &str, options: Options) -> Option<String> {
    let edits: Vec<(Range<usize>, u8)> = title_quotes(text)
        .into_iter()
        .chain(spaced_references(text))
        .chain(replaced_definitions(text, options))
        .collect();
    if edits.is_empty() {
        return None;
    }
    let mut bytes = text.as_bytes().to_vec();
    for (range, byte) in edits {
        for slot in &mut bytes[range] {
            if !matches!(slot, b'\r' | b'\n') {
                *slot = byte;
            }
        }
    }
    Some(String::from_utf8(bytes).expect("whole characters were replaced with ASCII"))
}

/// Returns the quotes inside titles, each with its replacement: the quote that does not end the
/// title.
fn title_quotes(text: &str) -> Vec<(Range<usize>, u8)> {
    let mut found = Vec::new();
    for (open, _) in text.match_indices("](") {
        let rest = &text[open + 2..];
        // Only up to the next link, which keeps the search linear.
        let end = rest
            .match_indices(['\n', ']'])
            .find(|(at, mark)| *mark == "\n" || rest[at + 1..].starts_with('('))
            .map_or(rest.len(), |(at, _)| at);
        let Some(start) = rest[..end].find([' ', '\t']) else {
            continue;
        };
        let title = rest[start..end].trim_start();
        let (quote, other) = match title.chars().next() {
            Some('"') => ('"', b'\''),
            Some('\'') => ('\'', b'"'),
            _ => continue,
        };
        let inner = &title[1..];
        let quotes: Vec<usize> = inner.match_indices(quote).map(|(at, _)| at).collect();
        let last = quotes
            .iter()
            .position(|at| inner[at + 1..].trim_start().starts_with(')'));
        let at = inner.as_ptr() as usize - text.as_ptr() as usize;
        found.extend(
            quotes[..last.unwrap_or(0)]
                .iter()
                .map(|quote| (at + quote..at + quote + 1, other)),
        );
    }
    found
}

/// Swaps the bracket and the space after it in `![text] [id]`.
fn spaced_references(text: &str) -> Vec<(Range<usize>, u8)> {
    if !text.contains("] [") && !text.contains("]\n[") {
        return Vec::new();
    }
    let ids: HashSet<String> = definitions(text)
        .map(|definition| normalized(definition.id))
        .collect();
    let mut found = Vec::new();
    for (at, _) in text.match_indices(']') {
        let rest = &text[at + 1..];
        let Some(id) = rest
            .strip_prefix(' ')
            .or_else(|| rest.strip_prefix('\n'))
            .and_then(|rest| rest.strip_prefix('['))
        else {
            continue;
        };
        let label = text[..at].rfind(['[', ']', '\n']);
        let is_image = label.is_some_and(|open| text[..open + 1].ends_with("!["));
        let id = id.split([']', '\n']).next().unwrap_or_default();
        if is_image && ids.contains(&normalized(id)) && rest.starts_with(' ') {
            found.extend([(at..at + 1, b' '), (at + 1..at + 2, b']')]);
        }
    }
    found
}

/// Blanks the lines of definitions whose id is defined again.
fn replaced_definitions(text: &str, options: Options) -> Vec<(Range<usize>, u8)> {
    let all: Vec<Definition<'_>> = definitions(text).collect();
    let mut count: HashMap<String, usize> = HashMap::new();
    for definition in &all {
        *count.entry(normalized(definition.id)).or_default() += 1;
    }
    if count.values().all(|count| *count == 1) {
        return Vec::new();
    }
    let code = code_ranges(text, options);
    let mut last: HashMap<String, Range<usize>> = HashMap::new();
    all.into_iter()
        .filter(|definition| !is_within(&code, definition.line.start))
        .filter_map(|definition| last.insert(normalized(definition.id), definition.line))
        .map(|line| (line, b' '))
        .collect()
}

/// Removes differences in case and spaces from an id.
fn normalized(id: &str) -> String {
    let words: Vec<String> = id.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_with_spaces_are_found() {
        for (text, expected) in [
            ("![a](/b c.png)", &["/b c.png"][..]),
            ("![a]( /b c.png \"d e\")", &["/b c.png"]),
            ("![a](/b (c d).png) (e f)", &["/b (c d).png"]),
            ("![a](/b.png) ![a](</b c.png>) ![a](/b.png \"c d\")", &[]),
            ("[a]: /b c.png 'd'\n [e]: /f.png\n", &["/b c.png"]),
            (
                "[![a](/b c.png)]([d](/e f.pdf \"g\")",
                &["/b c.png", "/e f.pdf"],
            ),
            ("[a](", &[]),
        ] {
            let found = spaced_destinations(text).into_iter();
            let found: Vec<&str> = found.map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
