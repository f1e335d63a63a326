//! The command `clean`: deletes variants that nothing needs.

use anyhow::Result;

use planche::internal::finding::{Finding, Severity};
use planche::internal::flow::{self, CleanReport, Cleaned, Effect, Options};

use super::decode::isolated;
use super::progress::Waits;
use super::signals::Signals;
use super::{failure, open_to_report, print};
use crate::cli::{CleanArgs, FormatArg, ReportArgs};
use crate::exit::Exit;

pub fn clean(args: &CleanArgs) -> Result<Exit> {
    let effect = Effect::of(args.dry_run);
    let site = open_to_report(&args.site, &args.report, |finding| {
        CleanReport::refused(effect, finding)
    })?;
    let signals = Signals::listen()?;
    let decoder = isolated();
    let waits = Waits {
        is_quiet: args.report.quiet,
    };
    let options = Options {
        stop: &signals.stop,
        progress: &waits,
        decoder: &decoder,
        ..Options::for_site(&site)
    };
    let cleaned = match flow::clean(&site, &options, effect) {
        Ok(cleaned) => cleaned,
        Err(error) => return failure(error, &signals),
    };
    let exit = exit_code(&cleaned, &args.report);
    let is_complete = args.report.strict || args.report.format != FormatArg::Human;
    print(&CleanReport::new(cleaned, is_complete), &args.report, &site)?;
    Ok(exit)
}

fn exit_code(cleaned: &Cleaned, args: &ReportArgs) -> Exit {
    let mut findings = cleaned.findings.iter().chain(&cleaned.own);
    let is_warning = |finding: &Finding| finding.severity() != Severity::Notice;
    if cleaned.refused.is_some() || cleaned.has_failed() {
        Exit::Failed
    } else if args.strict && findings.any(is_warning) {
        Exit::Findings
    } else {
        Exit::Done
    }
}
