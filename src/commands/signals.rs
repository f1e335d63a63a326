//! Handles SIGINT and SIGTERM: the first signal requests a stop, the second one ends the process.
//!
//! A run that does not stop in time is ended as soon as no file of the site is being written,
//! because decoding a large image cannot be interrupted.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;
use signal_hook::iterator::Signals as Queue;

use planche::internal::site::WriteGate;

use super::output::{language, write_line};

/// Time that a run gets to stop by itself.
const PATIENCE: Duration = Duration::from_millis(150);

/// The message printed when a run was interrupted.
pub const INTERRUPTED: &str =
    "interrupted; finished files were kept: run planche again to continue";

pub struct Signals {
    pub stop: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
}

/// Makes a write beyond the limit of `ulimit -f` fail with an error, instead of ending the process
/// with SIGXFSZ.
pub fn survive_file_limit() {
    // If the handler cannot be registered, such a write ends the process.
    let _ = flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
}

impl Signals {
    pub fn listen() -> Result<Self> {
        let signals = Signals {
            stop: Arc::new(AtomicBool::new(false)),
            signal: Arc::new(AtomicUsize::new(0)),
        };
        for signal in [SIGINT, SIGTERM] {
            let number = usize::try_from(signal).unwrap_or_default();
            // The order matters: the shutdown handler must see the flag before the same signal sets
            // it.
            flag::register_conditional_shutdown(signal, 128 + signal, signals.stop.clone())
                .and_then(|_| flag::register_usize(signal, signals.signal.clone(), number))
                .and_then(|_| flag::register(signal, signals.stop.clone()))
                .context("cannot listen to signals")?;
        }
        Ok(signals)
    }

    /// Starts a thread that ends the process shortly after the first signal, if the process has not
    /// ended by itself, once no file of the site is being written.
    pub fn end_soon(&self, gate: WriteGate) -> Result<()> {
        let mut queue = Queue::new([SIGINT, SIGTERM]).context("cannot listen to signals")?;
        let wait = move || {
            if let Some(signal) = queue.forever().next() {
                std::thread::sleep(PATIENCE);
                gate.close();
                write_line(&format!("\n{}", language().text(INTERRUPTED)));
                std::process::exit(128 + signal);
            }
        };
        let thread = std::thread::Builder::new().name("signals".to_owned());
        let started: io::Result<_> = thread.spawn(wait);
        started.context("cannot start a thread")?;
        Ok(())
    }

    /// Returns the number of the signal that requested a stop, if any.
    pub fn caught(&self) -> Option<i32> {
        i32::try_from(self.signal.load(Ordering::Relaxed))
            .ok()
            .filter(|signal| *signal > 0)
    }
}
