//! Timings of one run: sums the recorded intervals by stage, file and thread.

mod clock;
mod layer;
mod page;
mod recorder;
mod threads;
mod trace;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use recorder::{AlreadyRecording, Recorder};

use super::Stage;

/// A period in which one thread worked in one stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    pub stage: Stage,
    /// The original or article that was processed; empty if there were several.
    pub file: String,
    /// Width of the variant in pixels.
    pub width: Option<u64>,
    /// Number of the thread, from 0, in the order in which threads started.
    pub thread: usize,
    /// Time since the recorder was installed.
    pub start: Duration,
    pub wall: Duration,
    /// Wall time without the intervals nested in this one.
    pub own_wall: Duration,
    /// CPU time of the thread without the intervals nested in this one.
    pub own_cpu: Duration,
    pub pixels: u64,
    pub bytes: u64,
}

/// The timings of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timings {
    pub wall: Duration,
    /// CPU time of the whole process, on all threads.
    pub cpu: Duration,
    /// Peak resident memory, or `None` where the system does not report it.
    pub peak_bytes: Option<u64>,
    /// Sorted by start.
    pub intervals: Vec<Interval>,
}

/// The sums of one stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StageFigures {
    pub count: u64,
    pub cpu_seconds: f64,
    /// Summed over all threads.
    pub wall_seconds: f64,
    pub pixels: u64,
    pub bytes: u64,
}

impl StageFigures {
    fn add(&mut self, interval: &Interval) {
        self.count += 1;
        self.cpu_seconds += interval.own_cpu.as_secs_f64();
        self.wall_seconds += interval.own_wall.as_secs_f64();
        self.pixels += interval.pixels;
        self.bytes += interval.bytes;
    }
}

impl Timings {
    /// Sums the intervals by stage, in the order of the flow. Nested work counts for the inner
    /// stage only, so that the sum over all stages does not exceed the time of the run.
    pub fn by_stage(&self) -> BTreeMap<Stage, StageFigures> {
        let mut stages: BTreeMap<Stage, StageFigures> = BTreeMap::new();
        for interval in &self.intervals {
            stages.entry(interval.stage).or_default().add(interval);
        }
        stages
    }

    /// Sums the intervals by file and stage. The file with the most CPU time comes first.
    fn by_file(&self) -> Vec<(&str, BTreeMap<Stage, StageFigures>)> {
        let mut files: BTreeMap<&str, BTreeMap<Stage, StageFigures>> = BTreeMap::new();
        for interval in &self.intervals {
            if !interval.file.is_empty() {
                let stages = files.entry(&interval.file).or_default();
                stages.entry(interval.stage).or_default().add(interval);
            }
        }
        let mut files: Vec<_> = files.into_iter().collect();
        files.sort_by(|a, b| total_cpu(&b.1).total_cmp(&total_cpu(&a.1)));
        files
    }

    /// Returns the number of threads that have an interval.
    fn threads(&self) -> usize {
        self.intervals
            .iter()
            .map(|interval| interval.thread + 1)
            .max()
            .unwrap_or(0)
    }
}

fn total_cpu(stages: &BTreeMap<Stage, StageFigures>) -> f64 {
    stages.values().map(|figures| figures.cpu_seconds).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns an interval whose times are in milliseconds.
    pub(super) fn interval(
        stage: Stage,
        file: &str,
        thread: usize,
        start: u64,
        own: u64,
    ) -> Interval {
        let milliseconds = Duration::from_millis;
        Interval {
            stage,
            file: file.to_owned(),
            width: None,
            thread,
            start: milliseconds(start),
            wall: milliseconds(own),
            own_wall: milliseconds(own),
            own_cpu: milliseconds(own),
            pixels: 10,
            bytes: 1,
        }
    }

    #[test]
    fn intervals_add_up_by_stage_and_by_file() {
        let timings = Timings {
            intervals: vec![
                interval(Stage::Decode, "a.jpg", 0, 0, 5),
                interval(Stage::Encode, "a.jpg", 1, 5, 20),
                interval(Stage::Encode, "b.jpg", 0, 5, 100),
                interval(Stage::Walk, "", 0, 0, 1),
            ],
            ..Timings::default()
        };
        let stages = timings.by_stage();
        let encode = stages[&Stage::Encode];
        assert_eq!((encode.count, encode.pixels, encode.bytes), (2, 20, 2));
        assert!((encode.cpu_seconds - 0.12).abs() < 1e-9);
        assert_eq!(stages.len(), 3);
        let files = timings.by_file();
        let names: Vec<&str> = files.iter().map(|(file, _)| *file).collect();
        assert_eq!(names, ["b.jpg", "a.jpg"]);
        assert_eq!(timings.threads(), 2);
    }
}
