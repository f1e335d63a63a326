//! The command `strip`: removes from articles what planche has written into them.

use anyhow::Result;

use planche::internal::flow::{self, Effect, Options};
use planche::internal::report::{RunKind, Summary};

use super::progress::Waits;
use super::signals::Signals;
use super::{exit_code, failure, open_to_report, print};
use crate::cli::StripArgs;
use crate::exit::Exit;

pub fn strip(args: &StripArgs) -> Result<Exit> {
    let effect = Effect::of(args.dry_run);
    let site = open_to_report(&args.site, &args.report, |finding| {
        Summary::refused(RunKind::Strip, effect, finding)
    })?;
    let signals = Signals::listen()?;
    let waits = Waits {
        is_quiet: args.report.quiet,
    };
    let options = Options {
        stop: &signals.stop,
        progress: &waits,
        ..Options::for_site(&site)
    };
    match flow::strip(&site, &options, effect) {
        Ok(summary) => {
            print(&summary, &args.report, &site)?;
            Ok(exit_code(&summary, args.report.strict, false))
        }
        Err(error) => failure(error, &signals),
    }
}
