//! The commands. Each one turns its arguments into one library call and prints the result.

mod baseline;
#[cfg(feature = "bench")]
mod bench;
mod build;
mod clean;
mod decode;
mod explain;
mod generate;
mod html;
mod init;
mod installed;
mod jobs;
pub mod output;
mod output_file;
mod print;
mod progress;
mod report;
pub mod signals;
mod sizes;
mod strip;
#[cfg(feature = "bench")]
mod timings;
mod verify;
mod watch;

use std::path::Path;

use anyhow::{Result, anyhow};
use clap::CommandFactory;

use planche::internal::finding::{Severity, nearest};
use planche::internal::flow::RunError;
use planche::internal::project::{OpenError, Site};
use planche::internal::report::{DisplayPaths, Summary};

use crate::cli::{Cli, Command, ReportArgs, SiteArgs};
use crate::exit::Exit;
use output::note;
use print::{print, terminal};

/// Runs the command that the arguments name.
pub fn run(cli: Cli) -> Result<Exit> {
    match cli.command {
        None => build::build(&cli.build),
        Some(Command::Build(args)) => build::build(&args),
        Some(Command::Check(args)) => build::check(&args),
        Some(Command::Html(args)) => html::html(&args),
        Some(Command::Sizes(args)) => sizes::sizes(&args),
        Some(Command::Watch(args)) => watch::watch(&args),
        Some(Command::Report(args)) => report::report(&args, cli.lang.map(Into::into)),
        #[cfg(feature = "bench")]
        Some(Command::Bench(args)) => bench::bench(&args),
        Some(Command::Verify(args)) => verify::verify(&args),
        Some(Command::Strip(args)) => strip::strip(&args),
        Some(Command::Clean(args)) => clean::clean(&args),
        Some(Command::Plan(args)) => jobs::plan(&args),
        Some(Command::Worker(args)) => jobs::worker(&args),
        Some(Command::Apply(args)) => jobs::apply(&args),
        Some(Command::Init(args)) => init::init(&args),
        Some(Command::Explain(args)) => explain::explain(&args),
        Some(Command::Schema(args)) => generate::schema(&args),
        Some(Command::Completions(args)) => generate::completions(&args, output::language()),
        Some(Command::Man(args)) => generate::man(&args, output::language()),
        Some(Command::Decode) => decode::decode(),
    }
}

fn open(args: &SiteArgs) -> Result<Site> {
    open_at(args.site.as_deref(), args.config.as_deref())
}

/// Opens the site in `folder`, with the configuration in another file if `config` names one.
fn open_at(folder: Option<&Path>, config: Option<&Path>) -> Result<Site> {
    Site::open(folder, config).map_err(|error| match error {
        OpenError::Configuration(finding) => {
            let mut here = folder.map(DisplayPaths::to_folder).unwrap_or_default();
            if let Some(config) = config {
                here = here.keeping(&config.display().to_string());
            }
            OpenError::Configuration(Box::new(here.finding(&finding).into_owned())).into()
        }
        OpenError::ConfigFile { path, source } => anyhow!(
            "cannot read the configuration `{}`: {source} – hint: check the path after `--config`",
            path.display()
        ),
        error => match (folder.and_then(meant_command), error) {
            (Some(hint), error) => anyhow!("{error} – hint: {hint}"),
            (None, OpenError::Folder { path, source }) => anyhow!(
                "cannot open the folder `{}`: {source} – hint: name the folder of a site, or run \
                 planche in it",
                path.display()
            ),
            (None, error) => error.into(),
        },
    })
}

/// Opens the site of a command that reports, and checks the file that `--report` names.
fn open_to_report(args: &SiteArgs, report: &ReportArgs) -> Result<Site> {
    let site = open(args)?;
    check_report(report, [&site])?;
    Ok(site)
}

/// Checks the file that `--report` names, if any.
fn check_report<'s>(report: &ReportArgs, sites: impl IntoIterator<Item = &'s Site>) -> Result<()> {
    report.file().map_or(Ok(()), |file| file.check(sites))
}

/// Returns a hint if the site's folder does not exist and its name resembles that of a command.
fn meant_command(site: &Path) -> Option<String> {
    let given = site.to_str().filter(|_| !site.exists())?;
    let cli = Cli::command();
    let names: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
    let name = nearest(given, names.iter().copied())?;
    Some(format!("did you mean the command `{name}`?"))
}

/// Returns the exit code of a run. A failure, such as an invalid configuration or a failed write,
/// outweighs a broken upload.
fn exit_code(summary: &Summary, is_strict: bool, would_change: bool) -> Exit {
    let has_errors = summary.count(Severity::Error) > 0;
    let mut findings = summary.findings.iter();
    let has_failed = findings.any(|finding| finding.code.is_failure());
    let has_warnings = summary.count(Severity::Warning) > 0;
    if has_failed {
        Exit::Failed
    } else if has_errors || would_change || is_strict && has_warnings {
        Exit::Findings
    } else {
        Exit::Done
    }
}

/// Returns the exit code of an interrupted run; passes any other error on.
fn failure(error: RunError, signals: &signals::Signals) -> Result<Exit> {
    match (error, signals.caught()) {
        (RunError::Interrupted, Some(signal)) => {
            note!("{}", signals::INTERRUPTED);
            Ok(Exit::Interrupted { signal })
        }
        (error, _) => Err(error.into()),
    }
}
