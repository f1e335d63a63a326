//! What runs come to: medians, rates and ratios; as JSON, `schema: 1`.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use planche::timings::{Stage, StageFigures};

use super::super::timed::Measured;
use super::compare::Compared;
use crate::cli::KindArg;

/// The version of the object's layout.
pub const SCHEMA: u32 = 1;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figures {
    pub schema: u32,
    /// The version.
    pub planche: String,
    pub machine: Machine,
    pub subject: Subject,
    /// Of each kind, of which medians are told.
    pub runs: usize,
    pub threads: usize,
    pub kinds: BTreeMap<Kind, KindFigures>,
    pub scaling: Scaling,
    pub ledger: LedgerFigures,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    pub cpu: String,
    pub processors: usize,
    pub system: String,
}

/// What was built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub name: String,
    pub articles: usize,
    pub originals: usize,
    pub variants: usize,
    /// Originals and articles that could not be processed.
    pub failed: usize,
}

/// A kind of run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[default]
    Cold,
    Warm,
    Change,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Cold => "cold",
            Kind::Warm => "warm",
            Kind::Change => "change",
        }
    }
}

impl From<KindArg> for Kind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Cold => Kind::Cold,
            KindArg::Warm => Kind::Warm,
            KindArg::Change => Kind::Change,
        }
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct KindFigures {
    pub cpu_seconds: f64,
    pub wall_seconds: f64,
    pub peak_bytes: Option<u64>,
    /// CPU of the whole run by CPU in the encoders, where anything was encoded.
    pub cpu_by_encode: Option<f64>,
    pub variants_written: usize,
    pub articles_rewritten: usize,
    pub stages: BTreeMap<Stage, StageRow>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct StageRow {
    #[serde(flatten)]
    pub figures: StageFigures,
    /// By CPU time.
    pub megapixels_per_second: Option<f64>,
    pub megabytes_per_second: Option<f64>,
}

/// One kind of run with several numbers of threads.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Scaling {
    pub kind: Kind,
    pub points: Vec<Point>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Point {
    pub threads: usize,
    pub wall_seconds: f64,
    pub cpu_seconds: f64,
    /// The wall time of one thread by that of all these together; 1 is the best.
    pub efficiency: f64,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct LedgerFigures {
    pub bytes: u64,
    pub load_cpu_seconds: f64,
    /// Of the whole ledger, at the end of a cold run.
    pub save_cpu_seconds: f64,
}

/// Processors that this process may use.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

impl Figures {
    /// One object, and a newline.
    pub fn json(&self) -> Result<Vec<u8>> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        Ok(json)
    }
}

impl KindFigures {
    /// The medians of some runs, which are not none.
    pub fn of(runs: &[Measured]) -> Self {
        let of = |figure: &dyn Fn(&Measured) -> f64| median(runs.iter().map(figure));
        let peak = |run: &Measured| run.peak_bytes.unwrap_or(0) as f64;
        let cpu_seconds = of(&|run| run.cpu_seconds);
        let mut stages = BTreeMap::new();
        for stage in Stage::ALL {
            let passed = |run: &Measured| run.stages.get(&stage).copied().unwrap_or_default();
            let of = |figure: &dyn Fn(StageFigures) -> f64| {
                median(runs.iter().map(|run| figure(passed(run))))
            };
            let figures = StageFigures {
                count: of(&|stage| stage.count as f64) as u64,
                cpu_seconds: of(&|stage| stage.cpu_seconds),
                wall_seconds: of(&|stage| stage.wall_seconds),
                pixels: of(&|stage| stage.pixels as f64) as u64,
                bytes: of(&|stage| stage.bytes as f64) as u64,
            };
            if figures.count > 0 {
                stages.insert(stage, StageRow::of(figures));
            }
        }
        let encode = stages.get(&Stage::Encode);
        let encode = encode.map(|row: &StageRow| row.figures.cpu_seconds);
        KindFigures {
            cpu_seconds,
            wall_seconds: of(&|run| run.wall_seconds),
            peak_bytes: runs
                .iter()
                .all(|run| run.peak_bytes.is_some())
                .then(|| of(&peak) as u64),
            cpu_by_encode: encode.and_then(|encode| ratio(cpu_seconds, encode)),
            variants_written: of(&|run| run.written as f64) as usize,
            articles_rewritten: of(&|run| run.rewritten as f64) as usize,
            stages,
        }
    }

    /// CPU seconds that no stage accounts for: start, settings, threads.
    pub fn other_seconds(&self) -> f64 {
        let stages = self.stages.values();
        let known: f64 = stages.map(|row| row.figures.cpu_seconds).sum();
        (self.cpu_seconds - known).max(0.0)
    }

    pub fn ledger_seconds(&self) -> f64 {
        let row = self.stages.get(&Stage::Ledger);
        row.map_or(0.0, |row| row.figures.cpu_seconds)
    }
}

impl StageRow {
    fn of(figures: StageFigures) -> Self {
        let rate = |amount: u64| {
            let rate = ratio(amount as f64 / 1e6, figures.cpu_seconds);
            rate.filter(|_| amount > 0)
        };
        StageRow {
            figures,
            megapixels_per_second: rate(figures.pixels),
            megabytes_per_second: rate(figures.bytes),
        }
    }
}

impl Scaling {
    pub fn add(&mut self, kind: Kind, threads: usize, runs: &[Measured]) {
        self.kind = kind;
        let figures = KindFigures::of(runs);
        self.points.push(Point {
            threads,
            wall_seconds: figures.wall_seconds,
            cpu_seconds: figures.cpu_seconds,
            efficiency: 1.0,
        });
    }

    /// Holds all points against the first one, which is of one thread.
    pub fn settle(&mut self) {
        let alone = self.points.first().map_or(0.0, |point| point.wall_seconds);
        for point in &mut self.points {
            let together = point.wall_seconds * point.threads as f64;
            point.efficiency = ratio(alone, together).unwrap_or(1.0);
        }
    }
}

/// One number by another; none where that is not above 0.
pub fn ratio(number: f64, by: f64) -> Option<f64> {
    (by > 0.0).then(|| number / by)
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => figures[middle],
        _ => f64::midpoint(figures[middle - 1], figures[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(cpu: f64, encode: f64) -> Measured {
        let encode = StageFigures {
            count: 2,
            cpu_seconds: encode,
            wall_seconds: encode,
            pixels: 4_000_000,
            bytes: 0,
        };
        Measured {
            cpu_seconds: cpu,
            wall_seconds: cpu / 2.0,
            peak_bytes: Some(1000),
            stages: [(Stage::Encode, encode)].into(),
            ..Measured::default()
        }
    }

    #[test]
    fn medians_rates_and_the_ratio_to_the_encoders() {
        let figures = KindFigures::of(&[run(3.0, 2.0), run(9.0, 1.0), run(2.0, 4.0)]);
        assert!((figures.cpu_seconds - 3.0).abs() < 1e-9);
        assert_eq!(figures.cpu_by_encode, Some(1.5));
        assert_eq!(figures.peak_bytes, Some(1000));
        let encode = figures.stages[&Stage::Encode];
        assert_eq!(encode.megapixels_per_second, Some(2.0));
        assert_eq!(encode.megabytes_per_second, None);
        assert!((figures.other_seconds() - 1.0).abs() < 1e-9);
        assert!((median([4.0, 1.0].into_iter()) - 2.5).abs() < 1e-9);
    }

    #[test]
    fn efficiency_is_held_against_one_thread() {
        let mut scaling = Scaling::default();
        scaling.add(Kind::Cold, 1, &[run(8.0, 1.0)]);
        scaling.add(Kind::Cold, 2, &[run(5.0, 1.0)]);
        scaling.settle();
        let efficiencies: Vec<f64> = scaling
            .points
            .iter()
            .map(|point| point.efficiency)
            .collect();
        assert_eq!(efficiencies, [1.0, 0.8]);
    }
}
