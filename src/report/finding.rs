//! The JSON object that represents a finding in the output of `--format json` of every command.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use crate::finding::{Finding, Severity};

/// A finding as programs read it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct Keys<'f> {
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

/// A finding that is serialised as programs read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonFinding(pub Finding);

impl Serialize for JsonFinding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_finding(&self.0, serializer)
    }
}

impl JsonSchema for JsonFinding {
    fn schema_name() -> Cow<'static, str> {
        Keys::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Keys::json_schema(generator)
    }
}

/// Serialises a finding as a [`JsonFinding`].
pub fn serialize_finding<S: Serializer>(
    finding: &Finding,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    keys(finding).serialize(serializer)
}

/// Serialises findings as a list of [`JsonFinding`]s.
pub fn serialize_findings<S: Serializer>(
    findings: &[Finding],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(keys))
}

fn keys(finding: &Finding) -> Keys<'_> {
    Keys {
        code: finding.code.as_str(),
        severity: finding.severity(),
        file: finding.file.as_deref(),
        line: finding.position().map(|position| position.line),
        column: finding.position().map(|position| position.column),
        message: finding.full_message(),
        hint: finding.hint.as_deref(),
    }
}
