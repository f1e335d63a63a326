//! JSON Schemas of settings files, for text editors and `planche schema`.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::SPELLINGS;

/// Returns the JSON Schema (draft 2020-12) of a settings file that is read into `T`.
///
/// Descriptions are the doc comments of `T`, without their line breaks. Second spellings of keys
/// and values are valid, and text editors do not suggest them.
pub fn schema<T: JsonSchema>() -> Schema {
    let mut schema = SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<T>();
    RecursiveTransform(unwrap_description).transform(&mut schema);
    RecursiveTransform(add_second_spellings).transform(&mut schema);
    schema
}

/// Joins the lines of a description; an empty line still separates paragraphs.
fn unwrap_description(schema: &mut Schema) {
    let Some(Value::String(description)) = schema.get_mut("description") else {
        return;
    };
    let paragraphs: Vec<String> = description
        .split("\n\n")
        .map(|paragraph| paragraph.replace('\n', " "))
        .collect();
    *description = paragraphs.join("\n\n");
}

fn add_second_spellings(schema: &mut Schema) {
    for (second, first) in SPELLINGS {
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            add_key(properties, second, first);
        }
        for list in ["oneOf", "anyOf"] {
            if let Some(Value::Array(choices)) = schema.get_mut(list) {
                let has = choices.iter().any(|choice| choice["const"] == first);
                if has {
                    choices.push(json!({ "const": second, "doNotSuggest": true }));
                }
            }
        }
        if let Some(Value::Array(names)) = schema.get_mut("enum")
            && names.contains(&json!(first))
        {
            names.push(json!(second));
        }
    }
}

fn add_key(properties: &mut Map<String, Value>, second: &str, first: &str) {
    let Some(mut property) = properties.get(first).cloned() else {
        return;
    };
    if let Value::Object(keywords) = &mut property {
        keywords.insert("doNotSuggest".to_owned(), json!(true));
        let description = format!("The same as `{first}`.");
        keywords.insert("description".to_owned(), json!(description));
    }
    properties.insert(second.to_owned(), property);
}
