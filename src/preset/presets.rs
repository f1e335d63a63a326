//! The presets of a site, by name.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{BUILT_IN, Preset, read};
use crate::finding::{Code, Finding, nearest};

/// The presets of a site. Its own presets replace built-in ones of the same name.
#[derive(Clone, Debug, Serialize)]
pub struct Presets {
    usable: BTreeMap<String, Preset>,
    /// Names of presets whose file has an error. Their images are skipped and their records kept.
    broken: Vec<String>,
}

/// Suffix of the names of presets that make only the largest width of another one.
const LARGEST: &str = " (largest)";

impl Presets {
    /// Reads the files of a preset folder: presets (`.yml`, `.yaml`) and tables of visitors
    /// (`.csv`), as pairs of path and text. Returns a finding for each file with an error.
    pub fn read<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> (Presets, Vec<Finding>) {
        let (tables, files): (Vec<_>, Vec<_>) = files
            .into_iter()
            .partition(|(path, _)| path.ends_with(".csv"));
        let mut usable: BTreeMap<String, Preset> = BUILT_IN
            .iter()
            .map(|(name, text)| {
                let preset = read::preset(name, text, &[]).expect("built-in presets are valid");
                ((*name).to_owned(), preset)
            })
            .collect();
        let mut broken = Vec::new();
        let mut findings = Vec::new();
        for (path, text) in files {
            let name = preset_name(path).to_owned();
            match read::preset(path, text, &tables) {
                Ok(preset) => {
                    usable.insert(name, preset);
                }
                Err(finding) => {
                    usable.remove(&name);
                    broken.push(name);
                    findings.push(finding);
                }
            }
        }
        (Presets { usable, broken }, findings)
    }

    /// Returns the preset with this name; `None` if there is none, or its file has an error.
    pub fn get(&self, name: &str) -> Option<&Preset> {
        self.usable.get(name)
    }

    /// Adds a preset for each preset with `sizes`, which makes only its largest width: for places
    /// that show a single file. [`largest`](Self::largest) has its name.
    pub fn add_largest(&mut self) {
        let presets = self.usable.iter();
        let presets = presets.filter(|(_, preset)| preset.sizes.is_some());
        let largest = presets.map(|(name, preset)| {
            let preset = Preset {
                widths: preset.widths.only_largest(),
                sources: Vec::new(),
                ..preset.clone()
            };
            (format!("{name}{LARGEST}"), preset)
        });
        let largest: Vec<(String, Preset)> = largest.collect();
        self.usable.extend(largest);
    }

    /// Returns the name of the preset that makes only the largest width of another one; the name
    /// of the other one if there is none.
    pub fn largest(&self, name: &str) -> String {
        let largest = format!("{name}{LARGEST}");
        match self.usable.contains_key(&largest) {
            true => largest,
            false => name.to_owned(),
        }
    }

    /// Whether any source of a preset shows another file than the original.
    pub fn use_other_files(&self) -> bool {
        let mut sources = self.usable.values().flat_map(|preset| &preset.sources);
        sources.any(|source| source.from.is_some())
    }

    /// Iterates over the names and `sizes` of the presets that have `sizes`.
    pub fn sizes(&self) -> impl Iterator<Item = (&str, &str)> {
        let presets = self.usable.iter();
        presets.filter_map(|(name, preset)| Some((name.as_str(), preset.sizes.as_ref()?.as_str())))
    }

    /// Returns a finding if there is no preset with this name. A preset whose file has an error
    /// has its own finding already.
    pub fn check_name(&self, name: &str) -> Option<Finding> {
        if self.usable.contains_key(name) || self.broken.iter().any(|broken| broken == name) {
            return None;
        }
        let finding = Finding::new(Code::Configuration, format!("unknown preset `{name}`"));
        let known = self.usable.keys().map(String::as_str);
        Some(match nearest(name, known.clone()) {
            Some(near) => finding.hint(format!("did you mean `{near}`?")),
            None => {
                let known: Vec<String> = known.map(|name| format!("`{name}`")).collect();
                finding.hint(format!("use {} or `none`", known.join(", ")))
            }
        })
    }
}

/// Returns the preset name in a file: `presets/carousel.yml` → `carousel`.
pub fn preset_name(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.strip_suffix(".yml")
        .or_else(|| file.strip_suffix(".yaml"))
        .unwrap_or(file)
}
