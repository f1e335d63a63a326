//! `severity:`, how much each kind of finding matters, everywhere or by path.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{Error, IntoDeserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Glob;
use crate::finding::{Code, Severity};
use crate::settings::{Excess, MOST_ENTRIES};

/// The configured severities, which replace those of the codes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Severities(Vec<(Code, Setting)>);

/// The severity of one code.
#[derive(Clone, Debug, PartialEq)]
enum Setting {
    Everywhere(Level),
    /// The first matching glob wins. For files that match none, the code's own severity applies.
    ByPath(Vec<(Glob, Level)>),
}

/// How much a kind of finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It is not reported.
    Off,
    /// It never changes the exit code.
    Notice,
    /// It leads to exit code 1 under `--strict`.
    Warning,
    /// It leads to exit code 1.
    Error,
}

impl Level {
    /// Returns the severity, or `None` if nothing is reported.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Level::Off => None,
            Level::Notice => Some(Severity::Notice),
            Level::Warning => Some(Severity::Warning),
            Level::Error => Some(Severity::Error),
        }
    }
}

impl Severities {
    /// Returns the configured level of a code in a file, or `None` if that of the code applies.
    pub fn level(&self, code: Code, file: Option<&str>) -> Option<Level> {
        match self.setting(code)? {
            Setting::Everywhere(level) => Some(*level),
            Setting::ByPath(levels) => {
                let file = file?;
                let mut levels = levels.iter();
                let (_, level) = levels.find(|(glob, _)| glob.matches_or_holds(file))?;
                Some(*level)
            }
        }
    }

    /// Returns whether the configuration sets a level other than `off` everywhere for a code.
    pub fn asks_for(&self, code: Code) -> bool {
        self.setting(code)
            .is_some_and(|setting| *setting != Setting::Everywhere(Level::Off))
    }

    /// Returns the codes that have a level other than `error` somewhere.
    pub fn lowered(&self) -> impl Iterator<Item = Code> {
        let settings = self.0.iter().filter(|(_, setting)| match setting {
            Setting::Everywhere(level) => *level != Level::Error,
            Setting::ByPath(levels) => levels.iter().any(|(_, level)| *level != Level::Error),
        });
        settings.map(|(code, _)| *code)
    }

    /// Returns whether no code is configured.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn setting(&self, code: Code) -> Option<&Setting> {
        let mut settings = self.0.iter();
        settings
            .find(|(own, _)| *own == code)
            .map(|(_, setting)| setting)
    }
}

/// Reads the pairs of a mapping in order. Returns an error if a key appears twice, or if there are
/// too many.
fn pairs<'de, A, K, V>(
    mut map: A,
    is_same: impl Fn(&K, &K) -> bool,
) -> Result<Vec<(K, V)>, A::Error>
where
    A: MapAccess<'de>,
    K: Deserialize<'de>,
    V: Deserialize<'de>,
{
    let mut pairs: Vec<(K, V)> = Vec::new();
    loop {
        if pairs.len() == MOST_ENTRIES {
            let excess = Excess { most: MOST_ENTRIES };
            return match map.next_key_seed(excess)? {
                None => Ok(pairs),
                Some(never) => match never {},
            };
        }
        let Some(key) = map.next_key::<K>()? else {
            return Ok(pairs);
        };
        if pairs.iter().any(|(known, _)| is_same(known, &key)) {
            return Err(A::Error::custom("the same key appears twice"));
        }
        pairs.push((key, map.next_value()?));
    }
}

impl<'de> Deserialize<'de> for Severities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ByCode;

        impl<'de> Visitor<'de> for ByCode {
            type Value = Severities;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping from codes to `off`, `notice`, `warning` or `error`")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Severities, A::Error> {
                pairs(map, |one: &Code, other| one == other).map(Severities)
            }
        }

        deserializer.deserialize_map(ByCode)
    }
}

impl<'de> Deserialize<'de> for Setting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LevelOrPaths;

        impl<'de> Visitor<'de> for LevelOrPaths {
            type Value = Setting;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`off`, `notice`, `warning`, `error`, or a mapping from globs to these")
            }

            fn visit_str<E: Error>(self, level: &str) -> Result<Setting, E> {
                Level::deserialize(level.into_deserializer()).map(Setting::Everywhere)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Setting, A::Error> {
                pairs(map, |one: &Glob, other| one == other).map(Setting::ByPath)
            }
        }

        deserializer.deserialize_any(LevelOrPaths)
    }
}

impl Serialize for Severities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (code, setting) in &self.0 {
            map.serialize_entry(code, setting)?;
        }
        map.end()
    }
}

impl Serialize for Setting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Setting::Everywhere(level) => level.serialize(serializer),
            Setting::ByPath(levels) => {
                let mut map = serializer.serialize_map(Some(levels.len()))?;
                for (glob, level) in levels {
                    map.serialize_entry(glob, level)?;
                }
                map.end()
            }
        }
    }
}

impl JsonSchema for Severities {
    fn schema_name() -> Cow<'static, str> {
        "Severities".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let (code, level) = (
            generator.subschema_for::<Code>(),
            generator.subschema_for::<Level>(),
        );
        schemars::json_schema!({
            "type": "object",
            "propertyNames": code,
            "additionalProperties": {
                "anyOf": [
                    level,
                    {
                        "type": "object",
                        "additionalProperties": level,
                        "maxProperties": MOST_ENTRIES
                    }
                ]
            }
        })
    }
}
