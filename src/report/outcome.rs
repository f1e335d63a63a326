//! The interface between commands and report formats.

use std::io;

use super::{Gain, Terminal};
use crate::finding::{Finding, Severity};

/// What a command did and found. The formats render any implementation, so a command with a summary
/// of its own implements this trait.
pub trait Outcome {
    /// The name of the command, such as `build`.
    fn command(&self) -> &'static str;

    /// All findings, in any order.
    fn findings(&self) -> &[Finding];

    /// One sentence without a final period that says what was done or, in a dry run, would be.
    fn sentence(&self) -> String;

    /// The duration of the run in seconds, if it is worth reporting.
    fn seconds(&self) -> Option<f64> {
        None
    }

    /// The bytes that readers of the site load with and without planche, if known.
    fn gain(&self) -> Option<&Gain> {
        None
    }

    /// Writes what people read on standard output: paths, changes and diffs.
    fn write_details(&self, terminal: Terminal, out: &mut dyn io::Write) -> io::Result<()>;

    /// Whether nothing was written because the user asked for that with `--dry-run`.
    fn is_asked_not_to_write(&self) -> bool {
        false
    }

    /// The command line that shows all findings and changes.
    fn command_for_all(&self, terminal: Terminal) -> String {
        match (terminal.command, self.is_asked_not_to_write()) {
            (Some(command), _) => format!("{command} --all"),
            (None, true) => format!("planche {} --dry-run --all", self.command()),
            (None, false) => format!("planche {} --all", self.command()),
        }
    }

    /// Whether the sentence comes before the details, because the details (of a dry run) are long.
    fn begins_with_sentence(&self) -> bool {
        false
    }

    /// Writes the JSON object of `--format json`, without a line break at the end.
    fn write_json(&self, out: &mut dyn io::Write) -> io::Result<()>;

    /// Returns the number of findings of a severity.
    fn count(&self, severity: Severity) -> usize {
        let findings = self.findings().iter();
        findings
            .filter(|finding| finding.severity() == severity)
            .count()
    }
}
