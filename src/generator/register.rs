//! Registers our plugin in a configuration that is a program: its text goes in, the text with two
//! more lines comes out. Only the plain forms that the generators' own guides show are edited;
//! everything else is refused.

use super::Edited;
use super::script::{without_comments, without_texts};

/// What to insert into a configuration.
pub(super) struct Insertion {
    /// Byte offset in the line that opens the body, where the body begins.
    pub at: usize,
    /// Statement to insert at the start of the body.
    pub statement: String,
    /// Line to insert before the first import; empty if the statement needs none.
    pub import: &'static str,
}

/// Registers a plugin. A program that contains `marker` registers it already. `insertion` gets a
/// line of code, with spaces in place of comments and strings, and returns what to insert if the
/// line opens the body. `other` is the reason to refuse a program without exactly one such line.
pub(super) fn register(
    text: &str,
    marker: &str,
    other: &'static str,
    insertion: impl Fn(&str) -> Option<Insertion>,
) -> Edited {
    if without_comments(text).contains(marker) {
        return Edited::Unchanged;
    }
    if text.starts_with('\u{feff}') {
        return Edited::Refused("it begins with a byte order mark");
    }
    if text.starts_with('#') {
        return Edited::Refused("it begins with `#!`");
    }
    let code = without_texts(text);
    let mut at = 0;
    let mut depth = 0_usize;
    let mut found = None;
    for line in code.split_inclusive('\n') {
        let start = at;
        let is_outside = depth == 0;
        at += line.len();
        depth = after_brackets(depth, line);
        let Some(insertion) = insertion(line.trim_end()).filter(|_| is_outside) else {
            continue;
        };
        let whole = text[start..at].trim_end();
        let is_whole = insertion.at < whole.len();
        let body = if is_whole { start + insertion.at } else { at };
        if !is_whole && !line.ends_with('\n') || found.replace((body, insertion)).is_some() {
            return Edited::Refused(other);
        }
    }
    let Some((body, insertion)) = found else {
        return Edited::Refused(other);
    };
    let before = &text[..body];
    let Insertion {
        statement, import, ..
    } = insertion;
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut new = text.to_owned();
    // The body may begin on the line that opens it.
    let line = match before.ends_with('\n') {
        true => format!("  {statement}{newline}"),
        false => format!(" {statement}"),
    };
    new.insert_str(body, &line);
    if !import.is_empty() {
        let mut start = 0;
        let mut lines = code.split_inclusive('\n').map(|line| {
            start += line.len();
            (start - line.len(), line)
        });
        let is_import = |(_, line): &(usize, &str)| line.starts_with("import ");
        let first = lines.find(is_import).map_or(0, |(start, _)| start);
        new.insert_str(
            first.min(before.rfind('\n').map_or(0, |end| end + 1)),
            &format!("{import}{newline}"),
        );
    }
    let undo = format!("remove `{statement}`");
    Edited::Text { text: new, undo }
}

/// Returns how deep brackets are nested after a line of code that begins this deep.
fn after_brackets(depth: usize, line: &str) -> usize {
    line.chars().fold(depth, |depth, c| match c {
        '(' | '[' | '{' => depth + 1,
        ')' | ']' | '}' => depth.saturating_sub(1),
        _ => depth,
    })
}

/// Whether a text is a plain name of JavaScript.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
}
