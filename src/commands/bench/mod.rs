//! `bench`: the whole flow on a scratch copy, several times, each run in a process of its own.

mod compare;
mod figures;
mod plot;
mod runs;
mod scratch;
mod table;

use std::io::Write;

use anyhow::Result;

use super::signals::Signals;
use super::timed;
use crate::cli::{BenchArgs, FormatArg};
use crate::exit::Exit;
use compare::Saved;
use figures::Figures;
use runs::Runs;
use scratch::Scratch;

pub fn bench(args: &BenchArgs) -> Result<Exit> {
    let signals = Signals::listen()?;
    // What is wrong with a saved file is told before minutes are spent.
    let saved = args.compare.as_deref().map(Saved::read).transpose()?;
    let Some(figures) = measure(args, &signals)? else {
        let signal = signals.caught().unwrap_or_default();
        eprintln!("planche: interrupted; the copy is removed");
        return Ok(Exit::Interrupted { signal });
    };
    let figures = match &saved {
        Some(saved) => saved.held_against(figures),
        None => figures,
    };
    if let Some(path) = &args.save {
        timed::write(path, &figures.json()?)?;
    }
    if let Some(path) = &args.plot {
        timed::write(path, plot::svg(&figures)?.as_bytes())?;
    }
    let mut out = std::io::stdout().lock();
    match args.format {
        FormatArg::Human => out.write_all(table::text(&figures).as_bytes())?,
        FormatArg::Json => out.write_all(&figures.json()?)?,
    }
    out.flush()?;
    Ok(Exit::Done)
}

/// The figures; none where a signal came.
fn measure(args: &BenchArgs, signals: &Signals) -> Result<Option<Figures>> {
    let Some(scratch) = Scratch::make(args, signals)? else {
        return Ok(None);
    };
    let runs = Runs {
        scratch: &scratch,
        signals,
        runs: usize::from(args.runs),
        threads: args.jobs.map_or_else(figures::processors, usize::from),
    };
    match runs.measure(args.only.map(Into::into)) {
        Ok(figures) => Ok(Some(figures)),
        Err(_) if signals.caught().is_some() => Ok(None),
        Err(error) => Err(error),
    }
}
