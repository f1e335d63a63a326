//! The events of a watcher, which are printed for people or, as JSON, for other programs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::JsonFinding;

/// An event of a watcher.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A preview can be opened at this address.
    Preview { url: String },
    /// The folders are watched from now on.
    Watching {
        folders: usize,
        backend: Backend,
        /// Why it polls, if that was not requested.
        reason: Option<String>,
    },
    /// A run started.
    Begun {
        /// What changed; empty for the whole site.
        files: Vec<String>,
    },
    /// A run finished.
    Done(Done),
    /// A new finding.
    Finding(JsonFinding),
    /// A finding that no longer applies.
    Resolved(JsonFinding),
    /// Nothing can be done before something changes, or before the next attempt.
    Waiting { reason: String },
}

/// How changes are noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    Native,
    Polling { interval_ms: u64 },
}

/// The result of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Done {
    /// What changed; empty for the whole site.
    pub files: Vec<String>,
    /// Those of `files` that no longer exist.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deleted: Vec<String>,
    /// The articles that were rewritten.
    pub rewritten: Vec<String>,
    /// Files with an error: articles that were left unchanged, or settings that stopped the run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    /// Whether an error of the settings stopped the run.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stopped: bool,
    /// Number of variants that were written, and their size in bytes.
    pub variants: usize,
    pub bytes: u64,
    pub seconds: f64,
}

impl Done {
    /// Whether a variant or an article was written.
    pub fn has_written(&self) -> bool {
        self.variants > 0 || !self.rewritten.is_empty()
    }
}
