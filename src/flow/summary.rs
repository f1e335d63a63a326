//! Combines the results of the stages into the summary of a run.
//!
//! Every stage keeps its own findings, and none changes after its stage. They are collected here,
//! once: findings that `allow:` or `severity:` hides are dropped, findings about uploads get the
//! place of the first reference to the upload, and offsets become lines and columns.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use tracing::trace_span;

use super::budget::over_budget;
use super::forecast::Forecasted;
use super::locate::{Edits, locate};
use super::planned::Planned;
use super::rewrite::Rewritten;
use super::{Context, graphics};
use crate::finding::{Finding, Severity};
use crate::original::Original;
use crate::path::{PathSet, SitePath};
use crate::plan::{ArticlePlan, ImageId, Load, PerImage, Plan, bytes_of_page, positions};
use crate::project::Site;
use crate::report::{self, Gain, Page, RunKind, Summary};
use crate::survey::UsedImages;

/// The edits of a run that has written no article.
pub(super) const NO_EDITS: Edits = BTreeMap::new();

/// The findings of a run that the configuration does not hide.
pub(super) struct Findings<'s> {
    site: &'s Site,
    findings: Vec<Finding>,
}

impl<'s> Findings<'s> {
    /// Starts with the findings about the configuration.
    pub fn new(site: &'s Site) -> Self {
        let mut findings = Findings {
            site,
            findings: Vec::new(),
        };
        findings.extend(site.findings.iter().cloned());
        findings
    }

    /// Adds the findings that the configuration does not hide, with the severities that it sets.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        let findings = findings.into_iter();
        let config = &self.site.config;
        self.findings
            .extend(findings.filter_map(|finding| config.judge(finding)));
    }

    /// Returns the findings with lines and columns, sorted by severity, file and position, without
    /// duplicates.
    pub fn located(self, edits: &Edits) -> Vec<Finding> {
        let Findings { site, mut findings } = self;
        locate(&mut findings, site, edits);
        findings.sort_by(|one, other| {
            let severities = one.severity().cmp(&other.severity());
            severities.then_with(|| one.cmp(other))
        });
        findings.dedup();
        findings
    }
}

/// Returns all findings of a survey, of its plan and of later stages.
pub(super) fn findings<'f>(
    site: &Site,
    planned: &Planned<'_>,
    later: impl Iterator<Item = &'f Finding>,
    edits: &Edits,
) -> Vec<Finding> {
    let (survey, plan) = (planned.survey(), planned.plan());
    let (originals, snapshot) = (survey.originals(), planned.index().snapshot());
    let mut findings = Findings::new(site);
    findings.extend(survey.findings().iter().cloned());
    findings.extend(plan.findings().iter().cloned());
    let later: Vec<&Finding> = later.collect();
    // If an upload has failed, its error is enough: findings about long animations are left out.
    let failed: BTreeSet<&str> = later
        .iter()
        .filter(|finding| finding.severity() == Severity::Error)
        .filter_map(|finding| finding.file.as_deref())
        .collect();
    findings.extend(later.iter().copied().cloned());
    findings.extend(plan.animations_kept(originals, &site.presets, snapshot));
    let long = plan.long_animations(originals, &site.presets).into_iter();
    let failed = |finding: &Finding| {
        finding
            .file
            .as_deref()
            .is_some_and(|file| failed.contains(file))
    };
    findings.extend(long.filter(|finding| !failed(finding)));
    findings.extend(positions(originals, &site.conventions));
    findings.extend(graphics::without_text(site, planned));
    let links = other_names(site, originals);
    findings.extend(plan.similar_uploads(originals, snapshot, &links));
    survey.add_references(&mut findings.findings);
    findings.located(edits)
}

/// Returns the uploads that are other names of an upload before them: links, which take no space.
fn other_names<'o>(
    site: &Site,
    originals: &'o BTreeMap<SitePath, Original>,
) -> BTreeSet<&'o SitePath> {
    let mut of_digest: BTreeMap<_, Vec<&SitePath>> = BTreeMap::new();
    for (path, original) in originals {
        of_digest.entry(original.digest).or_default().push(path);
    }
    let copies = of_digest.into_values().filter(|paths| paths.len() > 1);
    let links = copies.flat_map(|paths| {
        let mut seen = Vec::new();
        paths.into_iter().filter(move |path| {
            let stamp = site.root.stamp(path).ok();
            let is_known = stamp.is_some_and(|stamp| seen.contains(&stamp));
            seen.extend(stamp);
            is_known
        })
    });
    links.collect()
}

/// Returns the findings of a plan for other machines; `others` are about the site as a whole.
pub(super) fn of_jobs(
    used: &UsedImages,
    plan: &Plan<'_>,
    others: Vec<Finding>,
    site: &Site,
) -> Vec<Finding> {
    let mut findings = Findings::new(site);
    findings.extend(others);
    findings.extend(used.errors().iter().cloned());
    findings.extend(plan.findings().iter().cloned());
    used.add_references(&mut findings.findings);
    findings.located(&NO_EDITS)
}

/// Returns a summary with the counts that a build and a dry run have in common.
fn counted(planned: &Planned<'_>) -> Summary {
    let survey = planned.survey();
    let counts = survey.counts();
    let fresh: PathSet<&SitePath> = planned
        .plan()
        .variant_paths()
        .filter(|path| planned.index().stamps().contains_key(*path))
        .collect();
    Summary {
        kind: RunKind::Build,
        articles: report::Articles {
            read: counts.articles,
            changed: 0,
            refused: counts.refused,
        },
        originals: report::Originals {
            used: survey.originals().len(),
            missing: counts.missing,
            failed: counts.failed,
        },
        variants: report::Variants {
            written: 0,
            from_cache: 0,
            fresh: fresh.len(),
            bytes: 0,
        },
        ..Summary::default()
    }
}

/// Returns how much readers load for all articles, before and after. Returns `None` if there are no
/// images, or if the size of a variant is unknown. Where `has_no_variants` returns true, readers
/// load the original. Articles for which `is_left` returns true do not count: the run could not
/// update them, so their records are unknown.
fn gain(
    planned: &Planned<'_>,
    has_no_variants: &dyn Fn(ImageId) -> bool,
    is_left: &dyn Fn(&SitePath) -> bool,
) -> Option<Gain> {
    let plan = planned.plan();
    let loads = plan.loads(planned.survey().originals(), planned.index().snapshot());
    let mut gain = Gain::default();
    let articles = plan.articles().iter();
    for article in articles.filter(|plan| !is_left(&plan.article.file.path)) {
        gain = gain.plus(gain_of(article, &loads, has_no_variants)?);
    }
    (gain.articles > 0).then_some(gain)
}

/// Returns how much readers load for one article, before and after. Returns `None` if the size of a
/// variant that a build would make is unknown.
pub fn gain_of(
    article: &ArticlePlan<'_>,
    loads: &PerImage<Option<Load<'_>>>,
    has_no_variants: &dyn Fn(ImageId) -> bool,
) -> Option<Gain> {
    let records = article.records();
    let mut ids: Vec<ImageId> = records
        .filter_map(|record| Some(record.images.as_ref()?.first))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let (mut before, mut phone, mut desktop) = (Vec::new(), Vec::new(), Vec::new());
    for id in &ids {
        let load = (*loads.get(*id))?;
        let unknown = || has_no_variants(*id).then_some(load.before);
        before.push(load.before);
        phone.push(load.phone.or_else(unknown)?);
        desktop.push(load.desktop.or_else(unknown)?);
    }
    let before = bytes_of_page(before);
    let page = |files| Page {
        before,
        after: bytes_of_page(files),
    };
    Some(Gain {
        articles: usize::from(!ids.is_empty()),
        phone: page(phone),
        desktop: page(desktop),
    })
}

/// The summary of a build. `others` are findings that belong to no stage.
pub(super) fn of_build(
    rewritten: &Rewritten<'_>,
    others: &[Finding],
    run: &Context<'_>,
    started: Instant,
) -> Summary {
    let _span = trace_span!("report").entered();
    let produced = rewritten.produced();
    let planned = produced.planned();
    let later = produced
        .findings()
        .iter()
        .chain(rewritten.findings())
        .chain(others);
    let mut summary = counted(planned);
    summary.articles.changed = rewritten.changed();
    summary.articles.refused += rewritten.refused();
    summary.originals.failed += produced.failed();
    summary.variants.written = produced.variants();
    summary.variants.from_cache = produced.cached();
    summary.variants.bytes = produced.bytes();
    Summary {
        manifest: rewritten.manifest().report().cloned(),
        gain: gain(planned, &|_| true, &|article| {
            rewritten.was_not_written(article, run.site.config.front_matter.write)
        }),
        findings: findings(run.site, planned, later, rewritten.edits()),
        seconds: started.elapsed().as_secs_f64(),
        ..summary
    }
}

/// The summary of a build that did nothing, because the configuration has errors.
pub(super) fn of_stopped(site: &Site, started: Instant) -> Summary {
    Summary {
        kind: RunKind::Stopped,
        findings: Findings::new(site).located(&NO_EDITS),
        seconds: started.elapsed().as_secs_f64(),
        ..Summary::default()
    }
}

/// The summary of a dry run.
pub(super) fn of_forecast(forecasted: Forecasted<'_>, site: &Site, started: Instant) -> Summary {
    let _span = trace_span!("report").entered();
    let planned = forecasted.planned();
    let mut summary = counted(planned);
    summary.articles.refused += forecasted.refused();
    let undecodable = forecasted.undecodable();
    summary.originals.failed += undecodable.failed();
    let snapshot = planned.index().snapshot();
    let has_no_variants = |id: ImageId| undecodable.concerns(planned.plan().image(id), snapshot);
    let over_budget = over_budget(planned, site);
    let later = forecasted.findings().iter().chain(&over_budget);
    let findings = findings(site, planned, later, &NO_EDITS);
    Summary {
        manifest: forecasted.manifest().cloned(),
        gain: gain(planned, &has_no_variants, &|article| {
            forecasted.would_not_be_written(article)
        }),
        findings,
        forecast: Some(forecasted.into_forecast()),
        seconds: started.elapsed().as_secs_f64(),
        ..summary
    }
}
