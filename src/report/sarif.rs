//! `--format sarif`: SARIF 2.1.0 (OASIS), for code scanning tools.
//!
//! Columns count UTF-16 code units from 1, as `columnKind` declares (section 3.14.17). A byte order
//! mark is not counted.

use std::collections::BTreeMap;
use std::io;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::gitlab::Fingerprints;
use super::sources::{end_of_value, offset_of, utf16_column};
use super::{Outcome, Sources};
use crate::finding::{Code, Finding, Severity};
use crate::language::Language;
use crate::printable::pretty_json;

/// Characters that are percent-encoded in the path of a URI (RFC 3986, section 3.3).
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(super) fn write(
    outcome: &dyn Outcome,
    language: Language,
    sources: &Sources<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut rules: Vec<Value> = Vec::new();
    let mut places: BTreeMap<Code, usize> = BTreeMap::new();
    let mut fingerprints = Fingerprints::default();
    let mut results = Vec::new();
    for finding in outcome.findings() {
        let index = *places.entry(finding.code).or_insert_with(|| {
            rules.push(rule(finding.code, language));
            rules.len() - 1
        });
        results.push(json!({
            "ruleId": finding.code.as_str(),
            "ruleIndex": index,
            "level": level(finding.severity()),
            "message": { "text": text(finding, language) },
            "locations": [location(finding, sources)],
            "partialFingerprints": { "planche/v1": fingerprints.of(finding) },
        }));
    }
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "planche",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "automationDetails": { "id": format!("planche/{}", outcome.command()) },
            "columnKind": "utf16CodeUnits",
            "results": results,
        }],
    });
    writeln!(out, "{}", pretty_json(&log)?)
}

fn rule(code: Code, language: Language) -> Value {
    let mut rule = json!({
        "id": code.as_str(),
        "shortDescription": { "text": code.headline(language) },
        "fullDescription": { "text": code.meaning(language) },
        "defaultConfiguration": { "level": level(code.severity()) },
    });
    if let Some(hint) = code.hint() {
        rule["help"] = json!({ "text": language.text(hint) });
    }
    rule
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "note",
    }
}

fn text(finding: &Finding, language: Language) -> String {
    let message = finding.full_message();
    let message = language.text(&message);
    match &finding.hint {
        Some(hint) => format!("{message}\n{}", language.text(&format!("hint: {hint}"))),
        None => message.into_owned(),
    }
}

fn location(finding: &Finding, sources: &Sources<'_>) -> Value {
    let path = sources.path_in_repository(finding);
    let uri = utf8_percent_encode(&path, PATH).to_string();
    let artifact = json!({ "uri": uri, "uriBaseId": "%SRCROOT%" });
    let mut physical = json!({ "artifactLocation": artifact });
    if let Some(region) = region(finding, sources) {
        physical["region"] = region;
    }
    json!({ "physicalLocation": physical })
}

fn region(finding: &Finding, sources: &Sources<'_>) -> Option<Value> {
    let position = finding.position()?;
    let file = finding.file.as_deref()?;
    let Some(line) = sources.line(file, position) else {
        return Some(json!({ "startLine": position.line, "startColumn": position.column }));
    };
    let start = offset_of(&line, position.column);
    let end = end_of_value(&line, start);
    Some(json!({
        "startLine": position.line,
        "startColumn": utf16_column(&line, start),
        "endColumn": utf16_column(&line, end),
    }))
}
