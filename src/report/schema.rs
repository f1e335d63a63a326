//! The JSON Schemas of what `--format json` prints, published in `docs/schemas/`.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::json::Object;

/// The JSON Schema (2020-12) of a type as it is serialized.
pub fn schema_of<T: JsonSchema>() -> Value {
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    generator.into_root_schema_for::<T>().into()
}

/// The JSON Schema of the report of `build`, `check`, `strip` and `html`.
pub fn schema() -> Value {
    schema_of::<Object<'static>>()
}
