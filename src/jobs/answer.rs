//! Result lines: what a worker has made for a job, or why it could not.

use serde::{Deserialize, Serialize};

use super::{Id, VERSION};
use crate::finding::{Code, Finding};
use crate::printable::without_error_numbers;

/// The result of one job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The version of the line's format, [`VERSION`].
    pub v: u32,
    /// The id of the job; `None` if it could not be read.
    pub id: Option<Id>,
    /// The number of the job's line, from 1, if the line could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The digest of the original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Id>,
    /// The files of the job that are in the store.
    #[serde(default)]
    pub outputs: Vec<MadeFile>,
    /// Why other files of the job are not in the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Fault>,
    /// Whether all files were in the store before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reused: bool,
    /// CPU time of the worker in milliseconds, without the processes that decode for it.
    #[serde(default)]
    pub cpu_ms: f64,
}

/// One file in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeFile {
    /// The name of the file in the store. Its first digits are in the file's name in the site.
    pub key: Id,
    pub bytes: u64,
    pub blake3: Id,
}

/// Why a job could not be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The code of a finding, or `invalid-job`, or `other-version`.
    pub code: String,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Whether the job may succeed elsewhere or later: the store or a disk failed, not the image.
    #[serde(default)]
    pub retry: bool,
}

impl Fault {
    pub fn new(code: &str, reason: impl Into<String>) -> Self {
        Fault {
            code: code.to_owned(),
            reason: without_error_numbers(&reason.into()).into_owned(),
            hint: None,
            retry: false,
        }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Converts the fault to a finding about an original.
    pub(super) fn finding(&self) -> Finding {
        let mut codes = Code::ALL.iter();
        let code = codes.find(|code| code.as_str() == self.code);
        let mut finding = Finding::new(code.copied().unwrap_or(Code::NotMade), &self.reason);
        finding.hint = self.hint.clone().or(finding.hint);
        finding
    }
}

/// A fault of the environment can be retried; a fault of the image cannot.
impl From<Finding> for Fault {
    fn from(finding: Finding) -> Self {
        Fault {
            code: finding.code.as_str().to_owned(),
            reason: finding.message,
            hint: finding.hint,
            retry: matches!(finding.code, Code::Unreadable | Code::Unwritable),
        }
    }
}

impl Answer {
    pub(super) fn new(id: Id, source: Id) -> Self {
        Answer {
            v: VERSION,
            id: Some(id),
            line: None,
            source: Some(source),
            outputs: Vec::new(),
            error: None,
            reused: false,
            cpu_ms: 0.0,
        }
    }

    /// Returns the answer about a line that is not a job of this version, with what can still be
    /// read from it.
    pub(super) fn unreadable(number: u64, line: &[u8], fault: Fault) -> Self {
        #[derive(Default, Deserialize)]
        struct Known {
            id: Option<Id>,
            source: Option<ToldSource>,
        }
        #[derive(Deserialize)]
        struct ToldSource {
            blake3: Id,
        }
        let known: Known = serde_json::from_slice(line).unwrap_or_default();
        Answer {
            v: VERSION,
            id: known.id,
            line: Some(number),
            source: known.source.map(|source| source.blake3),
            outputs: Vec::new(),
            error: Some(fault),
            reused: false,
            cpu_ms: 0.0,
        }
    }
}
