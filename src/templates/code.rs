//! Splits a template into pieces of code: text goes in; the code between delimiters, and the words
//! in it, come out.

/// Returns the code between delimiters, such as `{%` and `%}`, each with its offset. Reads the text
/// once: pieces do not overlap, and an opening delimiter without a closing one is text.
pub(super) fn codes<'t>(
    text: &'t str,
    opening: &'static str,
    closing: &'static str,
) -> impl Iterator<Item = (usize, &'t str)> {
    let mut rest = 0;
    let pieces = std::iter::from_fn(move || {
        let at = rest + text[rest..].find(opening)?;
        let start = at + opening.len();
        let end = start + text[start..].find(closing)?;
        rest = end + closing.len();
        Some((at, text[start..end].trim_matches('-').trim()))
    });
    pieces.fuse()
}

/// Returns the words of a piece of code.
pub(super) fn words(code: &str) -> impl DoubleEndedIterator<Item = &str> {
    let words = code.split(|c: char| !is_part(c));
    words
        .map(|word| word.trim_matches('-'))
        .filter(|word| !word.is_empty())
}

/// Returns the word that a piece of code ends with. Takes time in proportion to that word.
pub(super) fn last_word(code: &str) -> Option<&str> {
    let code = code.trim_end();
    let start = code.rfind(|c: char| !is_part(c));
    let start = start.map_or(0, |at| {
        at + code[at..].chars().next().map_or(0, char::len_utf8)
    });
    let word = code[start..].trim_matches('-');
    (!word.is_empty()).then_some(word)
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_code_do_not_overlap() {
        for (text, expected) in [
            ("{% a %}{%- b -%}", vec![(0, "a"), (7, "b")]),
            ("{% a {% b %} c %}", vec![(0, "a {% b")]),
            ("{% a %}{% b", vec![(0, "a")]),
            ("%}{%%}", vec![(2, "")]),
            ("{%}", vec![]),
        ] {
            let found: Vec<_> = codes(text, "{%", "%}").collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn the_last_word_ends_the_code() {
        for (code, expected) in [
            ("a, b-c ", Some("b-c")),
            ("é", Some("é")),
            ("a — b", Some("b")),
            ("a '", None),
            ("a -", None),
            ("", None),
        ] {
            assert_eq!(last_word(code), expected, "{code}");
        }
    }
}
