//! Benchmarks: measures how a run spends its time.
//!
//! A [`Recorder`] turns the `tracing` spans of the stages into [`Timings`] of one run, which can be
//! written as an HTML page or a trace. [`measure`] runs the whole flow several times on a copy of a
//! site, or on a [`Synthetic`] one, and returns [`Figures`]: medians that can be printed, saved,
//! compared and drawn.
//!
//! No other module of the library imports this one: stages emit spans and know nothing else.

mod compare;
mod figures;
mod measured;
mod medians;
mod plot;
mod runs;
mod scratch;
mod stage;
mod synthetic;
mod table;
mod text;
mod timings;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;

pub use compare::Saved;
pub use figures::{Figures, Scenario, cpus};
pub use measured::Measured;
pub use stage::Stage;
pub use synthetic::{GeneratedFile, InvalidSize, Synthetic};
pub use timings::{AlreadyRecording, Interval, Recorder, StageFigures, Timings};

use crate::project::Site;
use runs::Runs;
use scratch::Scratch;

/// The site to measure.
pub enum Source {
    /// A copy of this site, with `config` instead of its own settings file if given.
    Copy {
        site: Box<Site>,
        config: Option<PathBuf>,
    },
    Synthetic(Synthetic),
}

/// What to measure, and how often.
pub struct Request<'r> {
    pub source: Source,
    /// Runs per scenario, 1 or more.
    pub runs: usize,
    /// All scenarios if `None`.
    pub only: Option<Scenario>,
    /// The largest number of threads to measure with, 1 or more.
    pub threads: usize,
    /// Set by a signal handler to stop early.
    pub stop: &'r AtomicBool,
}

/// Measures runs of this program, each in its own process, on a temporary copy that is removed
/// afterwards. Returns `None` if it was stopped.
///
/// # Errors
///
/// If the copy cannot be written, or a run fails.
pub fn measure(request: &Request<'_>) -> Result<Option<Figures>> {
    let Some(scratch) = Scratch::new(&request.source, request.stop)? else {
        return Ok(None);
    };
    let runs = Runs {
        scratch: &scratch,
        stop: request.stop,
        runs: request.runs,
        threads: request.threads,
    };
    match runs.measure(request.only) {
        Ok(figures) => Ok(Some(figures)),
        Err(_) if request.stop.load(Ordering::Relaxed) => Ok(None),
        Err(error) => Err(error),
    }
}
