//! Blanks out the parts of a program that are no code, so that a search of the text finds code only.

use super::token::{Token, parts};

/// Returns the program with spaces in place of its comments. All offsets and lines stay the same.
pub(in crate::generator) fn without_comments(text: &str) -> String {
    masked(text, |token| token.is_none())
}

/// Returns the program with spaces in place of its comments, strings and regular expressions. All
/// offsets and lines stay the same.
pub(in crate::generator) fn without_texts(text: &str) -> String {
    masked(text, |token| {
        matches!(token, None | Some(Token::Text(_) | Token::Pattern))
    })
}

fn masked(text: &str, is_blank: impl Fn(&Option<Token<'_>>) -> bool) -> String {
    let mut masked = String::with_capacity(text.len());
    for (range, token) in parts(text) {
        masked.push_str(&text[masked.len()..range.start]);
        if is_blank(&token) {
            let bytes = text[range].bytes();
            masked.extend(bytes.map(|byte| match byte {
                b'\n' | b'\r' => char::from(byte),
                _ => ' ',
            }));
        } else {
            masked.push_str(&text[range]);
        }
    }
    masked.push_str(&text[masked.len()..]);
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_is_left() {
        for (text, comments, texts) in [
            (
                "a /* é\n*/ b // c",
                "a      \n   b     ",
                "a      \n   b     ",
            ),
            (
                "f(\"/*\", '`') // x",
                "f(\"/*\", '`')     ",
                "f(    ,    )     ",
            ),
            (
                "x = `a${b ? `}` : \"}\"}/*` + y",
                "x = `a${b ? `}` : \"}\"}/*` + y",
                "x =                       + y",
            ),
            ("r = /[`/]\\//; s", "r = /[`/]\\//; s", "r =         ; s"),
            ("a = b / c; // d", "a = b / c;     ", "a = b / c;     "),
            ("`open\n{", "`open\n{", "     \n "),
        ] {
            assert_eq!(without_comments(text), comments, "{text}");
            assert_eq!(without_texts(text), texts, "{text}");
        }
        let deep = "`${".repeat(20_000);
        assert_eq!(without_texts(&deep).len(), deep.len());
    }
}
