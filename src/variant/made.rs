//! Variants that other machines have made.

use crate::finding::Finding;
use crate::original::Original;
use crate::plan::VariantSpec;
use crate::store::Key;

/// Variants that were made elsewhere: a run takes them from here instead of making them.
pub trait Made: Sync {
    /// The verified file of a variant of an original.
    ///
    /// # Errors
    ///
    /// Why there is none, as a finding about the original.
    fn file(&self, original: &Original, spec: &VariantSpec) -> Result<Vec<u8>, Finding>;

    /// Findings about variants that the plan does not contain. `planned` are the keys of
    /// those that it contains, on disk or not.
    fn not_planned(&self, planned: &mut dyn Iterator<Item = Key>) -> Vec<Finding>;
}
