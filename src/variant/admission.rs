//! Admits jobs: limits how much memory running jobs take together, and how many run at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The limits for running jobs.
pub struct Admission {
    /// The limit for the memory of all running jobs, in bytes. A job that needs more runs alone.
    max_bytes: u64,
    max_jobs: usize,
    running: Mutex<Running>,
    freed: Condvar,
}

#[derive(Default)]
struct Running {
    bytes: u64,
    jobs: usize,
}

/// A job's share of the budget. Dropping it releases the share, also during a panic, so that no
/// other job waits forever.
pub struct Share<'a> {
    admission: &'a Admission,
    bytes: u64,
}

impl Admission {
    pub fn new(max_bytes: u64, max_jobs: usize) -> Self {
        Admission {
            max_bytes,
            max_jobs,
            running: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    /// Waits until a job that needs `bytes` of memory may run, and returns its share.
    pub fn admit(&self, bytes: u64) -> Share<'_> {
        let must_wait = |running: &mut Running| {
            running.jobs > 0
                && (running.bytes.saturating_add(bytes) > self.max_bytes
                    || running.jobs >= self.max_jobs)
        };
        let running = self.freed.wait_while(self.running(), must_wait);
        let mut running = running.unwrap_or_else(PoisonError::into_inner);
        running.bytes = running.bytes.saturating_add(bytes);
        running.jobs += 1;
        Share {
            admission: self,
            bytes,
        }
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut running = self.admission.running();
        running.bytes = running.bytes.saturating_sub(self.bytes);
        running.jobs -= 1;
        drop(running);
        self.admission.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::contained::contain;

    #[test]
    fn a_job_that_panics_frees_its_share() {
        let admission = Admission::new(100, 2);
        let share = admission.admit(100);
        let panic = contain(|| {
            let _share = share;
            panic!("the job");
        });
        assert!(panic.is_err());
        // Waits forever unless the share was released.
        drop(admission.admit(100));
        assert_eq!(admission.running().jobs, 0);
        assert_eq!(admission.running().bytes, 0);
    }

    #[test]
    fn a_job_above_the_budget_runs_alone() {
        let admission = Admission::new(100, 8);
        let large = admission.admit(1_000);
        std::thread::scope(|scope| {
            let small = scope.spawn(|| drop(admission.admit(1)));
            assert_eq!(admission.running().jobs, 1);
            drop(large);
            small.join().unwrap();
        });
        assert_eq!(admission.running().jobs, 0);
    }
}
