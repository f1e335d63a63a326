//! Writes findings for people: one paragraph per code, errors last, nearest to the prompt.
//!
//! The report has room for a dozen lines. Each code gets at least one line. Errors are always shown
//! with their positions, hints and source lines; other codes get these while there is room,
//! warnings first.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::excerpt::excerpt;
use super::groups::{Group, Groups};
use crate::finding::{Code, Finding, Severity};
use crate::printable::Printable;
use crate::report::kind::{Kind, MANY, folder};
use crate::report::words::plural;
use crate::report::{Sources, Terminal};

/// Maximum number of lines of findings, unless the user wants all or there are more codes than
/// this.
const ROOM: usize = 12;
/// Maximum number of findings per code that are listed individually.
const FEW: usize = 3;
/// Maximum number of files named in a list of positions, and of positions per file.
const FILES: usize = 4;

/// Level of detail at which a group is shown. Each level includes the previous one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    /// The meaning of the code, and the number of findings.
    Headline,
    /// Also the positions.
    Brief,
    /// Also the hint.
    Hinted,
    /// Each finding with its source line and its hint.
    Full,
}

/// Writes findings. `command` is the command line that shows all of them.
pub(super) fn write_findings(
    terminal: Terminal,
    findings: &[Finding],
    command: &str,
    sources: &Sources<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let shown = findings
        .iter()
        .filter(|finding| !terminal.is_quiet || finding.severity() != Severity::Notice);
    let groups = Groups::of(shown);
    let groups: Vec<&Group<'_>> = groups.worst_first().rev().collect();
    let writer = Writer { terminal, sources };
    let paragraphs = writer.paragraphs(&groups);
    let is_shortened = paragraphs.iter().any(|paragraph| paragraph.is_shortened);
    for paragraph in paragraphs {
        for line in paragraph.lines {
            terminal.write_wrapped(&line, out)?;
        }
    }
    if is_shortened {
        let line = format!("`{command}` shows every place, with its hint");
        let line = format!("  … {}", terminal.say(&line));
        terminal.write_wrapped(&terminal.paint("2", &line), out)?;
    }
    Ok(())
}

/// The lines printed for one group.
struct Paragraph {
    lines: Vec<String>,
    /// Whether details were left out that `--all` shows.
    is_shortened: bool,
}

struct Writer<'w> {
    terminal: Terminal,
    sources: &'w Sources<'w>,
}

impl Writer<'_> {
    /// Gives each group as much detail as the limit on lines allows.
    fn paragraphs(&self, groups: &[&Group<'_>]) -> Vec<Paragraph> {
        if self.terminal.shows_all {
            let groups = groups.iter();
            return groups
                .map(|group| self.paragraph(group, Detail::Full))
                .collect();
        }
        let headlines = groups.iter();
        let mut paragraphs: Vec<Paragraph> = headlines
            .map(|group| self.paragraph(group, Detail::Headline))
            .collect();
        let used = |paragraphs: &[Paragraph]| -> usize {
            let lines = paragraphs.iter().map(|paragraph| paragraph.lines.len());
            let rest = paragraphs.iter().any(|paragraph| paragraph.is_shortened);
            lines.sum::<usize>() + usize::from(rest)
        };
        let steps = [
            (Severity::Error, Detail::Full),
            (Severity::Warning, Detail::Brief),
            (Severity::Notice, Detail::Brief),
            (Severity::Warning, Detail::Hinted),
            (Severity::Notice, Detail::Hinted),
            (Severity::Warning, Detail::Full),
            (Severity::Notice, Detail::Full),
        ];
        for (severity, detail) in steps {
            for (index, group) in groups.iter().enumerate().rev() {
                if group.severity != severity {
                    continue;
                }
                let longer = self.paragraph(group, detail);
                let shorter = std::mem::replace(&mut paragraphs[index], longer);
                // Errors are shown in full, even if the report becomes longer than `ROOM`.
                if severity != Severity::Error && used(&paragraphs) > ROOM {
                    paragraphs[index] = shorter;
                }
            }
        }
        paragraphs
    }

    fn paragraph(&self, group: &Group<'_>, detail: Detail) -> Paragraph {
        match (&group.findings[..], detail) {
            ([finding], _) => self.single(finding, detail),
            (findings, Detail::Full) => self.list(group, findings),
            (findings, _) => self.counted(group, findings, detail),
        }
    }

    fn place_and_message(&self, finding: &Finding) -> String {
        let finding = self.sources.here().finding(finding);
        self.terminal.place_and_message(&finding)
    }

    /// Formats a group of one finding: `warning[code] FILE:LINE:COLUMN: message`, the source line,
    /// and the hint.
    fn single(&self, finding: &Finding, detail: Detail) -> Paragraph {
        let mut lines = vec![format!(
            "{} {}",
            self.terminal.tag(finding),
            self.place_and_message(finding)
        )];
        let excerpt = excerpt(self.terminal, finding, self.sources, "  ");
        let has_more = finding.hint.is_some() || !excerpt.is_empty();
        if detail == Detail::Full {
            lines.extend(excerpt);
        }
        if detail >= Detail::Hinted {
            lines.extend(finding.hint.as_deref().map(|text| self.hint("  ", text)));
        }
        Paragraph {
            is_shortened: detail < Detail::Hinted && has_more,
            lines,
        }
    }

    /// Formats a group as `warning[code] what it means (7 places)`, and all positions in one line.
    fn counted(&self, group: &Group<'_>, findings: &[&Finding], detail: Detail) -> Paragraph {
        let mut lines = vec![self.header(group)];
        if detail >= Detail::Brief {
            lines.extend(self.places(findings));
        }
        if detail >= Detail::Hinted {
            let hints = findings.iter().map(|finding| finding.hint.as_deref());
            let hints: BTreeSet<_> = hints.collect();
            let hint = match hints.len() {
                1 => hints.into_iter().next().flatten(),
                _ => group.code.hint(),
            };
            lines.extend(hint.map(|hint| self.hint("  ", hint)));
        }
        Paragraph {
            lines,
            is_shortened: true,
        }
    }

    /// Lists the findings individually. Many findings of one kind are shown as one entry.
    fn list(&self, group: &Group<'_>, findings: &[&Finding]) -> Paragraph {
        let shows_all = self.terminal.shows_all;
        let mut lines = vec![self.header(group)];
        let kinds = if shows_all {
            findings.iter().map(|finding| vec![*finding]).collect()
        } else {
            by_kind(findings)
        };
        let shown = if shows_all { kinds.len() } else { FEW };
        let mut is_shortened = kinds.len() > shown;
        for alike in kinds.iter().take(shown) {
            let finding = alike[0];
            let mut line = format!("  {}", self.place_and_message(finding));
            if alike.len() > 1 {
                is_shortened = true;
                let rest = format!("and {} more like it", alike.len() - 1);
                line.push_str(&format!(" – {}", self.terminal.say(&rest)));
            }
            lines.push(line);
            lines.extend(excerpt(self.terminal, finding, self.sources, "    "));
            lines.extend(finding.hint.as_deref().map(|text| self.hint("    ", text)));
            if alike.len() > 1 {
                lines.push(self.hint("    ", &hint_for_kind(alike)));
            }
        }
        if kinds.len() > shown {
            let rest: usize = kinds.iter().skip(shown).map(Vec::len).sum();
            let rest = self.terminal.say(&format!("and {rest} more"));
            lines.push(format!("  … {rest}"));
        }
        Paragraph {
            lines,
            is_shortened,
        }
    }

    fn header(&self, group: &Group<'_>) -> String {
        let tag = self.terminal.tag(group.findings[0]);
        let headline = group.code.headline(self.terminal.language);
        let mut characters = headline.chars();
        let first: String = characters
            .next()
            .into_iter()
            .flat_map(char::to_lowercase)
            .collect();
        // `YAML` and `planche.yml` keep their case.
        let headline = match characters.clone().next() {
            Some(second) if second.is_uppercase() => headline.to_owned(),
            _ => first + characters.as_str(),
        };
        let count = plural(group.findings.len(), counted_as(&group.findings));
        format!("{tag} {headline} ({})", self.terminal.say(&count))
    }

    fn hint(&self, indent: &str, text: &str) -> String {
        let label = self.terminal.paint("32", &self.terminal.say("hint:"));
        format!("{indent}{label} {}", self.terminal.say(text))
    }

    /// Formats the positions of findings in one line, grouped by file; `None` if no finding has a
    /// file.
    fn places(&self, findings: &[&Finding]) -> Option<String> {
        let mut files: Vec<(&str, Vec<String>)> = Vec::new();
        for finding in findings {
            let Some(file) = finding.file.as_deref() else {
                continue;
            };
            if files.last().is_none_or(|(last, _)| *last != file) {
                files.push((file, Vec::new()));
            }
            let position = finding.position();
            let position = position.map(|place| format!("{}:{}", place.line, place.column));
            // Several findings of one kind can have the same position. One more than is shown is
            // enough to know that there are more.
            if let (Some((_, positions)), Some(position)) = (files.last_mut(), position)
                && positions.len() <= FILES
                && !positions.contains(&position)
            {
                positions.push(position);
            }
        }
        if files.is_empty() {
            return None;
        }
        let named = files.iter().take(FILES).map(|(file, positions)| {
            let mut positions = positions.clone();
            if positions.len() > FILES {
                positions.truncate(FILES);
                positions.push("…".to_owned());
            }
            let colon = if positions.is_empty() { "" } else { ":" };
            let file = self.sources.here().path(file);
            format!("{}{colon}{}", Printable::new(&file), positions.join(", "))
        });
        let mut line = format!("  {}", named.collect::<Vec<_>>().join("; "));
        if files.len() > FILES {
            let rest = match files.len() - FILES {
                1 => "and one more file".to_owned(),
                more => format!("and {more} more files"),
            };
            line.push_str(&self.terminal.say("; "));
            line.push_str(&self.terminal.say(&rest));
        }
        Some(line)
    }
}

/// Returns what the number of these findings counts: places in files, files, or findings.
fn counted_as(findings: &[&Finding]) -> &'static str {
    let positions = findings.iter().map(|finding| finding.location);
    let has_files = findings.iter().all(|finding| finding.file.is_some());
    let places = findings
        .iter()
        .map(|finding| (&finding.file, finding.location));
    let are_distinct = places.collect::<BTreeSet<_>>().len() == findings.len();
    if !has_files || !are_distinct {
        "time"
    } else if positions.clone().all(|position| position.is_some()) {
        "place"
    } else if positions.clone().all(|position| position.is_none()) {
        "file"
    } else {
        "time"
    }
}

/// Merges findings of the same kind if there are at least `MANY` of them; other findings stay
/// separate. The order is that of first occurrence.
fn by_kind<'f>(findings: &[&'f Finding]) -> Vec<Vec<&'f Finding>> {
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(Kind::of(finding)).or_default() += 1;
    }
    let are_many = |counts: &BTreeMap<Kind, usize>, kind: &Kind| {
        counts.get(kind).is_some_and(|count| *count >= MANY)
    };
    // Findings whose exact kind is too rare are counted again by the first folder only.
    let mut others: BTreeMap<Kind, usize> = BTreeMap::new();
    for finding in findings {
        if !are_many(&counts, &Kind::of(finding)) {
            *others.entry(Kind::by_first_folder(finding)).or_default() += 1;
        }
    }
    let mut kinds: Vec<Vec<&Finding>> = Vec::new();
    let mut places: BTreeMap<Kind, usize> = BTreeMap::new();
    for finding in findings {
        let mut kind = Kind::of(finding);
        let mut is_many = are_many(&counts, &kind);
        if !is_many {
            let wider = Kind::by_first_folder(finding);
            is_many = are_many(&others, &wider);
            if is_many {
                kind = wider;
            }
        }
        match places.get(&kind).filter(|_| is_many) {
            Some(index) => kinds[*index].push(finding),
            None => {
                places.insert(kind, kinds.len());
                kinds.push(vec![finding]);
            }
        }
    }
    kinds
}

/// Returns a hint about how to handle many findings of one kind at once.
fn hint_for_kind(alike: &[&Finding]) -> String {
    let code = alike[0].code;
    let folders: BTreeSet<&str> = alike
        .iter()
        .map(|finding| folder(finding.file.as_deref().unwrap_or_default()))
        .collect();
    let path = match folders.into_iter().collect::<Vec<_>>()[..] {
        [folder] if !folder.is_empty() => format!(", path: \"{folder}/**\""),
        _ => String::new(),
    };
    if code == Code::MissingUpload {
        return format!(
            "in planche.yml, `uploads: [{{ url: …, dir: … }}]` says where such files are, a rule with \
             `preset: none` skips these places, and `allow: [{{ code: {code}{path} }}]` accepts \
             what is missing"
        );
    }
    format!("if this is intended: `allow: [{{ code: {code}{path} }}]` in planche.yml")
}
