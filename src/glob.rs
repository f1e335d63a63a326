//! Globs: turns a pattern into a matcher of paths within the site.

use globset::{GlobBuilder, GlobMatcher};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::path::SitePath;

/// A glob over paths from the site's root: `*` matches within one folder, `**` across folders.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Glob {
    #[schemars(with = "String")]
    text: String,
    #[serde(skip)]
    #[schemars(skip)]
    matcher: GlobMatcher,
}

/// A glob that cannot be parsed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{glob}` is not a valid glob: {reason}")]
pub struct GlobError {
    glob: String,
    reason: &'static str,
}

impl GlobError {
    fn new(glob: &str, error: &globset::Error) -> Self {
        use globset::ErrorKind;
        GlobError {
            glob: glob.to_owned(),
            reason: match error.kind() {
                ErrorKind::UnclosedClass => "`[` has no `]`",
                ErrorKind::InvalidRange(..) => "a range in `[…]` is reversed",
                ErrorKind::UnopenedAlternates => "`}` has no `{`",
                ErrorKind::UnclosedAlternates => "`{` has no `}`",
                ErrorKind::DanglingEscape => "it ends with `\\`",
                _ => "it is too long",
            },
        }
    }
}

impl Glob {
    /// Compiles a glob; `./` at its start and slashes at its end are ignored.
    ///
    /// # Errors
    ///
    /// Returns an error if brackets or braces are not balanced or a range is reversed.
    pub fn new(text: &str) -> Result<Self, GlobError> {
        let matcher = GlobBuilder::new(text.trim_start_matches("./").trim_end_matches('/'))
            .literal_separator(true)
            .backslash_escape(true)
            .build()
            .map_err(|error| GlobError::new(text, &error))?
            .compile_matcher();
        Ok(Glob {
            text: text.to_owned(),
            matcher,
        })
    }

    /// Returns whether the glob matches the whole path.
    pub fn matches(&self, path: &str) -> bool {
        self.matcher.is_match(path)
    }

    /// Returns whether the glob matches the path or a folder that contains it.
    pub fn matches_or_holds(&self, path: &str) -> bool {
        let mut ends = path.match_indices('/').map(|(at, _)| at);
        self.matches(path) || ends.any(|end| self.matches(&path[..end]))
    }

    /// Returns the glob as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the folder that contains every possible match.
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
    type Error = GlobError;

    fn try_from(text: String) -> Result<Self, GlobError> {
        Glob::new(&text)
    }
}

impl From<Glob> for String {
    fn from(glob: Glob) -> String {
        glob.text
    }
}
