//! Exit codes.

use std::io::Write;
use std::process::ExitCode;

/// The result of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: success; with `check`, everything is up to date.
    Done,
    /// 1: an image or an article could not be processed; with `check`, something is out of date;
    /// with `--strict`, there are warnings.
    Findings,
    /// 2: invalid usage or configuration, or an I/O error.
    Failed,
    /// 130 or 143: stopped by a signal.
    Interrupted { signal: i32 },
}

impl Exit {
    fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Findings => 1,
            Exit::Failed => 2,
            Exit::Interrupted { signal } => u8::try_from(128 + signal).unwrap_or(130),
        }
    }

    /// Ends the process without freeing its memory.
    pub fn now(self) -> ! {
        // Everything was flushed as it was written; this is for what a library may have printed.
        let _ = std::io::stdout().flush();
        std::process::exit(self.code().into())
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
