//! `--compare`: computes ratios of new figures to saved ones.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::figures::{Comparison, Figures, Ratios, SCHEMA, ScenarioFigures, ratio};

/// Figures read from a file that `--save` wrote.
pub struct Saved {
    path: PathBuf,
    figures: Figures,
}

/// The part of the JSON that exists in every version of its layout.
#[derive(Deserialize)]
struct Head {
    schema: u32,
}

impl Saved {
    /// Reads saved figures.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, contains no figures, or has another schema.
    pub fn read(path: &Path) -> Result<Saved> {
        let shown = path.display();
        let no_figures = || {
            format!("`{shown}` contains no figures – hint: save some with `planche bench --save`")
        };
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
        let head: Head = serde_json::from_str(&text).with_context(no_figures)?;
        if head.schema != SCHEMA {
            bail!(
                "`{shown}` has schema {}, but this planche reads schema {SCHEMA} – hint: save the figures again",
                head.schema
            );
        }
        let figures = serde_json::from_str(&text).with_context(no_figures)?;
        Ok(Saved {
            path: path.to_owned(),
            figures,
        })
    }

    /// Adds to the figures a comparison with the saved ones.
    #[must_use]
    pub fn compare(&self, mut figures: Figures) -> Figures {
        let saved = &self.figures;
        let scenarios = figures
            .scenarios
            .iter()
            .filter_map(|(scenario, new)| {
                Some((*scenario, Ratios::new(new, saved.scenarios.get(scenario)?)))
            })
            .collect();
        figures.compared = Some(Comparison {
            file: self.path.display().to_string(),
            planche: saved.planche.clone(),
            caveats: caveats(saved, &figures),
            scenarios,
        });
        figures
    }
}

/// Describes what differs between the two measurements besides the program: machine, threads, site.
fn caveats(saved: &Figures, new: &Figures) -> Vec<String> {
    let mut caveats = Vec::new();
    if saved.machine != new.machine {
        let describe = |figures: &Figures| {
            let machine = &figures.machine;
            format!(
                "{}, {} CPUs ({})",
                machine.cpu, machine.cpus, machine.system
            )
        };
        caveats.push(format!(
            "another machine: {}; this one is {}",
            describe(saved),
            describe(new)
        ));
    }
    if saved.threads != new.threads {
        caveats.push(format!(
            "another number of threads: {}; now {}",
            saved.threads, new.threads
        ));
    }
    if saved.subject != new.subject {
        caveats.push(format!(
            "another site: {}; this one is {}",
            saved.subject, new.subject
        ));
    }
    caveats
}

impl Ratios {
    fn new(new: &ScenarioFigures, saved: &ScenarioFigures) -> Self {
        let stages = new.stages.iter().filter_map(|(stage, row)| {
            let saved = saved.stages.get(stage)?.figures.cpu_seconds;
            Some((*stage, ratio(row.figures.cpu_seconds, saved)?))
        });
        Ratios {
            cpu: ratio(new.cpu_seconds, saved.cpu_seconds),
            wall: ratio(new.wall_seconds, saved.wall_seconds),
            peak: new
                .peak_bytes
                .zip(saved.peak_bytes)
                .and_then(|(new, saved)| ratio(new as f64, saved as f64)),
            stages: stages.collect(),
        }
    }
}
