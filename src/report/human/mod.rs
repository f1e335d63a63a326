//! The report for people: what was done, the findings grouped by code with errors last, and how
//! much less readers of the site load.

mod excerpt;
mod groups;
mod render;

use std::io;

use super::{Outcome, Report, Sources, Terminal};
use crate::finding::{Code, Finding, Severity};
use crate::printable::Printable;

pub(super) use groups::Groups;

/// Largest number of lines of templates that the conclusion names.
const PLACES: usize = 8;

impl Terminal {
    /// Returns the severity and code with which the line of a finding begins.
    fn tag(self, finding: &Finding) -> String {
        let severity = finding.severity();
        let style = match severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
            Severity::Notice => "1;36",
        };
        let severity = self.language.text(severity.as_str());
        self.paint(style, &format!("{severity}[{}]", finding.code))
    }

    /// Formats a finding as one line, for a log of events.
    pub fn finding(self, finding: &Finding) -> String {
        let hint = match &finding.hint {
            Some(hint) => self.say(&format!(" – hint: {hint}")),
            None => String::new(),
        };
        let message = self.place_and_message(finding);
        format!("{} {message}{hint}", self.tag(finding))
    }

    /// Writes findings, grouped by code with errors last. `command` is the command line that shows
    /// all of them.
    pub fn write_findings(
        self,
        findings: &[Finding],
        command: &str,
        sources: &Sources<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        render::write_findings(self, findings, command, sources, out)
    }

    /// Writes the report. `data` is the style of `out`, which may be a file while `err` is a
    /// terminal.
    pub fn report_with(
        self,
        data: Terminal,
        outcome: &dyn Outcome,
        sources: &Sources<'_>,
        out: &mut dyn io::Write,
        err: &mut dyn io::Write,
    ) -> io::Result<()> {
        if outcome.begins_with_sentence() && !self.is_quiet {
            self.write_wrapped(&self.sentence(outcome), err)?;
        }
        outcome.write_details(data, out)?;
        out.flush()?;
        let command = outcome.command_for_all(self);
        self.write_findings(outcome.findings(), &command, sources, err)?;
        if self.is_quiet {
            return Ok(());
        }
        self.write_conclusion(outcome, sources, err)
    }

    /// Writes the last lines: what was done, how many findings there are, and what readers gain.
    fn write_conclusion(
        self,
        outcome: &dyn Outcome,
        sources: &Sources<'_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        if !outcome.begins_with_sentence() {
            self.write_wrapped(&self.sentence(outcome), out)?;
        }
        let Some(gain) = outcome.gain().filter(|gain| !gain.is_none()) else {
            return Ok(());
        };
        self.write_wrapped(&self.say(&gain.sentence()), out)?;
        let printed = outcome.findings().iter();
        let printed = printed.filter(|finding| finding.code == Code::OriginalPrinted);
        let mut places: Vec<String> = printed
            .filter_map(|finding| sources.here().finding(finding).place())
            .collect();
        places.dedup();
        if places.is_empty() {
            return Ok(());
        }
        let count = places.len();
        if count > PLACES && !self.shows_all {
            places.truncate(PLACES);
            places.push("…".to_owned());
        }
        let places = places.join(", ");
        let line = match count {
            1 => format!("{count} template line still prints originals: {places}"),
            _ => format!("{count} template lines still print originals: {places}"),
        };
        self.write_wrapped(&self.say(&line), out)
    }

    /// Returns what was done, with the numbers of errors and warnings and the duration.
    fn sentence(self, outcome: &dyn Outcome) -> String {
        let mut sentence = self.language.text(&outcome.sentence()).into_owned();
        for (severity, noun) in [(Severity::Error, "error"), (Severity::Warning, "warning")] {
            let count = outcome.count(severity);
            if count > 0 {
                let counted = super::words::plural(count, noun);
                sentence.push_str(&self.language.text("; "));
                sentence.push_str(&self.language.text(&counted));
            }
        }
        if let Some(seconds) = outcome.seconds() {
            let seconds = format!("{seconds:.1} s");
            sentence.push_str(&format!(" – {}", self.language.text(&seconds)));
        }
        Printable::new(&sentence).to_string()
    }

    /// Formats `FILE:LINE:COLUMN: message`, without the parts that the finding lacks.
    fn place_and_message(self, finding: &Finding) -> String {
        let message = self.say(&finding.full_message());
        match finding.place() {
            Some(place) => format!("{}: {message}", Printable::new(&place)),
            None => message,
        }
    }
}

impl Report for Terminal {
    fn report(
        &self,
        outcome: &dyn Outcome,
        sources: &Sources<'_>,
        out: &mut dyn io::Write,
        err: &mut dyn io::Write,
    ) -> io::Result<()> {
        self.report_with(*self, outcome, sources, out, err)
    }
}

#[cfg(test)]
mod tests;
