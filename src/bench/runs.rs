//! Starts the runs of a benchmark. Each run is a separate process, so that its CPU time and peak
//! memory are measured on their own.

use std::collections::BTreeMap;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::figures::{
    Figures, LedgerFigures, Machine, SCHEMA, Scaling, Scenario, ScenarioFigures, Subject,
};
use super::measured::Measured;
use super::scratch::Scratch;

/// Interval at which the process of a run is polled.
const PAUSE: Duration = Duration::from_millis(2);

/// Settings for running the program on a scratch site.
pub(super) struct Runs<'r> {
    pub scratch: &'r Scratch,
    pub stop: &'r AtomicBool,
    /// Runs per scenario.
    pub runs: usize,
    pub threads: usize,
}

impl Runs<'_> {
    /// Measures all scenarios, or `only` one. The latter, or by default the cold scenario, is also
    /// measured with fewer threads.
    pub fn measure(&self, only: Option<Scenario>) -> Result<Figures> {
        let mut figures = Figures {
            schema: SCHEMA,
            planche: env!("CARGO_PKG_VERSION").to_owned(),
            machine: Machine::current(),
            subject: Subject::default(),
            runs: self.runs,
            threads: self.threads,
            scenarios: BTreeMap::new(),
            scaling: Scaling::default(),
            ledger: LedgerFigures::default(),
            compared: None,
        };
        let first = self.measure_cold(only, &mut figures)?;
        figures.subject = Subject {
            name: self.scratch.name.clone(),
            articles: first.articles,
            originals: first.originals,
            variants: first.variants,
            failed: first.failed,
        };
        // A run checks new files once more before the ledger trusts their stamps, so this run
        // precedes the warm ones.
        self.run(self.threads)?;
        for scenario in [Scenario::Warm, Scenario::Change] {
            if only.is_none_or(|only| only == scenario) {
                self.measure_one(scenario, only == Some(scenario), &mut figures)?;
            }
        }
        let load_cpu_seconds = match figures.scenarios.get(&Scenario::Warm) {
            Some(warm) => warm.ledger_seconds(),
            None => ScenarioFigures::from_runs(&[self.run(self.threads)?]).ledger_seconds(),
        };
        figures.ledger = LedgerFigures {
            bytes: self.scratch.ledger_bytes(),
            load_cpu_seconds,
            save_cpu_seconds: ScenarioFigures::from_runs(&[first]).ledger_seconds(),
        };
        Ok(figures)
    }

    /// Measures cold runs, and returns the last one. If they are not requested, one unmeasured cold
    /// run prepares the site for the other scenarios.
    fn measure_cold(&self, only: Option<Scenario>, figures: &mut Figures) -> Result<Measured> {
        let is_wanted = only.is_none_or(|only| only == Scenario::Cold);
        if is_wanted {
            return self.measure_one(Scenario::Cold, true, figures);
        }
        let prepared = self.repeat(1, self.threads, Scenario::Cold)?;
        prepared.into_iter().next_back().context("no run was made")
    }

    /// Measures one scenario, with all threads only or, if `is_scaled`, with ascending numbers of
    /// threads. Returns the last run.
    fn measure_one(
        &self,
        scenario: Scenario,
        is_scaled: bool,
        figures: &mut Figures,
    ) -> Result<Measured> {
        let counts = if is_scaled {
            thread_counts(self.threads)
        } else {
            vec![self.threads]
        };
        let mut runs = Vec::new();
        for threads in counts {
            runs = self.repeat(self.runs, threads, scenario)?;
            if is_scaled {
                figures.scaling.add(scenario, threads, &runs);
            }
        }
        // `runs` now has the results for the full number of threads.
        figures
            .scenarios
            .insert(scenario, ScenarioFigures::from_runs(&runs));
        runs.pop().context("no run was made")
    }

    fn repeat(&self, times: usize, threads: usize, scenario: Scenario) -> Result<Vec<Measured>> {
        let mut runs = Vec::with_capacity(times);
        for _ in 0..times {
            match scenario {
                Scenario::Cold => self.scratch.reset(self.stop)?,
                Scenario::Warm => {}
                Scenario::Change => self.scratch.change()?,
            }
            runs.push(self.run(threads)?);
        }
        Ok(runs)
    }

    fn run(&self, threads: usize) -> Result<Measured> {
        let program = std::env::current_exe().context("cannot find this program")?;
        let mut command = Command::new(program);
        command
            .args(["build", "--measured", "--quiet", "--jobs"])
            .arg(threads.to_string())
            .arg(self.scratch.path())
            // A cache would skip the work that the benchmark measures.
            .env(crate::variant::VARIABLE, "");
        if let Some(config) = self.scratch.config() {
            command.arg("--config").arg(config);
        }
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start a run")?;
        self.wait(child)
    }

    /// Waits for a run, and parses what it printed. Kills it if this process is to stop.
    fn wait(&self, mut child: Child) -> Result<Measured> {
        while child.try_wait()?.is_none() {
            if self.stop.load(Ordering::Relaxed) {
                // The copy is removed anyway, so killing the run does no harm.
                child.kill()?;
                child.wait()?;
                bail!("interrupted");
            }
            std::thread::sleep(PAUSE);
        }
        let (mut output, mut errors) = (String::new(), String::new());
        if let Some(mut pipe) = child.stdout.take() {
            pipe.read_to_string(&mut output)?;
        }
        if let Some(mut pipe) = child.stderr.take() {
            pipe.read_to_string(&mut errors)?;
        }
        serde_json::from_str(&output).with_context(|| {
            let errors = errors.trim().trim_start_matches("error: ");
            format!("a run failed: {errors}")
        })
    }
}

/// Returns 1, 2, 4, … and the number itself, in ascending order.
fn thread_counts(threads: usize) -> Vec<usize> {
    let powers = std::iter::successors(Some(1usize), |count| count.checked_mul(2));
    powers
        .take_while(|count| *count < threads)
        .chain([threads])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_doubled_up_to_all() {
        assert_eq!(thread_counts(1), [1]);
        assert_eq!(thread_counts(2), [1, 2]);
        assert_eq!(thread_counts(6), [1, 2, 4, 6]);
        assert_eq!(thread_counts(8), [1, 2, 4, 8]);
    }
}
