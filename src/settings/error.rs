//! Errors of a settings file, with our messages.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Expected, Unexpected};

use crate::finding::nearest;

/// Why a settings file cannot be read, and the byte offset of the key or value at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Error {
    pub problem: Problem,
    /// `None` until the deserializer has added the offset.
    pub offset: Option<usize>,
}

/// What is wrong with a settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    UnknownKey {
        key: String,
        known: &'static [&'static str],
    },
    UnknownValue {
        value: String,
        known: &'static [&'static str],
    },
    WrongType {
        found: String,
        expected: String,
        hint: Option<&'static str>,
    },
    MissingKey(&'static str),
    DuplicateKey(&'static str),
    /// A value that its type refuses, with the message and the hint of that type.
    Refused {
        message: String,
        hint: Option<String>,
    },
}

/// Stands between the message and the hint in the text of an error, which is all that serde passes
/// on. No text of a settings file contains it: YAML forbids it.
const BEFORE_HINT: char = '\u{1f}';

/// Returns the text of an error with a hint, for the types of settings.
pub fn with_hint(message: &str, hint: &str) -> String {
    format!("{message}{BEFORE_HINT}{hint}")
}

/// Maximum number of characters of a value in a message.
const LONGEST_VALUE: usize = 60;

impl Error {
    /// Adds the offset, unless an inner value has added its own.
    pub fn at(self, offset: usize) -> Self {
        Error {
            offset: self.offset.or(Some(offset)),
            ..self
        }
    }

    /// Returns the error about a key: a name that its type does not know is an unknown key.
    pub fn of_key(self) -> Self {
        let problem = match self.problem {
            Problem::UnknownValue { value, known } => Problem::UnknownKey { key: value, known },
            problem => problem,
        };
        Error { problem, ..self }
    }

    /// Returns what to do about it, if that follows from the error.
    pub fn hint(&self) -> Option<String> {
        match &self.problem {
            Problem::UnknownKey { key, known } => Some(match nearest(key, known.iter().copied()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("the keys here are {}", list(known)),
            }),
            Problem::UnknownValue { value, known } => {
                Some(match nearest(value, known.iter().copied()) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => format!("use {}", alternatives(known)),
                })
            }
            Problem::DuplicateKey(_) => Some("merge the two, or remove one".to_owned()),
            Problem::MissingKey(key) => Some(format!("add `{key}: …`")),
            Problem::WrongType { hint, .. } => hint.map(str::to_owned),
            Problem::Refused { hint, .. } => hint.clone(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::UnknownKey { key, .. } => {
                let key = shortened(key);
                write!(f, "unknown key `{key}`")
            }
            Problem::UnknownValue { value, .. } => {
                let value = shortened(value);
                write!(f, "unknown value `{value}`")
            }
            Problem::WrongType {
                found, expected, ..
            } => {
                write!(f, "expected {expected}, found {found}")
            }
            Problem::MissingKey(key) => write!(f, "missing key `{key}`"),
            Problem::DuplicateKey(key) => write!(f, "the key `{key}` is set twice"),
            Problem::Refused { message, .. } => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let text = message.to_string();
        let (message, hint) = match text.split_once(BEFORE_HINT) {
            Some((message, hint)) => (message.to_owned(), Some(hint.to_owned())),
            None => (text, None),
        };
        Problem::Refused { message, hint }.into()
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = expected.to_string();
        let hint = match found {
            Unexpected::Str(text) if is_meant_as(text, &expected) => Some("remove the quotes"),
            _ => None,
        };
        Problem::WrongType {
            expected: in_words(&expected, found),
            found: describe(found),
            hint,
        }
        .into()
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_variant(value: &str, known: &'static [&'static str]) -> Self {
        let value = value.to_owned();
        Problem::UnknownValue { value, known }.into()
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        let key = key.to_owned();
        Problem::UnknownKey { key, known }.into()
    }

    fn missing_field(key: &'static str) -> Self {
        Problem::MissingKey(key).into()
    }

    fn duplicate_field(key: &'static str) -> Self {
        Problem::DuplicateKey(key).into()
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Error {
            problem,
            offset: None,
        }
    }
}

/// Describes a value in terms of the settings file.
fn describe(value: Unexpected<'_>) -> String {
    match value {
        Unexpected::Bool(value) => format!("`{value}`"),
        Unexpected::Unsigned(value) => format!("`{value}`"),
        Unexpected::Signed(value) => format!("`{value}`"),
        // Rust writes all digits of a large or small number.
        Unexpected::Float(value) if value.abs() >= 1e15 => format!("`{value:e}`"),
        Unexpected::Float(value) if value != 0.0 && value.abs() < 1e-5 => format!("`{value:e}`"),
        Unexpected::Float(value) => format!("`{value}`"),
        Unexpected::Char(value) => format!("`{value}`"),
        Unexpected::Str(value) if is_number(value) => format!("the text `{}`", shortened(value)),
        Unexpected::Str(value) => format!("`{}`", shortened(value)),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a mapping".to_owned(),
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        _ => "another kind of value".to_owned(),
    }
}

/// Returns a value of a settings file for a message: its first line, if that is not too long.
fn shortened(value: &str) -> Cow<'_, str> {
    let line = value.lines().next().unwrap_or_default();
    match line.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => Cow::Owned(format!("{}…", &line[..end])),
        None if line.len() < value.trim_end().len() => Cow::Owned(format!("{line}…")),
        None => Cow::Borrowed(line),
    }
}

/// Whether a quoted text would be a value of the expected type without its quotes.
fn is_meant_as(text: &str, expected: &str) -> bool {
    match expected {
        "a boolean" => matches!(text, "true" | "false"),
        expected => is_number(text) && most(expected).is_some_and(|most| most > 0.0),
    }
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    unsigned.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

/// Returns the largest value of one of Rust's types of numbers.
fn most(number: &str) -> Option<f64> {
    Some(match number {
        "i8" => f64::from(i8::MAX),
        "i16" => f64::from(i16::MAX),
        "i32" => f64::from(i32::MAX),
        "i64" => i64::MAX as f64,
        "u8" => f64::from(u8::MAX),
        "u16" => f64::from(u16::MAX),
        "u32" => f64::from(u32::MAX),
        "u64" | "usize" => u64::MAX as f64,
        "f32" | "f64" => f64::INFINITY,
        _ => return None,
    })
}

/// Describes the expected value without the names of Rust's types. `found` is a value that is not
/// one of them.
fn in_words(expected: &str, found: Unexpected<'_>) -> String {
    let number = match found {
        Unexpected::Unsigned(number) => number as f64,
        Unexpected::Signed(number) => number as f64,
        Unexpected::Float(number) if number.fract() == 0.0 => number,
        _ => 0.0,
    };
    let is_whole = expected.starts_with(['i', 'u']);
    match most(expected) {
        Some(_) if number < 0.0 && expected.starts_with('u') => {
            return "a whole number from 0".to_owned();
        }
        Some(most) if is_whole && number > most => {
            return format!("a whole number up to {most}");
        }
        _ => {}
    }
    let words = match expected {
        "a boolean" => "`true` or `false`",
        "a string" | "a borrowed string" | "a character" => "text",
        "a sequence" | "a tuple" => "a list",
        "a map" | "map" => "a mapping of keys",
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "f32" | "f64" => "a number",
        "unit" => "nothing",
        other if other.starts_with("struct ") => "a mapping of keys",
        other if other.starts_with("enum ") || other.starts_with("variant ") => "text",
        other => other,
    };
    words.to_owned()
}

/// Returns the names in backticks, separated by commas.
fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// Returns the names in backticks, the last after `or`.
fn alternatives(names: &[&str]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} or `{last}`", list(first)),
        names => list(names),
    }
}
