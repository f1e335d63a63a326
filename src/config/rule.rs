//! Rules: which preset applies to which images.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Glob, PageSelector};
use crate::settings::{Excess, MOST_PRESETS};
use crate::tree::path::KeyPath;
use crate::tree::pattern::{Pattern, PatternError};

/// A rule, such as `{ at: "une-ou-diaporama[].image", preset: carousel }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The images of the rule: `body` for those of the text, or a path of front-matter keys joined
    /// by `.`, with `[]` for any list item and `*` for any key. A rule has either `at` or `select`.
    #[serde(default, skip_serializing_if = "At::is_nowhere")]
    pub at: At,
    /// A CSS selector such as `.hero img`: the rule applies to the elements of built pages that
    /// match, in `planche html`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select: Option<PageSelector>,
    /// The name of a preset, a list of names, or `none` to leave the images alone. The record of an
    /// image has the first preset of a list, and the others under `also`, by name. A list has at
    /// most 100. Default: `article` for images of the body and of `text` keys; `carousel` or `card`
    /// for those of front matter, by the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<PresetChoice>,
    /// A glob: the rule applies only to articles that match. Default: all articles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Glob>,
    /// The key beside the image that contains its alt text. It is then checked, and the manifest
    /// contains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// The key beside the image that contains its caption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// The folder of values that are only file names, as a URL such as `/assets/img`: templates put
    /// it before them. Values with a slash stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
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

    /// Returns whether the rule applies to the article `file`.
    pub fn is_for(&self, file: &str) -> bool {
        self.files
            .as_ref()
            .is_none_or(|glob| glob.matches_or_holds(file))
    }

    /// Returns the names of the rule's presets: an empty slice if the images are left alone, and
    /// `None` if the defaults apply.
    pub fn presets(&self) -> Option<&[String]> {
        self.preset.as_ref().map(|choice| match choice {
            PresetChoice::Leave => &[],
            PresetChoice::Named(names) => &names[..],
        })
    }

    /// Returns which of `alt` and `caption` is set without effect, because no image of the rule has
    /// sibling keys.
    pub(super) fn unused_text_key(&self) -> Option<&'static str> {
        let has_siblings =
            !self.text && matches!(&self.at, At::Keys(pattern) if pattern.ends_with_key());
        let set = [("alt", &self.alt), ("caption", &self.caption)];
        let mut set = set.into_iter().filter(|(_, key)| key.is_some());
        set.next().map(|(name, _)| name).filter(|_| !has_siblings)
    }

    /// Returns whether `folder` is set without effect, because no value of the rule is a file name.
    pub(super) fn has_unused_folder(&self) -> bool {
        self.folder.is_some() && (self.text || !matches!(self.at, At::Keys(_)))
    }

    /// Returns whether no image is left for the rule `later` if this rule comes first.
    pub fn covers(&self, later: &Rule) -> bool {
        let places = match (&self.at, &later.at) {
            (At::Body, At::Body) => true,
            (At::Keys(own), At::Keys(other)) => own.covers(other),
            _ => false,
        };
        places && (self.files.is_none() || self.files == later.files)
    }
}

/// Which images a rule applies to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum At {
    /// No image of an article: the rule selects elements of built pages.
    #[default]
    Nowhere,
    /// Images in the body of articles.
    Body,
    /// Front-matter values whose key path matches.
    Keys(Pattern),
}

impl At {
    fn is_nowhere(&self) -> bool {
        *self == At::Nowhere
    }

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
            At::Nowhere => Ok(()),
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

/// The presets that a rule names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresetChoice {
    /// `none`: the images are left alone.
    Leave,
    /// One or more preset names, all different.
    Named(Vec<String>),
}

impl<'de> Deserialize<'de> for PresetChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameOrNames;

        impl<'de> Visitor<'de> for NameOrNames {
            type Value = PresetChoice;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a preset, or a list of names")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<PresetChoice, E> {
                match name {
                    "none" => Ok(PresetChoice::Leave),
                    "" => Err(E::custom("the preset name is empty")),
                    _ => Ok(PresetChoice::Named(vec![name.to_owned()])),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<PresetChoice, A::Error> {
                let mut names: Vec<String> = Vec::new();
                loop {
                    if names.len() == MOST_PRESETS {
                        let excess = Excess { most: MOST_PRESETS };
                        match list.next_element_seed(excess)? {
                            None => break,
                            Some(never) => match never {},
                        }
                    }
                    let Some(name) = list.next_element::<String>()? else {
                        break;
                    };
                    match name.as_str() {
                        "" => return Err(A::Error::custom("the preset name is empty")),
                        "none" => {
                            return Err(A::Error::custom("`none` cannot be in a list"));
                        }
                        _ if names.contains(&name) => {
                            return Err(A::Error::custom(format!("`{name}` is listed twice")));
                        }
                        _ => names.push(name),
                    }
                }
                if names.is_empty() {
                    return Err(A::Error::custom("the list of presets is empty"));
                }
                Ok(PresetChoice::Named(names))
            }
        }

        // A plain scalar that looks like a number is a valid name too.
        deserializer.deserialize_str(NameOrNames)
    }
}

impl Serialize for PresetChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            PresetChoice::Leave => serializer.serialize_str("none"),
            PresetChoice::Named(names) => match &names[..] {
                [name] => serializer.serialize_str(name),
                names => names.serialize(serializer),
            },
        }
    }
}

impl JsonSchema for PresetChoice {
    fn schema_name() -> Cow<'static, str> {
        "PresetChoice".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let name = schemars::json_schema!({ "type": "string", "minLength": 1 });
        schemars::json_schema!({
            "anyOf": [
                name,
                {
                    "type": "array",
                    "items": name,
                    "minItems": 1,
                    "maxItems": MOST_PRESETS,
                    "uniqueItems": true
                },
            ]
        })
    }
}
