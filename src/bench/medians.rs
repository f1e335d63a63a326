//! Computes medians, rates and ratios from the results of runs.

use std::collections::BTreeMap;

use super::figures::{Point, Scaling, Scenario, ScenarioFigures, StageRow, ratio};
use super::measured::Measured;
use super::{Stage, StageFigures};

impl ScenarioFigures {
    /// Computes the medians of a non-empty set of runs.
    pub(super) fn from_runs(runs: &[Measured]) -> Self {
        let median_of = |figure: fn(&Measured) -> f64| median(runs.iter().map(figure));
        let cpu_seconds = median_of(|run| run.cpu_seconds);
        let stages: BTreeMap<Stage, StageRow> = Stage::ALL
            .into_iter()
            .map(|stage| (stage, stage_medians(runs, stage)))
            .filter(|(_, figures)| figures.count > 0)
            .map(|(stage, figures)| (stage, StageRow::new(figures)))
            .collect();
        let encode = stages.get(&Stage::Encode);
        let has_peaks = runs.iter().all(|run| run.peak_bytes.is_some());
        ScenarioFigures {
            cpu_seconds,
            wall_seconds: median_of(|run| run.wall_seconds),
            peak_bytes: has_peaks
                .then(|| median_of(|run| run.peak_bytes.unwrap_or(0) as f64) as u64),
            cpu_by_encode: encode.and_then(|row| ratio(cpu_seconds, row.figures.cpu_seconds)),
            variants_written: median_of(|run| run.written as f64) as usize,
            articles_rewritten: median_of(|run| run.rewritten as f64) as usize,
            stages,
        }
    }
}

fn stage_medians(runs: &[Measured], stage: Stage) -> StageFigures {
    let median_of = |figure: fn(StageFigures) -> f64| {
        median(
            runs.iter()
                .map(|run| figure(run.stages.get(&stage).copied().unwrap_or_default())),
        )
    };
    StageFigures {
        count: median_of(|stage| stage.count as f64) as u64,
        cpu_seconds: median_of(|stage| stage.cpu_seconds),
        wall_seconds: median_of(|stage| stage.wall_seconds),
        pixels: median_of(|stage| stage.pixels as f64) as u64,
        bytes: median_of(|stage| stage.bytes as f64) as u64,
    }
}

impl Scaling {
    /// Adds the medians of runs with `threads` threads. The first call must be for one thread,
    /// because the efficiency of the others is relative to it.
    pub(super) fn add(&mut self, scenario: Scenario, threads: usize, runs: &[Measured]) {
        self.scenario = scenario;
        let figures = ScenarioFigures::from_runs(runs);
        let one_thread = self
            .points
            .first()
            .map_or(figures.wall_seconds, |point| point.wall_seconds);
        let all_threads = figures.wall_seconds * threads as f64;
        self.points.push(Point {
            threads,
            wall_seconds: figures.wall_seconds,
            cpu_seconds: figures.cpu_seconds,
            efficiency: ratio(one_thread, all_threads).unwrap_or(1.0),
        });
    }
}

/// Returns the median; 0 for an empty set.
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
        let figures = ScenarioFigures::from_runs(&[run(3.0, 2.0), run(9.0, 1.0), run(2.0, 4.0)]);
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
    fn efficiency_is_relative_to_one_thread() {
        let mut scaling = Scaling::default();
        scaling.add(Scenario::Cold, 1, &[run(8.0, 1.0)]);
        scaling.add(Scenario::Cold, 2, &[run(5.0, 1.0)]);
        let efficiencies: Vec<f64> = scaling
            .points
            .iter()
            .map(|point| point.efficiency)
            .collect();
        assert_eq!(efficiencies, [1.0, 0.8]);
    }
}
