//! Builds the sheet from a view of a site.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rayon::prelude::*;

use super::article::{Heading, heading};
use super::data::{Device, SCHEMA, Sheet, SheetArticle, SheetFile, SheetFinding, SheetImage};
use super::image::Images;
use super::measure::{Measures, Scoring};
use super::totals::totals;
use super::variants::{DENSITIES, DEVICES};
use super::{criterion, uploads};
use crate::finding::Finding;
use crate::flow::{self, Options, RunError, View};
use crate::path::SitePath;
use crate::plan::ArticlePlan;
use crate::project::Site;

/// Returns the sheet of a site in its current state. Writes only its cache, `.planche/sheet`.
///
/// # Errors
///
/// If the variants folder cannot be listed, or the run is stopped.
pub fn gather(site: &Site, options: &Options<'_>, scoring: Scoring) -> Result<Sheet, RunError> {
    flow::view(site, options, |view| {
        let measures = Measures::of(view, scoring, options)?;
        options.check_stop()?;
        Ok(view.pool.install(|| sheet(view, &measures)))
    })
}

fn sheet(view: &View<'_>, measures: &Measures) -> Sheet {
    let (of_original, thumbnails) = thumbnails(view, measures);
    let loads = view
        .plan
        .loads(view.survey.originals(), view.index.snapshot());
    let plans: Vec<&ArticlePlan<'_>> = view
        .plan
        .articles()
        .iter()
        .filter(|plan| plan.records().next().is_some())
        .collect();
    let headings: Vec<Heading> = plans
        .par_iter()
        .map(|plan| heading(view.site, plan))
        .collect();
    let by_file = by_file(&view.findings);
    let mut articles = Vec::with_capacity(plans.len());
    let mut images: Vec<SheetImage> = Vec::new();
    let mut ids = BTreeSet::new();
    for (number, (plan, heading)) in plans.iter().zip(&headings).enumerate() {
        let file = &plan.article.file;
        let entries = Images {
            view,
            measures,
            article: number,
            plan,
            heading,
            keys: &view.site.keys(file),
            thumbnails: &of_original,
        };
        let first = images.len();
        images.extend(entries.all());
        for image in &mut images[first..] {
            // One key may contain the same image twice; ids must differ all the same.
            while !ids.insert(image.id.clone()) {
                image.id.push('x');
            }
        }
        let uploads = images[first..].iter();
        let uploads = uploads.filter_map(|image| Some(image.original.as_ref()?.path.as_str()));
        let files: BTreeSet<&str> = uploads.chain([file.path.as_str()]).collect();
        let findings = files.iter().filter_map(|file| by_file.get(file)).flatten();
        let findings: BTreeSet<usize> = findings.copied().collect();
        articles.push(SheetArticle {
            path: file.path.to_string(),
            title: heading.title.clone(),
            date: heading.date.clone(),
            gain: flow::gain_of(plan, &loads, &|_| true),
            images: (first..images.len()).collect(),
            findings: findings.into_iter().collect(),
        });
    }
    let (orphaned, orphaned_unknown) = match &view.orphaned {
        Ok(orphaned) => (files(orphaned), None),
        Err(reason) => (Vec::new(), Some(*reason)),
    };
    let findings = view.findings.iter();
    let root = view.site.root.path();
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    Sheet {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        site: root
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        totals: totals(&articles, &images),
        articles,
        images,
        thumbnails,
        devices: DEVICES
            .iter()
            .map(|(name, window)| Device {
                name,
                width: window.width,
                densities: DENSITIES,
            })
            .collect(),
        findings: findings
            .map(|finding| SheetFinding::new(finding, criterion::of(finding.code)))
            .collect(),
        unused: uploads::unused(view),
        orphaned,
        orphaned_unknown,
    }
}

fn files(files: &[(SitePath, u64)]) -> Vec<SheetFile> {
    let files = files.iter();
    files
        .map(|(path, bytes)| SheetFile {
            path: path.to_string(),
            bytes: *bytes,
        })
        .collect()
}

/// Returns the indices of findings by file. A finding with a related place is listed under both
/// files.
fn by_file(findings: &[Finding]) -> BTreeMap<&str, Vec<usize>> {
    let mut by_file: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, finding) in findings.iter().enumerate() {
        let second = finding
            .related
            .as_ref()
            .map(|related| related.file.as_str());
        for file in finding.file.as_deref().into_iter().chain(second) {
            by_file.entry(file).or_default().push(number);
        }
    }
    by_file
}

/// Returns the thumbnails as data URIs, and the index of each original's thumbnail.
fn thumbnails<'v>(
    view: &View<'v>,
    measures: &Measures,
) -> (BTreeMap<&'v SitePath, usize>, Vec<String>) {
    let mut of_original = BTreeMap::new();
    let mut thumbnails = Vec::new();
    for (original, _, image) in view.plan.by_original(view.survey.originals()) {
        let smallest = image.at_least(0, view.index.snapshot());
        let Some(webp) = smallest.and_then(|spec| measures.thumbnail(&spec.path)) else {
            continue;
        };
        of_original.entry(&original.path).or_insert_with(|| {
            let uri = format!("data:image/webp;base64,{}", BASE64_STANDARD.encode(webp));
            thumbnails.push(uri);
            thumbnails.len() - 1
        });
    }
    (of_original, thumbnails)
}
