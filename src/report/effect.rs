//! Whether a run writes.

/// Whether anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Write,
    DryRun,
}

impl Effect {
    /// Returns the effect of a command that writes unless `is_dry_run`.
    pub fn of(is_dry_run: bool) -> Self {
        if is_dry_run {
            Effect::DryRun
        } else {
            Effect::Write
        }
    }
}
