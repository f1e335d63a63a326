//! The commands. Each one turns its arguments into one library call and prints the result.

#[cfg(feature = "bench")]
mod bench;
mod build;
mod clean;
mod decode;
mod generate;
mod html;
mod init;
mod installed;
pub mod output;
mod progress;
mod signals;
mod strip;
#[cfg(feature = "bench")]
mod timings;
mod verify;
mod watch;

use std::io::{IsTerminal, Write};
use std::path::Path;

use anyhow::{Result, anyhow};
use clap::CommandFactory;

use planche::internal::finding::{Code, Finding, Severity, nearest};
use planche::internal::flow::RunError;
use planche::internal::project::Site;
use planche::internal::report::{Forecast, Json, Report, Styling, Summary, Terminal};

use crate::cli::{Cli, Command, FormatArg, ReportArgs, SiteArgs};
use crate::exit::Exit;
use output::{Output, note};

/// Runs the command.
pub fn run(cli: Cli) -> Result<Exit> {
    match cli.command {
        None => build::build(&cli.build),
        Some(Command::Build(args)) => build::build(&args),
        Some(Command::Check(args)) => build::check(&args),
        Some(Command::Html(args)) => html::html(&args),
        Some(Command::Watch(args)) => watch::watch(&args),
        #[cfg(feature = "bench")]
        Some(Command::Bench(args)) => bench::bench(&args),
        Some(Command::Verify(args)) => verify::verify(&args),
        Some(Command::Strip(args)) => strip::strip(&args),
        Some(Command::Clean(args)) => clean::clean(&args),
        Some(Command::Init(args)) => init::init(&args),
        Some(Command::Schema(args)) => generate::schema(&args),
        Some(Command::Completions(args)) => generate::completions(&args),
        Some(Command::Man(args)) => generate::man(&args),
        Some(Command::Decode) => decode::decode(),
    }
}

fn open(args: &SiteArgs) -> Result<Site> {
    let opened = Site::open(args.site.as_deref(), args.config.as_deref());
    opened.map_err(|error| match args.site.as_deref().and_then(meant_command) {
        Some(hint) => anyhow!("{error} – hint: {hint}"),
        None => error.into(),
    })
}

/// A hint if the name of a folder that does not exist is almost that of a command.
fn meant_command(site: &Path) -> Option<String> {
    let given = site.to_str().filter(|_| !site.exists())?;
    let cli = Cli::command();
    let names: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
    let name = nearest(given, names.iter().copied())?;
    Some(if name == given {
        format!("options follow the command: `planche {name} …`")
    } else {
        format!("did you mean the command `{name}`?")
    })
}

/// Whether to color the output: only on a terminal, and not if the user objects (no-color.org).
fn styling() -> Styling {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if set("NO_COLOR")
        || !std::io::stderr().is_terminal()
        || std::env::var_os("TERM").is_some_and(|term| term == "dumb")
    {
        Styling::Plain
    } else {
        Styling::Ansi
    }
}

/// How findings are printed outside a summary.
fn terminal(is_quiet: bool) -> Terminal {
    Terminal {
        styling: styling(),
        is_quiet,
    }
}

/// Prints a summary in the requested format.
fn print(summary: &Summary, args: &ReportArgs) -> Result<()> {
    let is_terminal = std::io::stdout().is_terminal();
    let mut out = Output::data(std::io::stdout().lock());
    let mut err = Output::notes(std::io::stderr().lock());
    let forecast = summary.forecast.as_ref();
    let has_diff = forecast.is_some_and(Forecast::has_diff);
    let report: &dyn Report = match args.format {
        FormatArg::Human => &Terminal {
            // Without colors, a diff in a file can be applied.
            styling: if has_diff && !is_terminal {
                Styling::Plain
            } else {
                styling()
            },
            is_quiet: args.quiet,
        },
        FormatArg::Json => &Json,
    };
    report.report(summary, &mut out, &mut err)?;
    out.flush()?;
    Ok(())
}

/// The exit code of a run: an invalid configuration or a failed write outweighs a broken upload.
fn exit_code(summary: &Summary, is_strict: bool, would_change: bool) -> Exit {
    let has_errors = summary.count(Severity::Error) > 0;
    let is_failure =
        |finding: &Finding| matches!(finding.code, Code::Configuration | Code::Unwritable);
    let has_failed = summary.findings.iter().any(is_failure);
    let has_warnings = summary.count(Severity::Warning) > 0;
    if has_failed {
        Exit::Failed
    } else if has_errors || would_change || is_strict && has_warnings {
        Exit::Findings
    } else {
        Exit::Done
    }
}

/// The exit code of a run that was interrupted; any other failure is returned.
fn failure(error: RunError, signals: &signals::Signals) -> Result<Exit> {
    match (error, signals.caught()) {
        (RunError::Interrupted, Some(signal)) => {
            note!("{}", signals::INTERRUPTED);
            Ok(Exit::Interrupted { signal })
        }
        (error, _) => Err(error.into()),
    }
}
