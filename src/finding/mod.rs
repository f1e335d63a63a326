//! Findings: errors, warnings and notices, each with a position and a hint.
//!
//! Stages return findings as values. A finding about a file of the site has a byte offset; the
//! report converts offsets to lines and columns once, from the text then on disk, and prints the
//! findings or lists them as JSON.

mod code;
mod page;
mod position;
mod suggest;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::printable::{Printable, without_error_numbers};

pub use code::Code;
pub use page::documentation;
pub use position::{OffsetMap, Position, PositionIndex, positions};
pub use suggest::nearest;

/// How much a finding matters to the exit code.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something was not done: exit code 1 (2 for configuration).
    Error,
    /// Something is probably not what its author meant: exit code 1 under `--strict`.
    Warning,
    /// Worth knowing; never changes the exit code.
    Notice,
}

impl Severity {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Location {
    /// A byte offset in the text that was read. The report turns it into a position.
    Offset(usize),
    /// A line and column. Settings have it from the start: they are read once, some from outside
    /// the site, and nothing edits them.
    Position(Position),
}

/// A second place that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Related {
    pub relation: Relation,
    /// Path from the site's root, `/`-separated.
    pub file: String,
    pub location: Location,
}

/// What the second place is to the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Relation {
    /// The first reference to the upload that the finding is about.
    Reference,
    /// The other of two places that disagree.
    Conflict,
}

/// One thing found: what, where, why, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Finding {
    /// Path from the site's root, `/`-separated; `None` if the finding is about the run.
    pub file: Option<String>,
    pub location: Option<Location>,
    pub code: Code,
    pub message: String,
    pub related: Option<Related>,
    pub hint: Option<String>,
    /// That of the code, unless the configuration says otherwise.
    pub severity: Severity,
}

impl Finding {
    /// A finding with the usual hint of its code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Finding {
            file: None,
            location: None,
            code,
            message: without_error_numbers(&message.into()).into_owned(),
            related: None,
            hint: code.hint().map(str::to_owned),
            severity: code.severity(),
        }
    }

    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// At a known line and column.
    #[must_use]
    pub fn at(mut self, position: impl Into<Option<Position>>) -> Self {
        self.location = position.into().map(Location::Position);
        self
    }

    /// At a byte of the file as it was read.
    #[must_use]
    pub fn at_offset(mut self, offset: impl Into<Option<usize>>) -> Self {
        self.location = offset.into().map(Location::Offset);
        self
    }

    /// With a second place, a byte of `file` as it was read.
    #[must_use]
    pub fn related(mut self, relation: Relation, file: impl Into<String>, offset: usize) -> Self {
        self.add_related(relation, file, offset);
        self
    }

    /// Adds a second place, a byte of `file` as it was read.
    pub fn add_related(&mut self, relation: Relation, file: impl Into<String>, offset: usize) {
        self.related = Some(Related {
            relation,
            file: file.into(),
            location: Location::Offset(offset),
        });
    }

    /// With a better hint than the usual one of its code.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The line and column; none before the report has found them.
    pub fn position(&self) -> Option<Position> {
        self.location.and_then(Location::position)
    }

    /// `FILE:LINE:COLUMN`, as far as it is known.
    pub fn place(&self) -> Option<String> {
        let file = self.file.as_deref()?;
        Some(match self.position() {
            Some(Position { line, column }) => format!("{file}:{line}:{column}"),
            None => file.to_owned(),
        })
    }

    /// What stays the same while lines move: code, file and message.
    pub fn identity(&self) -> String {
        let file = self.file.as_deref().unwrap_or_default();
        format!("{}\0{file}\0{}", self.code, self.message)
    }

    /// The same finding with its texts in a language; the second place becomes a part of the
    /// message.
    #[must_use]
    pub fn in_language(mut self, language: Language) -> Self {
        self.message = language.text(&self.full_message()).into_owned();
        self.related = None;
        self.hint = self.hint.map(|hint| language.text(&hint).into_owned());
        self
    }

    /// The message, with the second place if there is one.
    pub fn full_message(&self) -> String {
        let Some(Related {
            relation,
            file,
            location,
        }) = &self.related
        else {
            return self.message.clone();
        };
        let relation = match relation {
            Relation::Reference => "referenced at",
            Relation::Conflict => "the other place is",
        };
        let place = match location.position() {
            Some(Position { line, column }) => format!("{file}:{line}:{column}"),
            None => file.clone(),
        };
        format!("{} ({relation} {place})", self.message)
    }
}

impl Location {
    /// The line and column, or `None` for an offset.
    pub fn position(self) -> Option<Position> {
        match self {
            Location::Offset(_) => None,
            Location::Position(position) => Some(position),
        }
    }
}

impl fmt::Display for Finding {
    /// `FILE:LINE:COLUMN: message – hint: what to do`, without the parts that are missing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}", Printable::new(file))?;
            if let Some(Position { line, column }) = self.position() {
                write!(f, ":{line}:{column}")?;
            }
            f.write_str(": ")?;
        }
        write!(f, "{}", Printable::new(&self.full_message()))?;
        if let Some(hint) = &self.hint {
            write!(f, " – hint: {}", Printable::new(hint))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_for_any_names() {
        let finding = Finding::new(Code::MissingUpload, "missing upload `/a\u{1b}[2J.png`")
            .in_file("new\nline.md")
            .at(Position { line: 3, column: 7 })
            .hint("none");
        assert_eq!(
            finding.to_string(),
            "new\\nline.md:3:7: missing upload `/a\\u{1b}[2J.png` – hint: none"
        );
    }

    #[test]
    fn a_second_place_follows_the_message() {
        let mut finding = Finding::new(Code::UndecodableUpload, "damaged")
            .in_file("x.jpg")
            .related(Relation::Reference, "a.md", 40)
            .hint("none");
        assert_eq!(
            finding.to_string(),
            "x.jpg: damaged (referenced at a.md) – hint: none"
        );
        if let Some(related) = &mut finding.related {
            related.location = Location::Position(Position { line: 3, column: 7 });
        }
        assert_eq!(
            finding.to_string(),
            "x.jpg: damaged (referenced at a.md:3:7) – hint: none"
        );
    }
}
