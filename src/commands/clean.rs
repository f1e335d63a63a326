//! `clean`.

use std::io::Write;

use anyhow::Result;

use planche::finding::Code;
use planche::flow::{self, Cleaned, Effect, Options};
use planche::picture::units::ByteSize;
use planche::printable::Printable;

use super::output::{Output, note};
use super::signals::Signals;
use super::{failure, open, terminal};
use crate::cli::CleanArgs;
use crate::exit::Exit;

pub fn clean(args: &CleanArgs) -> Result<Exit> {
    let site = open(&args.site)?;
    let signals = Signals::listen()?;
    let options = Options {
        stop: &signals.stop,
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
    let findings = cleaned.findings.iter().filter(|finding| {
        let is_failure = finding.code == Code::Unwritable;
        cleaned.refused.is_some() || is_failure
    });
    for finding in findings {
        note!("{}", terminal(args.quiet).finding(finding));
    }
    if let Some(reason) = cleaned.refused {
        anyhow::bail!("nothing was deleted: {reason}");
    }
    if !args.quiet {
        let mut out = Output::data(std::io::stdout().lock());
        for (path, _) in &cleaned.removed {
            writeln!(out, "{}", Printable::new(path.as_str()))?;
        }
        out.flush()?;
        note!("{}", sentence(&cleaned, effect));
    }
    Ok(if cleaned.has_failed() {
        Exit::Failed
    } else {
        Exit::Done
    })
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
