//! `strip`.

use anyhow::Result;

use planche::pipeline::{self, Act, Options};
use planche::report::Told;

use super::signals::Signals;
use super::{exit_code, failure, open, tell};
use crate::cli::StripArgs;
use crate::exit::Exit;

pub fn strip(args: &StripArgs) -> Result<Exit> {
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
    match pipeline::strip(&site, &options, act) {
        Ok(summary) => {
            let told = if args.dry_run {
                Told::WouldStrip
            } else {
                Told::Stripped
            };
            tell(&summary, told, &args.report)?;
            Ok(exit_code(&summary, args.report.strict, false))
        }
        Err(error) => failure(error, &signals),
    }
}
