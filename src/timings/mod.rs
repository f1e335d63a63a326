//! Where the time of a run goes: what the spans of the stages come to, by stage, by file, by thread.
//!
//! Stages emit spans of `tracing` and know nothing of this module. While no [`Recorder`] is installed a
//! span costs one look at an atomic number.

mod page;
mod recorder;
mod stage;
mod trace;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use recorder::{AlreadyRecording, Recorder};
pub use stage::Stage;

/// What one thread did in one go in one stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    pub stage: Stage,
    /// The file that it was about: an original, an article; empty where it was about many.
    pub file: String,
    /// Pixels, of one variant.
    pub width: Option<u64>,
    /// Counted from 0, in the order in which threads began.
    pub thread: usize,
    /// Since the recorder was installed.
    pub begin: Duration,
    pub wall: Duration,
    /// Without what lies in stretches within it.
    pub own_wall: Duration,
    /// CPU time of its thread, without what lies in stretches within it.
    pub own_cpu: Duration,
    pub pixels: u64,
    pub bytes: u64,
}

/// One run, as it was recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timings {
    pub wall: Duration,
    /// CPU time of the whole process, on all threads.
    pub cpu: Duration,
    /// The most memory that was resident, in bytes; none where the system does not say.
    pub peak_bytes: Option<u64>,
    /// In the order in which they began.
    pub stretches: Vec<Stretch>,
}

/// What one stage came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StageFigures {
    pub count: u64,
    pub cpu_seconds: f64,
    /// Of all threads, added up.
    pub wall_seconds: f64,
    pub pixels: u64,
    pub bytes: u64,
}

impl StageFigures {
    fn add(&mut self, stretch: &Stretch) {
        self.count += 1;
        self.cpu_seconds += stretch.own_cpu.as_secs_f64();
        self.wall_seconds += stretch.own_wall.as_secs_f64();
        self.pixels += stretch.pixels;
        self.bytes += stretch.bytes;
    }
}

impl Timings {
    /// The stages that were passed through, in the order of the flow. What lies in one stage within
    /// another counts for the inner one alone, so that they add up.
    pub fn by_stage(&self) -> BTreeMap<Stage, StageFigures> {
        let mut stages: BTreeMap<Stage, StageFigures> = BTreeMap::new();
        for stretch in &self.stretches {
            stages.entry(stretch.stage).or_default().add(stretch);
        }
        stages
    }

    /// CPU seconds of each stage by file, the costliest file first.
    fn by_file(&self) -> Vec<(&str, BTreeMap<Stage, StageFigures>)> {
        let mut files: BTreeMap<&str, BTreeMap<Stage, StageFigures>> = BTreeMap::new();
        for stretch in &self.stretches {
            if !stretch.file.is_empty() {
                let stages = files.entry(&stretch.file).or_default();
                stages.entry(stretch.stage).or_default().add(stretch);
            }
        }
        let mut files: Vec<_> = files.into_iter().collect();
        files.sort_by(|a, b| cpu_of(&b.1).total_cmp(&cpu_of(&a.1)));
        files
    }

    /// Number of threads that did anything.
    fn threads(&self) -> usize {
        let last = self.stretches.iter().map(|stretch| stretch.thread).max();
        last.map_or(0, |last| last + 1)
    }
}

fn cpu_of(stages: &BTreeMap<Stage, StageFigures>) -> f64 {
    stages.values().map(|figures| figures.cpu_seconds).sum()
}

/// The most memory of this process that was ever resident, in bytes (proc(5)); none where the
/// system does not say.
pub fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stretch of a whole number of milliseconds.
    pub(super) fn stretch(
        stage: Stage,
        file: &str,
        thread: usize,
        begin: u64,
        own: u64,
    ) -> Stretch {
        let milliseconds = Duration::from_millis;
        Stretch {
            stage,
            file: file.to_owned(),
            width: None,
            thread,
            begin: milliseconds(begin),
            wall: milliseconds(own),
            own_wall: milliseconds(own),
            own_cpu: milliseconds(own),
            pixels: 10,
            bytes: 1,
        }
    }

    #[test]
    fn stretches_add_up_by_stage_and_by_file() {
        let timings = Timings {
            stretches: vec![
                stretch(Stage::Decode, "a.jpg", 0, 0, 5),
                stretch(Stage::Encode, "a.jpg", 1, 5, 20),
                stretch(Stage::Encode, "b.jpg", 0, 5, 100),
                stretch(Stage::Walk, "", 0, 0, 1),
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
