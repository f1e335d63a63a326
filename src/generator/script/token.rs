//! Splits JavaScript, TypeScript or JSON with comments into tokens.

use std::ops::Range;

/// How deep template literals may be nested in the expressions of others.
const DEPTH_LIMIT: usize = 32;

/// A token of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A name or a number.
    Word(&'t str),
    /// A string. Only a template literal has more than one piece.
    Text(Vec<Piece<'t>>),
    /// Any other character.
    Mark(char),
    /// A regular expression.
    Pattern,
}

/// A part of a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Plain(String),
    /// The expression of `${…}`, as written.
    Inserted(&'t str),
}

/// Splits a program into tokens, without comments. A program with a syntax error is not refused: it
/// results in some tokens.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let parts = parts(text).into_iter();
    parts.filter_map(|(_, token)| token).collect()
}

/// Splits a program into its tokens and its comments, which are `None`, each with its byte range.
pub(super) fn parts(text: &str) -> Vec<(Range<usize>, Option<Token<'_>>)> {
    let mut found: Vec<(Range<usize>, Option<Token<'_>>)> = Vec::new();
    // The last token, without the comments after it.
    let mut last: Option<usize> = None;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let start = text.len() - rest.len();
        let token;
        if c.is_whitespace() {
            rest = &rest[c.len_utf8()..];
            continue;
        } else if let Some(after) = after_comment(rest) {
            token = None;
            rest = after;
        } else if matches!(c, '"' | '\'' | '`') {
            let (string, after) = string(rest, c, 0);
            token = Some(string);
            rest = after;
        } else if is_word(c) {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            token = Some(Token::Word(&rest[..end]));
            rest = &rest[end..];
        } else if c == '/' && starts_expression(last.and_then(|at| found[at].1.as_ref())) {
            token = Some(Token::Pattern);
            rest = after_pattern(rest);
        } else {
            token = Some(Token::Mark(c));
            rest = &rest[c.len_utf8()..];
        }
        if token.is_some() {
            last = Some(found.len());
        }
        found.push((start..text.len() - rest.len(), token));
    }
    found
}

/// Returns the text after the comment at the start of a text, if there is one.
fn after_comment(text: &str) -> Option<&str> {
    if text.starts_with("//") {
        return Some(&text[text.find('\n').unwrap_or(text.len())..]);
    }
    let inner = text.strip_prefix("/*")?;
    Some(inner.split_once("*/").map_or("", |(_, after)| after))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// Whether an expression starts after a token: a slash there begins a regular expression.
fn starts_expression(before: Option<&Token<'_>>) -> bool {
    match before {
        None => true,
        Some(Token::Mark(c)) => !matches!(c, ')' | ']' | '}'),
        Some(Token::Word(word)) => matches!(*word, "return" | "typeof" | "case" | "of" | "in"),
        Some(Token::Text(_) | Token::Pattern) => false,
    }
}

/// Returns the text after a regular expression, which ends on the line on which it begins.
fn after_pattern(text: &str) -> &str {
    let mut is_escaped = false;
    let mut is_in_class = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' => return &text[at..],
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => is_in_class = true,
            ']' => is_in_class = false,
            '/' if !is_in_class => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}

/// Parses the string at the start of a text, which is nested this deep in other strings. Returns the
/// string and the text after it.
fn string(text: &str, quote: char, depth: usize) -> (Token<'_>, &str) {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut at = 1;
    while let Some(c) = text[at..].chars().next() {
        at += c.len_utf8();
        if c == quote {
            break;
        } else if c == '\\' {
            let Some(escaped) = text[at..].chars().next() else {
                break;
            };
            at += escaped.len_utf8();
            plain.push(match escaped {
                'n' => '\n',
                't' => '\t',
                other => other,
            });
        } else if c == '$' && quote == '`' && text[at..].starts_with('{') {
            let start = at + 1;
            let end = start + end_of_inserted(&text[start..], depth);
            pieces.push(Piece::Plain(std::mem::take(&mut plain)));
            pieces.push(Piece::Inserted(text[start..end].trim()));
            at = (end + 1).min(text.len());
        } else {
            plain.push(c);
        }
    }
    pieces.push(Piece::Plain(plain));
    (Token::Text(pieces), &text[at..])
}

/// Returns the length of the expression of `${…}` at the start of a text, up to its closing brace.
fn end_of_inserted(text: &str, depth: usize) -> usize {
    let mut rest = text;
    let mut braces = 0_usize;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = after_comment(rest) {
            rest = after;
            continue;
        }
        match c {
            '"' | '\'' | '`' if depth >= DEPTH_LIMIT => return text.len(),
            '"' | '\'' | '`' => {
                (_, rest) = string(rest, c, depth + 1);
                continue;
            }
            '{' => braces += 1,
            '}' if braces == 0 => return text.len() - rest.len(),
            '}' => braces -= 1,
            _ => {}
        }
        rest = &rest[c.len_utf8()..];
    }
    text.len()
}
