//! `budget:`, what `check` accepts of uploads, articles and variants.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::picture::units::ByteSize;

/// Budgets, each of them optional: `check` reports what exceeds them as an error. Nothing is left
/// alone because of a budget; that is what `limits` are for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetSettings {
    /// Maximum file size of one upload that articles use, such as `5M`.
    pub original: Option<ByteSize>,
    /// Maximum size of one upload that articles use, in megapixels.
    pub megapixels: Option<u32>,
    /// Maximum size of the images that a phone (390 CSS pixels, density 2) loads of one article,
    /// such as `500K`.
    pub article: Option<ByteSize>,
    /// Maximum size of all variants together, such as `200M`.
    pub variants: Option<ByteSize>,
    /// Maximum number of references to uploads that do not exist.
    pub missing: Option<u32>,
}
