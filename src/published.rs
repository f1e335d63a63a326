//! Folders of a site and the URLs that the generator publishes them under; and the form of the
//! variant names.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::picture::info::Format;
use crate::settings::with_hint;

/// Number of hexadecimal digits of the digest in a variant's name.
pub const DIGEST_DIGITS: usize = 10;
/// The length of the longest name of a variant, or of a variants folder, in bytes.
pub const LONGEST_NAME: usize = 80;

/// The variants folder and its URL, without `baseurl`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    pub dir: FolderPath,
    pub url: UrlPrefix,
}

/// An uploads folder and the URL that the generator publishes it under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadFolder {
    /// The URL of the folder, without the site's base path, such as `/uploads/`.
    pub url: UrlPrefix,
    /// The folder, such as `static/uploads`.
    pub dir: FolderPath,
}

/// A path from the site's root to a folder, `/`-separated, without `.` and `..`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct FolderPath(String);

impl FolderPath {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FolderPath {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let path = text.trim_end_matches('/');
        let path = path.strip_prefix("./").unwrap_or(path);
        let path = if path == "." { "" } else { path };
        let inside = path.is_empty()
            || path
                .split('/')
                .all(|segment| !matches!(segment, "" | "." | ".."));
        if !inside || path.contains(['\\', '\0']) {
            let message = format!("`{text}` is not a folder of the site");
            let hint =
                "write its path from the site's folder, without `/` at the start and without `..`";
            return Err(with_hint(&message, hint));
        }
        Ok(FolderPath(path.to_owned()))
    }
}

impl From<FolderPath> for String {
    fn from(path: FolderPath) -> String {
        path.0
    }
}

/// A URL path that starts and ends with `/`, or an absolute URL that ends with `/`. It has only
/// characters that need no escaping in URLs, `srcset` attributes and YAML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct UrlPrefix(String);

impl UrlPrefix {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for UrlPrefix {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let path = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .unwrap_or(&text);
        let absolute = path.len() < text.len();
        let safe = |c: char| c.is_ascii_alphanumeric() || "/._~-:%".contains(c);
        let begins = if absolute {
            path.starts_with(|c: char| c.is_ascii_alphanumeric())
        } else {
            path.starts_with('/') && !path.starts_with("//")
        };
        if !begins || !path.ends_with('/') || !path.chars().all(safe) {
            return Err(format!(
                "`{text}` is not a URL path that starts and ends with `/`, such as `/uploads/`"
            ));
        }
        Ok(UrlPrefix(text))
    }
}

impl From<UrlPrefix> for String {
    fn from(prefix: UrlPrefix) -> String {
        prefix.0
    }
}

/// Whether a file name has the form of a variant's name: `<stem>-<width>.<digest>.<extension>`.
pub fn is_variant_name(name: &str) -> bool {
    let Some((rest, extension)) = name.rsplit_once('.') else {
        return false;
    };
    let Some((rest, digest)) = rest.rsplit_once('.') else {
        return false;
    };
    let Some((stem, width)) = rest.rsplit_once('-') else {
        return false;
    };
    Format::encodable().any(|format| extension == format.spec().extensions[0])
        && digest.len() == DIGEST_DIGITS
        && digest
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        && !stem.is_empty()
        && !width.is_empty()
        && !width.starts_with('0')
        && width.bytes().all(|byte| byte.is_ascii_digit())
}
