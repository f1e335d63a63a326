//! Standard output and standard error, which may be full or closed at any time.
//!
//! A reader that goes away, as `head` does, changes neither the work nor the exit code. If standard
//! output cannot be written for another reason, that is an error; if standard error cannot, there
//! is nowhere to report it.

use std::ffi::{OsStr, OsString};
use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;

use planche::Language;
use planche::internal::printable::Printable;

/// Prints a line to standard error, if it can be written, in the language of the reader.
macro_rules! note {
    ($($part:tt)*) => {
        $crate::commands::output::write_note(format_args!($($part)*))
    };
}
pub(crate) use note;

/// The language of the process, which the arguments and the environment decide.
static LANGUAGE: OnceLock<Language> = OnceLock::new();

/// Sets the language, before anything is printed.
pub fn set_language(language: Language) {
    // It is set once, by `main`.
    let _ = LANGUAGE.set(language);
}

pub fn language() -> Language {
    LANGUAGE.get().copied().unwrap_or_default()
}

/// The command as the user gave it.
static COMMAND: OnceLock<String> = OnceLock::new();

/// Sets the command, for advice to run it again. Options can be appended to it, unless an argument
/// `--` ends them.
pub fn set_command(arguments: &[OsString]) {
    if arguments.iter().any(|argument| argument == "--") {
        return;
    }
    let arguments = arguments.iter().skip(1).map(|argument| quoted(argument));
    let words: Vec<String> = std::iter::once("planche".to_owned())
        .chain(arguments)
        .collect();
    // It is set once, by `main`.
    let _ = COMMAND.set(words.join(" "));
}

pub fn command() -> Option<&'static str> {
    COMMAND.get().map(String::as_str)
}

/// An argument as a shell reads it.
fn quoted(argument: &OsStr) -> String {
    let argument = argument.to_string_lossy();
    let is_plain =
        |character: char| character.is_alphanumeric() || "/._-=,:@%+".contains(character);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return argument.into_owned();
    }
    format!("'{}'", argument.replace('\'', "'\\''"))
}

/// Prints an English line in the language of the reader.
pub fn write_note(line: Arguments<'_>) {
    write_line(&language().text(&line.to_string()));
}

/// Prints a line that is already in the language of the reader.
pub fn write_line(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Prints an error of the program as clap prints those of its arguments; the hint has a line of its
/// own.
pub fn write_error(message: &str) {
    let language = language();
    let message = language.text(message);
    let (message, hint) = match message.split_once(&*language.text(" – hint: ")) {
        Some((message, hint)) => (message, Some(hint)),
        None => (&*message, None),
    };
    let label = language.text("error:");
    write_line(&format!("{label} {}", Printable::new(message)));
    if let Some(hint) = hint {
        let label = language.text("hint:");
        write_line(&format!("  {label} {}", Printable::new(hint)));
    }
}

/// Which errors of a stream are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ignored {
    /// That the reader has closed it.
    Closed,
    All,
}

/// A stream that accepts everything once its reader is gone.
#[derive(Debug)]
pub struct Output<W> {
    stream: W,
    ignored: Ignored,
    is_gone: bool,
}

impl<W: Write> Output<W> {
    /// Standard output: whatever a program is to read.
    pub fn data(stream: W) -> Self {
        Output {
            stream,
            ignored: Ignored::Closed,
            is_gone: false,
        }
    }

    /// Standard error: whatever a person is to read.
    pub fn notes(stream: W) -> Self {
        Output {
            stream,
            ignored: Ignored::All,
            is_gone: false,
        }
    }

    fn ignore(&mut self, error: io::Error) -> io::Result<()> {
        if self.ignored == Ignored::All || error.kind() == ErrorKind::BrokenPipe {
            self.is_gone = true;
            return Ok(());
        }
        Err(error)
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_gone {
            return Ok(bytes.len());
        }
        match self.stream.write(bytes) {
            Err(error) if error.kind() != ErrorKind::Interrupted => {
                self.ignore(error).map(|()| bytes.len())
            }
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_gone {
            return Ok(());
        }
        self.stream.flush().or_else(|error| self.ignore(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_command_can_be_pasted_into_a_shell() {
        for (argument, expected) in [
            ("--jobs=2", "--jobs=2"),
            ("été/site", "été/site"),
            ("my site", "'my site'"),
            ("l'été", "'l'\\''été'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(OsStr::new(argument)), expected);
        }
    }

    #[test]
    fn a_reader_that_is_gone_is_no_error_and_a_full_disk_is_one_for_data() {
        let closed = || Broken(ErrorKind::BrokenPipe);
        let full = || Broken(ErrorKind::StorageFull);
        let write =
            |output: &mut dyn Write| output.write_all(b"text").and_then(|()| output.flush());
        assert!(write(&mut Output::data(closed())).is_ok());
        assert!(write(&mut Output::notes(closed())).is_ok());
        assert!(write(&mut Output::notes(full())).is_ok());
        let error = write(&mut Output::data(full())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::StorageFull);
    }
}
