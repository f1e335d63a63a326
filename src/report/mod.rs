//! What a run tells: one summary, for people or for programs.

mod json;
mod terminal;

use std::io;

use crate::finding::{Finding, Severity};

pub use json::{Json, serialize_finding};
pub use terminal::{Colour, Terminal};

/// What one run came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    pub articles: Articles,
    pub originals: Originals,
    pub variants: Variants,
    /// By severity, file and place.
    pub findings: Vec<Finding>,
    pub seconds: f64,
    /// The manifest, where the configuration names one.
    pub manifest: Option<Manifest>,
    /// What would be done (`--dry-run`, `check`): paths of variants, and articles with their diffs.
    pub forecast: Option<Forecast>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Articles {
    pub read: usize,
    /// Rewritten; under `check` and `--dry-run`, those that would be.
    pub changed: usize,
    pub refused: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Originals {
    pub used: usize,
    pub missing: usize,
    pub failed: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variants {
    /// Written; under `check` and `--dry-run`, those that would be.
    pub written: usize,
    pub fresh: usize,
    /// Bytes of those that were written.
    pub bytes: u64,
}

/// What became of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    pub path: String,
    /// Written or removed; under `check` and `--dry-run`, whether it would be.
    pub is_changed: bool,
    /// Unified; of `--dry-run` only.
    pub diff: String,
}

/// What a run would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    pub variants: Vec<ForecastVariant>,
    pub articles: Vec<ForecastArticle>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForecastVariant {
    pub path: String,
    pub width: u32,
    /// Whether its size may leave it out of the srcset.
    pub may_be_left_out: bool,
    /// The width of the upper end, where it is the lower end of a ladder that waits for the sizes
    /// of both.
    pub open_below: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForecastArticle {
    pub path: String,
    /// Unified; empty where its variants must stand first.
    pub diff: String,
}

/// What a summary is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Built,
    WouldBuild,
    Stripped,
    WouldStrip,
}

/// A way to tell a summary.
pub trait Report {
    /// Data goes to `out`, what people read to `err`.
    fn report(
        &self,
        summary: &Summary,
        told: Told,
        out: &mut dyn io::Write,
        err: &mut dyn io::Write,
    ) -> io::Result<()>;
}

impl Summary {
    /// How many findings there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity() == severity)
            .count()
    }
}
