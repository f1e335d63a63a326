//! Helpers for work on the threads of a rayon pool.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use tracing::Span;

use crate::contained::{is_contained, run};
use crate::error::ImageError;

/// Runs `work` for every item on the free threads, started in order. Returns the results in that
/// order.
pub fn in_order<T: Sync, R: Send>(items: &[T], work: &(dyn Fn(&T) -> R + Sync)) -> Vec<R> {
    if let [only] = items {
        return vec![work(only)];
    }
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let span = &Span::current();
    let is_contained = is_contained();
    rayon::scope_fifo(|scope| {
        for (place, item) in items.iter().enumerate() {
            let results = &results;
            scope.spawn_fifo(move |_| {
                let result = run(is_contained, || span.in_scope(|| work(item)));
                let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                results.push((place, result));
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_unstable_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Checks whether a stop was requested.
///
/// # Errors
///
/// [`ImageError::Interrupted`] if `stop` was set.
pub fn check_stop(stop: &AtomicBool) -> Result<(), ImageError> {
    if stop.load(Ordering::Relaxed) {
        Err(ImageError::Interrupted)
    } else {
        Ok(())
    }
}
