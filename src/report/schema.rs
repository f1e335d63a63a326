//! The JSON Schemas of the output of `--format json`, published in `docs/schemas/`.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::json::Object;

/// Returns the JSON Schema (2020-12) of the serialized form of a type.
pub fn schema_of<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    generator.into_root_schema_for::<T>().into()
}

/// Returns the JSON Schema of the report of `build`, `check`, `strip` and `html`.
pub fn schema() -> Value {
    schema_of::<Object<'static>>()
}
