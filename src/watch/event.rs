//! What a watcher tells, one value at a time: for a terminal, for other programs, for a page.

use serde::{Serialize, Serializer};

use crate::finding::Finding;
use crate::report::serialize_finding;

/// Something that happened while watching.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The folders are watched from now on.
    Watching {
        folders: usize,
        backend: Backend,
        /// Why it is polling, where that was not asked for.
        reason: Option<String>,
    },
    /// A run has begun.
    Begun {
        /// What changed; empty for the whole site.
        files: Vec<String>,
    },
    /// A run came to its end.
    Done(Done),
    /// Something is wrong, or worth knowing.
    Finding(Said),
    /// A finding that does not hold any more.
    Resolved(Said),
    /// Nothing can be done until something changes, or until the next attempt.
    Waiting { reason: String },
}

/// How changes are heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    Native,
    Polling { interval_ms: u64 },
}

/// What a run came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Done {
    /// What changed; empty for the whole site.
    pub files: Vec<String>,
    /// The articles that were rewritten.
    pub rewritten: Vec<String>,
    /// The number of variants that were written, and their bytes.
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

/// A finding as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said(pub Finding);

impl Serialize for Said {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_finding(&self.0, serializer)
    }
}
