//! `verify`.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

use planche::internal::finding::Finding;
use planche::internal::flow::{self, DamagedVariant, Options, Verification};
use planche::internal::report::Terminal;
use planche::internal::watch::JsonFinding;

use super::decode::isolated;
use super::output::{Output, note};
use super::print::styling;
use super::signals::Signals;
use super::{failure, open};
use crate::cli::{TextOrJson, VerifyArgs};
use crate::exit::Exit;

pub fn verify(args: &VerifyArgs) -> Result<Exit> {
    let site = open(&args.site)?;
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
    let findings = verification.damaged.iter().map(DamagedVariant::finding);
    let findings: Vec<Finding> = findings.collect();
    match args.format {
        TextOrJson::Human => {
            let terminal = Terminal {
                styling: styling(args.terminal.color),
                ..Terminal::default()
            };
            for finding in &findings {
                note!("{}", terminal.finding(finding));
            }
            if !args.quiet {
                note!("{}", sentence(&verification));
            }
        }
        TextOrJson::Json => {
            let report = JsonVerification {
                schema: 1,
                by_digest: verification.by_digest,
                by_decoding: verification.by_decoding,
                damaged: findings.len(),
                findings: findings.iter().cloned().map(JsonFinding).collect(),
            };
            let mut out = Output::data(std::io::stdout().lock());
            serde_json::to_writer(&mut out, &report)?;
            writeln!(out)?;
            out.flush()?;
        }
    }
    Ok(if findings.is_empty() {
        Exit::Done
    } else {
        Exit::Findings
    })
}

/// The report of a run as JSON.
#[derive(Serialize)]
struct JsonVerification {
    schema: u8,
    /// Variants with the recorded digest.
    by_digest: usize,
    /// Variants without a recorded digest that can be decoded.
    by_decoding: usize,
    damaged: usize,
    findings: Vec<JsonFinding>,
}

fn sentence(verification: &Verification) -> String {
    let Verification {
        by_digest,
        by_decoding,
        damaged,
    } = verification;
    let all = by_digest + by_decoding + damaged.len();
    let noun = if all == 1 { "variant" } else { "variants" };
    format!(
        "{all} {noun}: {by_digest} with the recorded digest, {by_decoding} decoded, {} damaged",
        damaged.len()
    )
}
