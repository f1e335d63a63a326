//! A planned variant: its file, its URL, and how its bytes are produced.

use std::collections::BTreeMap;

use crate::original::Original;
use crate::path::SitePath;
use crate::picture::recipe::Rendition;

/// A planned variant.
#[derive(Clone, Debug, PartialEq)]
pub struct VariantSpec {
    pub path: SitePath,
    /// The original that the variant is made from, if it is not the original of the image plan.
    pub from: Option<SitePath>,
    pub url: String,
    pub rendition: Rendition,
}

impl VariantSpec {
    /// Returns the original that the variant is made from; `own` is the original of the image plan.
    pub fn original<'o>(
        &self,
        own: &'o Original,
        originals: &'o BTreeMap<SitePath, Original>,
    ) -> Option<&'o Original> {
        match &self.from {
            None => Some(own),
            Some(path) => originals.get(path),
        }
    }
}

impl AsRef<Rendition> for VariantSpec {
    fn as_ref(&self) -> &Rendition {
        &self.rendition
    }
}
