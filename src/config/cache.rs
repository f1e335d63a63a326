//! `cache:`, variants that several builds share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Config, FolderPath};
use crate::finding::{Code, Finding};
use crate::generator::Conventions;
use crate::path::SitePath;
use crate::picture::units::ByteSize;
use crate::settings;
use crate::store::ObjectStoreUrl;
use crate::tree::path::Segment;

/// A cache of encoded variants, for several checkouts, branches and CI jobs. Builds read it before
/// they encode, and write to it what they have encoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CacheSettings {
    /// A folder of the site, such as `.cache/planche`. Default: no cache. The variable
    /// `PLANCHE_CACHE` overrides it: with a folder, which may be outside the site, or, if it is
    /// empty, with no cache.
    pub dir: Option<FolderPath>,
    /// A place in an object store, such as `s3://bucket/prefix`, for several machines. It is read
    /// after the folder, and written to if the credentials permit it. Builds go on without it.
    pub url: Option<ObjectStoreUrl>,
    /// Maximum size of the folder, such as `2G`. The variants that were not used for the longest
    /// time are removed first.
    pub max: ByteSize,
}

impl Default for CacheSettings {
    fn default() -> Self {
        CacheSettings {
            dir: None,
            url: None,
            max: ByteSize(2 << 30),
        }
    }
}

impl Config {
    /// Checks that the cache is in a separate folder: it gets a `.gitignore` that hides all files in
    /// it, and files are removed from it. `articles` are the folders that articles are in.
    ///
    /// # Errors
    ///
    /// Returns a finding at `cache.dir`.
    pub fn check_cache(
        &self,
        file: &str,
        text: &str,
        conventions: &Conventions,
        articles: &[SitePath],
    ) -> Result<(), Finding> {
        let Some(dir) = self.cache.dir.as_ref() else {
            return Ok(());
        };
        let dir = SitePath::normalise(dir.as_str()).unwrap_or_default();
        let is_shared = |other: &SitePath| {
            dir.is_root()
                || !other.is_root()
                    && (*other == dir
                        || other.below(dir.as_str()).is_some()
                        || dir.below(other.as_str()).is_some())
        };
        let folder = |dir: &FolderPath| SitePath::normalise(dir.as_str());
        let own = folder(&conventions.output.dir).into_iter();
        let uploads = conventions
            .uploads
            .iter()
            .filter_map(|uploads| folder(&uploads.dir));
        let mut others = own
            .chain(uploads)
            .chain(articles.iter().cloned())
            .chain(conventions.templates_in.iter().cloned());
        let Some(other) = others.find(is_shared) else {
            return Ok(());
        };
        let path = [Segment::key("cache", 0), Segment::key("dir", 0)];
        let message = match other.is_root() {
            true => "the cache folder is the site's root folder".to_owned(),
            false => format!("the cache folder shares files with `{other}`"),
        };
        Err(Finding::new(Code::Configuration, message)
            .in_file(file)
            .at(settings::position_of(text, &path.into_iter().collect()))
            .hint("set `cache.dir` to a separate folder, such as `.cache/planche`"))
    }
}
