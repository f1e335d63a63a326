//! A finding as the object that all of `--format json` uses.

use serde::{Serialize, Serializer};

use crate::finding::{Finding, Severity};

/// A finding as programs read it.
#[derive(Serialize)]
struct JsonFinding<'f> {
    code: &'f str,
    severity: Severity,
    file: Option<&'f str>,
    line: Option<u32>,
    column: Option<u32>,
    message: String,
    hint: Option<&'f str>,
}

/// Serialises a finding as the object that all of `--format json` uses.
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
