//! `--format json`: one object with `schema: 1`. Its JSON Schema is `docs/schemas/report.json`.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Outcome, Report, Sources, Summary};
use crate::language::Language;
use crate::printable::json;

/// Version of the object's layout.
const SCHEMA: u32 = 1;

/// The reporter that writes one JSON object to standard output.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

/// The report of `build`, `check` and `strip`.
#[derive(Serialize, JsonSchema)]
pub(super) struct Object<'s> {
    /// The version of this layout.
    schema: u32,
    command: &'static str,
    /// Whether this is a forecast: nothing was written, and `plan` says what would be.
    dry_run: bool,
    #[serde(flatten)]
    summary: &'s Summary,
}

impl Json {
    pub(super) fn write(summary: &Summary, out: &mut dyn io::Write) -> io::Result<()> {
        let object = Object {
            schema: SCHEMA,
            command: summary.command(),
            dry_run: summary.is_dry_run(),
            summary,
        };
        out.write_all(json(&object)?.as_bytes())
    }
}

impl Report for Json {
    fn report(
        &self,
        outcome: &dyn Outcome,
        _sources: &Sources<'_>,
        out: &mut dyn io::Write,
        _err: &mut dyn io::Write,
    ) -> io::Result<()> {
        write(outcome, Language::English, out)
    }
}

/// Writes the object with its messages in `language`.
pub(super) fn write(
    outcome: &dyn Outcome,
    language: Language,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if language == Language::English {
        outcome.write_json(out)?;
        return writeln!(out);
    }
    let mut object = Vec::new();
    outcome.write_json(&mut object)?;
    let mut object: Value = serde_json::from_slice(&object)?;
    translate_findings(&mut object, language);
    writeln!(out, "{}", json(&object)?)
}

/// Translates the messages and hints of a report's findings.
pub fn translate_findings(report: &mut Value, language: Language) {
    let findings = report.get_mut("findings").and_then(Value::as_array_mut);
    for finding in findings.into_iter().flatten() {
        for key in ["message", "hint"] {
            if let Some(Value::String(text)) = finding.get_mut(key) {
                *text = language.text(text).into_owned();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Change, Forecast, ForecastArticle, ForecastImage, ForecastVariant};

    fn reported(summary: &Summary) -> serde_json::Value {
        let mut out = Vec::new();
        let sources = Sources::none();
        Json.report(summary, &sources, &mut out, &mut Vec::new())
            .unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_build_lists_counts_and_findings() {
        let mut summary = Summary::default();
        summary.variants.written = 4;
        let object = reported(&summary);
        assert_eq!(object["schema"], 1);
        assert_eq!(object["command"], "build");
        assert_eq!(object["dry_run"], false);
        assert_eq!(object["variants"]["written"], 4);
        assert!(object.get("plan").is_none() && object.get("manifest").is_none());
    }

    #[test]
    fn a_dry_run_says_so_and_lists_its_plan() {
        let summary = Summary {
            forecast: Some(Forecast {
                images: vec![ForecastImage {
                    original: "a.jpg".to_owned(),
                    preset: "card".to_owned(),
                    width: 640,
                    height: 480,
                    bytes: 9_000,
                    widths: vec![320],
                    formats: vec!["webp".to_owned()],
                    open: None,
                    variants: 1,
                }],
                variants: vec![ForecastVariant {
                    path: "v/a-320.0123456789.webp".to_owned(),
                    width: 320,
                    may_be_left_out: true,
                    open_below: None,
                }],
                articles: vec![ForecastArticle {
                    path: "a.md".to_owned(),
                    change: Change::Update,
                    diff: "+x\n".to_owned(),
                }],
                manifest: None,
            }),
            ..Summary::default()
        };
        let object = reported(&summary);
        assert_eq!(object["dry_run"], true);
        assert_eq!(object["variants"]["written"], 0);
        assert_eq!(object["articles"]["changed"], 0);
        assert_eq!(
            object["plan"],
            serde_json::json!({
                "images": [{
                    "original": "a.jpg", "preset": "card", "width": 640, "height": 480,
                    "bytes": 9000, "widths": [320], "formats": ["webp"], "variants": 1
                }],
                "variants": [{
                    "path": "v/a-320.0123456789.webp", "width": 320, "may_be_left_out": true
                }],
                "articles": [{ "path": "a.md", "change": "update", "diff": "+x\n" }]
            })
        );
    }
}
