//! `--format concise`: one line per finding, `FILE:LINE:COLUMN: SEVERITY[CODE]: MESSAGE – hint:
//! HINT`, a form in which text editors recognise the position.

use std::io;

use super::{Outcome, Sources};
use crate::finding::Finding;
use crate::language::Language;
use crate::printable::Printable;

pub(super) fn write(
    outcome: &dyn Outcome,
    language: Language,
    sources: &Sources<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    for finding in outcome.findings() {
        let finding = sources.here().finding(finding);
        writeln!(out, "{}", line(&finding, language))?;
    }
    Ok(())
}

fn line(finding: &Finding, language: Language) -> String {
    let place = match finding.place() {
        Some(place) => format!("{}: ", Printable::new(&place)),
        None => String::new(),
    };
    let message = finding.full_message();
    let message = language.text(&message);
    let mut line = format!(
        "{place}{}[{}]: {}",
        finding.severity(),
        finding.code,
        Printable::new(&message)
    );
    if let Some(hint) = &finding.hint {
        let hint = format!(" – hint: {hint}");
        let hint = language.text(&hint);
        line.push_str(&Printable::new(&hint).to_string());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Code, Position};

    #[test]
    fn a_finding_is_one_line_that_begins_with_its_place() {
        let finding = Finding::new(Code::MissingUpload, "missing upload `/a\u{1b}.png`");
        let place = Position { line: 3, column: 7 };
        assert_eq!(
            line(
                &finding.clone().in_file("a\nb.md").at(place).hint("none"),
                Language::English
            ),
            "a\\nb.md:3:7: warning[missing-upload]: missing upload `/a\\u{1b}.png` – hint: none"
        );
        assert_eq!(
            line(
                &Finding {
                    hint: None,
                    ..finding
                },
                Language::English
            ),
            "warning[missing-upload]: missing upload `/a\\u{1b}.png`"
        );
    }
}
