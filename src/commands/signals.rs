//! Signals: the first one asks the run to stop, a second one ends the process.
//!
//! A run that does not stop in time is ended between two writes: a decoder of a large original hears
//! of no signal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals as Queue;

/// How long a run may take to stop by itself.
const PATIENCE: Duration = Duration::from_millis(150);

/// What is said of it.
pub const INTERRUPTED: &str = "planche: interrupted; what was finished stays, run again to go on";

pub struct Signals {
    pub stop: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
}

impl Signals {
    pub fn listen() -> Result<Self> {
        let signals = Signals {
            stop: Arc::new(AtomicBool::new(false)),
            signal: Arc::new(AtomicUsize::new(0)),
        };
        for signal in [SIGINT, SIGTERM] {
            let number = usize::try_from(signal).unwrap_or_default();
            // In this order: the flag is up only for the second signal.
            flag::register_conditional_shutdown(signal, 128 + signal, signals.stop.clone())
                .and_then(|_| flag::register_usize(signal, signals.signal.clone(), number))
                .and_then(|_| flag::register(signal, signals.stop.clone()))
                .context("cannot listen to signals")?;
        }
        Ok(signals)
    }

    /// Ends the process a moment after the first signal, if it has not ended by itself, as soon as no
    /// file is being written.
    pub fn end_soon(&self) -> Result<()> {
        let mut queue = Queue::new([SIGINT, SIGTERM]).context("cannot listen to signals")?;
        std::thread::spawn(move || {
            if let Some(signal) = queue.forever().next() {
                std::thread::sleep(PATIENCE);
                let _held = planche::site::hold_writes();
                eprintln!("\n{INTERRUPTED}");
                std::process::exit(128 + signal);
            }
        });
        Ok(())
    }

    /// The signal that asked the run to stop.
    pub fn caught(&self) -> Option<i32> {
        i32::try_from(self.signal.load(Ordering::Relaxed))
            .ok()
            .filter(|signal| *signal > 0)
    }
}
