//! Limits how long a run waits for variants that other processes make.

use std::time::{Duration, Instant};

use super::cache::Claiming;

/// If no further variant appears for this long, a run makes the variants itself: the other process
/// may have been stopped.
const LONGEST: Duration = Duration::from_secs(5 * 60);
const PAUSE: Duration = Duration::from_millis(100);

/// Measures how long the number of missing variants has not changed.
pub(super) struct Patience {
    /// The number of variants that the run waits for, and since when it is unchanged.
    waiting: Option<(usize, Instant)>,
    longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            waiting: None,
            longest: LONGEST,
        }
    }
}

impl Patience {
    /// Pauses, or gives up if the number of `variants` to wait for has not changed for too long.
    pub fn wait(&mut self, variants: usize) -> Claiming {
        let since = match self.waiting {
            Some((same, since)) if same == variants => since,
            _ => Instant::now(),
        };
        self.waiting = Some((variants, since));
        if since.elapsed() >= self.longest {
            return Claiming::Anyway;
        }
        std::thread::sleep(PAUSE);
        Claiming::WhenFree
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_in_vain_gives_up() {
        let mut patient = Patience::default();
        assert_eq!(patient.wait(3), Claiming::WhenFree);
        assert_eq!(patient.wait(2), Claiming::WhenFree);
        let mut impatient = Patience {
            longest: Duration::ZERO,
            ..Patience::default()
        };
        assert_eq!(impatient.wait(3), Claiming::Anyway);
    }
}
