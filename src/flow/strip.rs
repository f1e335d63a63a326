//! The command `strip`: removes the records from articles, and the manifest.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rayon::prelude::*;

use super::rewrite::article::{self, Done, Rewrite, by_path};
use super::rewrite::manifest;
use super::summary::{self, Findings};
use super::sweep::sweep;
use super::{Effect, Options, RunError};
use crate::article::Article;
use crate::finding::Finding;
use crate::front_matter::{self, NoRecords};
use crate::project::Site;
use crate::report::{self, Change, Forecast, ForecastArticle, RunKind, Summary};
use crate::site::{ArticleFile, Lock, Rewriter};
use crate::survey;
use crate::tree::Tree;

/// Removes all keys of ours from every article, and the manifest.
pub fn strip(site: &Site, options: &Options<'_>, effect: Effect) -> Result<Summary, RunError> {
    let started = Instant::now();
    let lock = match effect {
        Effect::Write => Some(options.lock(site)?),
        Effect::DryRun => None,
    };
    let pool = options.pool()?;
    let stripped = pool.install(|| Stripped::new(site, effect, options.stop));
    options.check_stop()?;
    let mut findings = Findings::new(site);
    findings.extend(stripped.findings);
    findings.extend(lock.as_ref().and_then(Lock::finding));
    let (manifest, of_manifest) = match manifest::strip(site, effect).transpose() {
        Ok(manifest) => (manifest.unwrap_or_default(), None),
        Err(finding) => (manifest::Stripped::default(), Some(finding)),
    };
    findings.extend(of_manifest);
    let (changed, forecast) = match effect {
        Effect::Write => (stripped.changed.len(), None),
        Effect::DryRun => {
            let forecast = Forecast {
                images: Vec::new(),
                variants: Vec::new(),
                articles: stripped.changed,
                manifest: manifest.forecast,
            };
            (0, Some(forecast))
        }
    };
    let articles = report::Articles {
        read: stripped.read,
        changed,
        refused: stripped.refused,
    };
    Ok(Summary {
        kind: RunKind::Strip,
        articles,
        manifest: manifest.report,
        forecast,
        findings: findings.located(&summary::NO_EDITS),
        seconds: started.elapsed().as_secs_f64(),
        ..Summary::default()
    })
}

#[derive(Default)]
struct Stripped {
    read: usize,
    refused: usize,
    /// The changed articles, with diffs in a dry run.
    changed: Vec<ForecastArticle>,
    findings: Vec<Finding>,
}

impl Stripped {
    fn new(site: &Site, effect: Effect, stop: &AtomicBool) -> Self {
        let mut walked = site.walk();
        let mut findings = Vec::new();
        if effect == Effect::Write {
            findings = sweep(site, walked.leftovers.iter());
            // Restoring an edit changes the stamp of the article that was listed.
            if !walked.leftovers.is_empty() {
                walked = site.walk();
            }
        }
        findings.extend(walked.findings);
        let rewriter = site.root.rewriter();
        let results: Vec<(&ArticleFile, StrippedArticle)> = walked
            .candidates
            .par_iter()
            .filter(|_| !stop.load(Ordering::Relaxed))
            .map(|file| (file, strip_article(site, &rewriter, file, effect)))
            .collect();
        let mut undone = by_path(rewriter.finish());
        let mut stripped = Stripped {
            findings,
            ..Stripped::default()
        };
        for (file, result) in results {
            let StrippedArticle {
                is_article,
                mut done,
                diff,
            } = result;
            if let Some(undone) = undone.remove(&file.path) {
                done.undo(undone);
            }
            let is_changed = done.written.is_some() || diff.is_some();
            stripped.read += usize::from(is_article || is_changed);
            stripped.refused += usize::from(done.is_refused);
            stripped.findings.extend(done.findings);
            if is_changed {
                stripped.changed.push(ForecastArticle {
                    path: file.path.to_string(),
                    change: Change::Update,
                    diff: diff.unwrap_or_default(),
                });
            }
        }
        stripped
    }
}

/// The result of stripping one file.
struct StrippedArticle {
    /// Whether a build counts the file as an article.
    is_article: bool,
    done: Done,
    /// The diff, in a dry run.
    diff: Option<String>,
}

/// Strips one article or, in a dry run, returns the diff.
fn strip_article(
    site: &Site,
    rewriter: &Rewriter<'_>,
    file: &ArticleFile,
    effect: Effect,
) -> StrippedArticle {
    let keys = site.keys(file);
    // Stays true if the file cannot be read or parsed: such a file counts as an article.
    let is_article = AtomicBool::new(true);
    let change = |article: &Article, tree: &Tree<'_>| {
        is_article.store(survey::is_counted(site, article, tree), Ordering::Relaxed);
        front_matter::strip(article, tree, &keys)
    };
    let (done, diff) = if effect == Effect::Write {
        let article = Rewrite {
            site,
            rewriter,
            file,
        };
        (article.edit::<NoRecords>(&change, &|| Ok(())), None)
    } else {
        match article::preview::<NoRecords>(site, file, &change) {
            Ok(preview) => {
                let done = Done {
                    findings: preview.findings,
                    ..Done::default()
                };
                (done, preview.diff)
            }
            Err(finding) => (Done::failed(*finding), None),
        }
    };
    StrippedArticle {
        is_article: is_article.into_inner(),
        done,
        diff,
    }
}
