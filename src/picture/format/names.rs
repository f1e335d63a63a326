//! Serializes formats: in settings as names, which only formats with an encoder have, and in the
//! ledger as numbers.

use std::sync::LazyLock;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error};
use serde::{Serialize, Serializer};

use super::ALL;
use crate::info::Format;

/// The names that settings accept.
static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    Format::encodable()
        .map(|format| format.spec().name)
        .collect()
});

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(self.spec().name)
        } else {
            serializer.serialize_u8(self.0)
        }
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let name = String::deserialize(deserializer)?;
            Format::encodable()
                .find(|format| format.spec().name == name)
                .ok_or_else(|| D::Error::unknown_variant(&name, &NAMES))
        } else {
            let index = usize::from(u8::deserialize(deserializer)?);
            let spec = ALL.get(index);
            spec.map(|spec| spec.format)
                .ok_or_else(|| D::Error::custom("unknown format"))
        }
    }
}

impl JsonSchema for Format {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Format".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": *NAMES })
    }
}
