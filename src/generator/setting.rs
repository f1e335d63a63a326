//! The `generator:` key of `planche.yml`.

use std::borrow::Cow;
use std::sync::LazyLock;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::{ALL, Generator};

/// The site's generator as its owner configures it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GeneratorSetting {
    /// Recognized by its files.
    #[default]
    Auto,
    Named(Generator),
}

/// Valid values of the key.
static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let names = ALL.iter().map(|generator| generator.name());
    std::iter::once("auto").chain(names).collect()
});

impl GeneratorSetting {
    /// Returns all names, in the order of [`ALL`].
    pub fn names() -> &'static [&'static str] {
        &NAMES
    }

    pub fn name(self) -> &'static str {
        match self {
            GeneratorSetting::Auto => "auto",
            GeneratorSetting::Named(generator) => generator.name(),
        }
    }
}

impl<'de> Deserialize<'de> for GeneratorSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name == "auto" {
            return Ok(GeneratorSetting::Auto);
        }
        Generator::by_name(&name)
            .map(GeneratorSetting::Named)
            .ok_or_else(|| D::Error::unknown_variant(&name, &NAMES))
    }
}

impl Serialize for GeneratorSetting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl JsonSchema for GeneratorSetting {
    fn schema_name() -> Cow<'static, str> {
        "Generator".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The site generator; `auto` detects it by its files.",
            "type": "string",
            "enum": NAMES.as_slice(),
        })
    }
}
