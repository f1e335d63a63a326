//! The commands `build` (with `--dry-run`) and `check`.

use anyhow::Result;

use planche::internal::flow::{self, Effect, MissingVariants, Options};
use planche::internal::report::{DisplayPaths, Forecast, RunKind, Summary};

use super::baseline;
use super::decode::isolated;
use super::installed::missing_generator;
use super::output::write_line;
use super::progress::Shown;
use super::signals::Signals;
#[cfg(feature = "bench")]
use super::timings::{Recording, check_files};
use super::{exit_code, failure, open_to_report, print, terminal};
use crate::cli::{BuildArgs, CheckArgs, FormatArg};
use crate::exit::Exit;

pub fn build(args: &BuildArgs) -> Result<Exit> {
    #[cfg(feature = "bench")]
    let recording = Recording::start(&args.timings)?;
    let effect = Effect::of(args.dry_run);
    let site = open_to_report(&args.site, &args.report, |finding| {
        Summary::refused(RunKind::Build, effect, finding)
    })?;
    #[cfg(feature = "bench")]
    check_files(&args.timings, &site)?;
    let accepted = baseline::read(&site)?;
    let signals = Signals::listen()?;
    let decoder = isolated();
    signals.end_soon(site.root.gate().clone())?;
    let shown = Shown::of(&args.progress, &args.report, effect);
    let mut options = Options {
        stop: &signals.stop,
        decoder: &decoder,
        repair: args.repair,
        progress: &shown,
        ..Options::for_site(&site)
    };
    args.work.apply(&mut options);
    let result = match effect {
        Effect::DryRun => flow::forecast(&site, &options, MissingVariants::WouldBeWritten)
            .map(|summary| (summary, None)),
        Effect::Write => {
            flow::build_keeping_data(&site, &options).map(|(summary, data)| (summary, Some(data)))
        }
    };
    shown.clear();
    match result {
        Ok((mut summary, _data)) => {
            baseline::apply(accepted.as_ref(), &mut summary);
            let exit = exit_code(&summary, args.report.strict, false);
            #[cfg(feature = "bench")]
            if let Some(recording) = recording {
                recording.finish(&summary)?;
                if args.timings.measured {
                    return Ok(exit);
                }
            }
            print(&summary, &args.report, &site)?;
            // Exiting now lets the system free the memory of the run, which is faster than dropping
            // it.
            exit.now()
        }
        Err(error) => failure(error, &signals),
    }
}

pub fn check(args: &CheckArgs) -> Result<Exit> {
    let site = open_to_report(&args.site, &args.report, |finding| {
        Summary::refused(RunKind::Check, Effect::DryRun, finding)
    })?;
    let signals = Signals::listen()?;
    let decoder = isolated();
    let mut options = Options {
        stop: &signals.stop,
        decoder: &decoder,
        ..Options::for_site(&site)
    };
    args.threads.apply(&mut options);
    let missing = if args.articles {
        MissingVariants::Ignored
    } else {
        MissingVariants::WouldBeWritten
    };
    match flow::forecast(&site, &options, missing) {
        Ok(mut summary) => {
            let forecast = summary.forecast.as_ref();
            let would_change = !forecast.is_none_or(Forecast::is_empty);
            // `check` names the articles that would change; `--dry-run` shows the changes.
            summary.forecast = summary.forecast.map(Forecast::without_diffs);
            // The finding is about this machine, not about the site, so it is shown to people only
            // and does not affect the exit code.
            let is_read = args.report.format == FormatArg::Human && !args.report.quiet;
            if is_read
                && let Some(finding) = missing_generator(&site)
                && let Some(finding) = site.config.judge(finding)
            {
                let finding = DisplayPaths::to(&site).finding(&finding).into_owned();
                write_line(&terminal(&args.report).finding(&finding));
            }
            summary.kind = RunKind::Check;
            if args.write_baseline {
                baseline::write(&site, &summary.findings)?;
            }
            baseline::apply(baseline::read(&site)?.as_ref(), &mut summary);
            print(&summary, &args.report, &site)?;
            Ok(exit_code(&summary, args.report.strict, would_change))
        }
        Err(error) => failure(error, &signals),
    }
}
