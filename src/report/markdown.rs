//! `--format markdown`: the summary of a CI job, as GitHub's and GitLab's Markdown show it.

use std::io;

use super::human::Groups;
use super::words::plural;
use super::{Outcome, Page};
use crate::finding::{Finding, Severity};
use crate::picture::units::ByteSize;
use crate::printable::Printable;

/// Findings of one code that are listed.
const LISTED: usize = 50;

pub(super) fn write(outcome: &dyn Outcome, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "### planche {}\n", outcome.command())?;
    let counts = [(Severity::Error, "error"), (Severity::Warning, "warning")];
    let counts = counts.map(|(severity, noun)| plural(outcome.count(severity), noun));
    writeln!(out, "{}. {}.", text(&outcome.sentence()), counts.join(", "))?;
    if let Some(gain) = outcome.gain() {
        writeln!(
            out,
            "\n| images of {} | before | now | |",
            plural(gain.articles, "article")
        )?;
        writeln!(out, "|---|--:|--:|--:|")?;
        for (name, page) in [
            ("a phone (390 px, 2×)", gain.phone),
            ("a desktop (1440 px)", gain.desktop),
        ] {
            let Page { before, after } = page;
            let (percent, before, after) = (page.percent(), ByteSize(before), ByteSize(after));
            writeln!(out, "| {name} | {before} | {after} | {percent} |")?;
        }
    }
    for group in Groups::of(outcome.findings()).worst_first() {
        let (code, findings) = (group.code, &group.findings);
        let count = findings.len();
        writeln!(
            out,
            "\n<details><summary>{}: <code>{code}</code> ({count})</summary>\n",
            group.severity
        )?;
        for finding in findings.iter().take(LISTED) {
            write_item(finding, out)?;
        }
        if count > LISTED {
            writeln!(out, "- … {} more", count - LISTED)?;
        }
        writeln!(out, "\n</details>")?;
    }
    Ok(())
}

fn write_item(finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let place = match finding.place() {
        Some(place) => format!(
            "`{}`: ",
            Printable::new(&place).to_string().replace('`', "'")
        ),
        None => String::new(),
    };
    let message = text(&finding.full_message());
    let hint = match &finding.hint {
        Some(hint) => format!("  \n  *hint:* {}", text(hint)),
        None => String::new(),
    };
    writeln!(out, "- {place}{message}{hint}")
}

/// Text in which only code spans mean anything in Markdown.
fn text(text: &str) -> String {
    let mut escaped = String::new();
    let mut is_code = false;
    let text = Printable::new(text).to_string();
    // An odd backtick is none of a code span.
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
