//! Variants: from jobs to complete files on disk.
//!
//! [`produce`] reads originals, has the image engine render them, and writes the files. [`VariantIndex`]
//! knows which files exist; only it can say that a record's variants are complete.

mod budget;
mod produce;
mod shelf;

pub use produce::{Budget, ProduceError, Produced, Progress, Silent, produce};
pub use shelf::{CompleteSet, Undecodable, VariantIndex, Verified};
