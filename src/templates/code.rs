//! Splits a template into pieces of code: text goes in; the code between delimiters, and the words
//! in it, come out.

/// Returns the code between delimiters, such as `{%` and `%}`, each with its offset.
pub(super) fn codes<'t>(
    text: &'t str,
    opening: &'static str,
    closing: &'static str,
) -> impl Iterator<Item = (usize, &'t str)> {
    let starts = text.match_indices(opening);
    starts.map(move |(at, _)| {
        let code = &text[at + opening.len()..];
        let end = code.find(closing).unwrap_or(code.len());
        (at, code[..end].trim_matches('-').trim())
    })
}

/// Returns the words of a piece of code.
pub(super) fn words(code: &str) -> impl DoubleEndedIterator<Item = &str> {
    let words = code.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-'));
    words
        .map(|word| word.trim_matches('-'))
        .filter(|word| !word.is_empty())
}
