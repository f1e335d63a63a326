//! A variant that was written.

use super::ProduceError;
use crate::path::SitePath;
use crate::picture::info::Digest;

/// A variant that was written: its path, and the length and digest of its bytes.
#[derive(Clone, Debug)]
pub struct Written {
    pub path: SitePath,
    pub bytes: u64,
    pub digest: Digest,
    /// Whether it came from a cache.
    pub is_cached: bool,
    /// Whether no record needs it, so that it has no file.
    pub is_left_out: bool,
}

impl Written {
    pub fn new(path: &SitePath, bytes: &[u8]) -> Self {
        Written {
            path: path.clone(),
            bytes: bytes.len() as u64,
            digest: Digest::of(bytes),
            is_cached: false,
            is_left_out: false,
        }
    }
}

/// The result of writing one variant.
pub type WrittenVariant = Result<Written, ProduceError>;
