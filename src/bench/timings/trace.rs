//! Formats the timings as Chrome trace events in JSON, which Perfetto opens.
//!
//! `tracing-chrome` is not suitable: its events have no CPU time, and it writes them during the
//! run.

use serde::Serialize;

use super::Timings;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trace<'t> {
    display_time_unit: &'t str,
    trace_events: Vec<Event<'t>>,
}

#[derive(Serialize)]
#[serde(tag = "ph")]
enum Event<'t> {
    /// The name of a thread.
    #[serde(rename = "M")]
    Metadata {
        name: &'t str,
        pid: u32,
        tid: usize,
        args: Name,
    },
    /// An interval: start and duration in microseconds.
    #[serde(rename = "X")]
    Complete {
        name: &'t str,
        cat: &'t str,
        pid: u32,
        tid: usize,
        ts: f64,
        dur: f64,
        args: Args<'t>,
    },
}

#[derive(Serialize)]
struct Name {
    name: String,
}

#[derive(Serialize)]
struct Args<'t> {
    #[serde(skip_serializing_if = "str::is_empty")]
    file: &'t str,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u64>,
    cpu_ms: f64,
    #[serde(skip_serializing_if = "is_zero")]
    pixels: u64,
    #[serde(skip_serializing_if = "is_zero")]
    bytes: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde requires"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The process id in all events. Its value is arbitrary, because there is only one process.
const PROCESS: u32 = 1;

impl Timings {
    /// Formats the timings as a JSON object in the Trace Event Format.
    pub fn trace(&self) -> String {
        let names = (0..self.threads()).map(|thread| Event::Metadata {
            name: "thread_name",
            pid: PROCESS,
            tid: thread,
            args: Name {
                name: format!("thread {thread}"),
            },
        });
        let intervals = self.intervals.iter().map(|interval| Event::Complete {
            name: interval.stage.name(),
            cat: "planche",
            pid: PROCESS,
            tid: interval.thread,
            ts: interval.start.as_secs_f64() * 1e6,
            dur: interval.wall.as_secs_f64() * 1e6,
            args: Args {
                file: &interval.file,
                width: interval.width,
                cpu_ms: interval.own_cpu.as_secs_f64() * 1e3,
                pixels: interval.pixels,
                bytes: interval.bytes,
            },
        });
        let trace = Trace {
            display_time_unit: "ms",
            trace_events: names.chain(intervals).collect(),
        };
        serde_json::to_string(&trace).expect("plain data can be serialised")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Stage;
    use crate::bench::timings::tests::interval;

    #[test]
    fn a_trace_contains_complete_events_in_microseconds() {
        let timings = Timings {
            intervals: vec![interval(Stage::Decode, "a \"b\".jpg", 1, 2, 5)],
            ..Timings::default()
        };
        let trace: serde_json::Value = serde_json::from_str(&timings.trace()).unwrap();
        let event = trace["traceEvents"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&event["ph"], &event["name"]),
            (&"X".into(), &"decode".into())
        );
        assert_eq!(
            (event["ts"].as_f64(), event["dur"].as_f64()),
            (Some(2e3), Some(5e3))
        );
        assert_eq!((&event["pid"], &event["tid"]), (&1.into(), &1.into()));
        assert_eq!(event["args"]["file"], "a \"b\".jpg");
    }
}
