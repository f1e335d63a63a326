//! How text for people is printed: colors, wrapping, diffs.

use std::io;

use crate::language::Language;
use crate::printable::Printable;

/// Whether text is coloured by escape codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Styling {
    Plain,
    Ansi,
}

/// Lines for a terminal.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    pub styling: Styling,
    /// Whether to print only errors and warnings.
    pub is_quiet: bool,
    /// Whether to print all findings and changes, rather than the most important ones.
    pub shows_all: bool,
    /// Columns, if lines are to be wrapped.
    pub width: Option<usize>,
    pub language: Language,
    /// The command as the user gave it, for advice to run it again with another option.
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
    /// `text` in the style of an SGR code (ECMA-48, section 8.3.117), such as `31` for red.
    pub fn paint(self, code: &str, text: &str) -> String {
        match self.styling {
            Styling::Plain => text.to_owned(),
            Styling::Ansi => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }

    /// An English text of ours in the language of the reader, safe to print.
    pub fn say(self, english: &str) -> String {
        Printable::new(&self.language.text(english)).to_string()
    }

    /// A diff, with colors if there are any.
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

    /// Writes a paragraph, wrapped to the terminal. Lines after the first have a deeper
    /// indentation.
    pub fn write_wrapped(self, text: &str, out: &mut dyn io::Write) -> io::Result<()> {
        let Some(width) = self.width else {
            return writeln!(out, "{text}");
        };
        let indent = text.len() - text.trim_start_matches(' ').len();
        let indent = " ".repeat(indent + 4);
        let options = textwrap::Options::new(width.max(40))
            .subsequent_indent(&indent)
            // Else the terminal breaks them, without the indentation.
            .break_words(true)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        writeln!(out, "{}", textwrap::fill(text, options))
    }
}
