//! `cache:`, variants that several builds share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FolderPath;
use crate::picture::units::ByteSize;
use crate::store::ObjectStoreUrl;

/// A cache of encoded variants, for several checkouts, branches and CI jobs. Builds read it before
/// they encode, and write to it what they have encoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CacheSettings {
    /// A folder of the site, such as `.cache/planche`. Default: no cache. The variable
    /// The variable `PLANCHE_CACHE` overrides it: with a folder, which may be outside the site, or,
    /// if it is empty, with no cache.
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
