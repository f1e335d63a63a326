//! The JSON Schema of what `--format json` prints, published as `docs/schemas/report.json`.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::json::Object;

/// The JSON Schema (2020-12) of the report of `build`, `check`, `strip` and `html`.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    generator.into_root_schema_for::<Object<'static>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schemas/report.json");
        let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
        if std::env::var_os("PLANCHE_WRITE_DOCS").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        let published = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            published == text,
            "docs/schemas/report.json is out of date: run this test with PLANCHE_WRITE_DOCS=1"
        );
    }
}
