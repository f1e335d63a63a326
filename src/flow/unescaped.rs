//! Decodes the escapes of HTML, URLs, JSON, JavaScript, CSS, YAML and TOML in any text.

/// Decodes one level of escapes, and removes line breaks and tabs, as browsers do in URLs. Also
/// returns whether there were escapes: the decoded text may contain further ones.
pub(super) fn unescaped(bytes: &[u8], of_digits: Backslash) -> (Vec<u8>, bool) {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut has_escapes = false;
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let escape = match rest[0] {
            b'\n' | b'\r' | b'\t' => {
                at += 1;
                continue;
            }
            b'%' => percent(rest),
            b'&' => reference(rest),
            b'\\' => backslash(rest, of_digits),
            _ => None,
        };
        match escape {
            Some((Escaped::Byte(byte), length)) => {
                plain.push(byte);
                at += length;
            }
            Some((Escaped::Code(code), length)) => {
                let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                plain.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                at += length;
            }
            Some((Escaped::Nothing, length)) => at += length,
            None => {
                plain.push(rest[0]);
                at += 1;
                continue;
            }
        }
        has_escapes = true;
    }
    (plain, has_escapes)
}

/// What a backslash before a digit means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backslash {
    /// Up to six hexadecimal digits: CSS.
    Hexadecimal,
    /// Up to three octal digits: old JavaScript, PHP.
    Octal,
}

enum Escaped {
    Byte(u8),
    /// A code point.
    Code(u32),
    Nothing,
}

/// Decodes a percent-encoded byte: `%2d`. Returns it with the length of the escape.
fn percent(text: &[u8]) -> Option<(Escaped, usize)> {
    let (code, length) = number(text.get(1..3)?, 16)?;
    (length == 2).then_some((Escaped::Byte(u8::try_from(code).ok()?), 3))
}

/// Decodes an HTML character reference: `&#45;`, `&#x2d;`, and names of characters that occur in
/// file names. After a number, the semicolon may be missing.
fn reference(text: &[u8]) -> Option<(Escaped, usize)> {
    const NAMES: [(&[u8], char); 14] = [
        (b"amp", '&'),
        (b"bsol", '\\'),
        (b"comma", ','),
        (b"commat", '@'),
        (b"equals", '='),
        (b"excl", '!'),
        (b"lowbar", '_'),
        (b"lpar", '('),
        (b"num", '#'),
        (b"percnt", '%'),
        (b"period", '.'),
        (b"plus", '+'),
        (b"rpar", ')'),
        (b"UnderBar", '_'),
    ];
    let Some(digits) = text.strip_prefix(b"&#") else {
        return NAMES.iter().find_map(|(name, c)| {
            let rest = text[1..].strip_prefix(*name)?;
            let length = 1 + name.len() + 1;
            (rest.first() == Some(&b';')).then_some((Escaped::Code(u32::from(*c)), length))
        });
    };
    let (code, length) = match digits.first()? {
        b'x' | b'X' => number(&digits[1..], 16).map(|(code, length)| (code, length + 1))?,
        _ => number(digits, 10)?,
    };
    let end = usize::from(digits.get(length) == Some(&b';'));
    Some((Escaped::Code(code), 2 + length + end))
}

/// Decodes a backslash escape: `\u002d`, `\u{2d}`, `\x2d`, `\U0000002d`, `\2e ` of CSS or `\055`,
/// `\-` and `\w`, and an escaped line break.
fn backslash(text: &[u8], of_digits: Backslash) -> Option<(Escaped, usize)> {
    let rest = text.get(1..)?;
    let fixed = |digits: usize| {
        let (code, length) = number(rest.get(1..=digits)?, 16)?;
        (length == digits).then_some((Escaped::Code(code), 2 + digits))
    };
    match rest.first()? {
        b'u' if rest.get(1) == Some(&b'{') => {
            let (code, length) = number(&rest[2..], 16)?;
            (rest.get(2 + length) == Some(&b'}')).then_some((Escaped::Code(code), length + 4))
        }
        b'u' => fixed(4),
        b'U' => fixed(8),
        b'x' => fixed(2),
        b'\n' | b'\r' => {
            // The next line's indentation is no part of the text.
            let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
            Some((Escaped::Nothing, 1 + blank.count()))
        }
        b'0'..=b'7' if of_digits == Backslash::Octal => {
            let (code, length) = number(&rest[..3.min(rest.len())], 8)?;
            Some((Escaped::Code(code), 1 + length))
        }
        byte if byte.is_ascii_hexdigit() => {
            let (code, length) = number(&rest[..6.min(rest.len())], 16)?;
            let space = usize::from(rest.get(length).is_some_and(u8::is_ascii_whitespace));
            Some((Escaped::Code(code), 1 + length + space))
        }
        byte if byte.is_ascii_graphic() => Some((Escaped::Byte(*byte), 2)),
        _ => None,
    }
}

/// Parses the number at the start of a text. Returns it with its number of digits.
fn number(text: &[u8], base: u32) -> Option<(u32, usize)> {
    let mut value = 0u32;
    let mut length = 0;
    for byte in text {
        let Some(digit) = char::from(*byte).to_digit(base) else {
            break;
        };
        value = value.saturating_mul(base).saturating_add(digit);
        length += 1;
    }
    (length > 0).then_some((value, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_read_as_their_languages_do() {
        for (text, expected) in [
            ("a&#45;b&#x2D;c&#46d&period;e&amp;f", "a-b-c.d.e&f"),
            (r"a\u002db\x2dc\u{2d}d\U0000002De", "a-b-c-d-e"),
            (r"a\2e 0\-b\00002e1\.c\/d", "a.0-b.1.c/d"),
            ("a\\\n   b\r\n\tc", "abc"),
            ("%2D%25%zz%c3%A9%", "-%%zz\u{e9}%"),
            (
                r"a&#00000000000046;b&#x000000000002d;\u{000000002e}\web",
                "a.b-.web",
            ),
            (r"& &x; &#; \u12 \u{2d \", r"& &x; &#; \u12 \u{2d \"),
        ] {
            let (plain, has_escapes) = unescaped(text.as_bytes(), Backslash::Hexadecimal);
            assert_eq!(String::from_utf8(plain).unwrap(), expected, "{text}");
            assert_eq!(has_escapes, !text.starts_with("& "), "{text}");
        }
        let (plain, _) = unescaped(br"a\055b\1012\9", Backslash::Octal);
        assert_eq!(plain, b"a-bA2\t");
    }
}
