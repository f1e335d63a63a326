//! The commands. Each one turns its arguments into one library call and prints the result.

mod baseline;
#[cfg(feature = "bench")]
mod bench;
mod build;
mod clean;
mod decode;
pub mod error_text;
mod explain;
mod generate;
mod html;
mod init;
mod installed;
mod jobs;
mod opening;
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
mod write_file;

use anyhow::{Result, anyhow};

use planche::internal::config::MemoryLimit;
use planche::internal::finding::Severity;
use planche::internal::flow::{Options, RunError};
use planche::internal::report::Summary;
use planche::internal::site::LockError;
use planche::internal::variant::Budget;

use crate::cli::{Cli, Command, ThreadsArgs, WorkArgs};
use crate::exit::Exit;
pub use opening::Reported;
use opening::{check_report, open, open_to_report};
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

impl ThreadsArgs {
    /// Applies the number of threads, if it is given.
    fn apply(self, options: &mut Options<'_>) {
        options.threads = self.jobs.map_or(options.threads, usize::from);
    }
}

impl WorkArgs {
    /// Applies the limits that the arguments set. The others stay.
    fn apply(&self, options: &mut Options<'_>) {
        self.threads.apply(options);
        if let Some(budget) = self.budget() {
            options.budget = budget;
        }
    }

    /// Returns the budget that `--max-memory` sets, if it is given.
    fn budget(&self) -> Option<Budget> {
        self.max_memory
            .map(|bytes| Budget::new(MemoryLimit::Bytes(bytes)))
    }
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
        (RunError::Lock(error), _) => Err(locked(error)),
        (error, _) => Err(error.into()),
    }
}

/// Returns the error about a lock that another run did not release in time, with what to do.
fn locked(error: LockError) -> anyhow::Error {
    match error {
        LockError::Held { .. } => anyhow!(
            "{error} – hint: wait until that run ends, or end it if it hangs; then run planche again"
        ),
        error => error.into(),
    }
}
