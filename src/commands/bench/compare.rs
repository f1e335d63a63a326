//! `--compare`: figures held against those that were saved.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use planche::timings::Stage;

use super::figures::{Figures, Kind, KindFigures, SCHEMA, ratio};

/// Figures that were saved.
pub struct Saved {
    path: PathBuf,
    figures: Figures,
}

/// How figures stand to those that were saved: 1 is as it was, more is worse.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    pub file: String,
    /// The version that it was saved by.
    pub planche: String,
    /// Why ratios say little, if they do.
    pub doubts: Vec<String>,
    pub kinds: BTreeMap<Kind, Ratios>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ratios {
    pub cpu: Option<f64>,
    pub wall: Option<f64>,
    pub peak: Option<f64>,
    /// Of CPU, in the stages that both have.
    pub stages: BTreeMap<Stage, f64>,
}

/// The part that says which layout a file has.
#[derive(Deserialize)]
struct Head {
    schema: u32,
}

impl Saved {
    pub fn read(path: &Path) -> Result<Saved> {
        let shown = path.display();
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
        let head: Head = serde_json::from_str(&text).with_context(|| {
            format!("`{shown}` holds no figures – hint: save some with `planche bench --save`")
        })?;
        if head.schema != SCHEMA {
            bail!(
                "`{shown}` has figures of schema {}, and this planche reads schema {SCHEMA} – hint: save them anew",
                head.schema
            );
        }
        let figures = serde_json::from_str(&text).with_context(|| {
            format!("`{shown}` holds no figures – hint: save some with `planche bench --save`")
        })?;
        Ok(Saved {
            path: path.to_owned(),
            figures,
        })
    }

    /// The figures with how they stand to these.
    pub fn held_against(&self, mut figures: Figures) -> Figures {
        let saved = &self.figures;
        let mut doubts = Vec::new();
        if saved.machine != figures.machine {
            doubts.push(format!(
                "another machine: {} with {} processors ({}), and this is {} with {} ({})",
                saved.machine.cpu,
                saved.machine.processors,
                saved.machine.system,
                figures.machine.cpu,
                figures.machine.processors,
                figures.machine.system
            ));
        }
        if saved.threads != figures.threads {
            let (saved, here) = (saved.threads, figures.threads);
            doubts.push(format!(
                "another number of threads: {saved}, and here {here}"
            ));
        }
        if saved.subject != figures.subject {
            let (saved, here) = (&saved.subject, &figures.subject);
            doubts.push(format!("another site: {saved}, and this is {here}"));
        }
        let both = figures.kinds.iter().filter_map(|(kind, here)| {
            let there = saved.kinds.get(kind)?;
            Some((*kind, Ratios::of(here, there)))
        });
        figures.compared = Some(Compared {
            file: self.path.display().to_string(),
            planche: saved.planche.clone(),
            doubts,
            kinds: both.collect(),
        });
        figures
    }
}

impl Ratios {
    fn of(here: &KindFigures, there: &KindFigures) -> Self {
        let peak = here.peak_bytes.zip(there.peak_bytes);
        let stages = here.stages.iter().filter_map(|(stage, row)| {
            let saved = there.stages.get(stage)?.figures.cpu_seconds;
            Some((*stage, ratio(row.figures.cpu_seconds, saved)?))
        });
        Ratios {
            cpu: ratio(here.cpu_seconds, there.cpu_seconds),
            wall: ratio(here.wall_seconds, there.wall_seconds),
            peak: peak.and_then(|(here, there)| ratio(here as f64, there as f64)),
            stages: stages.collect(),
        }
    }
}
