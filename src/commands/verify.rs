//! The command `verify`: checks that variants are present and undamaged.

use std::io::Write;

use anyhow::Result;

use planche::internal::finding::Finding;
use planche::internal::flow::{self, Options, Verification, VerifyReport};
use planche::internal::printable::json;
use planche::internal::project::{OpenError, Site};
use planche::internal::report::{DisplayPaths, Terminal, translate_findings};

use super::decode::isolated;
use super::output::{Output, language, note, write_line};
use super::print::styling;
use super::signals::Signals;
use super::{failure, open};
use crate::cli::{TextOrJson, VerifyArgs};
use crate::exit::Exit;

pub fn verify(args: &VerifyArgs) -> Result<Exit> {
    let site = match open(&args.site) {
        Err(error) if args.format == TextOrJson::Json => {
            let (folder, config) = (args.site.site.as_deref(), args.site.config.as_deref());
            let Err(OpenError::Configuration(finding)) = Site::open(folder, config) else {
                return Err(error);
            };
            print_json(&VerifyReport::refused(*finding))?;
            return Ok(Exit::Failed);
        }
        site => site?,
    };
    let signals = Signals::listen()?;
    let decoder = isolated()?;
    let mut options = Options {
        stop: &signals.stop,
        decoder: &decoder,
        ..Options::for_site(&site)
    };
    options.threads = args.jobs.map_or(options.threads, usize::from);
    let verification = match flow::verify(&site, &options) {
        Ok(verification) => verification,
        Err(error) => return failure(error, &signals),
    };
    let findings: Vec<Finding> = verification.findings().collect();
    match args.format {
        TextOrJson::Human => {
            let terminal = Terminal {
                styling: styling(args.terminal.color),
                language: language(),
                ..Terminal::default()
            };
            let here = DisplayPaths::to(&site);
            for finding in &findings {
                write_line(&terminal.finding(&here.finding(finding)));
            }
            if !args.quiet {
                note!("{}", sentence(&verification));
            }
        }
        TextOrJson::Json => {
            print_json(&VerifyReport::new(&verification))?;
        }
    }
    Ok(if findings.is_empty() {
        Exit::Done
    } else {
        Exit::Findings
    })
}

fn print_json(report: &VerifyReport) -> Result<()> {
    let mut out = Output::data(std::io::stdout().lock());
    let mut report = serde_json::to_value(report)?;
    translate_findings(&mut report, language());
    writeln!(out, "{}", json(&report)?)?;
    out.flush()?;
    Ok(())
}

fn sentence(verification: &Verification) -> String {
    let Verification {
        by_digest,
        by_decoding,
        damaged,
        missing,
    } = verification;
    let all = by_digest + by_decoding + damaged.len() + missing.len();
    let variants = if all == 1 { "variant" } else { "variants" };
    format!(
        "{all} {variants}: {by_digest} with the recorded digest, {by_decoding} decoded, {} damaged, {} missing",
        damaged.len(),
        missing.len()
    )
}
