//! Forecasts a build: takes a plan, and returns the variants that a build would write and the diff
//! of every article. Writes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::planned::Planned;
use super::rewrite::article;
use super::rewrite::manifest::ManifestForecast;
use super::{Context, MissingVariants, Undecodable};
use crate::finding::{Code, Finding};
use crate::front_matter::{self, ExistingRecords, Request, Requests, Skip};
use crate::original::Original;
use crate::path::SitePath;
use crate::picture::units::Dimensions;
use crate::plan::{ArticlePlan, ImagePlan, Plan, PlannedRecord, VariantSpec};
use crate::record::{self, Content, Record};
use crate::report::{self, Change, Forecast, ForecastArticle, ForecastImage, ForecastVariant};
use crate::variant::VariantIndex;

/// A plan, and the changes that a build would make.
pub(super) struct Forecasted<'s> {
    planned: Planned<'s>,
    forecast: Forecast,
    manifest: Option<report::Manifest>,
    refused: usize,
    /// Articles that a build could not write.
    not_written: BTreeSet<SitePath>,
    undecodable: Undecodable,
    findings: Vec<Finding>,
}

impl<'s> Forecasted<'s> {
    /// Compares every article with the plan.
    pub fn new(mut planned: Planned<'s>, run: &Context<'_>, missing: MissingVariants) -> Self {
        let site = run.site;
        let mut findings = planned.decode_variants(run);
        let undecodable = Undecodable::new(&planned, run.ledger);
        findings.extend(undecodable.findings());
        let articles = if site.config.front_matter.write {
            forecast_articles(&planned, &undecodable, run, missing)
        } else {
            Articles::default()
        };
        findings.extend(articles.findings);
        let manifest = ManifestForecast::new(&planned, site, &|image, name, existing| {
            if undecodable.concerns(image, planned.index().snapshot()) {
                return None;
            }
            let existing = existing.map(std::slice::from_ref).unwrap_or_default();
            kept(&planned, image, name, existing)
                .or_else(|| Some(expected(&planned, image, name, existing)))
        });
        findings.extend(manifest.findings);
        let (plan, index) = (planned.plan(), planned.index());
        let (images, variants) = match missing {
            MissingVariants::WouldBeWritten => (
                forecast_images(plan, planned.survey().originals(), index, &undecodable),
                forecast_variants(plan, index, &undecodable),
            ),
            MissingVariants::Ignored => (Vec::new(), Vec::new()),
        };
        Forecasted {
            forecast: Forecast {
                images,
                variants,
                articles: articles.changed,
                manifest: manifest.forecast,
            },
            manifest: manifest.report,
            refused: articles.refused,
            not_written: articles.not_written,
            undecodable,
            findings,
            planned,
        }
    }

    pub fn planned(&self) -> &Planned<'s> {
        &self.planned
    }

    /// Number of articles that would not be changed because of an error.
    pub fn refused(&self) -> usize {
        self.refused
    }

    /// Whether a build could not write an article.
    pub fn would_not_be_written(&self, article: &SitePath) -> bool {
        self.not_written.contains(article)
    }

    /// Variants that no build can make, as the last build has shown.
    pub fn undecodable(&self) -> &Undecodable {
        &self.undecodable
    }

    pub fn manifest(&self) -> Option<&report::Manifest> {
        self.manifest.as_ref()
    }

    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    pub fn into_forecast(self) -> Forecast {
        self.forecast
    }
}

#[derive(Default)]
struct Articles {
    changed: Vec<ForecastArticle>,
    not_written: BTreeSet<SitePath>,
    refused: usize,
    findings: Vec<Finding>,
}

/// The forecast for one article.
struct Previewed<'p> {
    findings: Vec<Finding>,
    article: Option<ForecastArticle>,
    /// The article, if it could not be written.
    not_written: Option<&'p SitePath>,
}

fn forecast_articles(
    planned: &Planned<'_>,
    undecodable: &Undecodable,
    run: &Context<'_>,
    missing: MissingVariants,
) -> Articles {
    let site = run.site;
    let results: Vec<Previewed<'_>> = planned
        .plan()
        .articles()
        .par_iter()
        .filter(|_| !run.options.stop.load(Ordering::Relaxed))
        .map(|plan| {
            let file = &plan.article.file;
            let keys = site.keys(file);
            let may_change = AtomicBool::new(false);
            let preview = article::preview(site, file, &|parsed, tree| {
                let existing = ExistingRecords::read(tree, &keys);
                let requests = requests(planned, plan, undecodable, &existing);
                let outcome = front_matter::rewrite(parsed, tree, &requests, &keys)?;
                let may = self::may_change(planned, plan, undecodable, &existing, &outcome.skips);
                may_change.store(may, Ordering::Relaxed);
                Ok(outcome)
            });
            match preview {
                Ok(preview) => {
                    let article::Preview { findings, diff } = preview;
                    let would_change = diff.is_some()
                        || missing == MissingVariants::WouldBeWritten && may_change.into_inner();
                    let article = would_change.then(|| ForecastArticle {
                        path: file.path.to_string(),
                        change: Change::Update,
                        diff: diff.unwrap_or_default(),
                    });
                    Previewed {
                        findings,
                        article,
                        not_written: None,
                    }
                }
                Err(finding) => Previewed {
                    findings: vec![*finding],
                    article: None,
                    not_written: Some(&file.path),
                },
            }
        })
        .collect();
    let mut articles = Articles::default();
    for Previewed {
        findings,
        article,
        not_written,
    } in results
    {
        articles.not_written.extend(not_written.cloned());
        let is_refusal = |finding: &Finding| finding.code == Code::ArticleRefused;
        articles.refused += usize::from(findings.iter().any(is_refusal));
        articles.findings.extend(findings);
        articles.changed.extend(article);
    }
    articles
}

/// Whether writing the missing variants may change one of the article's records: those that planche
/// could not have written as they are. Ignores records that are skipped.
fn may_change(
    planned: &Planned<'_>,
    plan: &ArticlePlan<'_>,
    undecodable: &Undecodable,
    existing: &ExistingRecords,
    skips: &[Skip],
) -> bool {
    let snapshot = planned.index().snapshot();
    let is_skipped = |record: &PlannedRecord<'_>| {
        let at = record.beside().map(ToString::to_string);
        at.is_some_and(|at| skips.iter().any(|skip| skip.at == at))
    };
    let may_change = |record: &PlannedRecord<'_>| {
        let images = || planned.plan().images_of(record);
        let is_settled = |(preset, image): (Option<&str>, &ImagePlan)| {
            let existing = of_preset(existing_for(existing, record), preset);
            image.is_complete(snapshot) || kept(planned, image, record.value(), &existing).is_some()
        };
        !images().all(is_settled)
            && !images().any(|(_, image)| undecodable.concerns(image, snapshot))
            && !is_skipped(record)
    };
    plan.records().any(may_change)
}

/// Returns the records that an article holds for a planned one.
fn existing_for<'e>(existing: &'e ExistingRecords, record: &PlannedRecord<'_>) -> &'e [Content] {
    match record.beside() {
        Some(at) => existing.beside(at).map_or(&[], std::slice::from_ref),
        None => existing.listed(record.value()),
    }
}

fn of_preset(existing: &[Content], preset: Option<&str>) -> Vec<Content> {
    let existing = existing.iter();
    existing
        .filter_map(|existing| existing.of_preset(preset))
        .collect()
}

/// Returns the requests for an article's records, given its existing records.
fn requests(
    planned: &Planned<'_>,
    plan: &ArticlePlan<'_>,
    undecodable: &Undecodable,
    existing: &ExistingRecords,
) -> Requests<record::Forecast> {
    let request = |record: &PlannedRecord<'_>| {
        let value = record.value();
        let snapshot = planned.index().snapshot();
        let mut images = planned.plan().images_of(record);
        if images.any(|(_, image)| undecodable.concerns(image, snapshot)) {
            return Request::Keep;
        }
        let mut all = planned.plan().images_of(record).map(|(preset, image)| {
            let existing = of_preset(existing_for(existing, record), preset);
            let content = kept(planned, image, value, &existing)
                .unwrap_or_else(|| expected(planned, image, value, &existing));
            (preset, Record::new(content, record::Forecast))
        });
        let Some((_, first)) = all.next() else {
            return Request::Keep;
        };
        let record = all.fold(first, |record, (preset, other)| {
            record.and(preset.unwrap_or_default(), other)
        });
        Request::Record(record)
    };
    let beside = plan.beside.iter().filter_map(|record| {
        let at = record.beside()?;
        Some((at.clone(), request(record)))
    });
    let list = plan.list.iter();
    let list = list.map(|record| (record.value().to_owned(), request(record)));
    Requests {
        beside: beside.collect(),
        list: list.collect(),
    }
}

/// Returns the existing record that is up to date, as far as this can be known while variants of
/// the image are missing: the names in it contain digests, so making the variants again gives the
/// same record. Returns `None` if none is missing.
fn kept(
    planned: &Planned<'_>,
    image: &ImagePlan,
    value: &str,
    existing: &[Content],
) -> Option<Content> {
    let is_unknown = !image.is_complete(planned.index().snapshot());
    let mut existing = existing.iter().filter(|_| is_unknown);
    existing
        .find(|existing| image.is_compatible_with(existing, value))
        .cloned()
}

/// Returns the record that a build would write, as far as file sizes are known. Placeholders that
/// cannot be computed yet are copied from an existing record of the same files.
fn expected(
    planned: &Planned<'_>,
    image: &ImagePlan,
    value: &str,
    existing: &[Content],
) -> Content {
    let snapshot = planned.index().snapshot();
    let placeholders = image.placeholders(snapshot).or_else(|| {
        let mut existing = existing.iter();
        let existing = existing.find(|existing| image.is_compatible_with(existing, value));
        existing.map(|existing| existing.placeholders.clone())
    });
    Content {
        placeholders: placeholders.unwrap_or_default(),
        ..image.content(value, snapshot)
    }
}

/// Returns the images whose variants are missing, except variants that no build can make.
pub(crate) fn forecast_images(
    plan: &Plan<'_>,
    originals: &BTreeMap<SitePath, Original>,
    index: &VariantIndex,
    undecodable: &Undecodable,
) -> Vec<ForecastImage> {
    let mut images = Vec::new();
    for (original, key, image) in plan.by_original(originals) {
        let mut specs: Vec<&VariantSpec> = image.missing(index.snapshot());
        specs.retain(|spec| !undecodable.includes(&spec.path));
        if specs.is_empty() {
            continue;
        }
        let widths: BTreeSet<u32> = specs
            .iter()
            .map(|spec| spec.rendition.dimensions.width)
            .collect();
        let mut formats: Vec<String> = Vec::new();
        for spec in &specs {
            let extension = spec.rendition.recipe.format.spec().extensions[0];
            if !formats.iter().any(|format| format == extension) {
                formats.push(extension.to_owned());
            }
        }
        let open = image.open_ladders().next();
        let open = open.map(|ladder| ladder.ends.each_ref());
        let Dimensions { width, height } = original.info.dimensions();
        images.push(ForecastImage {
            original: original.path.to_string(),
            preset: key.preset.to_string(),
            width,
            height,
            bytes: original.bytes,
            widths: widths.into_iter().collect(),
            formats,
            open: open.map(|ends| ends.map(|end| end.rendition.dimensions.width)),
            variants: specs.len(),
        });
    }
    images
}

/// Returns the variants that do not exist, except those that no build can make.
pub(crate) fn forecast_variants(
    plan: &Plan<'_>,
    index: &VariantIndex,
    undecodable: &Undecodable,
) -> Vec<ForecastVariant> {
    let mut variants: BTreeMap<&SitePath, ForecastVariant> = BTreeMap::new();
    for image in plan.images() {
        let mut missing = image.missing(index.snapshot());
        missing.retain(|spec| !undecodable.includes(&spec.path));
        let is_missing = |spec: &VariantSpec| missing.iter().any(|one| one.path == spec.path);
        for (spec, is_doubtful) in image.specs_with_doubt() {
            if is_missing(spec) {
                variants
                    .entry(&spec.path)
                    .or_insert_with(|| ForecastVariant {
                        path: spec.path.to_string(),
                        width: spec.rendition.dimensions.width,
                        may_be_left_out: is_doubtful,
                        open_below: image.open_below(spec),
                    });
            }
        }
    }
    variants.into_values().collect()
}
