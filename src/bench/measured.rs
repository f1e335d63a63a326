//! The result of one run, which the process of the run passes to `bench` as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Stage, StageFigures, Timings};
use crate::report::Summary;

/// The result of one run: `build --measured` prints it as a line of JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    pub wall_seconds: f64,
    pub cpu_seconds: f64,
    pub peak_bytes: Option<u64>,
    pub stages: BTreeMap<Stage, StageFigures>,
    pub articles: usize,
    pub originals: usize,
    /// Variants that the run wrote, and those that existed before.
    pub variants: usize,
    pub written: usize,
    pub rewritten: usize,
    pub failed: usize,
}

impl Measured {
    pub fn new(timings: &Timings, summary: &Summary) -> Self {
        Measured {
            wall_seconds: timings.wall.as_secs_f64(),
            cpu_seconds: timings.cpu.as_secs_f64(),
            peak_bytes: timings.peak_bytes,
            stages: timings.by_stage(),
            articles: summary.articles.read,
            originals: summary.originals.used,
            variants: summary.variants.written + summary.variants.fresh,
            written: summary.variants.written,
            rewritten: summary.articles.changed,
            failed: summary.originals.failed + summary.articles.refused,
        }
    }
}
