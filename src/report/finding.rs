//! The JSON object that represents a finding in the output of `--format json` of every command.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::finding::{Finding, Severity};

/// A finding as programs read it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
pub struct JsonFinding<'f> {
    /// A page about each code is in `docs/findings/`.
    code: &'f str,
    severity: Severity,
    /// The path from the site's root; null if the finding is about the run.
    file: Option<&'f str>,
    /// From 1.
    line: Option<u32>,
    /// From 1, in characters (Unicode scalar values).
    column: Option<u32>,
    message: String,
    /// What to do about it.
    hint: Option<&'f str>,
}

/// Serialises a finding as [`JsonFinding`].
pub fn serialize_finding<S: Serializer>(
    finding: &Finding,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    JsonFinding {
        code: finding.code.as_str(),
        severity: finding.severity(),
        file: finding.file.as_deref(),
        line: finding.position().map(|position| position.line),
        column: finding.position().map(|position| position.column),
        message: finding.full_message(),
        hint: finding.hint.as_deref(),
    }
    .serialize(serializer)
}

/// Serialises findings as a list of [`JsonFinding`] objects.
pub fn serialize_findings<S: Serializer>(
    findings: &[Finding],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    struct One<'f>(&'f Finding);

    impl Serialize for One<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serialize_finding(self.0, serializer)
        }
    }

    serializer.collect_seq(findings.iter().map(One))
}
