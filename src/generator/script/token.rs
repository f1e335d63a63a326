//! Splits JavaScript, TypeScript or JSON with comments into tokens.

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
    let mut found: Vec<Token<'_>> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let token;
        if c.is_whitespace() {
            rest = &rest[c.len_utf8()..];
            continue;
        } else if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
            continue;
        } else if rest.starts_with("/*") {
            rest = &rest[rest.find("*/").map_or(rest.len(), |end| end + 2)..];
            continue;
        } else if matches!(c, '"' | '\'' | '`') {
            (token, rest) = string(rest, c);
        } else if is_word(c) {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            token = Token::Word(&rest[..end]);
            rest = &rest[end..];
        } else if c == '/' && starts_expression(found.last()) {
            token = Token::Pattern;
            rest = after_pattern(rest);
        } else {
            token = Token::Mark(c);
            rest = &rest[c.len_utf8()..];
        }
        found.push(token);
    }
    found
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

/// Returns the text after a regular expression, which ends on its line at the latest.
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

/// Parses the string at the start of a text. Returns the string and the text after it.
fn string(text: &str, quote: char) -> (Token<'_>, &str) {
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
            let end = text[start..]
                .find('}')
                .map_or(text.len(), |end| start + end);
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
