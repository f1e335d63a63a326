//! Which findings came and which went from one run to the next.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::pipeline::Scope;

/// The findings that hold now.
#[derive(Clone, Debug, Default)]
pub struct Known {
    findings: BTreeSet<Finding>,
}

/// What a run changed about the findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    pub appeared: Vec<Finding>,
    pub resolved: Vec<Finding>,
}

impl Known {
    /// Takes a run's findings: all there are, or those of the articles that it was about.
    pub fn take(&mut self, scope: &Scope, found: &[Finding]) -> Difference {
        let mut now: BTreeSet<Finding> = found.iter().cloned().collect();
        if let Scope::Articles(articles) = scope {
            let of_others = |finding: &&Finding| {
                let file = finding.file.as_deref();
                file.is_none_or(|file| !articles.contains(file))
            };
            now.extend(self.findings.iter().filter(of_others).cloned());
        }
        let difference = Difference {
            appeared: now.difference(&self.findings).cloned().collect(),
            resolved: self.findings.difference(&now).cloned().collect(),
        };
        self.findings = now;
        difference
    }

    /// Whether a file has a finding.
    pub fn concerns(&self, file: &str) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.file.as_deref() == Some(file))
    }

    /// Whether a finding is about another file than an article of `is_article`: it may go when an
    /// article changes.
    pub fn has_of_uploads(&self, is_article: impl Fn(&str) -> bool) -> bool {
        self.findings
            .iter()
            .filter_map(|finding| finding.file.as_deref())
            .any(|file| !is_article(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Code;
    use crate::site::SitePath;

    #[test]
    fn findings_come_and_go_with_the_files_that_a_run_is_about() {
        let finding =
            |file: &str, message: &str| Finding::new(Code::MissingUpload, message).in_file(file);
        let mut known = Known::default();
        let (a, b) = (finding("a.md", "1"), finding("b.md", "2"));
        let first = known.take(&Scope::Everything, &[a.clone(), b.clone()]);
        assert_eq!((first.appeared.len(), first.resolved.len()), (2, 0));
        let of_a = Scope::Articles([SitePath::normalise("a.md").unwrap()].into());
        let other = finding("a.md", "3");
        let second = known.take(&of_a, std::slice::from_ref(&other));
        assert_eq!(second.appeared, std::slice::from_ref(&other));
        assert_eq!(second.resolved, [a]);
        let third = known.take(&Scope::Everything, &[other]);
        assert_eq!(third.resolved, [b]);
        assert!(known.concerns("a.md") && !known.concerns("b.md"));
    }
}
