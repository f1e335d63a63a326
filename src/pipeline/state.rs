//! What is there, and what is to be done about it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;
use tracing::trace_span;

use super::articles::{self, Done, digest};
use super::locate::Edited;
use super::sweep::sweep;
use super::{Absent, RunError, sorted};
use crate::article::Article;
use crate::finding::{Code, Finding};
use crate::front_matter::{self, Wish, Wishes};
use crate::ledger::Ledger;
use crate::path::{PathSet, SitePath};
use crate::picture::appearance::AppearanceLevel;
use crate::picture::info::Digest;
use crate::plan::{ArticlePlan, Job, Plan, PlannedRecord, RungOrder, Wanted, plan};
use crate::record::{self, Content, OurKeys, Record};
use crate::report::{self, ForecastArticle, ForecastVariant, Summary};
use crate::setup;
use crate::site::{Site, SiteError, Walked};
use crate::survey::{Survey, survey};
use crate::tree::Tree;
use crate::variant::{ProduceError, Shelf, Standing};

/// Articles that a thread takes at once: to see that one is up to date takes a microsecond.
const ARTICLES_AT_ONCE: usize = 32;

/// A site, looked at once.
pub(super) struct State {
    pub survey: Survey,
    pub shelf: Shelf,
    pub plan: Plan,
    /// Whether a variant or an article could not be written.
    pub could_not_write: bool,
    /// What became of the manifest.
    pub manifest: Option<report::Manifest>,
    findings: Vec<Finding>,
    edited: Edited,
}

impl State {
    /// Looks at everything and decides; writes nothing.
    pub fn look(site: &Site, ledger: &Ledger) -> Result<State, RunError> {
        let span = trace_span!("shelf");
        let shelf = span.in_scope(|| Shelf::inspect(site, ledger.variants()))?;
        let walked = trace_span!("walk").in_scope(|| site.walk());
        let unmatched = site.unmatched(&walked);
        let mut state = State::of(site, walked, ledger, shelf);
        state.findings = unmatched;
        if !state.plan.all_wanted().is_empty() {
            let span = trace_span!("read");
            state.findings.extend(span.in_scope(|| setup::check(site)));
        }
        Ok(state)
    }

    /// Looks at what a walk has found, with the variants on the shelf, and decides.
    pub fn of(site: &Site, walked: Walked, ledger: &Ledger, shelf: Shelf) -> State {
        let survey = survey(site, walked, ledger);
        let plan = decide(&survey, &shelf, site);
        State {
            survey,
            shelf,
            plan,
            could_not_write: false,
            manifest: None,
            findings: Vec::new(),
            edited: Edited::new(),
        }
    }

    /// Looks at the variants that stand and were not looked at yet, where it matters what they show.
    pub fn look_at_variants(&mut self, site: &Site, ledger: &Ledger, stop: &AtomicBool) {
        let files = self.plan.to_look_at(&self.survey.originals);
        let is_said = |path: &SitePath| files.get(path) == Some(&AppearanceLevel::Placeholders);
        let looked = files.iter().map(|(path, wanted)| (*path, *wanted));
        let unseen = self.shelf.look_at(site, looked, ledger, stop).into_iter();
        let unseen = unseen.filter(|(path, _)| is_said(path));
        let findings = unseen.map(|(path, reason)| {
            let message = format!("a variant of which no placeholder can be made: {reason}");
            Finding::new(Code::Unreadable, message)
                .in_file(path.as_str())
                .hint("remove it, and run again")
        });
        self.findings.extend(findings);
    }

    pub fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// The variants that do not stand yet.
    pub fn outstanding(&self, order: RungOrder) -> Vec<Job> {
        let _span = trace_span!("plan").entered();
        let stands = |path: &SitePath| self.shelf.stands(path);
        self.plan.jobs(&self.survey.originals, order, &stands)
    }

    /// Decides again, where ladders waited for the files at their ends; whether any did.
    pub fn decide_ladders(&mut self, site: &Site) -> bool {
        if !self.plan.has_open_ladders() {
            return false;
        }
        self.plan = decide(&self.survey, &self.shelf, site);
        true
    }

    /// Clears what a killed run has left behind. Only with the lock held.
    pub fn sweep(&mut self, site: &Site) {
        let leftovers = self.survey.leftovers.iter().chain(&self.shelf.leftovers);
        self.findings.extend(sweep(site, leftovers));
    }

    /// Turns failed jobs into findings; what rests on them keeps its records.
    pub fn fail(&mut self, failures: &BTreeMap<SitePath, Arc<ProduceError>>) {
        self.survey.counts.failed += failures.len();
        for (path, error) in failures {
            let (code, hint) = match &**error {
                ProduceError::OverMemory { .. } => (
                    Code::OverLimit,
                    "raise `--max-memory`, or `limits: { memory: … }` in planche.yml",
                ),
                ProduceError::Site(error) if error.is_of_writing() => (
                    Code::Unwritable,
                    "make the output folder writable, or make room on the disk",
                ),
                ProduceError::Site(_) => (Code::Unreadable, "make the file readable"),
                ProduceError::Changed => (Code::UndecodableUpload, "run again"),
                _ => (
                    Code::UndecodableUpload,
                    "export the picture again and upload it anew",
                ),
            };
            self.could_not_write |= code == Code::Unwritable;
            let finding = Finding::new(code, error.to_string())
                .in_file(path.as_str())
                .hint(hint);
            self.survey.of_uploads.push(finding);
        }
    }

    /// Rewrites the articles whose records are not up to date; gives those that were written.
    pub fn rewrite(
        &mut self,
        site: &Site,
        ledger: &Ledger,
        stop: &AtomicBool,
    ) -> BTreeMap<SitePath, Digest> {
        if !site.config.front_matter.write {
            return BTreeMap::new();
        }
        let rewriter = site.root.rewriter();
        let is_synced = Mutex::new(false);
        let sync = || {
            let mut is_synced = is_synced.lock().unwrap_or_else(PoisonError::into_inner);
            if !*is_synced {
                let span = trace_span!("write");
                span.in_scope(|| self.sync_variants(site, ledger))?;
                *is_synced = true;
            }
            Ok(())
        };
        let span = trace_span!("rewrite").entered();
        // Of the record that each wanted set of variants gives, but for the value that it is for.
        let record = self.plan.by_number(|wanted| {
            let set = self.shelf.set(wanted)?;
            Some(articles::content_digest(set.record("").content()))
        });
        let results: Vec<(&SitePath, Done)> = self
            .survey
            .articles
            .par_iter()
            .zip(&self.plan.articles)
            .with_min_len(ARTICLES_AT_ONCE)
            .filter(|_| !stop.load(Ordering::Relaxed))
            .filter_map(|(article, plan)| {
                let digest = digest(plan, &record);
                if article.settled == Some(digest) {
                    return None;
                }
                let wishes = self.wishes(plan);
                let _span = trace_span!("rewrite", file = %article.file.path).entered();
                let keys = site.keys(&article.file);
                let change = |parsed: &Article, tree: &Tree<'_>| {
                    front_matter::rewrite(parsed, tree, &wishes, &keys)
                };
                let done = articles::edit(site, &rewriter, &article.file, &change, &sync);
                let mut done = done.unwrap_or_else(|finding| Done::failed(*finding));
                done.settle(digest);
                Some((&article.file.path, done))
            })
            .collect();
        drop(record);
        drop(span);
        let mut undone = articles::by_path(rewriter.finish());
        let mut written = BTreeMap::new();
        for (path, mut done) in results {
            if let Some(undone) = undone.remove(path) {
                done.undo(undone);
            }
            if let Some((digest, offsets)) = done.written {
                written.insert(path.clone(), digest);
                self.edited.insert(path.clone(), offsets);
            }
            self.survey.counts.refused += usize::from(done.is_refused);
            self.could_not_write |= done
                .findings
                .iter()
                .any(|finding| finding.code == Code::Unwritable);
            self.findings.extend(done.findings);
            if let Some(digest) = done.settled {
                self.survey.ledger.settle(path, digest);
            }
        }
        written
    }

    /// Makes sure that the variants that articles may name survive a crash: those that the ledger
    /// does not know, which this run wrote, or an earlier one that was killed.
    pub fn sync_variants(&self, site: &Site, ledger: &Ledger) -> Result<(), SiteError> {
        let is_new = |path: &&SitePath| !ledger.variants().contains_key(*path);
        site.root
            .sync_files(self.plan.variant_paths().filter(is_new))
    }

    /// What is wished of an article, by the variants that stand.
    fn wishes(&self, plan: &ArticlePlan) -> Wishes<Standing> {
        wishes(plan, |planned| {
            let set = self
                .wanted(planned)
                .and_then(|wanted| self.shelf.set(wanted));
            set.map(|set| set.record(planned.value()))
        })
    }

    /// What is wished of an article, by the variants that stand and those that would. Where absent
    /// files are ignored, a record that could rest on some of them is kept.
    fn forecast_wishes(
        &self,
        plan: &ArticlePlan,
        absent: Absent,
        tree: &Tree<'_>,
        keys: &OurKeys,
    ) -> Wishes<record::Forecast> {
        let wish = |planned: &PlannedRecord, held: &[Content]| {
            if absent == Absent::Ignored && self.could_be(planned, held) {
                return Wish::Keep;
            }
            let content = self
                .wanted(planned)
                .map(|wanted| self.forecast_content(wanted, planned.value(), held));
            content.map_or(Wish::Keep, |content| {
                Wish::Record(Record::new(content, record::Forecast))
            })
        };
        let beside = plan.beside.iter().filter_map(|planned| {
            let at = planned.beside()?;
            let held = front_matter::record_beside(tree, at, keys);
            Some((at.clone(), wish(planned, held.as_slice())))
        });
        let held = front_matter::records_listed(tree, keys);
        let list = plan.list.iter();
        let list = list.map(|planned| (planned.value().to_owned(), wish(planned, &held)));
        Wishes {
            beside: beside.collect(),
            list: list.collect(),
        }
    }

    /// What a record would say, by the variants that stand and those that would, where one of those
    /// is held. Placeholders that nobody has seen yet are those of a record of the same files.
    pub fn forecast_content(&self, wanted: &Wanted, value: &str, held: &[Content]) -> Content {
        let content = wanted.content(value, &|path| self.shelf.size(path));
        let seen = wanted.placeholders(&|path| self.shelf.look_of(path));
        let of_held = || {
            let mut held = held.iter().filter(|held| wanted.could_give(held, value));
            held.next().map(|held| held.placeholders.clone())
        };
        Content {
            placeholders: seen.or_else(of_held).unwrap_or_default(),
            ..content
        }
    }

    fn wanted(&self, planned: &PlannedRecord) -> Option<&Wanted> {
        Some(self.plan.wanted(planned.wanted?))
    }

    /// The articles that a build would rewrite, with their diffs.
    pub fn forecast_articles(&mut self, site: &Site, absent: Absent) -> Vec<ForecastArticle> {
        if !site.config.front_matter.write {
            return Vec::new();
        }
        let results: Vec<(Vec<Finding>, Option<ForecastArticle>)> = self
            .survey
            .articles
            .par_iter()
            .zip(&self.plan.articles)
            .map(|(article, plan)| {
                let all_stand = self.all_stand(plan);
                let keys = site.keys(&article.file);
                let result = articles::preview(site, &article.file, &|parsed, tree| {
                    let wishes = self.forecast_wishes(plan, absent, tree, &keys);
                    front_matter::rewrite(parsed, tree, &wishes, &keys)
                });
                match result {
                    Ok((findings, diff)) => {
                        let would_change =
                            diff.is_some() || absent == Absent::WouldBeMade && !all_stand;
                        let article = would_change.then(|| ForecastArticle {
                            path: article.file.path.to_string(),
                            diff: diff.unwrap_or_default(),
                        });
                        (findings, article)
                    }
                    Err(finding) => (vec![*finding], None),
                }
            })
            .collect();
        let mut articles = Vec::new();
        for (findings, article) in results {
            let is_refused = findings
                .iter()
                .any(|finding| finding.code == Code::ArticleRefused);
            self.survey.counts.refused += usize::from(is_refused);
            self.findings.extend(findings);
            articles.extend(article);
        }
        articles
    }

    fn all_stand(&self, plan: &ArticlePlan) -> bool {
        let planned = plan.beside.iter().chain(&plan.list);
        planned
            .filter_map(|planned| self.wanted(planned))
            .all(|wanted| self.shelf.set(wanted).is_some())
    }

    /// Whether variants of a reference are absent, and one of the records held could be the one
    /// that a build gave it where they were not.
    fn could_be(&self, planned: &PlannedRecord, held: &[Content]) -> bool {
        self.wanted(planned).is_some_and(|wanted| {
            self.shelf.set(wanted).is_none()
                && held
                    .iter()
                    .any(|held| wanted.could_give(held, planned.value()))
        })
    }

    /// The variants that a build would write.
    pub fn forecast_variants(&self) -> Vec<ForecastVariant> {
        let mut variants: BTreeMap<&SitePath, ForecastVariant> = BTreeMap::new();
        for wanted in self.plan.all_wanted() {
            for (spec, is_doubtful) in wanted.specs_with_doubt() {
                if !self.shelf.stands(&spec.path) {
                    variants
                        .entry(&spec.path)
                        .or_insert_with(|| ForecastVariant {
                            path: spec.path.to_string(),
                            width: spec.rendition.dimensions.width,
                            may_be_left_out: is_doubtful,
                            open_below: wanted.open_below(spec),
                        });
                }
            }
        }
        variants.into_values().collect()
    }

    /// What was seen, for the next run.
    pub fn take_ledger(&mut self) -> Ledger {
        let mut ledger = std::mem::take(&mut self.survey.ledger);
        ledger.put_variants(self.shelf.stamps().clone());
        ledger.put_looks(self.shelf.looks().clone());
        ledger
    }

    /// What the run came to, but for what it has written.
    pub fn summary(&self, site: &Site) -> Summary {
        let _span = trace_span!("report").entered();
        let counts = self.survey.counts;
        let planned = self.plan.variant_paths();
        let fresh: PathSet<&SitePath> = planned
            .filter(|path| self.shelf.stamps().contains_key(*path))
            .collect();
        let kept = self
            .plan
            .animations_kept(&self.survey.originals, &site.presets, &|path| {
                self.shelf.size(path)
            });
        let similar = self
            .plan
            .similar_uploads(&self.survey.originals, &|path| self.shelf.look_of(path));
        let of_uploads = kept.into_iter().chain(similar).collect();
        let findings = self
            .findings
            .iter()
            .chain(&self.survey.findings)
            .chain(&self.plan.findings)
            .chain(&site.findings)
            .cloned()
            .chain(self.survey.findings_of_uploads(of_uploads));
        Summary {
            articles: report::Articles {
                read: counts.articles,
                changed: 0,
                refused: counts.refused,
            },
            originals: report::Originals {
                used: self.survey.originals.len(),
                missing: counts.missing,
                failed: counts.failed,
            },
            variants: report::Variants {
                written: 0,
                fresh: fresh.len(),
                bytes: 0,
            },
            findings: sorted(site, findings, &self.edited),
            seconds: 0.0,
            manifest: self.manifest.clone(),
            forecast: None,
        }
    }
}

/// The plan for what a survey has found, with the variants on the shelf.
fn decide(survey: &Survey, shelf: &Shelf, site: &Site) -> Plan {
    let _span = trace_span!("plan").entered();
    let size = |path: &SitePath| shelf.size(path);
    plan(
        &survey.articles,
        &survey.originals,
        &site.presets,
        site,
        &size,
    )
}

/// A wish for every planned record: what `record` gives, or that what stands be kept.
fn wishes<S>(
    plan: &ArticlePlan,
    record: impl Fn(&PlannedRecord) -> Option<Record<S>>,
) -> Wishes<S> {
    let wish = |planned: &PlannedRecord| record(planned).map_or(Wish::Keep, Wish::Record);
    Wishes {
        beside: plan
            .beside
            .iter()
            .filter_map(|planned| Some((planned.beside()?.clone(), wish(planned))))
            .collect(),
        list: plan
            .list
            .iter()
            .map(|planned| (planned.value().to_owned(), wish(planned)))
            .collect(),
    }
}
