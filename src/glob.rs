//! Globs: a pattern in, a matcher of paths within the site out.

use globset::{GlobBuilder, GlobMatcher};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::path::SitePath;

/// A glob over paths from the site's root: `*` stays within a folder, `**` crosses folders.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Glob {
    #[schemars(with = "String")]
    text: String,
    #[serde(skip)]
    #[schemars(skip)]
    matcher: GlobMatcher,
}

impl Glob {
    /// Compiles a glob; `./` at its start and slashes at its end are ignored.
    pub fn new(text: &str) -> Result<Self, globset::Error> {
        let matcher = GlobBuilder::new(text.trim_start_matches("./").trim_end_matches('/'))
            .literal_separator(true)
            .backslash_escape(true)
            .build()?
            .compile_matcher();
        Ok(Glob {
            text: text.to_owned(),
            matcher,
        })
    }

    /// Whether the whole path matches.
    pub fn matches(&self, path: &str) -> bool {
        self.matcher.is_match(path)
    }

    /// Whether the glob matches the path or a folder above it.
    pub fn matches_or_holds(&self, path: &str) -> bool {
        let mut ends = path.match_indices('/').map(|(at, _)| at);
        self.matches(path) || ends.any(|end| self.matches(&path[..end]))
    }

    /// The glob as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The folder that contains every possible match.
    pub fn fixed_folder(&self) -> SitePath {
        let wild = self
            .text
            .find(['*', '?', '[', '{'])
            .unwrap_or(self.text.len());
        let folder = self.text[..wild]
            .rfind('/')
            .map_or("", |slash| &self.text[..slash]);
        SitePath::normalise(folder).unwrap_or_default()
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl TryFrom<String> for Glob {
    type Error = globset::Error;

    fn try_from(text: String) -> Result<Self, globset::Error> {
        Glob::new(&text)
    }
}

impl From<Glob> for String {
    fn from(glob: Glob) -> String {
        glob.text
    }
}
