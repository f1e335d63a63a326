//! The runs: each in a process of its own, so that its CPU time and its memory are its own.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::super::signals::Signals;
use super::super::timed::Measured;
use super::figures::{
    Figures, Kind, KindFigures, LedgerFigures, Machine, SCHEMA, Scaling, Subject, processors,
};
use super::scratch::Scratch;

/// How long the process is left alone before it is looked at again.
const PAUSE: Duration = Duration::from_millis(2);

pub struct Runs<'r> {
    pub scratch: &'r Scratch,
    pub signals: &'r Signals,
    /// Of each kind.
    pub runs: usize,
    pub threads: usize,
}

impl Runs<'_> {
    /// Measures all kinds of runs, or one, and that one, else the first, with fewer threads.
    pub fn measure(&self, only: Option<Kind>) -> Result<Figures> {
        let mut figures = Figures {
            schema: SCHEMA,
            planche: env!("CARGO_PKG_VERSION").to_owned(),
            machine: Machine::this(),
            subject: Subject::default(),
            runs: self.runs,
            threads: self.threads,
            kinds: std::collections::BTreeMap::new(),
            scaling: Scaling::default(),
            ledger: LedgerFigures::default(),
            compared: None,
        };
        let is_wanted = |kind| only.is_none_or(|only| only == kind);
        let scaled = only.unwrap_or(Kind::Cold);
        let fewer = thread_counts(self.threads);
        let mut first = None;
        for threads in fewer.iter().copied() {
            let is_all = threads == self.threads;
            if scaled != Kind::Cold && !is_all {
                continue;
            }
            // Where cold runs are not asked for, one makes what the others need.
            let times = if is_wanted(Kind::Cold) { self.runs } else { 1 };
            let cold = self.several(times, threads, Kind::Cold)?;
            if scaled == Kind::Cold {
                figures.scaling.add(Kind::Cold, threads, &cold);
            }
            if is_all && is_wanted(Kind::Cold) {
                figures.kinds.insert(Kind::Cold, KindFigures::of(&cold));
            }
            first = cold.into_iter().next_back();
        }
        let first = first.context("no run was made")?;
        figures.subject = Subject {
            name: self.scratch.name.clone(),
            articles: first.articles,
            originals: first.originals,
            variants: first.variants,
            failed: first.failed,
        };
        let saved = KindFigures::of(std::slice::from_ref(&first));
        // What was just written is looked at once more; from then on the ledger holds.
        self.run(self.threads)?;
        for kind in [Kind::Warm, Kind::Change] {
            // The warm runs tell how long it takes to load the ledger.
            if !is_wanted(kind) {
                continue;
            }
            for threads in fewer.iter().copied() {
                let is_all = threads == self.threads;
                if kind != scaled && !is_all {
                    continue;
                }
                let runs = self.several(self.runs, threads, kind)?;
                if kind == scaled {
                    figures.scaling.add(kind, threads, &runs);
                }
                if is_all {
                    figures.kinds.insert(kind, KindFigures::of(&runs));
                }
            }
        }
        let load = match figures.kinds.get(&Kind::Warm) {
            Some(warm) => warm.ledger_seconds(),
            None => KindFigures::of(&[self.run(self.threads)?]).ledger_seconds(),
        };
        figures.ledger = LedgerFigures {
            bytes: self.scratch.ledger_bytes(),
            save_cpu_seconds: saved.ledger_seconds(),
            load_cpu_seconds: load,
        };
        figures.scaling.settle();
        Ok(figures)
    }

    /// Some runs of one kind.
    fn several(&self, times: usize, threads: usize, kind: Kind) -> Result<Vec<Measured>> {
        let one = |_| {
            match kind {
                Kind::Cold => self.scratch.reset(self.signals)?,
                Kind::Warm => {}
                Kind::Change => self.scratch.change()?,
            }
            self.run(threads)
        };
        (0..times).map(one).collect()
    }

    fn run(&self, threads: usize) -> Result<Measured> {
        let program = std::env::current_exe().context("cannot find this program")?;
        let mut command = Command::new(program);
        command
            .args(["build", "--measured", "--quiet", "--jobs"])
            .arg(threads.to_string())
            .arg(self.scratch.path());
        if let Some(config) = self.scratch.config() {
            command.arg("--config").arg(config);
        }
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().context("cannot start a run")?;
        self.wait(child)
    }

    fn wait(&self, mut child: Child) -> Result<Measured> {
        while child.try_wait()?.is_none() {
            if self.signals.stop.load(Ordering::Relaxed) {
                // Its copy is thrown away: nothing in it is worth an end in order.
                child.kill()?;
                child.wait()?;
                bail!("interrupted");
            }
            std::thread::sleep(PAUSE);
        }
        let (mut said, mut wrong) = (String::new(), String::new());
        if let Some(mut out) = child.stdout.take() {
            out.read_to_string(&mut said)?;
        }
        if let Some(mut err) = child.stderr.take() {
            err.read_to_string(&mut wrong)?;
        }
        serde_json::from_str(&said).with_context(|| {
            let wrong = wrong.trim().trim_start_matches("planche: ");
            format!("a run failed: {wrong}")
        })
    }
}

/// 1, 2, 4, … and the number itself.
fn thread_counts(threads: usize) -> Vec<usize> {
    let powers = std::iter::successors(Some(1usize), |count| count.checked_mul(2));
    let mut counts: Vec<usize> = powers.take_while(|count| *count < threads).collect();
    counts.push(threads);
    counts
}

impl Machine {
    fn this() -> Self {
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .unwrap_or(": unknown");
        Machine {
            cpu: model.trim_start_matches(['\t', ' ', ':']).trim().to_owned(),
            processors: processors(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }
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
