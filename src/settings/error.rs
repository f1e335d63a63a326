//! Errors of a settings file, with our messages.

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
    },
    MissingKey(&'static str),
    DuplicateKey(&'static str),
    /// A value that its type refuses, with the message of that type.
    Refused(String),
}

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
            Problem::WrongType { .. } | Problem::Refused(_) => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::UnknownKey { key, .. } => write!(f, "unknown key `{key}`"),
            Problem::UnknownValue { value, .. } => write!(f, "unknown value `{value}`"),
            Problem::WrongType { found, expected } => {
                write!(f, "expected {expected}, found {found}")
            }
            Problem::MissingKey(key) => write!(f, "missing key `{key}`"),
            Problem::DuplicateKey(key) => write!(f, "the key `{key}` is set twice"),
            Problem::Refused(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Problem::Refused(message.to_string()).into()
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let (found, expected) = (describe(found), in_words(&expected.to_string()));
        Problem::WrongType { found, expected }.into()
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
        Unexpected::Float(value) => format!("`{value}`"),
        Unexpected::Char(value) => format!("`{value}`"),
        Unexpected::Str(value) => format!("`{value}`"),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a mapping".to_owned(),
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        _ => "another kind of value".to_owned(),
    }
}

/// Describes the expected value without the names of Rust's types.
fn in_words(expected: &str) -> String {
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
