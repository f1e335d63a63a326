//! Finds lines and indentation around a byte of a text.

use std::ops::Range;

use super::splice::Edit;

/// Returns the start of the line of `at`.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    let start = text[..at].rfind('\n').map_or(0, |feed| feed + 1);
    #[cfg(test)]
    crate::tree::work::add(at - start);
    start
}

/// Returns the start of the next line, or the end of the text.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let end = text[at..]
        .find('\n')
        .map_or(text.len(), |feed| at + feed + 1);
    #[cfg(test)]
    crate::tree::work::add(end - at);
    end
}

/// Returns the line break of the line of `at`, or else that of the text's first line.
pub(super) fn eol_at(text: &str, at: usize) -> &'static str {
    let feed = text[at..]
        .find('\n')
        .map(|feed| at + feed)
        .or_else(|| text.find('\n'));
    match feed {
        Some(feed) if text[..feed].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// Returns an insertion of lines at the start of a line, or after a last line without a line break.
pub(super) fn whole_lines(text: &str, at: usize, lines: String, eol: &str) -> Edit {
    let lines = if at == text.len() && at > 0 && !text.ends_with('\n') {
        format!("{eol}{lines}")
    } else {
        format!("{lines}{eol}")
    };
    Edit {
        range: at..at,
        text: lines,
    }
}

/// Returns the lines from the one of `start` to the one of `end`.
pub(super) fn lines_of(text: &str, start: usize, end: usize) -> Range<usize> {
    line_start(text, start)..line_end(text, end)
}

/// Whether only blanks and a comment follow on the line of `at`.
pub(super) fn rest_is_blank(text: &str, at: usize) -> bool {
    let rest = text[at..line_end(text, at)].trim_end();
    let bare = rest.trim_start_matches([' ', '\t']);
    bare.is_empty() || bare.starts_with('#') && bare.len() < rest.len()
}

/// Returns the end of a YAML document whose last value ends at `at`: before a line of `...`, or the
/// end of the text.
pub(super) fn document_end(text: &str, at: usize) -> usize {
    let mut line = line_end(text, at);
    while line < text.len() {
        if text[line..].starts_with("...") && rest_is_blank(text, line + 3) {
            return line;
        }
        line = line_end(text, line);
    }
    text.len()
}

/// Returns the column of a key as spaces, if only spaces and the dashes of its items precede it.
pub(super) fn indent_of_key(text: &str, key: usize) -> Option<String> {
    let before = &text[line_start(text, key)..key];
    let mut rest = before.trim_start_matches(' ');
    while let Some(after) = rest.strip_prefix("- ") {
        rest = after.trim_start_matches(' ');
    }
    rest.is_empty().then(|| " ".repeat(before.len()))
}

/// Returns the spaces before a key; `None` if anything else precedes it on its line.
pub(super) fn own_line_indent(text: &str, key: usize) -> Option<String> {
    let before = &text[line_start(text, key)..key];
    before
        .bytes()
        .all(|byte| byte == b' ')
        .then(|| before.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_indented_by_spaces_and_dashes_only() {
        for (text, expected) in [
            ("key", Some(0)),
            ("a: 1\n  key", Some(2)),
            ("- key", Some(2)),
            ("  - - key", Some(6)),
            ("-   key", Some(4)),
            ("-\tkey", None),
            ("\tkey", None),
            ("- &k key", None),
            ("? key", None),
        ] {
            let key = text.find("key").expect("it is there");
            assert_eq!(
                indent_of_key(text, key).map(|indent| indent.len()),
                expected,
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_line_ends_as_it_did() {
        assert_eq!(eol_at("a\r\nb\nc", 0), "\r\n");
        assert_eq!(eol_at("a\r\nb\nc", 3), "\n");
        assert_eq!(eol_at("a\r\nb", 3), "\r\n");
        assert_eq!(eol_at("a", 0), "\n");
    }

    #[test]
    fn a_comment_needs_a_blank_before_it() {
        assert!(
            rest_is_blank("a  \r\n", 1) && rest_is_blank("a # c\n", 1) && rest_is_blank("a", 1)
        );
        assert!(!rest_is_blank("a#c\n", 1) && !rest_is_blank("a, b\n", 1));
    }
}
