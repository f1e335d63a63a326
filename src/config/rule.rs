//! Rules: which preset a place takes.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Glob;
use crate::preset;
use crate::tree::path::{KeyPath, Pattern, PatternError};

/// One rule of `planche.yml`: `{ at: "une-ou-diaporama[].image", preset: carousel }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `body`, or keys joined by `.`, with `[]` for any item and `*` for any key.
    pub at: At,
    /// The preset, or `none` to leave the place alone.
    #[serde(default)]
    pub preset: PresetChoice,
    /// Limits the rule to files that match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Glob>,
    /// The string holds Markdown or HTML: take the images inside it.
    #[serde(default)]
    pub text: bool,
}

impl Rule {
    /// Whether the rule takes the value at `path` of `file`.
    pub fn takes(&self, file: &str, path: &KeyPath) -> bool {
        matches!(&self.at, At::Keys(pattern) if pattern.matches(path)) && self.is_for(file)
    }

    /// Whether the rule takes the images of the body of `file`.
    pub fn takes_body(&self, file: &str) -> bool {
        self.at == At::Body && self.is_for(file)
    }

    fn is_for(&self, file: &str) -> bool {
        self.files
            .as_ref()
            .is_none_or(|glob| glob.matches_or_holds(file))
    }

    /// The preset's name, or none to leave the place alone.
    pub fn preset_name(&self) -> Option<&str> {
        match &self.preset {
            PresetChoice::Named(name) => Some(name),
            PresetChoice::Leave => None,
            PresetChoice::Default if self.at == At::Body || self.text => Some(preset::DEFAULT_BODY),
            PresetChoice::Default => Some(preset::DEFAULT_FRONT_MATTER),
        }
    }

    /// Whether this rule, standing earlier, leaves nothing for `later`.
    pub(super) fn covers(&self, later: &Rule) -> bool {
        let places = match (&self.at, &later.at) {
            (At::Body, At::Body) => true,
            (At::Keys(mine), At::Keys(theirs)) => mine.covers(theirs),
            _ => false,
        };
        places && (self.files.is_none() || self.files == later.files)
    }
}

/// Which places a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    Body,
    Keys(Pattern),
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        At::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl At {
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        match text {
            "body" => Ok(At::Body),
            _ => Pattern::parse(text).map(At::Keys),
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            At::Body => f.write_str("body"),
            At::Keys(pattern) => pattern.fmt(f),
        }
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for At {
    fn schema_name() -> Cow<'static, str> {
        "At".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "minLength": 1 })
    }
}

/// What a rule says of the preset.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PresetChoice {
    /// Nothing: `card`, or `article` for the body and for text.
    #[default]
    Default,
    /// `none`: the place is left alone.
    Leave,
    Named(String),
}

impl PresetChoice {
    /// The name that was given, if one was.
    pub fn name(&self) -> Option<&str> {
        match self {
            PresetChoice::Named(name) => Some(name),
            PresetChoice::Default | PresetChoice::Leave => None,
        }
    }
}

impl<'de> Deserialize<'de> for PresetChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Ok(match name.as_str() {
            "none" => PresetChoice::Leave,
            _ => PresetChoice::Named(name),
        })
    }
}

impl Serialize for PresetChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            PresetChoice::Default => "",
            PresetChoice::Leave => "none",
            PresetChoice::Named(name) => name,
        })
    }
}

impl JsonSchema for PresetChoice {
    fn schema_name() -> Cow<'static, str> {
        "PresetChoice".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }
}
