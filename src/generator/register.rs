//! Registers our plugin in a configuration that is a program: its text goes in, the text with two
//! more lines comes out. Only the plain forms that the generators' own guides show are edited;
//! everything else is refused.

use super::Edited;

/// What to insert into a configuration.
pub(super) struct Insertion {
    /// Byte offset in the line that opens the body, where the body begins.
    pub at: usize,
    /// Statement to insert at the start of the body.
    pub statement: String,
    /// Line to insert before the first import; empty if the statement needs none.
    pub import: &'static str,
}

/// Registers a plugin. A text that contains `marker` registers it already. `insertion` gets a line
/// with its indentation, and returns what to insert if the line opens the body.
pub(super) fn register(
    text: &str,
    marker: &str,
    insertion: impl Fn(&str) -> Option<Insertion>,
) -> Edited {
    if text.contains(marker) {
        return Edited::Unchanged;
    }
    if text.starts_with(['\u{feff}', '#']) {
        return Edited::Refused("it begins with a byte order mark");
    }
    let mut at = 0;
    let mut found = None;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim_end();
        let Some(insertion) = insertion(trimmed) else {
            continue;
        };
        let is_whole = insertion.at < trimmed.len();
        let body = if is_whole { start + insertion.at } else { at };
        if !is_whole && !line.ends_with('\n') || found.replace((body, insertion)).is_some() {
            return Edited::Refused("it has no single function");
        }
    }
    let Some((body, insertion)) = found else {
        return Edited::Refused("its function has another form");
    };
    // A comment or a template literal may be open there.
    let before = &text[..body];
    let count = |part: &str| before.matches(part).count();
    if count("/*") != count("*/") || count("`") % 2 != 0 {
        return Edited::Refused("its function may be in a comment");
    }
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
        let mut lines = text.split_inclusive('\n').map(|line| {
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

/// Whether a text is a plain name of JavaScript.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
}
