//! Articles, one at a time: read again, edited in memory, shown or written.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use tracing::trace_span;

use super::Act;
use super::sweep::sweep;
use crate::article::{Article, Refused};
use crate::finding::{Code, Finding, OffsetMap};
use crate::front_matter::{self, NoRecords, Outcome, Written};
use crate::path::SitePath;
use crate::picture::info::Digest;
use crate::plan::{ArticlePlan, PlannedRecord, WantedId};
use crate::record::Content;
use crate::report::ForecastArticle;
use crate::site::{ArticleFile, Lost, Replaced, Rewriter, Site, SiteError, TEXT_LIMIT, Undone};
use crate::survey;
use crate::tree::Tree;
use crate::tree::path::KeyPath;

/// What became of one article.
#[derive(Default)]
pub(super) struct Done {
    /// The digest of the file's new bytes, if it was written, and where the old ones are in it.
    pub written: Option<(Digest, OffsetMap)>,
    pub is_refused: bool,
    pub findings: Vec<Finding>,
    pub settled: Option<[u8; 32]>,
}

impl Done {
    pub fn failed(finding: Finding) -> Self {
        Done {
            is_refused: finding.code == Code::ArticleRefused,
            findings: vec![finding],
            ..Done::default()
        }
    }

    /// Notes that the article was not written.
    fn leave(&mut self, path: &SitePath, reason: Replaced) {
        self.written = None;
        let finding = left_alone(path, reason);
        self.is_refused |= finding
            .as_ref()
            .is_some_and(|finding| finding.code == Code::ArticleRefused);
        self.findings.extend(finding);
    }

    /// Notes that the rewrite of the article was undone.
    pub fn undo(&mut self, undone: Undone) {
        self.written = None;
        self.settled = None;
        match undone.reason {
            Ok(reason) => self.leave(&undone.path, reason),
            Err(error) => {
                let finding = Finding::new(Code::Unwritable, error.full());
                self.findings.push(finding.in_file(undone.path.as_str()));
            }
        }
    }

    /// An article that said nothing against it holds the records now.
    pub fn settle(&mut self, digest: [u8; 32]) {
        if self.findings.is_empty() {
            self.settled = Some(digest);
        }
    }
}

/// What makes a new text of an article, or refuses to.
pub(super) type Edit<'e, S> =
    dyn Fn(&Article, &Tree<'_>) -> Result<Outcome<S>, Refused> + Sync + 'e;

/// An article's text before and after, in memory.
struct Edited {
    findings: Vec<Finding>,
    old: Vec<u8>,
    /// None where nothing would change.
    new: Option<(Vec<u8>, OffsetMap)>,
}

/// Reads an article again and edits it in memory.
fn edited<S>(
    site: &Site,
    candidate: &ArticleFile,
    edit: &Edit<'_, S>,
) -> Result<Edited, Box<Finding>> {
    let path = &candidate.path;
    let refused = |refused: Refused| Box::new(survey::refusal(path, &refused));
    let unreadable = |error: SiteError| {
        Box::new(Finding::new(Code::Unreadable, error.full()).in_file(path.as_str()))
    };
    let (bytes, stamp) = site.root.read(path, TEXT_LIMIT).map_err(unreadable)?;
    if stamp != candidate.stamp {
        return Err(Box::new(changed(path)));
    }
    let article = survey::open_article(site, path, candidate.is_data, bytes).map_err(refused)?;
    let tree = article.tree().map_err(refused)?;
    let outcome = edit(&article, &tree).map_err(refused)?;
    let findings = outcome.skips.iter().map(|skip| {
        Finding::new(
            Code::SkippedReference,
            format!("`{}` gets no record: {}", skip.at, skip.reason),
        )
        .in_file(path.as_str())
        .at_offset(skip.offset)
    });
    Ok(Edited {
        findings: findings.collect(),
        old: article.bytes().to_vec(),
        new: outcome
            .rewrite
            .map(|rewrite| (rewrite.bytes, rewrite.offsets)),
    })
}

/// Why an article was not written.
pub(super) fn left_alone(path: &SitePath, reason: Replaced) -> Option<Finding> {
    let refused = |message: &str| Finding::new(Code::ArticleRefused, message);
    let finding = match reason {
        Replaced::Written => return None,
        Replaced::ChangedMeanwhile => return Some(changed(path)),
        Replaced::OpenForWriting => Finding::new(
            Code::ArticleChanged,
            "another program has the article open for writing; it was left alone",
        )
        .hint("run again when that program has saved and closed it"),
        Replaced::HasOtherLinks => refused(
            "left alone: the file has hard links outside the articles, which a rewrite would separate",
        )
        .hint("replace the hard links by symbolic links or by copies"),
        Replaced::CannotKeep(Lost::Owner) => refused("left alone: its owner and group cannot be kept")
            .hint("run planche as the owner of the file"),
        Replaced::CannotKeep(Lost::Extended) => refused(
            "left alone: its access control list and extended attributes cannot be kept",
        )
        .hint("run planche as the owner of the file"),
    };
    Some(finding.in_file(path.as_str()))
}

fn changed(path: &SitePath) -> Finding {
    Finding::new(
        Code::ArticleChanged,
        "the article changed while planche was running; your edit was kept",
    )
    .in_file(path.as_str())
}

/// Edits an article and writes it, after `first` has succeeded. A text that is based on a forecast
/// is refused by its type.
pub(super) fn edit<S: Written>(
    site: &Site,
    rewriter: &Rewriter<'_>,
    candidate: &ArticleFile,
    change: &Edit<'_, S>,
    first: &(dyn Fn() -> Result<(), SiteError> + Sync),
) -> Result<Done, Box<Finding>> {
    let Edited { findings, old, new } = edited(site, candidate, change)?;
    let mut done = Done {
        findings,
        ..Done::default()
    };
    if let Some((new, offsets)) = new {
        let replace = || {
            let _span = trace_span!("write", bytes = new.len() as u64).entered();
            rewriter.replace(&candidate.path, &candidate.links, &old, &new)
        };
        match first().and_then(|()| replace()) {
            Ok(Replaced::Written) => done.written = Some((Digest::of(&new), offsets)),
            Ok(reason) => done.leave(&candidate.path, reason),
            Err(error) => {
                let finding = Finding::new(Code::Unwritable, error.full());
                return Err(Box::new(finding.in_file(candidate.path.as_str())));
            }
        }
    }
    Ok(done)
}

/// Edits an article in memory; gives the unified diff where it would change.
pub(super) fn preview<S>(
    site: &Site,
    candidate: &ArticleFile,
    change: &Edit<'_, S>,
) -> Result<(Vec<Finding>, Option<String>), Box<Finding>> {
    let Edited { findings, old, new } = edited(site, candidate, change)?;
    let diff = new.map(|(new, _)| {
        let (old, new) = (String::from_utf8_lossy(&old), String::from_utf8_lossy(&new));
        let path = &candidate.path;
        similar::TextDiff::from_lines(old.as_ref(), new.as_ref())
            .unified_diff()
            .header(&format!("a/{path}"), &format!("b/{path}"))
            .to_string()
    });
    Ok((findings, diff))
}

/// What stripping came to.
#[derive(Default)]
pub(super) struct Stripped {
    pub read: usize,
    pub refused: usize,
    pub changed: Vec<ForecastArticle>,
    pub findings: Vec<Finding>,
}

/// Strips every article of a site; the diffs are given where nothing is written.
pub(super) fn strip(site: &Site, act: Act, stop: &AtomicBool) -> Stripped {
    let mut walked = site.walk();
    let mut swept = Vec::new();
    if act == Act::Write {
        swept = sweep(site, walked.leftovers.iter());
        // An edit that was put back is another text than the one that was seen.
        if !walked.leftovers.is_empty() {
            walked = site.walk();
        }
    }
    let rewriter = site.root.rewriter();
    let results: Vec<(&ArticleFile, Done, Option<String>)> = walked
        .candidates
        .par_iter()
        .filter(|_| !stop.load(Ordering::Relaxed))
        .map(|candidate| {
            let keys = site.keys(candidate);
            let change =
                |article: &Article, tree: &Tree<'_>| front_matter::strip(article, tree, &keys);
            let stripped = match act {
                Act::ShowOnly => {
                    preview::<NoRecords>(site, candidate, &change).map(|(findings, diff)| {
                        let done = Done {
                            findings,
                            ..Done::default()
                        };
                        (done, diff)
                    })
                }
                Act::Write => edit::<NoRecords>(site, &rewriter, candidate, &change, &|| Ok(()))
                    .map(|done| (done, None)),
            };
            let (done, diff) = stripped.unwrap_or_else(|finding| (Done::failed(*finding), None));
            (candidate, done, diff)
        })
        .collect();
    let mut undone = by_path(rewriter.finish());
    let mut stripped = Stripped {
        findings: walked.findings,
        ..Stripped::default()
    };
    stripped.findings.extend(swept);
    for (candidate, mut done, diff) in results {
        if let Some(undone) = undone.remove(&candidate.path) {
            done.undo(undone);
        }
        stripped.read += 1;
        stripped.refused += usize::from(done.is_refused);
        stripped.findings.extend(done.findings);
        if done.written.is_some() || diff.is_some() {
            stripped.changed.push(ForecastArticle {
                path: candidate.path.to_string(),
                diff: diff.unwrap_or_default(),
            });
        }
    }
    stripped
}

/// Rewrites that were undone, by article.
pub(super) fn by_path(undone: Vec<Undone>) -> HashMap<SitePath, Undone> {
    undone
        .into_iter()
        .map(|undone| (undone.path.clone(), undone))
        .collect()
}

/// A digest of a record.
pub(super) fn content_digest(content: &Content) -> [u8; 32] {
    let content = postcard::to_stdvec(content).unwrap_or_default();
    *blake3::hash(&content).as_bytes()
}

/// A digest over all that an article is to say, of the places, the values and the records, by the
/// digest of the record of each wanted set of variants; none of one where some do not stand.
pub(super) fn digest(
    plan: &ArticlePlan,
    record: &dyn Fn(WantedId) -> Option<[u8; 32]>,
) -> [u8; 32] {
    let mut said = Vec::with_capacity(512);
    let mut place = String::new();
    let mut add = |at: Option<&KeyPath>, planned: &PlannedRecord| {
        place.clear();
        if let Some(at) = at {
            write!(place, "{at}").expect("a text takes whatever is written");
        }
        for text in [place.as_str(), planned.value()] {
            said.extend_from_slice(&(text.len() as u64).to_le_bytes());
            said.extend_from_slice(text.as_bytes());
        }
        match planned.wanted.and_then(record) {
            Some(record) => said.extend_from_slice(&record),
            None => said.extend_from_slice(b"keep"),
        }
    };
    for planned in &plan.beside {
        add(planned.beside(), planned);
    }
    for planned in &plan.list {
        add(None, planned);
    }
    *blake3::hash(&said).as_bytes()
}
