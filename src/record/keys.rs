//! The front-matter keys that contain records, and how to recognise them in an article.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::settings::{MOST_ENTRIES, at_most};
use crate::tree::path::{KeyPath, Segment};

/// The keys that records are written under: `front_matter:` in `planche.yml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FrontMatterKeys {
    /// Appended to an image's key: the record of `image` is written under `image_responsive`.
    pub suffix: KeyName,
    /// The root key of the list that contains the records of all other images.
    pub list_key: KeyName,
    /// Suffixes and list keys of an earlier configuration, at most 1,000. Records under these keys
    /// are removed.
    #[serde(deserialize_with = "at_most::<MOST_ENTRIES, _, _>")]
    #[schemars(length(max = MOST_ENTRIES))]
    pub previous: Vec<PreviousKeys>,
    /// Whether articles and data files are rewritten. With `false`, records are written only to
    /// the file named by `output.manifest`.
    pub write: bool,
}

impl Default for FrontMatterKeys {
    fn default() -> Self {
        FrontMatterKeys {
            suffix: KeyName("_responsive".to_owned()),
            list_key: KeyName("responsive_images".to_owned()),
            previous: Vec::new(),
            write: true,
        }
    }
}

/// A suffix and a list key that an earlier configuration used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviousKeys {
    /// The earlier value of `suffix`.
    pub suffix: Option<KeyName>,
    /// The earlier value of `list_key`.
    pub list_key: Option<KeyName>,
}

/// A key, or part of one, that needs no quotes in YAML, TOML or JSON: letters, digits, `_` and
/// `-`, at most 64 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct KeyName(#[schemars(regex(pattern = "^[A-Za-z_][A-Za-z0-9_-]*$"))] String);

impl KeyName {
    /// Returns the key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for KeyName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let is_safe = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if starts && text.len() <= 64 && text.chars().all(is_safe) {
            Ok(KeyName(text))
        } else {
            Err(format!(
                "`{text}` is not a key of letters, digits, `_` and `-`, such as `_responsive`"
            ))
        }
    }
}

impl From<KeyName> for String {
    fn from(name: KeyName) -> String {
        name.0
    }
}

/// The keys that contain records in the articles of one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OurKeys {
    /// The configured keys.
    pub names: FrontMatterKeys,
    /// The root key that contains the list key, or `None` for the root itself (Zola: `extra`).
    pub list_parent: Option<&'static str>,
}

impl OurKeys {
    /// Returns the key without a record suffix, and whether that suffix is the current one.
    /// Returns `None` for a key without a record suffix.
    pub fn base_of<'k>(&self, key: &'k str) -> Option<(&'k str, bool)> {
        let without = |suffix: &KeyName| {
            key.strip_suffix(suffix.as_str())
                .filter(|base| !base.is_empty())
        };
        if let Some(base) = without(&self.names.suffix) {
            return Some((base, true));
        }
        self.names
            .previous
            .iter()
            .filter_map(|previous| previous.suffix.as_ref())
            .find_map(without)
            .map(|base| (base, false))
    }

    /// Returns whether a record may be beside the value at this path: if the list has a parent, only
    /// below that parent (Zola rejects keys that it does not know elsewhere).
    pub fn may_be_beside(&self, path: &KeyPath) -> bool {
        let Some(parent) = self.list_parent else {
            return true;
        };
        matches!(path.segments(), [Segment::Key { name, .. }, _, ..] if &**name == parent)
    }

    /// Returns whether the key contains the list of records, now or in an earlier configuration.
    pub fn is_list_key(&self, key: &str) -> bool {
        self.names
            .previous
            .iter()
            .filter_map(|previous| previous.list_key.as_ref())
            .chain([&self.names.list_key])
            .any(|name| name.as_str() == key)
    }
}
