//! Findings grouped by severity and code.

use std::collections::BTreeMap;

use crate::finding::{Code, Finding, Severity};

/// The findings of one code and severity, in the order in which they were given.
#[derive(Debug)]
pub(in crate::report) struct Group<'f> {
    pub severity: Severity,
    pub code: Code,
    pub findings: Vec<&'f Finding>,
}

/// All groups of findings, sorted by severity and code.
#[derive(Debug)]
pub(in crate::report) struct Groups<'f>(Vec<Group<'f>>);

impl<'f> Groups<'f> {
    pub fn of(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut groups: BTreeMap<(Severity, Code), Vec<&Finding>> = BTreeMap::new();
        for finding in findings {
            let key = (finding.severity(), finding.code);
            groups.entry(key).or_default().push(finding);
        }
        let groups = groups.into_iter();
        let groups = groups.map(|((severity, code), findings)| Group {
            severity,
            code,
            findings,
        });
        Groups(groups.collect())
    }

    /// Iterates over the groups, errors first.
    pub fn worst_first(&self) -> impl DoubleEndedIterator<Item = &Group<'f>> {
        self.0.iter()
    }
}
