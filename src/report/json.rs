//! `--format json`: one object, `schema: 1`.

use std::io;

use serde::{Serialize, Serializer};

use super::{Report, Summary, Told};
use crate::finding::{Finding, Severity};

/// The version of the object's layout.
const SCHEMA: u32 = 1;

/// One JSON object on standard output.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

#[derive(Serialize)]
struct Object<'s> {
    schema: u32,
    articles: Articles,
    originals: Originals,
    variants: Variants,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<Manifest<'s>>,
    findings: Vec<Said<'s>>,
    seconds: f64,
}

#[derive(Serialize)]
struct Articles {
    read: usize,
    changed: usize,
    refused: usize,
}

#[derive(Serialize)]
struct Originals {
    used: usize,
    missing: usize,
    failed: usize,
}

#[derive(Serialize)]
struct Variants {
    written: usize,
    fresh: usize,
    bytes: u64,
}

/// Only where the configuration names one.
#[derive(Serialize)]
struct Manifest<'s> {
    path: &'s str,
    changed: bool,
}

/// A finding as programs read it.
#[derive(Serialize)]
struct Said<'s> {
    code: &'s str,
    severity: Severity,
    file: Option<&'s str>,
    line: Option<u32>,
    column: Option<u32>,
    message: String,
    hint: Option<&'s str>,
}

impl<'s> From<&'s Finding> for Said<'s> {
    fn from(finding: &'s Finding) -> Self {
        Said {
            code: finding.code.as_str(),
            severity: finding.severity(),
            file: finding.file.as_deref(),
            line: finding.position().map(|position| position.line),
            column: finding.position().map(|position| position.column),
            message: finding.full_message(),
            hint: finding.hint.as_deref(),
        }
    }
}

/// Serialises a finding as the object that all of `--format json` uses.
pub fn serialize_finding<S: Serializer>(
    finding: &Finding,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    Said::from(finding).serialize(serializer)
}

impl Report for Json {
    fn report(
        &self,
        summary: &Summary,
        _told: Told,
        out: &mut dyn io::Write,
        _err: &mut dyn io::Write,
    ) -> io::Result<()> {
        let Summary {
            articles,
            originals,
            variants,
            ..
        } = summary;
        let object = Object {
            schema: SCHEMA,
            articles: Articles {
                read: articles.read,
                changed: articles.changed,
                refused: articles.refused,
            },
            originals: Originals {
                used: originals.used,
                missing: originals.missing,
                failed: originals.failed,
            },
            variants: Variants {
                written: variants.written,
                fresh: variants.fresh,
                bytes: variants.bytes,
            },
            manifest: summary.manifest.as_ref().map(|manifest| Manifest {
                path: &manifest.path,
                changed: manifest.is_changed,
            }),
            findings: summary.findings.iter().map(Said::from).collect(),
            seconds: summary.seconds,
        };
        serde_json::to_writer(&mut *out, &object)?;
        writeln!(out)
    }
}
