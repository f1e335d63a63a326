//! Whether a run writes.

/// Whether anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Write,
    DryRun,
}
