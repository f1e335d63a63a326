//! Prints a command's outcome in the requested format, to a file or to the standard streams.

use std::io::{self, IsTerminal, Write};

use anyhow::Result;
use serde::Serialize;

use planche::internal::printable::json;
use planche::internal::project::Site;
use planche::internal::report::{
    Format, Localized, Outcome, Report, Sources, Styling, Terminal, translate_findings,
};

use super::output::{Output, command, language};
use super::output_file::OutputFile;
use crate::cli::{FormatArg, ReportArgs, When};

/// Returns whether to color text on standard error: by default, if it is a terminal and `NO_COLOR`
/// is not set (no-color.org).
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

/// Returns the settings for single lines of text for people, which are not wrapped.
pub fn lines(color: When) -> Terminal {
    Terminal {
        styling: styling(color),
        language: language(),
        ..Terminal::default()
    }
}

/// Returns the settings for reports for people.
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

/// Returns the format for programs; `None` for the report for people.
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
    /// Returns the file that `--report` names.
    pub fn file(&self) -> Option<OutputFile<'_>> {
        self.report.as_deref().map(|path| OutputFile {
            what: "the report",
            path,
        })
    }
}

/// Prints an object as JSON, with the texts of its `findings` in the reader's language.
pub fn print_json(object: &impl Serialize) -> Result<()> {
    let mut out = Output::data(io::stdout().lock());
    let mut object = serde_json::to_value(object)?;
    translate_findings(&mut object, language());
    writeln!(out, "{}", json(&object)?)?;
    out.flush()?;
    Ok(())
}

/// Prints the outcome of a command on a site.
pub fn print(outcome: &dyn Outcome, args: &ReportArgs, site: &Site) -> Result<()> {
    print_from(outcome, args, &Sources::of(site))
}

/// Prints the outcome of a command whose findings are about files of `sources`.
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

/// The report for people on the standard streams. Data on standard output is colored and wrapped
/// only on a terminal, so that a diff redirected to a file can be applied and programs can read
/// lists of paths.
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
