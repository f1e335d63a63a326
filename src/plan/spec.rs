//! A planned variant: its file, its URL, and how its bytes are produced.

use crate::path::SitePath;
use crate::picture::recipe::Rendition;

/// A variant's file.
#[derive(Clone, Debug, PartialEq)]
pub struct VariantSpec {
    pub path: SitePath,
    pub url: String,
    pub rendition: Rendition,
}

impl AsRef<Rendition> for VariantSpec {
    fn as_ref(&self) -> &Rendition {
        &self.rendition
    }
}
