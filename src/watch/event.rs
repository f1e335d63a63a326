//! The events of a watcher, for a terminal and, as JSON, for other programs.

use serde::{Serialize, Serializer};

use crate::finding::Finding;
use crate::report::serialize_finding;

/// An event of a watcher.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    Native,
    Polling { interval_ms: u64 },
}

/// The result of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Done {
    /// What changed; empty for the whole site.
    pub files: Vec<String>,
    /// The articles that were rewritten.
    pub rewritten: Vec<String>,
    /// Number of variants that were written, and their size in bytes.
    pub variants: usize,
    pub bytes: u64,
    pub seconds: f64,
}

impl Done {
    /// Whether anything was written.
    pub fn has_written(&self) -> bool {
        self.variants > 0 || !self.rewritten.is_empty()
    }
}

/// A finding that serializes as in the JSON report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonFinding(pub Finding);

impl Serialize for JsonFinding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_finding(&self.0, serializer)
    }
}
