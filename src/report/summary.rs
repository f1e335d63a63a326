//! The summary of one run: counts, findings, and what a dry run would write.
//!
//! The types serialise to the objects of `--format json`.

use schemars::JsonSchema;
use serde::Serialize;

use super::Gain;
use super::effect::Effect;
use super::finding::{JsonFinding, serialize_findings};
use crate::finding::{Finding, Severity};

/// The outcome of one run.
///
/// A run that ends in `Ok(summary)` may still have left things undone: [`Summary::has_errors`]
/// tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Summary {
    /// What kind of run this was.
    #[serde(skip)]
    pub kind: RunKind,
    pub articles: Articles,
    pub originals: Originals,
    pub variants: Variants,
    /// The manifest, if the configuration names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Manifest>,
    /// What would be done; only of a dry run.
    #[serde(rename = "plan", skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Forecast>,
    /// What readers of the site load; none unless all variants exist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gain: Option<Gain>,
    /// How many findings were left out because the baseline accepts them.
    #[serde(rename = "in_baseline", skip_serializing_if = "is_zero")]
    pub baselined: usize,
    /// By severity, file and position, errors first.
    #[serde(serialize_with = "serialize_findings")]
    #[schemars(with = "Vec<JsonFinding>")]
    pub findings: Vec<Finding>,
    pub seconds: f64,
}

/// The kind of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunKind {
    /// Bring variants and records up to date.
    #[default]
    Build,
    /// Compare variants and records with what a build would write.
    Check,
    /// A build that did nothing, because the configuration has errors.
    Stopped,
    /// Remove what planche has written into articles.
    Strip,
    /// Make the images in built pages responsive; `articles` counts pages.
    Html,
}

/// Counts of articles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Articles {
    pub read: usize,
    /// Rewritten by this run; 0 in a dry run.
    pub changed: usize,
    /// Left alone because of an error.
    pub refused: usize,
}

/// Counts of originals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Originals {
    pub used: usize,
    /// References to uploads that do not exist.
    pub missing: usize,
    /// Unreadable, damaged, or over a limit.
    pub failed: usize,
}

/// Counts of variants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Variants {
    /// Written by this run; 0 in a dry run.
    pub written: usize,
    /// Those of the written ones that came from the cache: they were not encoded.
    pub from_cache: usize,
    /// Complete before this run.
    pub fresh: usize,
    /// Bytes of those that were written.
    pub bytes: u64,
}

/// The manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Manifest {
    /// Path from the site's root.
    pub path: String,
    /// Written or removed by this run; never in a dry run.
    #[serde(rename = "changed")]
    pub is_changed: bool,
}

/// What a dry run would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Forecast {
    /// Images with variants to write.
    pub images: Vec<ForecastImage>,
    /// Variants to write.
    pub variants: Vec<ForecastVariant>,
    /// Articles to rewrite.
    pub articles: Vec<ForecastArticle>,
    /// The manifest, if it would be written or removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest: Option<ForecastArticle>,
}

/// An upload by one preset, some of whose variants would be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ForecastImage {
    /// Path of the upload.
    pub original: String,
    /// Preset name.
    pub preset: String,
    /// Pixels of the upload.
    pub width: u32,
    pub height: u32,
    /// Bytes of the upload.
    pub bytes: u64,
    /// The widths in pixels to write, ascending.
    pub widths: Vec<u32>,
    /// The extensions of the files to write.
    pub formats: Vec<String>,
    /// The two ends of a ladder of widths that the sizes of their files decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<[u32; 2]>,
    /// Number of files to write.
    pub variants: usize,
}

/// A variant that would be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ForecastVariant {
    pub path: String,
    /// Pixels.
    pub width: u32,
    /// Whether its size may keep it out of the srcset.
    pub may_be_left_out: bool,
    /// The largest width of the byte ladder that starts at this width; the sizes of both files
    /// determine the widths between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_below: Option<u32>,
}

/// A text that would be rewritten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ForecastArticle {
    pub path: String,
    pub change: Change,
    /// Unified diff; empty while variants that the text will name do not exist.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub diff: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// What would happen to a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It does not exist yet.
    Create,
    #[default]
    Update,
    Remove,
}

impl Change {
    /// Returns the verb that follows `would`.
    pub fn verb(self) -> &'static str {
        match self {
            Change::Create => "write",
            Change::Update => "update",
            Change::Remove => "remove",
        }
    }
}

impl Summary {
    /// Returns the summary of a run that did nothing, because the configuration cannot be read.
    pub fn refused(kind: RunKind, effect: Effect, finding: Finding) -> Self {
        Summary {
            kind,
            forecast: (effect == Effect::DryRun).then(Forecast::default),
            findings: vec![finding],
            ..Summary::default()
        }
    }

    /// Returns the number of findings of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.severity() == severity)
            .count()
    }

    /// Whether anything was left undone because of an error.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// Whether nothing was written, only planned.
    pub fn is_dry_run(&self) -> bool {
        self.forecast.is_some()
    }
}

impl Forecast {
    /// Whether a run would write or remove nothing.
    pub fn is_empty(&self) -> bool {
        self.variants.is_empty() && self.articles.is_empty() && self.manifest.is_none()
    }

    /// Removes the diffs, for reports that only name files.
    pub fn without_diffs(mut self) -> Self {
        for text in self.articles.iter_mut().chain(&mut self.manifest) {
            text.diff.clear();
        }
        self
    }

    /// Whether there is a diff to show.
    pub fn has_diff(&self) -> bool {
        let mut texts = self.articles.iter().chain(&self.manifest);
        texts.any(|text| !text.diff.is_empty())
    }
}
