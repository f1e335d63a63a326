//! `clean`.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

use planche::internal::finding::{Code, Finding, Severity};
use planche::internal::flow::{self, Cleaned, Effect, Options};
use planche::internal::picture::units::ByteSize;
use planche::internal::printable::Printable;
use planche::internal::watch::JsonFinding;

use super::decode::isolated;
use super::output::{Output, note};
use super::signals::Signals;
use super::{failure, open, terminal};
use crate::cli::{CleanArgs, FormatArg, ReportArgs};
use crate::exit::Exit;

pub fn clean(args: &CleanArgs) -> Result<Exit> {
    let site = open(&args.site)?;
    let signals = Signals::listen()?;
    let decoder = isolated()?;
    let options = Options {
        stop: &signals.stop,
        decoder: &decoder,
        ..Options::for_site(&site)
    };
    let effect = if args.dry_run {
        Effect::DryRun
    } else {
        Effect::Write
    };
    let cleaned = match flow::clean(&site, &options, effect) {
        Ok(cleaned) => cleaned,
        Err(error) => return failure(error, &signals),
    };
    match args.report.format {
        FormatArg::Human => print(&cleaned, effect, &args.report)?,
        FormatArg::Json => {
            let mut out = Output::data(std::io::stdout().lock());
            serde_json::to_writer(&mut out, &JsonCleaned::new(&cleaned, effect))?;
            writeln!(out)?;
            out.flush()?;
        }
    }
    Ok(exit_code(&cleaned, &args.report))
}

/// The report of a run as JSON.
#[derive(Serialize)]
struct JsonCleaned<'c> {
    schema: u8,
    dry_run: bool,
    /// Why nothing was deleted.
    refused: Option<&'static str>,
    /// The variants that were deleted, or would be.
    variants: Vec<JsonVariant<'c>>,
    findings: Vec<JsonFinding>,
}

#[derive(Serialize)]
struct JsonVariant<'c> {
    path: &'c str,
    bytes: u64,
}

impl<'c> JsonCleaned<'c> {
    fn new(cleaned: &'c Cleaned, effect: Effect) -> Self {
        let variants = cleaned.removed.iter().map(|(path, bytes)| JsonVariant {
            path: path.as_str(),
            bytes: *bytes,
        });
        JsonCleaned {
            schema: 1,
            dry_run: effect == Effect::DryRun,
            refused: cleaned.refused,
            variants: variants.collect(),
            findings: cleaned.findings.iter().cloned().map(JsonFinding).collect(),
        }
    }
}

fn print(cleaned: &Cleaned, effect: Effect, args: &ReportArgs) -> Result<()> {
    // The other findings are those of a build.
    let findings = cleaned.findings.iter().filter(|finding| {
        cleaned.refused.is_some() || args.strict || finding.code == Code::Unwritable
    });
    for finding in findings {
        note!("{}", terminal(args.quiet).finding(finding));
    }
    if let Some(reason) = cleaned.refused {
        note!("planche: nothing was deleted: {reason}");
    } else if !args.quiet {
        let mut out = Output::data(std::io::stdout().lock());
        for (path, _) in &cleaned.removed {
            writeln!(out, "{}", Printable::new(path.as_str()))?;
        }
        out.flush()?;
        note!("{}", sentence(cleaned, effect));
    }
    Ok(())
}

fn exit_code(cleaned: &Cleaned, args: &ReportArgs) -> Exit {
    let is_warning = |finding: &Finding| finding.severity() != Severity::Notice;
    if cleaned.refused.is_some() || cleaned.has_failed() {
        Exit::Failed
    } else if args.strict && cleaned.findings.iter().any(is_warning) {
        Exit::Findings
    } else {
        Exit::Done
    }
}

fn sentence(cleaned: &Cleaned, effect: Effect) -> String {
    let verb = match effect {
        Effect::Write => "deleted",
        Effect::DryRun => "would delete",
    };
    let noun = match cleaned.removed.len() {
        1 => "variant",
        _ => "variants",
    };
    let bytes = cleaned.removed.iter().map(|(_, bytes)| bytes).sum();
    format!(
        "{verb} {} {noun} ({})",
        cleaned.removed.len(),
        ByteSize(bytes)
    )
}
