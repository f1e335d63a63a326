//! Makes untrusted text safe to print: file names, messages and diffs, for a terminal or a log.
//!
//! A terminal executes control characters, a line break starts a line that a CI system may take for
//! a command, and bidirectional or invisible characters make one name look like another.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

use serde::Serialize;

/// A text that is printed with every control, bidirectional and invisible character escaped, such
/// as `\n` and `\u{202e}`. Everything else is printed unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Printable<'t> {
    text: &'t str,
    layout: Layout,
}

/// Whether characters that lay out a line are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Escape,
    /// Keeps tabs, and a carriage return at the end.
    Keep,
}

impl<'t> Printable<'t> {
    /// Prints a name or a message.
    pub fn new(text: &'t str) -> Self {
        Printable {
            text,
            layout: Layout::Escape,
        }
    }

    /// Prints a line of a file, without its line feed: tabs and a final carriage return are kept,
    /// so that a diff of an ordinary text can still be applied.
    pub fn line(text: &'t str) -> Self {
        Printable {
            text,
            layout: Layout::Keep,
        }
    }
}

impl Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, end) = match self.layout {
            Layout::Keep => match self.text.strip_suffix('\r') {
                Some(text) => (text, "\r"),
                None => (self.text, ""),
            },
            Layout::Escape => (self.text, ""),
        };
        let mut plain = 0;
        for (index, c) in text.char_indices() {
            if !must_be_escaped(c) || c == '\t' && self.layout == Layout::Keep {
                continue;
            }
            f.write_str(&text[plain..index])?;
            for escaped in c.escape_default() {
                f.write_char(escaped)?;
            }
            plain = index + c.len_utf8();
        }
        f.write_str(&text[plain..])?;
        f.write_str(end)
    }
}

/// Serializes a value as JSON in one line. Every control, bidirectional and invisible character in
/// its texts is escaped, such as `\u202e`: programs read the same text, and people who look at the
/// report see it.
///
/// # Errors
///
/// If the value cannot be JSON.
pub fn json(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string(value).map(escaped_json)
}

/// Serializes a value like [`json`], but in indented lines.
///
/// # Errors
///
/// If the value cannot be JSON.
pub fn pretty_json(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string_pretty(value).map(escaped_json)
}

/// Escapes control, bidirectional and invisible characters in JSON (RFC 8259, section 7). Line
/// breaks, the only ones outside strings, are kept.
fn escaped_json(json: String) -> String {
    let is_kept = |c: char| c == '\n' || !must_be_escaped(c);
    if json.chars().all(is_kept) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if is_kept(c) {
            escaped.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            escaped.push_str(&format!("\\u{unit:04x}"));
        }
    }
    escaped
}

/// Removes the error numbers that the standard library adds to messages of the system, such as `
/// (os error 2)`. Names, which are between backticks, stay as they are.
pub fn without_error_numbers(message: &str) -> Cow<'_, str> {
    const START: &str = " (os error ";
    if !message.contains(START) {
        return Cow::Borrowed(message);
    }
    let mut kept = String::with_capacity(message.len());
    for (index, part) in message.split_inclusive('`').enumerate() {
        let mut rest = part;
        let is_name = index % 2 == 1;
        while let Some((before, after)) = rest.split_once(START).filter(|_| !is_name) {
            let number = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-');
            kept.push_str(before);
            match number.strip_prefix(')') {
                Some(behind) => rest = behind,
                None => {
                    kept.push_str(START);
                    rest = after;
                }
            }
        }
        kept.push_str(rest);
    }
    Cow::Owned(kept)
}

/// Whether a character is executed, reorders its neighbours, or is invisible: controls, and the
/// characters that Unicode calls `Default_Ignorable_Code_Point`, `Bidi_Control` and line
/// separators.
pub fn must_be_escaped(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_invisible_characters_are_escaped() {
        for (text, expected) in [
            ("été «x» 日本 🚀.png", "été «x» 日本 🚀.png"),
            ("e\u{1b}]0;PWNED\u{7}.md", "e\\u{1b}]0;PWNED\\u{7}.md"),
            ("a\n::error::b", "a\\n::error::b"),
            ("a\u{9b}31m", "a\\u{9b}31m"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
            ("\u{2066}a\u{2069}", "\\u{2066}a\\u{2069}"),
            ("a\u{200b}b\u{feff}\u{ad}", "a\\u{200b}b\\u{feff}\\u{ad}"),
            ("a\tb\r", "a\\tb\\r"),
            ("", ""),
        ] {
            assert_eq!(Printable::new(text).to_string(), expected);
        }
    }

    #[test]
    fn numbers_of_errors_are_left_out_of_messages_but_not_of_names() {
        let missing = std::io::Error::from_raw_os_error(2).to_string();
        for (message, expected) in [
            (missing.as_str(), "No such file or directory"),
            (
                "`a`: No (os error 13); `b`: x (os error -1)!",
                "`a`: No; `b`: x!",
            ),
            (
                "`a (os error 2).png` is gone (os error 2)",
                "`a (os error 2).png` is gone",
            ),
            (
                "x (os error two) (os error 2",
                "x (os error two) (os error 2",
            ),
            ("nothing", "nothing"),
        ] {
            assert_eq!(without_error_numbers(message), expected);
        }
    }

    #[test]
    fn json_shows_these_characters_and_has_the_same_value() {
        // `\u{e0041}` is the pair D8 40 + DC 41 in UTF-16: 0xe0041 - 0x10000 = 0xd0041, of which
        // the upper ten bits are 0x340, and the lower ones 0x041.
        let text = "é \u{202e}gpj\n\u{7f}\u{9b}\u{e0041}";
        let expected = "\"é \\u202egpj\\n\\u007f\\u009b\\udb40\\udc41\"";
        assert_eq!(json(&text).unwrap(), expected);
        let pretty = pretty_json(&[text]).unwrap();
        assert_eq!(pretty, format!("[\n  {expected}\n]"));
        let read: Vec<String> = serde_json::from_str(&pretty).unwrap();
        assert_eq!(read, [text]);
    }

    #[test]
    fn a_line_of_a_diff_keeps_its_layout() {
        assert_eq!(Printable::line("+\ta\r").to_string(), "+\ta\r");
        assert_eq!(
            Printable::line("+a\rb\u{1b}[8m\r").to_string(),
            "+a\\rb\\u{1b}[8m\r"
        );
    }
}
