//! `output:`, where variants and the manifest are written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FILE;
use crate::published::{FolderPath, Output, UrlPrefix};

/// Where variants and the manifest are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "OutputKeys", into = "OutputKeys")]
pub struct OutputSettings {
    /// The variants folder and its URL; `None` for the generator's own.
    #[schemars(skip)]
    pub place: Option<Output>,
    /// The data file to write all records to.
    #[schemars(skip)]
    pub manifest: Option<ManifestFile>,
}

/// The keys of `output:`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct OutputKeys {
    /// The folder that variants are written to. Requires `url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    dir: Option<FolderPath>,
    /// The URL of that folder, without the site's base path. Requires `dir`.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<UrlPrefix>,
    /// A data file with the records of all images, for templates: YAML (`.yml`, `.yaml`) or JSON
    /// (`.json`).
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<ManifestFile>,
}

impl TryFrom<OutputKeys> for OutputSettings {
    type Error = String;

    fn try_from(keys: OutputKeys) -> Result<Self, String> {
        let place = match (keys.dir, keys.url) {
            (Some(dir), Some(url)) => Some(Output { dir, url }),
            (None, None) => None,
            (Some(_), None) => {
                return Err(
                    "`dir` needs a `url`: the URL that the folder is published under".to_owned(),
                );
            }
            (None, Some(_)) => {
                return Err(
                    "`url` needs a `dir`: the folder that is published under that URL".to_owned(),
                );
            }
        };
        let manifest = keys.manifest;
        Ok(OutputSettings { place, manifest })
    }
}

impl From<OutputSettings> for OutputKeys {
    fn from(settings: OutputSettings) -> Self {
        let (dir, url) = match settings.place {
            Some(Output { dir, url }) => (Some(dir), Some(url)),
            None => (None, None),
        };
        OutputKeys {
            dir,
            url,
            manifest: settings.manifest,
        }
    }
}

/// A path from the site's root to a file whose extension is `.yml`, `.yaml` or `.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct ManifestFile(String);

/// The syntax of a manifest, by its extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManifestSyntax {
    Yaml,
    Json,
}

impl ManifestFile {
    /// Returns the path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the syntax that the extension names.
    pub fn syntax(&self) -> ManifestSyntax {
        if self.0.ends_with(".json") {
            ManifestSyntax::Json
        } else {
            ManifestSyntax::Yaml
        }
    }
}

impl TryFrom<String> for ManifestFile {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let path = FolderPath::try_from(text.clone()).map_or(String::new(), String::from);
        let name = path.rsplit('/').next().unwrap_or_default();
        let stem = [".yml", ".yaml", ".json"]
            .iter()
            .find_map(|extension| name.strip_suffix(extension));
        if stem.is_none_or(str::is_empty) || text.ends_with('/') || path == FILE {
            return Err(format!(
                "`{text}` is not a YAML or JSON file of the site, such as `_data/planche.yml`"
            ));
        }
        Ok(ManifestFile(path))
    }
}

impl From<ManifestFile> for String {
    fn from(file: ManifestFile) -> String {
        file.0
    }
}
