//! Variants: from jobs to complete files on disk.
//!
//! [`produce`] reads originals, has the image engine render them, and writes the files.
//! [`VariantIndex`] knows which files exist; only it can say that a record's variants are complete.

mod admission;
mod budget;
mod cache;
mod digests;
mod index;
mod job;
mod patience;
mod produce;
mod progress;

pub use admission::Admission;
pub use budget::Budget;
pub use cache::{Cache, CacheChoice, VARIABLE};
pub use digests::Digests;
pub use index::{CompleteSet, Undecodable, VariantIndex, Verified};
pub use job::ProduceError;
pub use produce::{Means, Produced, produce};
pub use progress::{Progress, Silent};
