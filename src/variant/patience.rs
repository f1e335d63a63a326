//! How long a run waits for variants that other processes make.

use std::time::{Duration, Instant};

use super::cache::Claiming;

/// A run that has waited for so long without seeing one variant more makes them itself: the other
/// process may be stopped.
const LONGEST: Duration = Duration::from_secs(5 * 60);
const PAUSE: Duration = Duration::from_millis(100);

/// Counts how long nothing has come.
pub(super) struct Patience {
    /// How many variants are waited for, and since when there are so many.
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
    /// Pauses, or gives up waiting.
    pub fn wait(&mut self, variants: usize) -> Claiming {
        let since = match self.waiting {
            Some((same, since)) if same == variants => since,
            _ => Instant::now(),
        };
        self.waiting = Some((variants, since));
        if since.elapsed() >= self.longest {
            return Claiming::Regardless;
        }
        std::thread::sleep(PAUSE);
        Claiming::Polite
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_in_vain_gives_up() {
        let mut patient = Patience::default();
        assert_eq!(patient.wait(3), Claiming::Polite);
        assert_eq!(patient.wait(2), Claiming::Polite);
        let mut impatient = Patience {
            longest: Duration::ZERO,
            ..Patience::default()
        };
        assert_eq!(impatient.wait(3), Claiming::Regardless);
    }
}
