//! `--format junit`: JUnit XML in the dialect of Jenkins' schema, for any CI system that shows test
//! results. Each finding is a test case: errors and warnings are failures, notices are skipped
//! tests.

use std::io;

use super::Outcome;
use crate::finding::{Finding, Severity};
use crate::language::Language;
use crate::printable::Printable;

pub(super) fn write(
    outcome: &dyn Outcome,
    language: Language,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let findings = outcome.findings();
    // Without findings, the run itself is reported as one passed test.
    let tests = findings.len().max(1);
    let skipped = outcome.count(Severity::Notice);
    let failures = findings.len() - skipped;
    let time = outcome.seconds().unwrap_or_default();
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"");
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"planche\" {counts} time=\"{time:.3}\">"
    )?;
    writeln!(
        out,
        "  <testsuite name=\"planche {}\" {counts} skipped=\"{skipped}\" time=\"{time:.3}\">",
        outcome.command()
    )?;
    if findings.is_empty() {
        let name = text(&language.text(&outcome.sentence()));
        writeln!(out, "    <testcase name=\"{name}\" classname=\"planche\"/>")?;
    }
    for finding in findings {
        write_case(finding, language, out)?;
    }
    writeln!(out, "  </testsuite>")?;
    writeln!(out, "</testsuites>")
}

fn write_case(finding: &Finding, language: Language, out: &mut dyn io::Write) -> io::Result<()> {
    let code = finding.code;
    let name = match finding.place() {
        Some(place) => format!("{code}: {place}"),
        None => code.to_string(),
    };
    let name = text(&name);
    let message = text(&language.text(&finding.full_message()));
    writeln!(
        out,
        "    <testcase name=\"{name}\" classname=\"planche.{code}\">"
    )?;
    let hint = match &finding.hint {
        Some(hint) => text(&language.text(&format!("hint: {hint}"))),
        None => String::new(),
    };
    match finding.severity() {
        Severity::Notice => writeln!(out, "      <skipped message=\"{message}\"/>")?,
        severity => writeln!(
            out,
            "      <failure type=\"{severity}\" message=\"{message}\">{hint}</failure>"
        )?,
    }
    writeln!(out, "    </testcase>")
}

/// Escapes text for an attribute or an element (XML 1.0, sections 2.2 and 2.4).
fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in Printable::new(text).to_string().chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
