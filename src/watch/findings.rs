//! Tracks which findings appear or are resolved from one run to the next.

use std::collections::BTreeSet;

use crate::finding::{Code, Finding};
use crate::flow::Scope;
use crate::path::SitePath;

/// Codes of findings about the setup of a site, which does not change with its images.
const OF_SETUP: [Code; 5] = [
    Code::OutputHidden,
    Code::UnusedRecords,
    Code::OriginalPrinted,
    Code::DoubleProcessing,
    Code::SizesOff,
];

/// The findings that currently apply.
#[derive(Clone, Debug, Default)]
pub struct Known {
    findings: BTreeSet<Finding>,
}

/// What a run could not read. Earlier findings about it still apply.
#[derive(Clone, Copy, Debug)]
pub enum Unread<'u> {
    Parts {
        /// These articles.
        articles: &'u BTreeSet<SitePath>,
        /// Whether the setup of the site was not checked, because no image is in use.
        setup: bool,
    },
    /// The whole site, because its settings have errors. The settings themselves were read.
    Site,
    /// The whole site, because one of its settings files cannot be read.
    SiteAndSettings,
}

impl Unread<'_> {
    /// Whether an earlier finding still applies although it is not among those that the run
    /// `found`.
    fn keeps(self, finding: &Finding, found: &[Finding]) -> bool {
        let is_of_settings = [Code::Configuration, Code::UnreachableRule].contains(&finding.code);
        match self {
            Unread::Site => !is_of_settings,
            Unread::SiteAndSettings => {
                let mut found = found.iter();
                !is_of_settings || !found.any(|other| other.file == finding.file)
            }
            Unread::Parts { articles, setup } => {
                if setup && OF_SETUP.contains(&finding.code) {
                    return true;
                }
                let is_about_reading = [
                    Code::ArticleRefused,
                    Code::ArticleChanged,
                    Code::Unreadable,
                    Code::Unwritable,
                ];
                let related = finding.related.as_ref().map(|related| &related.file);
                let mut files = finding.file.iter().chain(related);
                !is_about_reading.contains(&finding.code)
                    && files.any(|file| articles.contains(file.as_str()))
            }
        }
    }
}

/// The change of the findings by a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    pub appeared: Vec<Finding>,
    pub resolved: Vec<Finding>,
}

impl Known {
    /// Replaces the findings with those of a run, which cover the whole site or the articles in its
    /// scope. Earlier findings about what the run could not read still apply.
    ///
    /// Findings that differ only in their position are the same one, because writing a record moves
    /// lines.
    pub fn take(&mut self, scope: &Scope, found: &[Finding], unseen: Unread<'_>) -> Difference {
        let mut now: BTreeSet<Finding> = found.iter().cloned().collect();
        if let Scope::Articles(articles) = scope {
            let of_others = |finding: &Finding| {
                let file = finding.file.as_deref();
                file.is_none_or(|file| !articles.contains(file))
            };
            // A known finding about an upload is kept as it is: it comes from a run that saw all
            // articles that use the upload.
            now.retain(|finding| !of_others(finding) || !self.knows(finding));
            let others = self.findings.iter().filter(|finding| of_others(finding));
            now.extend(others.cloned());
        }
        let kept = self.findings.iter();
        let kept = kept.filter(|finding| unseen.keeps(finding, found));
        let kept = lacking(&kept.cloned().collect(), &now);
        now.extend(kept);
        let difference = Difference {
            appeared: lacking(&now, &self.findings),
            resolved: lacking(&self.findings, &now),
        };
        self.findings = now;
        difference
    }

    /// Whether a finding with the same code and file is known.
    pub fn knows(&self, finding: &Finding) -> bool {
        self.findings
            .iter()
            .any(|known| known.file == finding.file && known.code == finding.code)
    }

    /// Whether there is a finding about a file.
    pub fn concerns(&self, file: &str) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.file.as_deref() == Some(file))
    }

    /// Whether there is a finding about an upload, that is, about a file that is not an article
    /// according to `is_article`. A change of an article may resolve such a finding. This is also
    /// true of findings about similar uploads, but these usually stay for years, so they are left
    /// to the next run over the whole site.
    pub fn has_of_uploads(&self, is_article: impl Fn(&str) -> bool) -> bool {
        let of_settings = [
            Code::Configuration,
            Code::UnreachableRule,
            Code::UnmatchedRule,
            Code::SimilarUploads,
        ];
        self.findings
            .iter()
            .filter(|finding| !of_settings.contains(&finding.code))
            .filter_map(|finding| finding.file.as_deref())
            .any(|file| !is_article(file))
    }
}

/// Returns the findings that are not among `others`, regardless of their positions.
fn lacking(findings: &BTreeSet<Finding>, others: &BTreeSet<Finding>) -> Vec<Finding> {
    let bare = |finding: &Finding| Finding {
        location: None,
        related: None,
        ..finding.clone()
    };
    let others: BTreeSet<Finding> = others.iter().map(bare).collect();
    findings
        .iter()
        .filter(|finding| !others.contains(&bare(finding)))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Position, Relation};

    fn parts(articles: &BTreeSet<SitePath>) -> Unread<'_> {
        let setup = false;
        Unread::Parts { articles, setup }
    }

    #[test]
    fn findings_come_and_go_with_the_files_that_a_run_is_about() {
        let finding =
            |file: &str, message: &str| Finding::new(Code::MissingUpload, message).in_file(file);
        let (none, mut known) = (BTreeSet::new(), Known::default());
        let seen = parts(&none);
        let (a, b) = (finding("a.md", "1"), finding("b.md", "2"));
        let first = known.take(&Scope::Everything, &[a.clone(), b.clone()], seen);
        assert_eq!((first.appeared.len(), first.resolved.len()), (2, 0));
        let of_a = Scope::Articles([SitePath::normalise("a.md").unwrap()].into());
        let other = finding("a.md", "3");
        let second = known.take(&of_a, std::slice::from_ref(&other), seen);
        assert_eq!(second.appeared, std::slice::from_ref(&other));
        assert_eq!(second.resolved, [a]);
        let third = known.take(&Scope::Everything, &[other], seen);
        assert_eq!(third.resolved, [b]);
        assert!(known.concerns("a.md") && !known.concerns("b.md"));
    }

    #[test]
    fn a_finding_that_moves_or_is_seen_from_another_article_is_reported_once() {
        let finding = |message: &str, line| {
            let place = Position { line, column: 1 };
            Finding::new(Code::MissingUpload, message)
                .in_file("a.md")
                .at(place)
        };
        let (none, mut known) = (BTreeSet::new(), Known::default());
        let seen = parts(&none);
        known.take(&Scope::Everything, &[finding("1", 3)], seen);
        let moved = known.take(&Scope::Everything, &[finding("1", 12)], seen);
        assert_eq!(moved, Difference::default());
        let of_upload = |user: &str| {
            let message = format!("damaged (referenced at {user})");
            Finding::new(Code::UndecodableUpload, message).in_file("x.jpg")
        };
        let both = [finding("1", 12), of_upload("a.md")];
        known.take(&Scope::Everything, &both, seen);
        let of_b = Scope::Articles([SitePath::normalise("b.md").unwrap()].into());
        let again = known.take(&of_b, &[of_upload("b.md")], seen);
        assert_eq!(again, Difference::default());
        assert_eq!(
            known.take(&Scope::Everything, &both, seen),
            Difference::default()
        );
    }

    #[test]
    fn findings_stay_while_nobody_can_look() {
        let finding = |code, file: &str| Finding::new(code, "x").in_file(file);
        let missing = finding(Code::MissingUpload, "a.md");
        let mut broken = finding(Code::UndecodableUpload, "x.jpg");
        broken.add_related(Relation::Reference, "a.md", 7);
        let other = finding(Code::MissingUpload, "b.md");
        let refused = finding(Code::ArticleRefused, "a.md");
        let of_settings = finding(Code::Configuration, "planche.yml");
        let none = BTreeSet::new();
        let seen = parts(&none);
        let mut known = Known::default();
        let all = [missing.clone(), broken.clone(), other.clone()];
        known.take(&Scope::Everything, &all, seen);
        // The article cannot be read, and the other one is corrected.
        let unread = BTreeSet::from([SitePath::normalise("a.md").unwrap()]);
        let unread = parts(&unread);
        let second = known.take(&Scope::Everything, std::slice::from_ref(&refused), unread);
        assert_eq!(second.appeared, std::slice::from_ref(&refused));
        assert_eq!(second.resolved, [other]);
        // An error in the settings.
        for unseen in [Unread::Site, Unread::SiteAndSettings] {
            let found = std::slice::from_ref(&of_settings);
            let third = known.take(&Scope::Everything, found, unseen);
            assert_eq!(third.resolved, []);
        }
        // Both are corrected, with the missing upload.
        let fourth = known.take(&Scope::Everything, std::slice::from_ref(&broken), seen);
        assert_eq!(fourth.appeared, []);
        assert_eq!(fourth.resolved, [refused, missing, of_settings]);
    }
}
