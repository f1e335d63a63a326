//! Explains syntax errors in words that authors know: the message of a parser goes in, an
//! explanation comes out.
//!
//! The parsers describe what they expected, in terms of their own states. The explanations are for
//! the most frequent mistakes; the position of an error, which is always known, shows the rest.

/// Explanation if no other one fits.
const OTHERWISE: &str = "the syntax is wrong here";

const QUOTES: &str = "a text that starts with this character needs quotes";
const INDENTATION: &str = "the indentation is wrong";
const TAB: &str = "a tab is not allowed here: indent with spaces";
const SPACE: &str = "a space is missing";
const ESCAPE: &str = "the character after a backslash is not known";
const VALUE: &str = "a value is missing";
const TEXT: &str = "a text is not closed, or contains what it must not";
const CONTROL: &str = "a control character is not allowed";
const NUMBER: &str = "a number is wrong";
const END: &str = "the text ends too early";
const BRACKET: &str = "a bracket or a brace is not closed";
const LIST: &str = "a `,` or `]` is missing";
const MAPPING: &str = "a `,` or `}` is missing";

/// Parts of the messages of `granit-parser` and libyaml, with their explanations. The first part
/// that a message contains decides.
const YAML: &[(&str, &str)] = &[
    ("unclosed quote", "unclosed quote"),
    ("unclosed bracket", BRACKET),
    (
        "mismatched bracket",
        "a bracket or a brace is closed by one of another kind",
    ),
    (
        "misplaced bracket",
        "a bracket or a brace is in the wrong place",
    ),
    ("trailing content", "a text goes on after its closing quote"),
    ("cannot start any token", QUOTES),
    ("character: `\\u{", CONTROL),
    ("unexpected character", QUOTES),
    ("tab character", TAB),
    ("a tab", TAB),
    ("tab cannot", TAB),
    ("tabs disallowed", TAB),
    ("indentation", INDENTATION),
    ("wrongly indented", INDENTATION),
    (
        "mapping values are not allowed",
        "`: ` is not allowed here: a text that contains it needs quotes",
    ),
    ("mapping keys are not allowed", "a key is not allowed here"),
    (
        "sequence entries are not allowed",
        "a list item is not allowed here",
    ),
    ("simple key", "a `:` is missing after a key"),
    ("expected ':'", "a `:` is missing after a key"),
    (
        "expected key",
        "a key is missing, or the indentation is wrong",
    ),
    (
        "expected '-'",
        "a `-` is missing, or the indentation is wrong",
    ),
    ("',' or ']'", LIST),
    ("',' or '}'", MAPPING),
    ("node content", VALUE),
    (
        "unknown anchor",
        "an alias (`*name`) names no anchor (`&name`)",
    ),
    ("multiple documents", "more than one YAML document"),
    ("handle wasn't declared", "a tag (`!name!`) is not defined"),
    ("undefined tag handle", "a tag (`!name!`) is not defined"),
    ("escape", ESCAPE),
    ("hexadecimal number", ESCAPE),
    ("surrogate", ESCAPE),
    (
        "comments must be separated",
        "a space is missing before `#`",
    ),
    ("must be followed by", SPACE),
    ("expected whitespace", SPACE),
    ("control characters", CONTROL),
    ("end of plain scalar", END),
    ("end of stream", END),
    ("unexpected eof", END),
    ("unexpected EOF", END),
];

/// Parts of the messages of `toml_parser`, with their explanations.
const TOML: &[(&str, &str)] = &[
    ("duplicate key", "a key is defined twice"),
    (
        "must be quoted",
        "a value is missing, or a text has no quotes",
    ),
    (
        "invalid boolean",
        "a value is neither `true`, nor `false`, nor in quotes",
    ),
    ("basic string", TEXT),
    ("literal string", TEXT),
    ("quote", "a quote is missing"),
    ("missing comma", "a comma is missing"),
    ("extra comma", "there is a comma too many"),
    ("unclosed", BRACKET),
    ("missing assignment", "a `=` is missing after a key"),
    ("key with no value", "a `=` is missing after a key"),
    ("missing value", VALUE),
    ("extra assignment", "there is a `=` too many"),
    ("extra `=`", "there is a `=` too many"),
    (
        "carriage return",
        "there is a carriage return without a line feed",
    ),
    ("escape", ESCAPE),
    ("unicode", ESCAPE),
    ("number", NUMBER),
    ("sign", NUMBER),
    ("zero", NUMBER),
    ("digits", NUMBER),
    ("radix", NUMBER),
];

/// Parts of the messages of `serde_json` and `jsonc-parser`, with their explanations.
const JSON: &[(&str, &str)] = &[
    ("EOF", END),
    ("expected `:`", "a `:` is missing after a key"),
    ("`,` or `]`", LIST),
    ("`,` or `}`", MAPPING),
    ("expected value", VALUE),
    ("key must be a string", "a key in double quotes is missing"),
    ("trailing comma", "there is a comma too many"),
    ("trailing characters", "the text goes on after its end"),
    ("escape", ESCAPE),
    ("unicode", ESCAPE),
    (
        "control character",
        "a text contains a line break or a control character",
    ),
    ("number", NUMBER),
];

/// Whether a parser refused a text because of its depth.
pub(super) fn is_about_depth(message: &str) -> bool {
    message.contains("recurs")
}

pub fn of_yaml(message: &str) -> &'static str {
    find(YAML, message)
}

pub(super) fn of_toml(message: &str) -> &'static str {
    find(TOML, message)
}

pub fn of_json(message: &str) -> &'static str {
    find(JSON, message)
}

fn find(known: &[(&str, &'static str)], message: &str) -> &'static str {
    let mut known = known.iter();
    let found = known.find(|(part, _)| message.contains(part));
    found.map_or(OTHERWISE, |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use crate::tree::{json, toml, yaml};

    #[test]
    fn faults_of_yaml_have_words() {
        for (text, expected) in [
            ("title: \"T\n", "unclosed quote"),
            ("title: [a, b\n", "a bracket or a brace is not closed"),
            (
                "title: [a}\n",
                "a bracket or a brace is closed by one of another kind",
            ),
            (
                "title: a: b\n",
                "`: ` is not allowed here: a text that contains it needs quotes",
            ),
            (
                "title: @a\n",
                "a text that starts with this character needs quotes",
            ),
            (
                "title: `a`\n",
                "a text that starts with this character needs quotes",
            ),
            ("title: 'a' b\n", "a text goes on after its closing quote"),
            (
                "title: *a\n",
                "an alias (`*name`) names no anchor (`&name`)",
            ),
            (
                "title: \"\\q\"\n",
                "the character after a backslash is not known",
            ),
            (
                "a:\n\tb: c\n",
                "a tab is not allowed here: indent with spaces",
            ),
        ] {
            let error = yaml::parse(text).unwrap_err();
            assert_eq!(
                error.message,
                format!("not valid YAML: {expected}"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_deep_text_is_refused_by_a_limit_in_every_syntax() {
        let brackets = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let indented: String = (0..200).map(|level| " ".repeat(level) + "a:\n").collect();
        for (is_deep, error) in [
            (true, yaml::parse(&format!("a: {}\n", brackets(200))).err()),
            (true, yaml::parse(&indented).err()),
            (true, toml::parse(&format!("a = {}\n", brackets(200))).err()),
            (
                true,
                toml::parse(&format!("a{} = 1\n", ".a".repeat(200))).err(),
            ),
            (true, json::parse(&brackets(100)).err()),
            (true, json::parse(&brackets(200)).err()),
            (false, yaml::parse("a: [\n").err()),
            (false, toml::parse("a = [\n").err()),
            (false, json::parse("[").err()),
        ] {
            let error = error.unwrap();
            assert_eq!(error.is_invalid, !is_deep, "{error}");
            let says_so = error.message == "it is nested deeper than planche reads";
            assert_eq!(says_so, is_deep, "{error}");
        }
    }

    #[test]
    fn faults_of_toml_have_words() {
        for (text, expected) in [
            (
                "title = \"T\n",
                "a text is not closed, or contains what it must not",
            ),
            ("title = \"T\"\ntitle = \"U\"\n", "a key is defined twice"),
            ("title = [1, 2\n", "a bracket or a brace is not closed"),
            (
                "title = [1 2]\n",
                "a value is missing, or a text has no quotes",
            ),
            ("title\n", "a `=` is missing after a key"),
            ("title = \n", "a value is missing, or a text has no quotes"),
            (
                "title = \"\\q\"\n",
                "the character after a backslash is not known",
            ),
        ] {
            let error = toml::parse(text).unwrap_err();
            assert_eq!(
                error.message,
                format!("not valid TOML: {expected}"),
                "{text}"
            );
        }
    }

    #[test]
    fn faults_of_json_have_words() {
        for (text, expected) in [
            ("{\"a\": ", "the text ends too early"),
            ("{\"a\" 1}", "a `:` is missing after a key"),
            ("[1 2]", "a `,` or `]` is missing"),
            ("{\"a\": 1 \"b\": 2}", "a `,` or `}` is missing"),
            ("{\"a\": }", "a value is missing"),
            ("{a: 1}", "a key in double quotes is missing"),
            ("{\"a\": 1,}", "a key in double quotes is missing"),
            ("{} x", "the text goes on after its end"),
            (
                "\"a\nb\"",
                "a text contains a line break or a control character",
            ),
        ] {
            let error = json::parse(text).unwrap_err();
            assert_eq!(
                error.message,
                format!("not valid JSON: {expected}"),
                "{text}"
            );
        }
    }
}
