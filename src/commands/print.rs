//! Prints what a command reports: in the format that was asked for, to a file or to the streams.

use std::io::{self, IsTerminal, Write};

use anyhow::Result;

use planche::internal::project::Site;
use planche::internal::report::{Format, Localized, Outcome, Report, Sources, Styling, Terminal};

use super::output::{Output, command, language};
use super::output_file::OutputFile;
use crate::cli::{FormatArg, ReportArgs, When};

/// Whether to color text on standard error: by default only on a terminal, and not if the user
/// objects (no-color.org).
pub fn styling(when: When) -> Styling {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_wanted = match when {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            !set("NO_COLOR")
                && io::stderr().is_terminal()
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    };
    if is_wanted {
        Styling::Ansi
    } else {
        Styling::Plain
    }
}

/// How text for people is printed.
pub fn terminal(args: &ReportArgs) -> Terminal {
    let (_, columns) = console::Term::stderr().size_checked().unzip();
    Terminal {
        styling: styling(args.terminal.color),
        is_quiet: args.quiet,
        shows_all: args.all,
        width: columns.map(usize::from),
        language: language(),
        command: command(),
    }
}

/// The format for programs, if one was asked for.
fn format(arg: FormatArg) -> Option<Localized> {
    let format = match arg {
        FormatArg::Human => return None,
        FormatArg::Concise => Format::Concise,
        FormatArg::Json => Format::Json,
        FormatArg::Github => Format::Github,
        FormatArg::Gitlab => Format::Gitlab,
        FormatArg::Sarif => Format::Sarif,
        FormatArg::Junit => Format::Junit,
        FormatArg::Markdown => Format::Markdown,
    };
    Some(Localized {
        format,
        language: language(),
    })
}

impl ReportArgs {
    /// The file that gets the report.
    pub fn file(&self) -> Option<OutputFile<'_>> {
        self.report.as_deref().map(|path| OutputFile {
            what: "the report",
            path,
        })
    }
}

/// Prints what a command reports.
pub fn print(outcome: &dyn Outcome, args: &ReportArgs, site: &Site) -> Result<()> {
    print_from(outcome, args, &Sources::of(site))
}

/// Prints what a command reports about files of `sources`.
pub fn print_from(outcome: &dyn Outcome, args: &ReportArgs, sources: &Sources<'_>) -> Result<()> {
    let mut out = Output::data(io::stdout().lock());
    let mut err = Output::notes(io::stderr().lock());
    let for_people = Person {
        terminal: terminal(args),
        colors_data: args.terminal.color == When::Always || io::stdout().is_terminal(),
        wraps_data: io::stdout().is_terminal(),
    };
    match (format(args.format), args.file()) {
        (None, None) => for_people.report(outcome, sources, &mut out, &mut err)?,
        (Some(format), None) => format.report(outcome, sources, &mut out, &mut err)?,
        (format, Some(path)) => {
            let mut file = Vec::new();
            match format {
                Some(format) => format.report(outcome, sources, &mut file, &mut err)?,
                None => {
                    let plain = Terminal {
                        shows_all: args.all,
                        language: language(),
                        command: command(),
                        ..Terminal::default()
                    };
                    let (mut data, mut text) = (Vec::new(), Vec::new());
                    plain.report(outcome, sources, &mut data, &mut text)?;
                    file = [text, data].concat();
                }
            }
            path.write(&file)?;
            for_people.report(outcome, sources, &mut out, &mut err)?;
        }
    }
    out.flush()?;
    Ok(())
}

/// Text for a person: what goes to standard output has colors, and is wrapped, only on a terminal, so
/// that a diff in a file can be applied and a program can read a list of paths.
struct Person {
    terminal: Terminal,
    colors_data: bool,
    wraps_data: bool,
}

impl Report for Person {
    fn report(
        &self,
        outcome: &dyn Outcome,
        sources: &Sources<'_>,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> io::Result<()> {
        let data = Terminal {
            styling: match self.colors_data {
                true => self.terminal.styling,
                false => Styling::Plain,
            },
            width: self.terminal.width.filter(|_| self.wraps_data),
            ..self.terminal
        };
        self.terminal.report_with(data, outcome, sources, out, err)
    }
}
