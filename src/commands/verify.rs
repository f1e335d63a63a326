//! The command `verify`: checks that variants are present and undamaged.

use anyhow::Result;

use planche::internal::finding::Finding;
use planche::internal::flow::{self, Options, Verification, VerifyReport};
use planche::internal::project::Site;
use planche::internal::report::{DisplayPaths, plural};

use super::decode::isolated;
use super::failure;
use super::opening::refusal;
use super::output::{note, write_line};
use super::print::{lines, print_json};
use super::signals::Signals;
use crate::cli::{TextOrJson, VerifyArgs};
use crate::exit::Exit;

pub fn verify(args: &VerifyArgs) -> Result<Exit> {
    let (folder, config) = (args.site.site.as_deref(), args.site.config.as_deref());
    let site = Site::open(folder, config)
        .map_err(|error| refusal(error, folder, config, args.format, VerifyReport::refused))?;
    let signals = Signals::listen()?;
    let decoder = isolated();
    let mut options = Options {
        stop: &signals.stop,
        decoder: &decoder,
        ..Options::for_site(&site)
    };
    args.threads.apply(&mut options);
    let verification = match flow::verify(&site, &options) {
        Ok(verification) => verification,
        Err(error) => return failure(error, &signals),
    };
    let findings: Vec<Finding> = verification.findings().collect();
    match args.format {
        TextOrJson::Human => {
            let terminal = lines(args.terminal.color);
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

fn sentence(verification: &Verification) -> String {
    let Verification {
        by_digest,
        by_decoding,
        damaged,
        missing,
    } = verification;
    let all = by_digest + by_decoding + damaged.len() + missing.len();
    let variants = plural(all, "variant");
    let matching = if *by_digest == 1 { "matches" } else { "match" };
    format!(
        "verified {variants}: {by_digest} {matching} the recorded digest, {by_decoding} only \
         decoded, {} damaged, {} missing",
        damaged.len(),
        missing.len()
    )
}
