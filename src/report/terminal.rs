//! Prints text for people: colors, wrapping, diffs.

use std::io;

use crate::language::Language;
use crate::printable::Printable;

/// Whether text is coloured with escape codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Styling {
    Plain,
    Ansi,
}

/// Settings of text output for people.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    pub styling: Styling,
    /// Whether to print only errors and warnings.
    pub is_quiet: bool,
    /// Whether to print all findings and changes, rather than the most important ones.
    pub shows_all: bool,
    /// Width in columns at which lines are wrapped; `None` for no wrapping.
    pub width: Option<usize>,
    pub language: Language,
    /// The command line as the user gave it, for hints to run it again with another option.
    pub command: Option<&'static str>,
}

impl Default for Terminal {
    /// Plain text in lines of any length.
    fn default() -> Self {
        Terminal {
            styling: Styling::Plain,
            is_quiet: false,
            shows_all: false,
            width: None,
            language: Language::English,
            command: None,
        }
    }
}

impl Terminal {
    /// Returns `text` with an SGR code (ECMA-48, section 8.3.117), such as `31` for red.
    pub fn paint(self, code: &str, text: &str) -> String {
        match self.styling {
            Styling::Plain => text.to_owned(),
            Styling::Ansi => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }

    /// Translates one of planche's English texts into the reader's language, and escapes it for
    /// printing.
    pub fn say(self, english: &str) -> String {
        Printable::new(&self.language.text(english)).to_string()
    }

    /// Writes a diff, colored if styling is on.
    pub fn write_diff(self, diff: &str, out: &mut dyn io::Write) -> io::Result<()> {
        // A carriage return is part of the line.
        for line in diff.split_terminator('\n') {
            let line = Printable::line(line).to_string();
            let painted = match line.as_bytes().first() {
                Some(b'+') => self.paint("32", &line),
                Some(b'-') => self.paint("31", &line),
                Some(b'@') => self.paint("36", &line),
                _ => line,
            };
            writeln!(out, "{painted}")?;
        }
        Ok(())
    }

    /// Writes a paragraph, wrapped to the width of the terminal. Lines after the first are indented
    /// more.
    pub fn write_wrapped(self, text: &str, out: &mut dyn io::Write) -> io::Result<()> {
        let Some(width) = self.width else {
            return writeln!(out, "{text}");
        };
        let indent = text.len() - text.trim_start_matches(' ').len();
        let indent = " ".repeat(indent + 4);
        let options = textwrap::Options::new(width.max(40))
            .subsequent_indent(&indent)
            // Otherwise, the terminal breaks long words itself, without the indentation.
            .break_words(true)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        writeln!(out, "{}", textwrap::fill(text, options))
    }
}
