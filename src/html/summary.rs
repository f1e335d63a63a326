//! Combines the results of the stages into the summary of a run.

use std::collections::BTreeSet;
use std::time::Instant;

use super::pages::{Rewritten, Surveyed};
use super::variants::Variants;
use crate::finding::{Code, Finding};
use crate::flow::{Effect, Undecodable, forecast_variants};
use crate::path::SitePath;
use crate::project::Site;
use crate::report::{self, Forecast, RunKind, Summary};

/// The results of all stages.
pub(super) struct Done<'d> {
    pub published: &'d Site,
    pub surveyed: &'d Surveyed,
    pub variants: &'d Variants<'d>,
    pub rewritten: Rewritten,
    pub effect: Effect,
}

impl Done<'_> {
    /// Returns the summary of the run. `others` are findings that belong to no stage, with the
    /// paths that they are shown with.
    pub fn summary(self, others: Vec<Finding>, started: Instant) -> Summary {
        let variants = self.variants;
        let findings = self.findings(others);
        let shown = variants.shown_already(&self.surveyed.names);
        let articles = report::Articles {
            read: self.surveyed.read,
            changed: match self.effect {
                Effect::Write => self.rewritten.changed.len(),
                Effect::DryRun => 0,
            },
            refused: self.rewritten.refused,
        };
        let originals = report::Originals {
            used: variants.originals() + variants.other_images(&shown),
            missing: 0,
            failed: variants.failed,
        };
        let forecast = (self.effect == Effect::DryRun).then(|| Forecast {
            images: variants.images(),
            variants: forecast_variants(variants.plan(), variants.index(), &Undecodable::default()),
            articles: self.rewritten.changed,
            manifest: None,
        });
        Summary {
            kind: RunKind::Html,
            articles,
            originals,
            variants: counted(variants, &shown),
            findings,
            forecast,
            seconds: started.elapsed().as_secs_f64(),
            ..Summary::default()
        }
    }

    /// Returns all findings.
    fn findings(&self, others: Vec<Finding>) -> Vec<Finding> {
        let of_pages = self.surveyed.findings.iter().chain(&self.variants.findings);
        let of_pages = of_pages.chain(&self.rewritten.findings).cloned();
        let of_pages = of_pages.map(|finding| in_folder(self.published, finding));
        // Which articles a site takes does not matter to its pages.
        let of_site = self.published.findings.iter();
        let of_site = of_site.filter(|finding| finding.code != Code::LeftOut);
        let of_site = of_site.cloned();
        let all = of_pages.chain(of_site).chain(others);
        accepted(self.published, all.collect())
    }
}

/// Counts the variants of the plan, and those that pages show already (`shown`).
fn counted(variants: &Variants<'_>, shown: &[&SitePath]) -> report::Variants {
    let planned = variants.plan().variant_paths();
    let all: BTreeSet<_> = planned.chain(shown.iter().copied()).collect();
    let existing = all.iter().filter(|path| variants.index().exists(path));
    let existing = existing.count();
    report::Variants {
        written: variants.made,
        from_cache: variants.cached,
        fresh: existing.saturating_sub(variants.made),
        bytes: variants.bytes,
    }
}

/// The summary of a run that did nothing, because the configuration has errors.
pub(super) fn of_stopped(published: &Site) -> Summary {
    Summary {
        kind: RunKind::Html,
        findings: accepted(published, published.findings.clone()),
        ..Summary::default()
    }
}

/// Prefixes the path of a finding with the pages folder, as the user named it.
fn in_folder(published: &Site, mut finding: Finding) -> Finding {
    let folder = report::named(published);
    finding.file = finding.file.map(|file| format!("{folder}{file}"));
    finding
}

/// Returns the findings that the configuration does not hide, sorted by severity and file, without
/// duplicates.
fn accepted(site: &Site, findings: Vec<Finding>) -> Vec<Finding> {
    let judged = findings.into_iter();
    let mut findings: Vec<Finding> = judged
        .filter_map(|finding| site.config.judge(finding))
        .collect();
    findings.sort_by(|one, other| {
        let severities = one.severity().cmp(&other.severity());
        severities.then_with(|| one.cmp(other))
    });
    findings.dedup();
    findings
}
