//! The gate that every write passes, so that a program can end between two writes.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Counts the writes that are under way. Clones share the count: a signal handler that owns one
/// can close the gate before it ends the process.
#[derive(Clone, Debug, Default)]
pub struct WriteGate {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    writes: usize,
    is_closed: bool,
}

/// A write that is under way; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Writing {
    shared: Arc<Shared>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WriteGate {
    /// Starts a write. Once the gate is closed, this never returns.
    pub(crate) fn enter(&self) -> Writing {
        let state = self.shared.lock();
        let mut state = self
            .shared
            .changed
            .wait_while(state, |state| state.is_closed)
            .unwrap_or_else(PoisonError::into_inner);
        state.writes += 1;
        Writing {
            shared: self.shared.clone(),
        }
    }

    /// Lets no further write start and waits for those under way: from then on the process can end
    /// without leaving a file half written.
    pub fn close(&self) {
        let mut state = self.shared.lock();
        state.is_closed = true;
        let _state = self
            .shared
            .changed
            .wait_while(state, |state| state.writes > 0)
            .unwrap_or_else(PoisonError::into_inner);
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.shared.lock().writes -= 1;
        self.shared.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    #[test]
    fn closing_waits_for_writes_and_blocks_later_ones() {
        let gate = WriteGate::default();
        let writing = gate.enter();
        let (sender, events) = channel();
        let closer = gate.clone();
        let closed = sender.clone();
        std::thread::spawn(move || {
            closer.close();
            let _ = closed.send("closed");
        });
        let pause = Duration::from_millis(50);
        assert!(events.recv_timeout(pause).is_err(), "a write is under way");
        drop(writing);
        assert_eq!(events.recv_timeout(Duration::from_secs(10)), Ok("closed"));
        std::thread::spawn(move || {
            let _writing = gate.enter();
            let _ = sender.send("wrote");
        });
        assert!(events.recv_timeout(pause).is_err(), "the gate is closed");
    }
}
