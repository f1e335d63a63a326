//! Writes records after the variants exist: rewrites the articles whose records are not up to date,
//! then the manifest.

pub(super) mod article;
pub(super) mod manifest;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use tracing::trace_span;

use super::locate::Edits;
use super::planned::Planned;
use super::produced::Produced;
use super::{Context, RunError};
use crate::article::Article;
use crate::finding::{Code, Finding, Severity};
use crate::front_matter::{self, Request, Requests};
use crate::ledger::Ledger;
use crate::path::SitePath;
use crate::picture::info::Digest;
use crate::plan::{ArticlePlan, PlannedRecord};
use crate::site::SiteError;
use crate::tree::Tree;
use crate::variant::Verified;
use article::{Done, Rewrite, by_path, content_digest, records_digest};
use manifest::ManifestUpdate;

/// The fewest articles that a thread takes at once: checking that one is up to date takes only 1
/// µs.
const CHUNK: usize = 32;

/// The produced variants, and the results of rewriting the texts that name them.
pub(super) struct Rewritten<'s> {
    produced: Produced<'s>,
    articles: Articles,
    manifest: ManifestUpdate,
}

/// The results of rewriting the articles.
#[derive(Debug, Default)]
struct Articles {
    /// The articles that were written, with the digests of their new bytes.
    written: BTreeMap<SitePath, Digest>,
    edits: Edits,
    /// The digests of the records that articles now contain.
    records: BTreeMap<SitePath, [u8; 32]>,
    /// Articles that should have been written but could not be.
    not_written: BTreeSet<SitePath>,
    refused: usize,
    findings: Vec<Finding>,
}

impl<'s> Rewritten<'s> {
    /// Rewrites the articles and the manifest that are not up to date.
    pub fn new(produced: Produced<'s>, run: &Context<'_>) -> Result<Self, RunError> {
        let articles = if run.site.config.front_matter.write {
            rewrite_articles(produced.planned(), run)
        } else {
            Articles::default()
        };
        run.options.check_stop()?;
        let manifest = ManifestUpdate::write(produced.planned(), run);
        Ok(Rewritten {
            produced,
            articles,
            manifest,
        })
    }

    pub fn produced(&self) -> &Produced<'s> {
        &self.produced
    }

    pub fn into_planned(self) -> Planned<'s> {
        self.produced.into_planned()
    }

    /// Returns the articles that were written, and the manifest, with the digests of their new
    /// bytes.
    pub fn written(&self) -> BTreeMap<SitePath, Digest> {
        let manifest = self.manifest.written().cloned();
        self.articles
            .written
            .clone()
            .into_iter()
            .chain(manifest)
            .collect()
    }

    /// Number of articles that were written.
    pub fn changed(&self) -> usize {
        self.articles.written.len()
    }

    /// Number of articles that were not changed because of an error.
    pub fn refused(&self) -> usize {
        self.articles.refused
    }

    /// Whether the article could not be brought up to date or, if the site writes no articles, the
    /// manifest.
    pub fn was_not_written(&self, article: &SitePath, writes_articles: bool) -> bool {
        match writes_articles {
            true => self.articles.not_written.contains(article),
            false => has_error(self.manifest.findings()),
        }
    }

    pub fn manifest(&self) -> &ManifestUpdate {
        &self.manifest
    }

    /// Maps from old to new byte offsets in the articles that were written.
    pub fn edits(&self) -> &Edits {
        &self.articles.edits
    }

    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.articles
            .findings
            .iter()
            .chain(self.manifest.findings())
    }

    /// Whether the run has written anything.
    pub fn has_written(&self) -> bool {
        self.produced.variants() > 0 || self.changed() > 0 || self.manifest.written().is_some()
    }

    /// Whether a write failed that may succeed later.
    pub fn could_not_write(&self) -> bool {
        let mut findings = self.produced.findings().iter().chain(self.findings());
        findings.any(|finding| finding.code == Code::Unwritable)
    }

    /// Completes the survey's `ledger` with everything else that the next run need not examine
    /// again: the variants and what was seen in them, undecodable originals, and the records in
    /// articles.
    pub fn remember(&self, mut ledger: Ledger) -> Ledger {
        let index = self.produced.planned().index();
        ledger.put_variants(index.stamps().clone());
        ledger.put_appearances(index.appearances().clone());
        ledger.put_undecodable(self.produced.undecodable().clone());
        for (article, digest) in &self.articles.records {
            ledger.put_records(article, *digest);
        }
        ledger
    }
}

fn rewrite_articles(planned: &Planned<'_>, run: &Context<'_>) -> Articles {
    let Context { site, options, .. } = *run;
    let rewriter = site.root.rewriter();
    let is_synced = Mutex::new(false);
    let sync = || -> Result<(), SiteError> {
        let mut is_synced = is_synced.lock().unwrap_or_else(PoisonError::into_inner);
        if !*is_synced {
            let span = trace_span!("write");
            span.in_scope(|| planned.sync_variants(run))?;
            *is_synced = true;
        }
        Ok(())
    };
    let _span = trace_span!("rewrite").entered();
    // Records of the same image differ only in the reference's value, so one digest per image is
    // enough.
    let records = planned.plan().by_number(|image| {
        let set = planned.index().complete_set(image)?;
        Some(content_digest(set.record("").content()))
    });
    let results: Vec<(&SitePath, Done)> = planned
        .plan()
        .articles()
        .par_iter()
        .with_min_len(CHUNK)
        .filter(|_| !options.stop.load(Ordering::Relaxed))
        .filter_map(|plan| {
            let digest = records_digest(plan, &records);
            if plan.article.up_to_date_records == Some(digest) {
                return None;
            }
            let file = &plan.article.file;
            let requests = requests(plan, planned);
            let _span = trace_span!("rewrite", file = %file.path).entered();
            let keys = site.keys(file);
            let change = |parsed: &Article, tree: &Tree<'_>| {
                front_matter::rewrite(parsed, tree, &requests, &keys)
            };
            let article = Rewrite {
                site,
                rewriter: &rewriter,
                file,
            };
            Some((&file.path, article.write(&change, &sync, digest)))
        })
        .collect();
    let mut articles = Articles::default();
    let mut undone = by_path(rewriter.finish());
    for (path, mut done) in results {
        if let Some(undone) = undone.remove(path) {
            done.undo(undone);
        }
        if let Some((digest, edits)) = done.written {
            articles.written.insert(path.clone(), digest);
            articles.edits.insert(path.clone(), edits);
        }
        if let Some(digest) = done.records {
            articles.records.insert(path.clone(), digest);
        }
        if !articles.written.contains_key(path) && has_error(&done.findings) {
            articles.not_written.insert(path.clone());
        }
        articles.refused += usize::from(done.is_refused);
        articles.findings.extend(done.findings);
    }
    articles
}

fn has_error(findings: &[Finding]) -> bool {
    let mut findings = findings.iter();
    findings.any(|finding| finding.code.severity() == Severity::Error)
}

/// Returns the requests for an article's records: a new record for each reference whose variants
/// all exist. Other records are kept.
fn requests(plan: &ArticlePlan<'_>, planned: &Planned<'_>) -> Requests<Verified> {
    let request = |record: &PlannedRecord<'_>| {
        planned
            .record(record)
            .map_or(Request::Keep, Request::Record)
    };
    Requests {
        beside: plan
            .beside
            .iter()
            .filter_map(|record| Some((record.beside()?.clone(), request(record))))
            .collect(),
        list: plan
            .list
            .iter()
            .map(|record| (record.value().to_owned(), request(record)))
            .collect(),
    }
}
