//! `clean`.

use std::io::Write;

use anyhow::Result;

use planche::finding::Code;
use planche::picture::units::ByteSize;
use planche::pipeline::{self, Act, Cleaned, Options};
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
        ..Options::of(&site)
    };
    let act = if args.dry_run {
        Act::ShowOnly
    } else {
        Act::Write
    };
    let cleaned = match pipeline::clean(&site, &options, act) {
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
        note!("{}", sentence(&cleaned, act));
    }
    Ok(if cleaned.has_failed() {
        Exit::Failed
    } else {
        Exit::Done
    })
}

fn sentence(cleaned: &Cleaned, act: Act) -> String {
    let verb = match act {
        Act::Write => "deleted",
        Act::ShowOnly => "would delete",
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
