//! Runs a watcher on a separate thread, and iterates over its events.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use super::{Event, Start, watch};

/// Iterator over the events of a watcher. Dropping it stops the watcher and waits for its thread.
pub struct Events {
    /// `None` only while `Events` is dropped.
    events: Option<Receiver<Event>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Watches a site on a separate thread.
///
/// # Errors
///
/// If the system cannot start a thread. A missing site is not an error of this function: it is
/// reported as [`Event::Waiting`], which is then the last event.
pub fn events(start: Start) -> std::io::Result<Events> {
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, events) = sync_channel(1_024);
    let is_stopped = stop.clone();
    let watcher = move || {
        // Sending fails only if the receiver was dropped, and then the flag is set as well.
        let outcome = watch(&start, &is_stopped, &mut |event| {
            let _ = sender.send(event);
        });
        if let Err(error) = outcome {
            let reason = error.to_string();
            let _ = sender.send(Event::Waiting { reason });
        }
    };
    let thread = std::thread::Builder::new().name("watch".to_owned());
    Ok(Events {
        events: Some(events),
        stop,
        thread: Some(thread.spawn(watcher)?),
    })
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.events.as_ref()?.recv().ok()
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Dropping the receiver releases a watcher that waits for room in the channel.
        self.events = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed already; nothing else can be done about it
            // here.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropping_the_events_ends_the_watcher() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("planche.yml"), "").unwrap();
        let start = Start {
            site: Some(folder.path().to_owned()),
            ..Start::default()
        };
        let mut events = events(start).unwrap();
        assert!(events.next().is_some());
        let stop = events.stop.clone();
        drop(events);
        // The thread has ended, so that it no longer shares the flag.
        assert_eq!(Arc::strong_count(&stop), 1);
    }
}
