//! Shows progress: on a terminal, a bar with the current image and the remaining time; elsewhere, a
//! line every ten seconds.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use planche::internal::flow::Effect;
use planche::internal::path::SitePath;
use planche::internal::picture::units::ByteSize;
use planche::internal::printable::Printable;
use planche::internal::variant::Progress;

use super::output::{language, write_line};
use crate::cli::{FormatArg, ProgressArg, ProgressArgs, ReportArgs};

/// Interval between the lines that are printed where there is no terminal.
const INTERVAL: Duration = Duration::from_secs(10);

/// The progress of a run.
pub struct Shown {
    bar: ProgressBar,
    counts: Arc<Counts>,
    lines: Option<Lines>,
    waits: Waits,
}

/// Prints on standard error that the run waits for another one, unless `--quiet` is given.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    pub is_quiet: bool,
}

impl Progress for Waits {
    fn waiting(&self, other: &str) {
        if !self.is_quiet {
            write_line(&waiting_for(other));
        }
    }

    fn started(&self, _originals: usize) {}
    fn written(&self, _original: &SitePath, _bytes: u64) {}
    fn finished(&self, _original: &SitePath) {}
}

/// Returns the line that says what a run waits for.
pub fn waiting_for(other: &str) -> String {
    let line = format!("waiting for another run of planche to end: {other}");
    Printable::new(&language().text(&line)).to_string()
}

/// Progress so far.
#[derive(Default)]
struct Counts {
    originals: AtomicUsize,
    finished: AtomicUsize,
    bytes: AtomicU64,
    /// Path of the original whose variant was written last.
    current: Mutex<String>,
}

/// The thread that prints the lines.
struct Lines {
    is_done: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Shown {
    /// Shows the progress of a run that writes variants, if the user wants to see it.
    pub fn of(args: &ProgressArgs, report: &ReportArgs, effect: Effect) -> Self {
        let is_for_people = report.format == FormatArg::Human || report.report.is_some();
        let is_wanted = match args.progress {
            ProgressArg::Auto => !report.quiet && is_for_people,
            ProgressArg::Always => true,
            ProgressArg::Never => false,
        };
        Shown::new(is_wanted && effect == Effect::Write, report.quiet)
    }

    /// Shows nothing unless `is_wanted`, except that the run waits, unless `is_quiet`.
    pub fn new(is_wanted: bool, is_quiet: bool) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = if is_wanted && is_terminal {
            ProgressBar::new(0)
        } else {
            ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden())
        };
        let counts = "{pos}/{len} images{prefix}, {eta} left";
        let counts = language().text(counts).replace('\u{a0}', " ");
        let style = format!("{{bar:24.cyan}} {counts}  {{wide_msg:.dim}}");
        let style = ProgressStyle::with_template(&style);
        bar.set_style(style.expect("the template is valid"));
        let counts = Arc::new(Counts::default());
        let lines = (is_wanted && !is_terminal)
            .then(|| Lines::start(counts.clone()))
            .flatten();
        let waits = Waits { is_quiet };
        Shown {
            bar,
            counts,
            lines,
            waits,
        }
    }

    pub fn clear(&self) {
        self.bar.finish_and_clear();
        if let Some(lines) = &self.lines {
            lines.is_done.store(true, Ordering::Relaxed);
            lines.thread.thread().unpark();
        }
    }
}

impl Lines {
    /// Starts the thread; `None` if the system cannot start one.
    fn start(counts: Arc<Counts>) -> Option<Self> {
        let is_done = Arc::new(AtomicBool::new(false));
        let done = is_done.clone();
        let started = Instant::now();
        let print = move || {
            let mut next = started + INTERVAL;
            while !done.load(Ordering::Relaxed) {
                let now = Instant::now();
                if now >= next {
                    next = now + INTERVAL;
                    if let Some(line) = counts.line(now - started) {
                        write_line(&line);
                    }
                }
                thread::park_timeout(next.saturating_duration_since(Instant::now()));
            }
        };
        let thread = thread::Builder::new().name("progress".to_owned());
        let thread = thread.spawn(print).ok()?;
        Some(Lines { is_done, thread })
    }
}

impl Counts {
    /// Formats the progress as one line; `None` before any work has been announced.
    fn line(&self, elapsed: Duration) -> Option<String> {
        let originals = self.originals.load(Ordering::Relaxed);
        if originals == 0 {
            return None;
        }
        let finished = self.finished.load(Ordering::Relaxed);
        let written = written(self.bytes.load(Ordering::Relaxed));
        let seconds = elapsed.as_secs();
        let mut line = format!("{finished}/{originals} images{written}, {seconds} s");
        if finished > 0 {
            let each = elapsed.as_secs_f64() / finished as f64;
            let left = each * (originals.saturating_sub(finished)) as f64;
            line.push_str(&language().text(&format!(", about {left:.0} s left")));
        }
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if !current.is_empty() {
            line.push_str(&format!(" ({})", Printable::new(&current)));
        }
        Some(line)
    }
}

/// Formats the number of bytes written; empty for work that writes no files.
fn written(bytes: u64) -> String {
    match bytes {
        0 => String::new(),
        bytes => language()
            .text(&format!(", {} written", ByteSize(bytes)))
            .into_owned(),
    }
}

impl Progress for Shown {
    fn waiting(&self, other: &str) {
        self.waits.waiting(other);
    }

    fn started(&self, originals: usize) {
        self.counts
            .originals
            .fetch_add(originals, Ordering::Relaxed);
        self.bar.inc_length(originals as u64);
    }

    fn written(&self, original: &SitePath, bytes: u64) {
        let bytes = self.counts.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        self.bar.set_prefix(written(bytes));
        let mut current = self
            .counts
            .current
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if *current != original.as_str() {
            *current = original.to_string();
            self.bar.set_message(Printable::new(&current).to_string());
        }
    }

    fn finished(&self, _original: &SitePath) {
        self.counts.finished.fetch_add(1, Ordering::Relaxed);
        self.bar.inc(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_starts_later_is_added() {
        let shown = Shown::new(false, true);
        let path = SitePath::normalise("uploads/a.jpg").expect("it is a path");
        shown.started(4);
        shown.finished(&path);
        shown.started(2);
        let bar = &shown.bar;
        assert_eq!((bar.length(), bar.position()), (Some(6), 1));
    }

    #[test]
    fn a_line_says_how_much_is_done_and_left() {
        let shown = Shown::new(false, true);
        assert_eq!(shown.counts.line(INTERVAL), None);
        let path = SitePath::normalise("uploads/a.jpg").expect("it is a path");
        shown.started(4);
        let line = shown.counts.line(INTERVAL);
        assert_eq!(line.as_deref(), Some("0/4 images, 10 s"));
        shown.written(&path, 2_048);
        shown.finished(&path);
        assert_eq!(
            shown.counts.line(INTERVAL).as_deref(),
            Some("1/4 images, 2.0 KiB written, 10 s, about 30 s left (uploads/a.jpg)")
        );
    }
}
