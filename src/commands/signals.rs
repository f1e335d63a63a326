//! Signals: the first one asks the run to stop, a second one ends the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

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

    /// The signal that asked the run to stop.
    pub fn caught(&self) -> Option<i32> {
        i32::try_from(self.signal.load(Ordering::Relaxed))
            .ok()
            .filter(|signal| *signal > 0)
    }
}
