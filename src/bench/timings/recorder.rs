//! Records the spans of this process as [`Timings`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::time::ClockId;
use tracing_subscriber::layer::SubscriberExt;

use super::clock::{cpu_time, peak_bytes};
use super::layer::SpanLayer;
use super::{Interval, Timings};

/// Records the spans of this process until [`Recorder::finish`].
pub struct Recorder {
    intervals: Arc<Mutex<Vec<Interval>>>,
    start: Instant,
    cpu: Duration,
}

/// Error: this process already has a recorder, or another subscriber.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the spans of this process are already recorded")]
pub struct AlreadyRecording;

impl Recorder {
    /// Starts recording all spans of this process. A process can have only one recorder, which
    /// cannot be removed.
    ///
    /// # Errors
    ///
    /// If the process already has a subscriber.
    pub fn install() -> Result<Recorder, AlreadyRecording> {
        let start = Instant::now();
        let cpu = cpu_time(ClockId::ProcessCPUTime);
        let intervals = Arc::default();
        let layer = SpanLayer::new(Arc::clone(&intervals), start);
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::set_global_default(subscriber).map_err(|_| AlreadyRecording)?;
        Ok(Recorder {
            intervals,
            start,
            cpu,
        })
    }

    /// Stops recording, and returns the recorded data.
    pub fn finish(self) -> Timings {
        let wall = self.start.elapsed();
        let cpu = cpu_time(ClockId::ProcessCPUTime).saturating_sub(self.cpu);
        let mut intervals = std::mem::take(
            &mut *self
                .intervals
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        intervals.sort_by_key(|interval| (interval.start, interval.thread));
        // Threads are renumbered without gaps, because some have no interval.
        let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
        for interval in &mut intervals {
            let next = numbers.len();
            interval.thread = *numbers.entry(interval.thread).or_insert(next);
        }
        Timings {
            wall,
            cpu,
            peak_bytes: peak_bytes(),
            intervals,
        }
    }
}
