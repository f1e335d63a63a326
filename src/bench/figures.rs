//! The result of a benchmark. Its JSON form has a version number, `schema`.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{Stage, StageFigures};

/// Version of the JSON layout.
pub const SCHEMA: u32 = 1;

/// The result of a benchmark: medians for each scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figures {
    pub schema: u32,
    /// Version of planche.
    pub planche: String,
    pub machine: Machine,
    pub subject: Subject,
    /// Runs per scenario.
    pub runs: usize,
    pub threads: usize,
    #[serde(rename = "kinds")]
    pub scenarios: BTreeMap<Scenario, ScenarioFigures>,
    pub scaling: Scaling,
    pub ledger: LedgerFigures,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<Comparison>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// The model, or `unknown`.
    pub cpu: String,
    #[serde(rename = "processors")]
    pub cpus: usize,
    pub system: String,
}

/// The site that was built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub name: String,
    pub articles: usize,
    pub originals: usize,
    pub variants: usize,
    /// Originals and articles that could not be processed.
    pub failed: usize,
}

/// The state of the site from which a run starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scenario {
    /// No variant and no record exists.
    #[default]
    Cold,
    /// Everything is up to date.
    Warm,
    /// One file has changed.
    Change,
}

impl Scenario {
    pub fn name(self) -> &'static str {
        match self {
            Scenario::Cold => "cold",
            Scenario::Warm => "warm",
            Scenario::Change => "change",
        }
    }
}

/// The medians of one scenario.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ScenarioFigures {
    pub cpu_seconds: f64,
    pub wall_seconds: f64,
    /// `None` where the system does not report it.
    pub peak_bytes: Option<u64>,
    /// CPU time of the whole run divided by that of the encoders, or `None` if nothing was encoded.
    pub cpu_by_encode: Option<f64>,
    pub variants_written: usize,
    pub articles_rewritten: usize,
    pub stages: BTreeMap<Stage, StageRow>,
}

impl ScenarioFigures {
    /// CPU seconds outside all stages: startup, settings, threads.
    pub fn other_seconds(&self) -> f64 {
        let known: f64 = self
            .stages
            .values()
            .map(|row| row.figures.cpu_seconds)
            .sum();
        (self.cpu_seconds - known).max(0.0)
    }

    pub fn ledger_seconds(&self) -> f64 {
        self.stages
            .get(&Stage::Ledger)
            .map_or(0.0, |row| row.figures.cpu_seconds)
    }
}

/// Medians of one stage in one scenario. Rates are per second of CPU time.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct StageRow {
    #[serde(flatten)]
    pub figures: StageFigures,
    pub megapixels_per_second: Option<f64>,
    pub megabytes_per_second: Option<f64>,
}

impl StageRow {
    pub(super) fn new(figures: StageFigures) -> Self {
        let rate =
            |amount: u64| ratio(amount as f64 / 1e6, figures.cpu_seconds).filter(|_| amount > 0);
        StageRow {
            figures,
            megapixels_per_second: rate(figures.pixels),
            megabytes_per_second: rate(figures.bytes),
        }
    }
}

/// One scenario with several numbers of threads, ascending.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Scaling {
    #[serde(rename = "kind")]
    pub scenario: Scenario,
    pub points: Vec<Point>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Point {
    pub threads: usize,
    pub wall_seconds: f64,
    pub cpu_seconds: f64,
    /// Wall time of one thread divided by the summed wall time of all threads; 1 is ideal.
    pub efficiency: f64,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct LedgerFigures {
    pub bytes: u64,
    pub load_cpu_seconds: f64,
    /// CPU time of writing the whole ledger, at the end of a cold run.
    pub save_cpu_seconds: f64,
}

/// Ratios of new figures to saved ones: 1 means equal, more than 1 means worse.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    pub file: String,
    /// Version of planche that saved the figures.
    pub planche: String,
    /// Differences that make the ratios unreliable.
    #[serde(rename = "doubts")]
    pub caveats: Vec<String>,
    #[serde(rename = "kinds")]
    pub scenarios: BTreeMap<Scenario, Ratios>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ratios {
    pub cpu: Option<f64>,
    pub wall: Option<f64>,
    pub peak: Option<f64>,
    /// Ratios of CPU time, for the stages that both measurements have.
    pub stages: BTreeMap<Stage, f64>,
}

/// Number of CPUs that this process may use.
pub fn cpus() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

impl Machine {
    /// Describes this machine. The CPU model is known on Linux only (proc(5)).
    pub(super) fn current() -> Self {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .unwrap_or(": unknown");
        Machine {
            cpu: model.trim_start_matches(['\t', ' ', ':']).trim().to_owned(),
            cpus: cpus(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }
}

impl Figures {
    /// Formats the figures as one JSON object and a newline.
    ///
    /// # Errors
    ///
    /// If a figure is not a finite number.
    pub fn json(&self) -> Result<Vec<u8>> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        Ok(json)
    }
}

/// Returns the ratio; `None` if the denominator is not positive.
pub(super) fn ratio(numerator: f64, denominator: f64) -> Option<f64> {
    (denominator > 0.0).then(|| numerator / denominator)
}
