//! Writes to standard output and standard error, which may be full or closed at any time.
//!
//! A reader that closes its pipe early, as `head` does, affects neither the work nor the exit code.
//! Any other failure to write to standard output is an error. Failures to write to standard error
//! are ignored, because there is nowhere to report them.

use std::ffi::{OsStr, OsString};
use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::sync::OnceLock;

use planche::Language;
use planche::internal::printable::Printable;

/// Prints a line to standard error in the reader's language. Errors of writing are ignored.
macro_rules! note {
    ($($part:tt)*) => {
        $crate::commands::output::write_note(format_args!($($part)*))
    };
}
pub(crate) use note;

/// The language of all messages of this process, determined by the arguments and the environment.
static LANGUAGE: OnceLock<Language> = OnceLock::new();

/// Sets the language of messages. Must be called before anything is printed.
pub fn set_language(language: Language) {
    // `main` calls this only once.
    let _ = LANGUAGE.set(language);
}

pub fn language() -> Language {
    LANGUAGE.get().copied().unwrap_or_default()
}

/// The command line as the user gave it.
static COMMAND: OnceLock<String> = OnceLock::new();

/// Stores the command line for hints to run it again with more options. It is not stored if it
/// contains the argument `--`, after which no option can be appended.
pub fn set_command(arguments: &[OsString]) {
    if arguments.iter().any(|argument| argument == "--") {
        return;
    }
    let arguments = arguments.iter().skip(1).map(|argument| quoted(argument));
    let words: Vec<String> = std::iter::once("planche".to_owned())
        .chain(arguments)
        .collect();
    // `main` calls this only once.
    let _ = COMMAND.set(words.join(" "));
}

pub fn command() -> Option<&'static str> {
    COMMAND.get().map(String::as_str)
}

/// Quotes an argument for a shell, if necessary.
pub fn quoted(argument: &OsStr) -> String {
    let argument = argument.to_string_lossy();
    let is_plain =
        |character: char| character.is_alphanumeric() || "/._-=,:@%+".contains(character);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return argument.into_owned();
    }
    format!("'{}'", argument.replace('\'', "'\\''"))
}

/// Translates an English line into the reader's language, and prints it to standard error.
pub fn write_note(line: Arguments<'_>) {
    write_line(&language().text(&line.to_string()));
}

/// Prints a line, which is already in the reader's language, to standard error.
pub fn write_line(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Prints data for programs, or a text that was asked for, to standard output.
pub fn print_data(data: &[u8]) -> io::Result<()> {
    let mut out = Output::data(io::stdout().lock());
    out.write_all(data)?;
    out.flush()
}

/// Prints an error in the style of clap's errors about arguments, with the hint on a line of its
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

/// An error of writing to standard output, with what to try.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output: {cause} – hint: {}", hint(cause.kind()))]
struct OutputError {
    // Not the source of this error, as its text contains that of the cause.
    cause: io::Error,
}

fn hint(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "free disk space, or write the output elsewhere"
        }
        _ => "write the output elsewhere",
    }
}

/// The errors of a stream that are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ignored {
    None,
    /// Only the error that the reader has closed the stream.
    Closed,
    All,
}

/// A stream that discards everything after the first ignored error.
#[derive(Debug)]
pub struct Output<W> {
    stream: W,
    ignored: Ignored,
    is_gone: bool,
}

impl<W: Write> Output<W> {
    /// Wraps standard output, which carries data for programs.
    pub fn data(stream: W) -> Self {
        Output {
            stream,
            ignored: Ignored::Closed,
            is_gone: false,
        }
    }

    /// Wraps standard output, to which the answers to requests are written: without a reader, there
    /// is nothing more to do.
    pub fn answers(stream: W) -> Self {
        Output {
            stream,
            ignored: Ignored::None,
            is_gone: false,
        }
    }

    /// Wraps standard error, which carries text for people.
    pub fn notes(stream: W) -> Self {
        Output {
            stream,
            ignored: Ignored::All,
            is_gone: false,
        }
    }

    fn ignore(&mut self, error: io::Error) -> io::Result<()> {
        let is_ignored = match self.ignored {
            Ignored::None => false,
            Ignored::Closed => error.kind() == ErrorKind::BrokenPipe,
            Ignored::All => true,
        };
        if is_ignored {
            self.is_gone = true;
            return Ok(());
        }
        Err(io::Error::new(error.kind(), OutputError { cause: error }))
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
        let error = write(&mut Output::answers(closed())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    }
}
