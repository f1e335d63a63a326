//! Paths below a site's root: turns text into a normalized [`SitePath`].

mod lookup;
mod shared;
mod url;

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use lookup::{Lookup, Obstacle, ObstacleKind};
pub use shared::{shared, sharing};
pub use url::{decode_percent, encode_path, trim_url};

/// A path from the site's root to a file or folder: `/`-separated, without `.`, `..` and empty
/// segments; empty for the root itself. A clone shares its text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SitePath(#[serde(deserialize_with = "shared::own")] Arc<str>);

impl SitePath {
    /// The site's root.
    pub fn root() -> Self {
        SitePath::default()
    }

    /// Resolves `.` and `..` without reading the disk. Returns `None` if the path leads out of the
    /// root, is absolute, or contains NUL.
    pub fn normalise(path: &str) -> Option<Self> {
        if path.starts_with('/') || path.contains('\0') {
            return None;
        }
        if is_normal(path) {
            return Some(SitePath(path.into()));
        }
        let mut segments: Vec<&str> = Vec::new();
        for segment in path.split('/') {
            match segment {
                "" | "." => {}
                ".." => {
                    segments.pop()?;
                }
                name => segments.push(name),
            }
        }
        Some(SitePath(segments.join("/").into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the path of `name` in this folder. `name` is one segment.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        if self.0.is_empty() {
            return SitePath(name.into());
        }
        let mut child = String::with_capacity(self.0.len() + 1 + name.len());
        child.push_str(&self.0);
        child.push('/');
        child.push_str(name);
        SitePath(child.into())
    }

    /// Returns the folder of this path. The parent of the root is the root.
    #[must_use]
    pub fn parent(&self) -> SitePath {
        SitePath(
            self.0
                .rsplit_once('/')
                .map_or("", |(parent, _)| parent)
                .into(),
        )
    }

    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&self.0, |(_, name)| name)
    }

    /// The name without its last extension.
    pub fn stem(&self) -> &str {
        match self.name().rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => self.name(),
        }
    }

    /// The last extension in lower case, without its dot, or an empty text.
    pub fn extension(&self) -> String {
        match self.name().rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => extension.to_ascii_lowercase(),
            _ => String::new(),
        }
    }

    /// The path relative to `folder`, or `None` if it is not below that folder.
    pub fn below(&self, folder: &str) -> Option<&str> {
        if folder.is_empty() {
            return Some(&self.0);
        }
        self.0.strip_prefix(folder)?.strip_prefix('/')
    }

    pub fn as_path(&self) -> &Path {
        if self.0.is_empty() {
            Path::new(".")
        } else {
            Path::new(self.as_str())
        }
    }
}

/// Whether a path has no segment to resolve.
fn is_normal(path: &str) -> bool {
    path.is_empty() || path.split('/').all(|name| !matches!(name, "" | "." | ".."))
}

/// A map by path, or by a type that starts with one.
pub type PathMap<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// A set of paths.
pub type PathSet<P> = HashSet<P, foldhash::fast::RandomState>;

impl fmt::Display for SitePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for SitePath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<SitePath> for String {
    fn from(path: SitePath) -> String {
        path.0.as_ref().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_never_leave_the_root() {
        for (path, expected) in [
            ("a/b.png", Some("a/b.png")),
            ("./a//b", Some("a/b")),
            ("a/../b", Some("b")),
            ("a/../../b", None),
            ("..", None),
            ("/etc/passwd", None),
            ("a\0b", None),
            ("", Some("")),
        ] {
            assert_eq!(
                SitePath::normalise(path).as_ref().map(SitePath::as_str),
                expected,
                "{path}"
            );
        }
    }

    #[test]
    fn parts_of_a_path() {
        let path = SitePath::normalise("uploads/2023/Photo.Été.JPG").expect("inside");
        assert_eq!(path.parent().as_str(), "uploads/2023");
        assert_eq!(path.name(), "Photo.Été.JPG");
        assert_eq!(path.stem(), "Photo.Été");
        assert_eq!(path.extension(), "jpg");
        assert_eq!(path.below("uploads"), Some("2023/Photo.Été.JPG"));
        assert_eq!(path.below("upload"), None);
        assert_eq!(SitePath::root().child(".hidden").extension(), "");
    }
}
