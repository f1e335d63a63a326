//! Tests of where front matter begins and ends, by generator.

use super::*;

const JEKYLL: Dialect = Dialect {
    dots_close: true,
    ..Dialect::common(1000)
};
const HUGO: Dialect = Dialect {
    toml: true,
    json: JsonFrontMatter::AnyBrace,
    ..Dialect::common(1000)
};
const ZOLA: Dialect = Dialect {
    closes_at_line_end: true,
    leading_blanks: true,
    json: JsonFrontMatter::Never,
    ..HUGO
};

const ELEVENTY: Dialect = Dialect {
    languages: true,
    ..Dialect::common(1000)
};
const NONE: Dialect = Dialect {
    json: JsonFrontMatter::Object,
    ..Dialect::common(1000)
};

fn parts(text: &str, dialect: &Dialect) -> Result<Option<(String, String)>, Refusal> {
    let bytes = text.as_bytes();
    match split(bytes, dialect) {
        Ok(None) => Ok(None),
        Ok(Some(parts)) => {
            let text = |range| String::from_utf8_lossy(&bytes[range]).into_owned();
            let front_matter = match parts.front_matter {
                FrontMatter::Text { syntax, range } => {
                    let name = match syntax {
                        Syntax::Json if dialect.languages => "json:",
                        _ => "",
                    };
                    format!("{name}{}", text(range))
                }
                FrontMatter::Foreign { language } => format!("foreign:{}", text(language)),
            };
            Ok(Some((front_matter, text(parts.body))))
        }
        Err((_, refusal)) => Err(refusal),
    }
}

fn found(front: &str, body: &str) -> Result<Option<(String, String)>, Refusal> {
    Ok(Some((front.to_owned(), body.to_owned())))
}

#[test]
fn front_matter_is_found_as_the_generators_find_it() {
    for (text, dialect, expected) in [
        ("---\na: 1\n---\nB\n", JEKYLL, found("a: 1\n", "B\n")),
        (
            "\u{feff}---\r\na: 1\r\n---\r\nB",
            JEKYLL,
            found("a: 1\r\n", "B"),
        ),
        ("---  \na: 1\n---\t\nB", JEKYLL, found("a: 1\n", "B")),
        ("---\na: 1\n---", JEKYLL, found("a: 1\n", "")),
        ("---\n---\n", JEKYLL, found("", "")),
        ("---\na: 1\n...\nB", JEKYLL, found("a: 1\n", "B")),
        (
            "---\na: 1\n...\nB\n---\n",
            HUGO,
            found("a: 1\n...\nB\n", ""),
        ),
        ("---\na: 1\n", JEKYLL, Ok(None)),
        ("--- # c\na: 1\n---\n", JEKYLL, Ok(None)),
        ("\n---\na: 1\n---\n", JEKYLL, Ok(None)),
        ("", JEKYLL, Ok(None)),
        (
            "---\na: |\n ---\n---\nB",
            JEKYLL,
            found("a: |\n ---\n", "B"),
        ),
        (
            "---\n---- x\n---\n",
            JEKYLL,
            Err(Refusal::AmbiguousDelimiter),
        ),
        ("---\na: x ---\n---\n", JEKYLL, found("a: x ---\n", "")),
        ("---\na: x ---\n---\n", ZOLA, Err(Refusal::AmbiguousLineEnd)),
        (
            "---\na: 1\rb\n---\n",
            JEKYLL,
            Err(Refusal::LoneCarriageReturn),
        ),
        ("+++\na = 1\n+++\nB", HUGO, found("a = 1\n", "B")),
        ("\n \n+++\na = 1\n+++\nB", ZOLA, found("a = 1\n", "B")),
        (
            "+++\na = 'C+++\n+++\nB",
            ZOLA,
            Err(Refusal::AmbiguousLineEnd),
        ),
        ("+++\na = 1\n+++\nB", JEKYLL, Ok(None)),
        (
            "{\"a\": \"}\\\"\"}\nB",
            HUGO,
            found("{\"a\": \"}\\\"\"}", "\nB"),
        ),
        ("{\"a\": 1", HUGO, Ok(None)),
    ] {
        assert_eq!(parts(text, &dialect), expected, "{text:?}");
    }
}

/// Expected: how `gray-matter` 4 splits them.
#[test]
fn a_language_may_follow_the_first_delimiter() {
    for (text, expected) in [
        (
            "---json\n{ \"a\": 1 }\n---\nB",
            found("json:{ \"a\": 1 }\n", "B"),
        ),
        ("--- json \r\n{}\r\n---\r\nB", found("json:{}\r\n", "B")),
        ("---yaml\na: 1\n---\nB", found("a: 1\n", "B")),
        ("---yml\na: 1\n---\nB", found("a: 1\n", "B")),
        ("---js\n{ a: 1 }\n---\nB", found("foreign:js", "B")),
        ("---toml\na = 1\n---\nB", found("foreign:toml", "B")),
        ("---json\n{}\n", Ok(None)),
        ("----\na: 1\n---\n", Ok(None)),
        ("--- # c\na: 1\n---\n", Ok(None)),
        (
            "---json\n{}\n--- x\n---\n",
            Err(Refusal::AmbiguousDelimiter),
        ),
    ] {
        assert_eq!(parts(text, &ELEVENTY), expected, "{text:?}");
    }
    assert_eq!(parts("---json\n{}\n---\nB", &JEKYLL), Ok(None));
}

#[test]
fn a_template_is_no_json_without_a_generator() {
    for text in ["{% extends x %}\n", "{{ a }}\n", "{# c #}\n", "{{< x >}}"] {
        assert_eq!(parts(text, &NONE), Ok(None), "{text:?}");
    }
    for text in ["{\"a\": 1}", "{}", "{ \"a\": 1 }", "{\n}"] {
        assert_eq!(parts(text, &NONE), found(text, ""), "{text:?}");
    }
}

#[test]
fn encoding_and_length_are_checked_in_the_front_matter_only() {
    let latin1 = b"---\na: \xe9\n---\nB";
    assert_eq!(split(latin1, &JEKYLL).err(), Some((7, Refusal::NotUtf8)));
    assert!(split(b"---\na: 1\n---\n\xe9", &JEKYLL).is_ok());
    let long = format!("---\n{}---\n", "a: 1\n".repeat(300));
    assert_eq!(
        split(long.as_bytes(), &JEKYLL)
            .err()
            .map(|(_, refusal)| refusal),
        Some(Refusal::TooLong { limit: 1000 })
    );
}

#[test]
fn front_matter_in_utf16_is_refused() {
    let text = "---\r\ntitle: \u{e9}t\u{e9}\r\n---\r\n";
    for start in ["\u{feff}", ""] {
        let units = |text: &str| -> Vec<u16> { format!("{start}{text}").encode_utf16().collect() };
        for encode in [u16::to_le_bytes, u16::to_be_bytes] {
            let page: Vec<u8> = units(text).into_iter().flat_map(encode).collect();
            assert_eq!(split(&page, &JEKYLL).err(), Some((0, Refusal::Utf16)));
            // Without front matter it is not an article, whatever its encoding.
            let page: Vec<u8> = units("<p>").into_iter().flat_map(encode).collect();
            assert!(matches!(split(&page, &JEKYLL), Ok(None)));
        }
    }
    for bytes in [
        &b""[..],
        b"\0",
        b"\xff\xfe",
        b"\xff\xfe-",
        b"---\n\0\n---\n",
    ] {
        assert!(split(bytes, &JEKYLL).is_ok(), "{bytes:?}");
    }
}
