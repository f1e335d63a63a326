//! `--format gitlab`: a GitLab Code Quality report, a list of issues.
//!
//! Format: "Implement a custom tool" in GitLab's documentation of Code Quality. Lines are counted
//! from 1, paths from the root of the repository.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::{Outcome, Sources};
use crate::finding::{Finding, Severity};
use crate::language::Language;
use crate::printable::pretty_json;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

pub(super) fn write(
    outcome: &dyn Outcome,
    language: Language,
    sources: &Sources<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut fingerprints = Fingerprints::default();
    let issues = outcome.findings().iter().map(|finding| Issue {
        description: description(finding, language),
        check_name: finding.code.as_str(),
        fingerprint: fingerprints.of(finding),
        severity: match finding.severity() {
            Severity::Error => "critical",
            Severity::Warning => "minor",
            Severity::Notice => "info",
        },
        location: Location {
            path: sources.path_in_repository(finding),
            lines: Lines {
                begin: finding.position().map_or(1, |position| position.line),
            },
        },
    });
    let issues: Vec<Issue> = issues.collect();
    writeln!(out, "{}", pretty_json(&issues)?)
}

fn description(finding: &Finding, language: Language) -> String {
    let message = finding.full_message();
    let message = language.text(&message);
    match &finding.hint {
        Some(hint) => format!("{message}{}", language.text(&format!(" – hint: {hint}"))),
        None => message.into_owned(),
    }
}

/// Computes fingerprints of findings: each is unique in the report, and stays the same when lines
/// move.
#[derive(Default)]
pub(super) struct Fingerprints {
    /// Number of findings so far per identity.
    taken: BTreeMap<String, usize>,
}

impl Fingerprints {
    pub fn of(&mut self, finding: &Finding) -> String {
        let name = finding.identity();
        let count = self.taken.entry(name.clone()).or_default();
        *count += 1;
        let text = format!("{name}\0{count}");
        blake3::hash(text.as_bytes()).to_hex()[..32].to_owned()
    }
}
