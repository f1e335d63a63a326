//! The layer of the `tracing` subscriber: measures spans, and stores them as intervals.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::time::ClockId;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::Interval;
use super::clock::cpu_time;
use crate::bench::Stage;

/// Turns spans into intervals.
pub(super) struct SpanLayer {
    intervals: Arc<Mutex<Vec<Interval>>>,
    /// The instant to which the starts of intervals are relative.
    start: Instant,
}

impl SpanLayer {
    /// Creates a layer that appends the intervals of closed spans to `intervals`.
    pub fn new(intervals: Arc<Mutex<Vec<Interval>>>, start: Instant) -> Self {
        SpanLayer { intervals, start }
    }
}

/// A span that the thread has entered and not left yet.
struct Frame {
    start: Instant,
    /// CPU time of the thread at the start.
    cpu: Duration,
    /// Wall time of the spans nested in this one on the same thread.
    inner_wall: Duration,
    inner_cpu: Duration,
}

thread_local! {
    /// Entered spans of this thread, the innermost last. There can be spans of other work, because
    /// a thread that waits for others may run some of it meanwhile.
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
    static NUMBER: Cell<Option<usize>> = const { Cell::new(None) };
}

fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NUMBER.get().unwrap_or_else(|| {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        NUMBER.set(Some(number));
        number
    })
}

/// Data that is collected about an open span.
#[derive(Default)]
struct SpanData {
    /// `None` for a span that only provides the file name for its nested spans.
    stage: Option<Stage>,
    file: String,
    width: Option<u64>,
    pixels: u64,
    bytes: u64,
    intervals: Vec<Interval>,
}

impl Visit for SpanData {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "width" => self.width = Some(value),
            "pixels" => self.pixels = value,
            "bytes" => self.bytes = value,
            _ => {}
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "file" {
            value.clone_into(&mut self.file);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "file" {
            self.file = format!("{value:?}");
        }
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for SpanLayer {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.is_span() && metadata.target().starts_with("planche")
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut data = SpanData {
            stage: Stage::from_name(span.name()),
            ..SpanData::default()
        };
        attributes.record(&mut data);
        if data.file.is_empty()
            && let Some(parent) = span.parent()
            && let Some(outer) = parent.extensions().get::<SpanData>()
        {
            data.file.clone_from(&outer.file);
        }
        span.extensions_mut().insert(data);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(data) = span.extensions_mut().get_mut::<SpanData>() {
            values.record(data);
        }
    }

    fn on_enter(&self, _: &Id, _: Context<'_, S>) {
        let frame = Frame {
            start: Instant::now(),
            cpu: cpu_time(ClockId::ThreadCPUTime),
            inner_wall: Duration::ZERO,
            inner_cpu: Duration::ZERO,
        };
        FRAMES.with_borrow_mut(|frames| frames.push(frame));
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let now = cpu_time(ClockId::ThreadCPUTime);
        let popped = FRAMES.with_borrow_mut(|frames| {
            let frame = frames.pop()?;
            let wall = frame.start.elapsed();
            let cpu = now.saturating_sub(frame.cpu);
            if let Some(outer) = frames.last_mut() {
                outer.inner_wall += wall;
                outer.inner_cpu += cpu;
            }
            Some((frame, wall, cpu))
        });
        let (Some((frame, wall, cpu)), Some(span)) = (popped, context.span(id)) else {
            return;
        };
        let mut extensions = span.extensions_mut();
        let Some(data) = extensions.get_mut::<SpanData>() else {
            return;
        };
        if let Some(stage) = data.stage {
            data.intervals.push(Interval {
                stage,
                file: String::new(),
                width: data.width,
                thread: thread_number(),
                start: frame.start.saturating_duration_since(self.start),
                wall,
                own_wall: wall.saturating_sub(frame.inner_wall),
                own_cpu: cpu.saturating_sub(frame.inner_cpu),
                pixels: 0,
                bytes: 0,
            });
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(mut data) = span.extensions_mut().remove::<SpanData>() else {
            return;
        };
        // If a span was entered several times, its pixels and bytes count once.
        if let Some(first) = data.intervals.first_mut() {
            (first.pixels, first.bytes) = (data.pixels, data.bytes);
        }
        for interval in &mut data.intervals {
            interval.file.clone_from(&data.file);
        }
        self.intervals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .append(&mut data.intervals);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt;

    fn recorded(work: impl FnOnce()) -> Vec<Interval> {
        let intervals = Arc::default();
        let layer = SpanLayer::new(Arc::clone(&intervals), Instant::now());
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, work);
        std::mem::take(&mut *intervals.lock().unwrap())
    }

    #[test]
    fn nested_spans_do_not_count_for_the_outer_one() {
        let intervals = recorded(|| {
            let job = tracing::trace_span!("job", file = "a.jpg");
            let _job = job.entered();
            let encode =
                tracing::trace_span!("encode", width = 320u64, bytes = tracing::field::Empty);
            encode.in_scope(|| {
                tracing::trace_span!("write", file = "v.webp").in_scope(|| {
                    std::thread::sleep(Duration::from_millis(3));
                });
            });
            encode.record("bytes", 7u64);
        });
        let [write, encode] = &intervals[..] else {
            panic!("{intervals:?}");
        };
        assert_eq!((write.stage, write.file.as_str()), (Stage::Write, "v.webp"));
        assert_eq!(
            (
                encode.stage,
                encode.file.as_str(),
                encode.width,
                encode.bytes
            ),
            (Stage::Encode, "a.jpg", Some(320), 7)
        );
        assert_eq!(encode.own_wall, encode.wall - write.wall);
        assert!(write.wall >= Duration::from_millis(3) && write.own_cpu <= write.wall);
    }

    #[test]
    fn nothing_is_formatted_without_a_recorder() {
        struct Loud;
        impl fmt::Display for Loud {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                panic!("it was formatted");
            }
        }
        tracing::trace_span!("read", file = %Loud).in_scope(|| {});
    }
}
