//! `clean`.

use std::io::Write;

use anyhow::Result;

use planche::picture::units::ByteSize;
use planche::pipeline::{self, Act, Options};
use planche::printable::Printable;

use super::signals::Signals;
use super::{failure, open};
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
    if let Some(reason) = cleaned.refused {
        for finding in &cleaned.findings {
            eprintln!("{finding}");
        }
        anyhow::bail!("nothing was removed: {reason}");
    }
    let mut out = std::io::stdout().lock();
    for (path, _) in &cleaned.removed {
        if !args.quiet {
            writeln!(out, "{}", Printable::new(path.as_str()))?;
        }
    }
    if !args.quiet {
        let bytes = cleaned.removed.iter().map(|(_, bytes)| bytes).sum();
        let verb = if args.dry_run {
            "would remove"
        } else {
            "removed"
        };
        let noun = if cleaned.removed.len() == 1 {
            "variant"
        } else {
            "variants"
        };
        eprintln!(
            "{verb} {} {noun} ({})",
            cleaned.removed.len(),
            ByteSize(bytes)
        );
    }
    Ok(Exit::Done)
}
