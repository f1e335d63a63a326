//! The baseline file: findings that existed when checks were introduced, and that later runs
//! accept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::finding::{Code, Finding};
use crate::printable::pretty_json;

/// Name of the baseline file, at the root of the site.
pub const BASELINE: &str = ".planche-baseline.json";

/// Accepted findings. They are stored without positions, so that the baseline stays valid when
/// lines move.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// Number of accepted findings per entry.
    accepted: BTreeMap<Entry, usize>,
}

/// Identity of a finding: two findings with equal entries count as the same one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: Code,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    message: String,
}

/// Layout of the baseline file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    baseline: u32,
    findings: Vec<Counted>,
}

#[derive(Serialize, Deserialize)]
struct Counted {
    #[serde(flatten)]
    entry: Entry,
    count: usize,
}

impl Baseline {
    /// Returns a baseline that accepts these findings, except those whose code is a failure: an
    /// operation that could not be done is always reported.
    pub fn of(findings: &[Finding]) -> Self {
        let mut baseline = Baseline::default();
        for finding in findings.iter().filter(|one| !one.code.is_failure()) {
            *baseline.accepted.entry(Entry::of(finding)).or_default() += 1;
        }
        baseline
    }

    /// Returns the number of accepted findings.
    pub fn count(&self) -> usize {
        self.accepted.values().sum()
    }

    /// Parses the text of a baseline file; `None` if it is not a baseline of this version.
    pub fn read(text: &str) -> Option<Self> {
        let file: File = serde_json::from_str(text).ok()?;
        let accepted = file.findings.into_iter();
        (file.baseline == 1).then(|| Baseline {
            accepted: accepted.map(|one| (one.entry, one.count)).collect(),
        })
    }

    /// Returns the text of the baseline file. Entries are sorted, so that the text is
    /// deterministic.
    pub fn text(&self) -> String {
        let accepted = self.accepted.iter();
        let file = File {
            baseline: 1,
            findings: accepted
                .map(|(entry, count)| Counted {
                    entry: entry.clone(),
                    count: *count,
                })
                .collect(),
        };
        let text = pretty_json(&file).expect("strings and numbers serialise");
        text + "\n"
    }

    /// Removes the accepted findings from `findings`, and returns how many were removed.
    pub fn remove_from(&self, findings: &mut Vec<Finding>) -> usize {
        let mut accepted = self.accepted.clone();
        let before = findings.len();
        findings.retain(|finding| match accepted.get_mut(&Entry::of(finding)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        before - findings.len()
    }
}

impl Entry {
    fn of(finding: &Finding) -> Self {
        Entry {
            code: finding.code,
            file: finding.file.clone(),
            message: finding.message.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Position;

    #[test]
    fn a_finding_is_accepted_wherever_it_moves_and_as_often_as_it_was() {
        let missing = |line, upload: &str| {
            Finding::new(Code::MissingUpload, format!("missing upload `{upload}`"))
                .in_file("a.md")
                .at(Position { line, column: 3 })
        };
        let baseline = Baseline::of(&[missing(3, "/x.png"), missing(4, "/x.png")]);
        let baseline = Baseline::read(&baseline.text()).unwrap();
        let mut findings = vec![
            missing(13, "/x.png"),
            missing(14, "/x.png"),
            missing(15, "/x.png"),
            missing(16, "/y.png"),
        ];
        assert_eq!(baseline.remove_from(&mut findings), 2);
        assert_eq!(findings, [missing(15, "/x.png"), missing(16, "/y.png")]);
        let broken = Finding::new(Code::Configuration, "unknown field `x`");
        assert_eq!(Baseline::of(&[broken]), Baseline::default());
        assert_eq!(baseline.count(), 2);
        for text in ["", "{}", "{\"baseline\": 2, \"findings\": []}", "[]"] {
            assert_eq!(Baseline::read(text), None, "{text}");
        }
    }
}
