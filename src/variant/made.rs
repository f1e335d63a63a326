//! Variants that other machines have generated.

use crate::finding::Finding;
use crate::original::Original;
use crate::plan::VariantSpec;
use crate::store::Key;

/// Variants that were made elsewhere: a run takes them from here instead of making them.
pub trait Made: Sync {
    /// Returns the verified file of a variant of an original.
    ///
    /// # Errors
    ///
    /// If there is no such file, with the reason as a finding about the original.
    fn file(&self, original: &Original, spec: &VariantSpec) -> Result<Vec<u8>, Finding>;

    /// Returns findings about variants that were made but are not in the plan. `planned` are the
    /// keys of the variants in the plan, on disk or not.
    fn not_planned(&self, planned: &mut dyn Iterator<Item = Key>) -> Vec<Finding>;
}
