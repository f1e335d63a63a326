//! Findings: what is wrong or worth knowing, where, why, and what to try.
//!
//! A finding is a value: stages return them, the report prints them, `--format json` lists them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::printable::Printable;

/// How much a finding weighs on the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something was not done: exit code 1 (2 for configuration).
    Error,
    /// Something is probably not as its author meant it: exit code 1 under `--strict`.
    Warning,
    /// Worth knowing; never changes the exit code.
    Notice,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $severity:ident;)+) => {
        /// The stable name of a kind of finding, as `allow:` and `--format json` use it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl Code {
            pub const ALL: &[Code] = &[$(Code::$variant),+];

            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $name),+ }
            }

            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity),+ }
            }
        }
    };
}

codes! {
    /// `planche.yml`, a preset or a generator's own configuration cannot be used.
    Configuration = "configuration", Error;
    /// A rule that can never match, because an earlier one takes everything it would.
    UnreachableRule = "unreachable-rule", Warning;
    /// A setting names files or a folder, and there are none.
    UnmatchedSetting = "unmatched-setting", Warning;
    /// Neither front matter nor a manifest takes the records.
    NoRecords = "no-records", Warning;
    /// The manifest could not be brought up to date, because another file stands in its place.
    ManifestRefused = "manifest-refused", Error;
    /// The site does not publish the folder of variants under the URL that records name.
    OutputHidden = "output-hidden", Warning;
    /// No template of the site shows a record.
    UnusedRecords = "unused-records", Notice;
    /// The site's generator is not installed here.
    GeneratorMissing = "generator-missing", Notice;
    /// There is nothing to work on.
    NoArticles = "no-articles", Warning;
    /// A page's front matter is begun and never closed: a generator takes it for text.
    UnclosedFrontMatter = "unclosed-front-matter", Warning;
    /// A folder or file could not be read.
    Unreadable = "unreadable", Error;
    /// A file could not be written: the disk is full, or the folder is not writable.
    Unwritable = "unwritable", Error;
    /// An article was left alone, because an edit could have damaged it.
    ArticleRefused = "article-refused", Error;
    /// An article changed while it was being processed; the other edit stands.
    ArticleChanged = "article-changed", Error;
    /// One reference got no record; the rest of the article was edited.
    SkippedReference = "skipped-reference", Warning;
    /// A referenced upload does not exist.
    MissingUpload = "missing-upload", Warning;
    /// A reference leads out of the site's folder.
    OutsideSite = "outside-site", Warning;
    /// An upload is damaged, or no picture at all.
    UndecodableUpload = "undecodable-upload", Error;
    /// An upload is in a format that is not read.
    UnsupportedFormat = "unsupported-format", Error;
    /// An upload exceeds a limit of the configuration.
    OverLimit = "over-limit", Error;
    /// Two uploads with different bytes would have variants of one name.
    NameClash = "name-clash", Error;
    /// An article's focal point is none.
    UnreadableFocus = "unreadable-focus", Warning;
    /// Two uploads have the same bytes, or show the same picture.
    SimilarUploads = "similar-uploads", Notice;
    /// An animated upload is published as it is.
    AnimationKept = "animation-kept", Notice;
    /// Places with different presets share one record.
    PresetConflict = "preset-conflict", Warning;
    /// Jekyll does not render a page that starts with a byte order mark.
    ByteOrderMark = "byte-order-mark", Warning;
    /// A page without front matter has pictures that cannot get a record.
    NoFrontMatter = "no-front-matter", Notice;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place in a text: line and column, both from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

impl Position {
    /// The place of byte `offset` in `text`; bytes that are not UTF-8 count one column each.
    pub fn of(text: &[u8], offset: usize) -> Self {
        LineIndex::new(text).position(offset)
    }
}

/// The starts of a text's lines, for many look-ups in one text.
pub struct LineIndex<'a> {
    text: &'a [u8],
    starts: Vec<usize>,
    /// How many characters begin before each block of [`BLOCK`] bytes: a line may be as long as
    /// its file, and hold a picture every few bytes.
    characters: Vec<usize>,
}

const BLOCK: usize = 1024;

impl<'a> LineIndex<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(
            text.iter()
                .enumerate()
                .filter(|(_, byte)| **byte == b'\n')
                .map(|(at, _)| at + 1),
        );
        let mut characters = Vec::with_capacity(text.len() / BLOCK + 1);
        let mut before = 0;
        for block in text.chunks(BLOCK) {
            characters.push(before);
            before += count_characters(block);
        }
        characters.push(before);
        LineIndex {
            text,
            starts,
            characters,
        }
    }

    /// The line and column of byte `offset`.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let has_bom = start == 0 && self.text[..offset].starts_with("\u{feff}".as_bytes());
        let characters = self.characters_before(offset) - self.characters_before(start);
        Position {
            line: to_u32(line),
            column: to_u32(characters - usize::from(has_bom) + 1),
        }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let block = offset / BLOCK;
        self.characters[block] + count_characters(&self.text[block * BLOCK..offset])
    }
}

/// How many characters begin in these bytes.
fn count_characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xc0) != 0x80).count()
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// How the lines of a text have moved by an edit: from a line on, by so many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves(Vec<(u32, i64)>);

impl Moves {
    /// The lines from `line` of the old text on have moved down by `by`.
    pub fn push(&mut self, line: u32, by: i64) {
        self.0.push((line, by));
    }

    /// Whether every line stays where it is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where a place of the old text is in the new one.
    pub fn apply(&self, position: Position) -> Position {
        let moves = self.0.iter().filter(|(line, _)| *line <= position.line);
        let by: i64 = moves.map(|(_, by)| by).sum();
        let line = (i64::from(position.line) + by).max(1);
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            ..position
        }
    }
}

/// One thing found: what, where, why, and what to try.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Finding {
    /// Path from the site's root, `/`-separated; none for the run as a whole.
    pub file: Option<String>,
    pub position: Option<Position>,
    pub code: Code,
    pub message: String,
    pub hint: Option<String>,
}

impl Finding {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Finding {
            file: None,
            position: None,
            code,
            message: message.into(),
            hint: None,
        }
    }

    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    #[must_use]
    pub fn at(mut self, position: impl Into<Option<Position>>) -> Self {
        self.position = position.into();
        self
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

impl fmt::Display for Finding {
    /// `FILE:LINE:COLUMN: message – hint: what to try`, the parts that are known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}", Printable::new(file))?;
            if let Some(position) = self.position {
                write!(f, ":{}:{}", position.line, position.column)?;
            }
            f.write_str(": ")?;
        }
        write!(f, "{}", Printable::new(&self.message))?;
        if let Some(hint) = &self.hint {
            write!(f, " – hint: {}", Printable::new(hint))?;
        }
        Ok(())
    }
}

/// The known name nearest to `given`, if one is near enough to be what was meant.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(given, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let text = "a\néb\r\nc".as_bytes();
        for (offset, line, column) in [
            (0, 1, 1),
            (1, 1, 2),
            (2, 2, 1),
            (4, 2, 2),
            (7, 3, 1),
            (99, 3, 2),
        ] {
            assert_eq!(
                Position::of(text, offset),
                Position { line, column },
                "{offset}"
            );
        }
        let long = "é".repeat(2 * BLOCK);
        let index = LineIndex::new(long.as_bytes());
        for character in [0, 511, 512, 513, 1500, 2 * BLOCK] {
            let column = to_u32(character + 1);
            assert_eq!(index.position(2 * character), Position { line: 1, column });
        }
        let bom = "\u{feff}---\n".as_bytes();
        assert_eq!(Position::of(bom, 3), Position { line: 1, column: 1 });
    }

    #[test]
    fn places_behind_an_edit_move_with_it() {
        let mut moves = Moves::default();
        moves.push(4, 3);
        moves.push(10, -1);
        let line = |line| moves.apply(Position { line, column: 7 }).line;
        assert_eq!([1, 3, 4, 9, 10].map(line), [1, 3, 7, 12, 12]);
    }

    #[test]
    fn a_finding_is_one_line_whatever_the_names_hold() {
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
    fn the_nearest_name_is_near() {
        let known = ["widths", "sizes", "quality", "effort"];
        assert_eq!(nearest("qualty", known), Some("quality"));
        assert_eq!(nearest("width", known), Some("widths"));
        assert_eq!(nearest("zzz", known), None);
    }
}
