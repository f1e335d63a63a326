//! `--format json`: one object, `schema: 1`.

use std::io;

use serde::Serialize;

use super::{Report, Summary};

/// The version of the object's layout.
const SCHEMA: u32 = 1;

/// One JSON object on standard output.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json;

#[derive(Serialize)]
struct Object<'s> {
    schema: u32,
    dry_run: bool,
    #[serde(flatten)]
    summary: &'s Summary,
}

impl Report for Json {
    fn report(
        &self,
        summary: &Summary,
        out: &mut dyn io::Write,
        _err: &mut dyn io::Write,
    ) -> io::Result<()> {
        let object = Object {
            schema: SCHEMA,
            dry_run: summary.is_dry_run(),
            summary,
        };
        serde_json::to_writer(&mut *out, &object)?;
        writeln!(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Forecast, ForecastArticle, ForecastVariant};

    fn reported(summary: &Summary) -> serde_json::Value {
        let mut out = Vec::new();
        Json.report(summary, &mut out, &mut Vec::new()).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_build_lists_counts_and_findings() {
        let mut summary = Summary::default();
        summary.variants.written = 4;
        let object = reported(&summary);
        assert_eq!(object["schema"], 1);
        assert_eq!(object["dry_run"], false);
        assert_eq!(object["variants"]["written"], 4);
        assert!(object.get("plan").is_none() && object.get("manifest").is_none());
    }

    #[test]
    fn a_dry_run_says_so_and_lists_its_plan() {
        let summary = Summary {
            forecast: Some(Forecast {
                variants: vec![ForecastVariant {
                    path: "v/a-320.0123456789.webp".to_owned(),
                    width: 320,
                    may_be_left_out: true,
                    open_below: None,
                }],
                articles: vec![ForecastArticle {
                    path: "a.md".to_owned(),
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
                "variants": [{
                    "path": "v/a-320.0123456789.webp", "width": 320, "may_be_left_out": true
                }],
                "articles": [{ "path": "a.md", "diff": "+x\n" }]
            })
        );
    }
}
