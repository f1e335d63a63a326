//! Exit codes.

use std::process::ExitCode;

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: all was done; under `check`, nothing would change.
    Done,
    /// 1: an upload or an article could not be processed; under `check`, something would change;
    /// under `--strict`, there are warnings.
    Findings,
    /// 2: wrong usage, wrong configuration, or the system refused.
    Failed,
    /// 130 or 143: stopped by a signal.
    Interrupted { signal: i32 },
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        match exit {
            Exit::Done => ExitCode::SUCCESS,
            Exit::Findings => ExitCode::from(1),
            Exit::Failed => ExitCode::from(2),
            Exit::Interrupted { signal } => {
                ExitCode::from(u8::try_from(128 + signal).unwrap_or(130))
            }
        }
    }
}
