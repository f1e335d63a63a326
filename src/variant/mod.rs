//! Makes variants: takes jobs, and writes complete files to disk.
//!
//! [`produce`] reads originals, has the image engine render them, and writes the files.
//! [`VariantIndex`] knows which files exist; only it can prove that a record's variants are
//! complete.

mod admission;
mod budget;
mod cache;
mod digests;
mod error;
mod index;
mod job;
mod left_out;
mod made;
mod making;
mod patience;
mod produce;
mod progress;
mod written;

pub use admission::Admission;
pub use budget::Budget;
pub use cache::{Cache, CacheChoice, VARIABLE};
pub use digests::Digests;
pub use error::ProduceError;
pub use index::{CompleteSet, LeftOutFiles, Undecodable, VariantIndex, Verified};
pub use job::check_memory;
pub use left_out::{FILE as LEFT_OUT, LeftOut};
pub use made::Made;
pub use making::{Claim, Place, catch, make};
pub use produce::{JobContext, Produced, produce};
pub use progress::{Progress, Silent};
pub use written::{Written, WrittenVariant};
