//! `--format github`: workflow commands of GitHub Actions, which GitHub shows as annotations of the
//! changed files.
//!
//! Format: "Workflow commands for GitHub Actions" in GitHub's documentation. Lines and columns are
//! counted from 1.

use std::io;

use super::{Outcome, Sources};
use crate::finding::{Finding, Severity};
use crate::language::Language;
use crate::printable::Printable;

pub(super) fn write(
    outcome: &dyn Outcome,
    language: Language,
    sources: &Sources<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for finding in outcome.findings() {
        writeln!(
            out,
            "{}",
            command(finding, language, &sources.path_in_repository(finding))
        )?;
    }
    Ok(())
}

fn command(finding: &Finding, language: Language, path: &str) -> String {
    let severity = match finding.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "notice",
    };
    // Control characters in file names are escaped as in the message.
    let path = Printable::new(path).to_string();
    let mut properties = format!("file={}", property(&path));
    if let Some(position) = finding.position() {
        properties.push_str(&format!(",line={},col={}", position.line, position.column));
    }
    let title = format!("planche: {}", finding.code);
    properties.push_str(&format!(",title={}", property(&title)));
    // Control characters are escaped for the log. Only the line break before the hint, added below,
    // is a real one.
    let message = finding.full_message();
    let mut message = Printable::new(&language.text(&message)).to_string();
    if let Some(hint) = &finding.hint {
        let hint = format!("hint: {hint}");
        message.push_str(&format!("\n{}", Printable::new(&language.text(&hint))));
    }
    format!("::{severity} {properties}::{}", data(&message))
}

/// Escapes the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes the value of a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
