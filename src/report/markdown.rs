//! `--format markdown`: the summary of a CI job, in the Markdown of GitHub and GitLab.

use std::io;

use super::human::Groups;
use super::words::plural;
use super::{Outcome, Page};
use crate::finding::{Finding, Severity};
use crate::language::Language;
use crate::picture::units::ByteSize;
use crate::printable::Printable;

/// Maximum number of findings listed per code.
const LISTED: usize = 50;

pub(super) fn write(
    outcome: &dyn Outcome,
    language: Language,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    writeln!(out, "### planche {}\n", outcome.command())?;
    let counts = [(Severity::Error, "error"), (Severity::Warning, "warning")];
    let counts = counts.map(|(severity, noun)| {
        let counted = plural(outcome.count(severity), noun);
        language.text(&counted).into_owned()
    });
    let sentence = outcome.sentence();
    let sentence = text(&language.text(&sentence));
    writeln!(out, "{sentence}. {}.", counts.join(", "))?;
    if let Some(gain) = outcome.gain() {
        let of = gain.of();
        let header = [of.as_str(), "before", "now"].map(|cell| language.text(cell));
        writeln!(out, "\n| {} | |", header.join(" | "))?;
        writeln!(out, "|---|--:|--:|--:|")?;
        for (name, page) in [
            ("a phone (390 px, 2×)", gain.phone),
            ("a desktop (1440 px)", gain.desktop),
        ] {
            let Page { before, after } = page;
            let (before, after) = (ByteSize(before).to_string(), ByteSize(after).to_string());
            let cells = [name.to_owned(), before, after, page.percent()];
            let cells = cells.map(|cell| language.text(&cell).into_owned());
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
    }
    for group in Groups::of(outcome.findings()).worst_first() {
        let (code, findings) = (group.code, &group.findings);
        let count = findings.len();
        writeln!(
            out,
            "\n<details><summary>{}: <code>{code}</code> ({count})</summary>\n",
            language.text(group.severity.as_str())
        )?;
        for finding in findings.iter().take(LISTED) {
            write_item(finding, language, out)?;
        }
        if count > LISTED {
            let rest = format!("{} more", count - LISTED);
            writeln!(out, "- … {}", language.text(&rest))?;
        }
        writeln!(out, "\n</details>")?;
    }
    Ok(())
}

fn write_item(finding: &Finding, language: Language, out: &mut dyn io::Write) -> io::Result<()> {
    let place = match finding.place() {
        Some(place) => format!(
            "`{}`: ",
            Printable::new(&place).to_string().replace('`', "'")
        ),
        None => String::new(),
    };
    let message = text(&language.text(&finding.full_message()));
    let hint = match &finding.hint {
        Some(hint) => {
            let label = language.text("hint:");
            format!("  \n  *{label}* {}", text(&language.text(hint)))
        }
        None => String::new(),
    };
    writeln!(out, "- {place}{message}{hint}")
}

/// Escapes text for Markdown, so that only code spans keep their meaning.
fn text(text: &str) -> String {
    let mut escaped = String::new();
    let mut is_code = false;
    let text = Printable::new(text).to_string();
    // With an odd number of backticks, none of them delimits a code span.
    let is_balanced = text.matches('`').count().is_multiple_of(2);
    for c in text.chars() {
        match c {
            '`' if is_balanced => is_code = !is_code,
            _ if is_code => {}
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' => escaped.push('\\'),
            '&' => {
                escaped.push_str("&amp;");
                continue;
            }
            _ => {}
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_change_the_page() {
        assert_eq!(
            text("a_b <img> & `x_y<b>`"),
            "a\\_b \\<img\\> &amp; `x_y<b>`"
        );
        assert_eq!(text("odd ` and <b>\n"), "odd \\` and \\<b\\>\\\\n");
    }
}
