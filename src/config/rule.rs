//! Rules: which preset applies to which images.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Glob;
use crate::preset;
use crate::tree::path::KeyPath;
use crate::tree::pattern::{Pattern, PatternError};

/// A rule, such as `{ at: "une-ou-diaporama[].image", preset: carousel }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The images of the rule: `body` for those of the text, or a path of front-matter keys joined
    /// by `.`, with `[]` for any list item and `*` for any key.
    pub at: At,
    /// The name of a preset, or `none` to leave the images alone. Default: `card` for
    /// front-matter images, `article` for those of the body and of `text` keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<PresetChoice>,
    /// A glob: the rule applies only to articles that match. Default: all articles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Glob>,
    /// Whether the value is Markdown or HTML: the rule then applies to the images inside it.
    #[serde(default)]
    pub text: bool,
}

impl Rule {
    /// Returns whether the rule applies to the front-matter value at `path` of `file`.
    pub fn takes(&self, file: &str, path: &KeyPath) -> bool {
        matches!(&self.at, At::Keys(pattern) if pattern.matches(path)) && self.is_for(file)
    }

    /// Returns whether the rule applies to the images of the body of `file`.
    pub fn takes_body(&self, file: &str) -> bool {
        self.at == At::Body && self.is_for(file)
    }

    fn is_for(&self, file: &str) -> bool {
        self.files
            .as_ref()
            .is_none_or(|glob| glob.matches_or_holds(file))
    }

    /// Returns the name of the preset, or `None` to leave the images alone.
    pub fn preset_name(&self) -> Option<&str> {
        match &self.preset {
            Some(PresetChoice::Named(name)) => Some(name),
            Some(PresetChoice::Leave) => None,
            None if self.at == At::Body || self.text => Some(preset::DEFAULT_BODY),
            None => Some(preset::DEFAULT_FRONT_MATTER),
        }
    }

    /// Returns the name of the preset that the rule itself sets.
    pub(super) fn named_preset(&self) -> Option<&str> {
        match &self.preset {
            Some(PresetChoice::Named(name)) => Some(name),
            Some(PresetChoice::Leave) | None => None,
        }
    }

    /// Returns whether this rule, if it comes first, leaves nothing for `later`.
    pub(super) fn covers(&self, later: &Rule) -> bool {
        let places = match (&self.at, &later.at) {
            (At::Body, At::Body) => true,
            (At::Keys(own), At::Keys(other)) => own.covers(other),
            _ => false,
        };
        places && (self.files.is_none() || self.files == later.files)
    }
}

/// Which images a rule applies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// Images of the text.
    Body,
    /// Front-matter values whose key path matches.
    Keys(Pattern),
}

impl At {
    /// Parses `body` or a key path.
    ///
    /// # Errors
    ///
    /// Returns an error for a key path with a missing key or an unclosed bracket or quote.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        match text {
            "body" => Ok(At::Body),
            _ => Pattern::parse(text).map(At::Keys),
        }
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        At::parse(&text).map_err(serde::de::Error::custom)
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

/// The preset that a rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresetChoice {
    /// `none`: the images are left alone.
    Leave,
    /// The name of a preset.
    Named(String),
}

impl<'de> Deserialize<'de> for PresetChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match name.as_str() {
            "none" => Ok(PresetChoice::Leave),
            "" => Err(serde::de::Error::custom("the name of the preset is empty")),
            _ => Ok(PresetChoice::Named(name)),
        }
    }
}

impl Serialize for PresetChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
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
        schemars::json_schema!({ "type": "string", "minLength": 1 })
    }
}
