//! The layer that hears of spans, and what it keeps of them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use super::{Stage, Stretch, Timings, peak_bytes};

/// Records the spans of this process until it is finished.
pub struct Recorder {
    kept: Arc<Mutex<Vec<Stretch>>>,
    begun: Instant,
    cpu: Duration,
}

/// The process has a recorder, or another subscriber of spans, already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("spans of this process are recorded already")]
pub struct AlreadyRecording;

impl Recorder {
    /// Begins to record all spans of this process. It cannot be taken off again, and there can be
    /// one only.
    pub fn install() -> Result<Recorder, AlreadyRecording> {
        let begun = Instant::now();
        let cpu = process_cpu();
        let kept = Arc::new(Mutex::new(Vec::new()));
        let layer = Listener {
            kept: kept.clone(),
            begun,
        };
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::set_global_default(subscriber).map_err(|_| AlreadyRecording)?;
        Ok(Recorder { kept, begun, cpu })
    }

    /// What has been recorded.
    pub fn finish(self) -> Timings {
        let wall = self.begun.elapsed();
        let cpu = process_cpu().saturating_sub(self.cpu);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stretches = std::mem::take(&mut *kept);
        stretches.sort_by_key(|stretch| (stretch.begin, stretch.thread));
        // Threads that did nothing have taken numbers too.
        let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
        for stretch in &mut stretches {
            let next = numbers.len();
            stretch.thread = *numbers.entry(stretch.thread).or_insert(next);
        }
        Timings {
            wall,
            cpu,
            peak_bytes: peak_bytes(),
            stretches,
        }
    }
}

fn process_cpu() -> Duration {
    cpu(ClockId::ProcessCPUTime)
}

fn cpu(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or(0))
}

struct Listener {
    kept: Arc<Mutex<Vec<Stretch>>>,
    begun: Instant,
}

/// A span that a thread is in.
struct Frame {
    begun: Instant,
    cpu: Duration,
    /// Of the spans within it on this thread.
    inner_wall: Duration,
    inner_cpu: Duration,
}

thread_local! {
    /// A thread that waits for others may begin another piece of work meanwhile, within its span.
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

/// What a span carries until it is closed.
#[derive(Default)]
struct Carried {
    /// None of a span that only says which file those within it are about.
    stage: Option<Stage>,
    file: String,
    width: Option<u64>,
    pixels: u64,
    bytes: u64,
    stretches: Vec<Stretch>,
}

impl Visit for Carried {
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

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Listener {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.is_span() && metadata.target().starts_with("planche")
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut carried = Carried {
            stage: Stage::named(span.name()),
            ..Carried::default()
        };
        attributes.record(&mut carried);
        if carried.file.is_empty()
            && let Some(parent) = span.parent()
            && let Some(outer) = parent.extensions().get::<Carried>()
        {
            carried.file.clone_from(&outer.file);
        }
        span.extensions_mut().insert(carried);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(carried) = span.extensions_mut().get_mut::<Carried>() {
            values.record(carried);
        }
    }

    fn on_enter(&self, _: &Id, _: Context<'_, S>) {
        let frame = Frame {
            begun: Instant::now(),
            cpu: cpu(ClockId::ThreadCPUTime),
            inner_wall: Duration::ZERO,
            inner_cpu: Duration::ZERO,
        };
        FRAMES.with_borrow_mut(|frames| frames.push(frame));
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        let now = cpu(ClockId::ThreadCPUTime);
        let popped = FRAMES.with_borrow_mut(|frames| {
            let frame = frames.pop()?;
            let wall = frame.begun.elapsed();
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
        let Some(carried) = extensions.get_mut::<Carried>() else {
            return;
        };
        if let Some(stage) = carried.stage {
            carried.stretches.push(Stretch {
                stage,
                file: String::new(),
                width: carried.width,
                thread: thread_number(),
                begin: frame.begun.saturating_duration_since(self.begun),
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
        let Some(mut carried) = span.extensions_mut().remove::<Carried>() else {
            return;
        };
        // What was done in several goes is counted once.
        if let Some(first) = carried.stretches.first_mut() {
            (first.pixels, first.bytes) = (carried.pixels, carried.bytes);
        }
        for stretch in &mut carried.stretches {
            stretch.file.clone_from(&carried.file);
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.append(&mut carried.stretches);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(work: impl FnOnce()) -> Vec<Stretch> {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let listener = Listener {
            kept: kept.clone(),
            begun: Instant::now(),
        };
        let subscriber = tracing_subscriber::registry().with(listener);
        tracing::subscriber::with_default(subscriber, work);
        std::mem::take(&mut *kept.lock().unwrap())
    }

    #[test]
    fn a_span_within_another_is_no_part_of_it() {
        let stretches = recorded(|| {
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
        let [write, encode] = &stretches[..] else {
            panic!("{stretches:?}");
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
    fn nothing_is_formatted_for_nobody() {
        struct Loud;
        impl fmt::Display for Loud {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                panic!("it was formatted");
            }
        }
        tracing::trace_span!("read", file = %Loud).in_scope(|| {});
    }
}
