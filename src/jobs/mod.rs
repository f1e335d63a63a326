//! Distributes work to other machines: turns a site into job lines, job lines into files in a store
//! and result lines, and result lines into the variants of the site.
//!
//! A line is one JSON object (NDJSON). [`plan`] says what to make, [`Worker`] makes it, and a build
//! takes the variants from [`Results`]. The parts share only lines and a
//! [`Store`](crate::store::Store), so that any engine can distribute the lines over machines.

mod answer;
mod id;
mod line;
mod planned;
mod results;
mod serve;
mod shard;
mod source;
mod worker;

pub use answer::{Answer, Fault, MadeFile};
pub use id::Id;
pub use line::JobLine;
pub use planned::{Plan, PlanError, plan};
pub use results::Results;
pub use serve::{LONGEST_LINE, serve};
pub use shard::{BadShard, Shard};
pub use worker::Worker;

/// The version of the format of lines. A worker refuses lines of other versions.
pub const VERSION: u32 = 1;
