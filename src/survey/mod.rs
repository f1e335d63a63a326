//! Surveys a site: the site and its ledger go in; its articles, what they reference, and the
//! headers of these uploads come out. Reads only files that the ledger does not know.

mod article;
mod files;
mod others;
mod pages;
mod places;
mod rules;
mod unused;
mod upload;
mod used;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;
use tracing::trace_span;

use crate::finding::{Code, Finding, Severity};
use crate::ledger::{ArticleFacts, Ledger};
use crate::original::Original;
use crate::path::{PathSet, SitePath};
use crate::picture::decoder::Decode;
use crate::project::Site;
use crate::reference::{self, Page, Reference, Resolved};
use crate::site::{ArticleFile, Listings, LookedUp, Stamp, Walked};
use files::SiteFiles;
use pages::Pages;

pub use article::{is_counted, open_article, refusal};
pub use rules::unmatched;
pub use unused::unused;
pub use used::{UsedImages, used_images};

/// Number of articles that a thread takes at once: a look-up of one in the ledger takes 1 µs.
const CHUNK: usize = 64;
/// Number of articles that are read before the facts to keep are extracted: for a million articles,
/// the other facts would take more memory than the rest.
const AT_ONCE: usize = 1 << 14;

/// Result of a survey. It does not change afterwards.
#[derive(Debug, Default)]
pub struct Survey {
    articles: Vec<SurveyedArticle>,
    originals: BTreeMap<SitePath, Original>,
    findings: Vec<Finding>,
    leftovers: Vec<SitePath>,
    counts: Counts,
    matched_rules: BTreeSet<u32>,
    unread: Unread,
    folders: BTreeSet<SitePath>,
    looked_up: LookedUp,
    has_links: bool,
    has_opted_out: bool,
    bare_names: unused::BareNames,
}

/// A survey, and the ledger for the next run.
#[derive(Debug, Default)]
pub struct Surveyed {
    pub survey: Survey,
    /// Only articles and originals; a run adds variants when it ends.
    pub ledger: Ledger,
}

/// An article, its references, and their targets.
#[derive(Clone, Debug)]
pub struct SurveyedArticle {
    pub file: ArticleFile,
    /// Digest of the records that the article contains, if known.
    pub up_to_date_records: Option<[u8; 32]>,
    references: Arc<[Reference]>,
    /// The target of each reference; `None` if it is no image of this site.
    targets: Box<[Option<Target>]>,
}

impl SurveyedArticle {
    /// The references to images of this site, each with its target.
    pub fn references(&self) -> impl Iterator<Item = (&Reference, &Target)> {
        let targets = self.references.iter().zip(&self.targets);
        targets.filter_map(|(reference, target)| Some((reference, target.as_ref()?)))
    }
}

/// What a reference leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Upload(SitePath),
    /// A missing or unusable upload. An existing record is kept.
    Broken,
}

impl Target {
    /// Returns the path of the upload, if it can be used.
    pub fn upload(&self) -> Option<&SitePath> {
        match self {
            Target::Upload(path) => Some(path),
            Target::Broken => None,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub articles: usize,
    pub refused: usize,
    pub missing: usize,
    /// Number of uploads that cannot be used.
    pub failed: usize,
}

/// Files and folders that could not be read, so that their references are unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Unread {
    folders: bool,
    articles: BTreeSet<SitePath>,
    /// Whether an upload, or a folder that may contain some, could not be read.
    uploads: bool,
}

/// Surveys the files that a walk has found.
pub fn survey(site: &Site, walked: Walked, ledger: &Ledger, decoder: &dyn Decode) -> Surveyed {
    let span = trace_span!("read").entered();
    let listings = Listings::default();
    let mut survey = Survey {
        findings: walked.findings,
        leftovers: walked.leftovers,
        unread: Unread {
            folders: walked.is_partial,
            ..Unread::default()
        },
        folders: walked.folders.into_iter().collect(),
        has_links: walked.has_links,
        ..Survey::default()
    };
    survey.articles.reserve_exact(walked.candidates.len());
    let mut entries = Vec::with_capacity(walked.candidates.len());
    read_articles(site, walked.candidates, ledger, &listings, |article| {
        entries.push(survey.add(article));
    });
    survey.folders.extend(listings.folders());
    let of_listings = listings.findings();
    survey.unread.uploads = of_listings.iter().any(is_unread);
    survey.findings.extend(of_listings);
    survey.looked_up = listings.looked_up();
    drop(span);
    let mut next = Ledger::default();
    next.put_articles(entries);
    next.put_originals(survey.probe_originals(site, ledger, decoder));
    Surveyed {
        survey,
        ledger: next,
    }
}

/// Reads articles, or looks up what the ledger knows of them, and passes each to `keep`, in the
/// order of the `files`, which are sorted.
fn read_articles(
    site: &Site,
    files: Vec<ArticleFile>,
    ledger: &Ledger,
    listings: &Listings,
    mut keep: impl FnMut(ReadArticle),
) {
    let known = ledger.articles(files.iter().map(|file| (&file.path, &file.stamp)));
    let pages = Pages::new(site, &files, &known);
    let mut files = files.into_iter().zip(known);
    loop {
        let some: Vec<_> = files.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            return;
        }
        let read: Vec<ReadArticle> = some
            .into_par_iter()
            .with_min_len(CHUNK)
            .filter_map(|(file, known)| {
                let files = SiteFiles {
                    site,
                    listings,
                    pages: &pages,
                };
                ReadArticle::new(file, known, site, &files)
            })
            .collect();
        read.into_iter().for_each(&mut keep);
    }
}

/// Reads the headers of those uploads that the ledger does not know, in the order of the sorted
/// `paths`. Returns the usable uploads, and a finding for each one that cannot be used.
pub fn probe(
    site: &Site,
    paths: &[SitePath],
    ledger: &Ledger,
    decoder: &dyn Decode,
) -> (Vec<(Stamp, Original)>, Vec<Finding>) {
    let stamps = site.root.stamps(paths);
    let probed: Vec<upload::Probed> = stamps
        .into_par_iter()
        .with_max_len(CHUNK)
        .map(|(path, stamp)| {
            let known = stamp
                .ok()
                .and_then(|stamp| Some((stamp, ledger.original(path, &stamp)?)));
            match known {
                Some((stamp, original)) => Ok((stamp, original.clone())),
                None => upload::probe(site, path, decoder),
            }
        })
        .collect();
    let mut usable = Vec::with_capacity(probed.len());
    let mut findings = Vec::new();
    for probed in probed {
        match probed {
            Ok(probed) => usable.push(probed),
            Err(finding) => findings.push(*finding),
        }
    }
    (usable, findings)
}

/// An article that was read, now or by an earlier run.
struct ReadArticle {
    file: ArticleFile,
    facts: Arc<ArticleFacts>,
    /// Result of resolving each of its references.
    resolved: Vec<Resolved>,
}

impl ReadArticle {
    /// Takes the `known` facts, or else reads the file. Returns `None` if the file was removed
    /// after the walk.
    fn new(
        file: ArticleFile,
        known: Option<(&SitePath, &Arc<ArticleFacts>)>,
        site: &Site,
        files: &SiteFiles<'_>,
    ) -> Option<Self> {
        let (file, facts) = match known {
            // The two paths are equal: sharing the ledger's saves a copy.
            Some((path, facts)) => {
                let path = path.clone();
                (ArticleFile { path, ..file }, facts.clone())
            }
            None => {
                let (stamp, facts) = article::read(site, &file)?;
                (ArticleFile { stamp, ..file }, Arc::new(facts))
            }
        };
        let resolved = facts
            .references()
            .iter()
            .map(|reference| {
                let page = Page {
                    path: &file.path,
                    url: facts.page_url.as_ref(),
                };
                reference::resolve(reference, page, &site.conventions, files)
            })
            .collect();
        Some(ReadArticle {
            file,
            facts,
            resolved,
        })
    }
}

fn is_unread(finding: &Finding) -> bool {
    finding.code == Code::Unreadable
}

/// Entry of the ledger for an article.
type Entry = (SitePath, (Stamp, Arc<ArticleFacts>));

impl Survey {
    fn add(&mut self, article: ReadArticle) -> Entry {
        let ReadArticle {
            file,
            facts,
            resolved,
        } = article;
        self.findings.extend(facts.findings.iter().cloned());
        self.matched_rules.extend(&facts.rules);
        let has_error = facts
            .findings
            .iter()
            .any(|finding| finding.severity() == Severity::Error);
        self.counts.refused += usize::from(has_error);
        self.has_opted_out |= facts.is_opted_out;
        if has_error {
            self.unread.articles.insert(file.path.clone());
        }
        let entry = (file.path.clone(), (file.stamp, facts.clone()));
        let Some(found) = &facts.references else {
            self.counts.articles += usize::from(has_error);
            return entry;
        };
        self.counts.articles += 1;
        let targets = found.iter().zip(resolved);
        let targets = targets.map(|(reference, resolved)| match resolved {
            Resolved::Upload(path) => Some(Target::Upload(path)),
            Resolved::Missing(finding) => {
                self.counts.missing += 1;
                self.findings.push(*finding);
                unused::note(&mut self.bare_names, &file.path, reference);
                Some(Target::Broken)
            }
            Resolved::NotOurs => {
                unused::note(&mut self.bare_names, &file.path, reference);
                None
            }
        });
        let targets = targets.collect();
        self.articles.push(SurveyedArticle {
            file,
            up_to_date_records: facts.up_to_date_records,
            references: found.clone(),
            targets,
        });
        entry
    }

    /// Reads the headers of the referenced uploads.
    fn probe_originals(
        &mut self,
        site: &Site,
        ledger: &Ledger,
        decoder: &dyn Decode,
    ) -> Vec<(Stamp, Original)> {
        let _span = trace_span!("probe").entered();
        let used: PathSet<&SitePath> = self
            .articles
            .iter()
            .flat_map(SurveyedArticle::references)
            .filter(|(reference, _)| reference.preset.is_some())
            .filter_map(|(_, target)| target.upload())
            .collect();
        let mut used: Vec<SitePath> = used.into_iter().cloned().collect();
        let listings = Listings::default();
        let images = self.articles.iter().flat_map(SurveyedArticle::references);
        let images = images
            .filter_map(|(reference, target)| Some((reference.preset.as_ref()?, target.upload()?)));
        let (others, partly) = others::find(site, images, &listings);
        self.findings.extend(partly);
        self.folders.extend(listings.folders());
        self.looked_up.extend(listings.looked_up());
        used.extend(others);
        used.sort_unstable();
        used.dedup();
        let (usable, findings) = probe(site, &used, ledger, decoder);
        self.counts.failed += findings.len();
        self.unread.uploads |= findings.iter().any(is_unread);
        self.findings.extend(findings);
        let originals = usable.iter().map(|(_, original)| original);
        self.originals = originals
            .map(|original| (original.path.clone(), original.clone()))
            .collect();
        usable
    }

    /// Adds findings about the site as a whole.
    #[must_use]
    pub fn with_findings(mut self, findings: impl IntoIterator<Item = Finding>) -> Self {
        self.findings.extend(findings);
        self
    }

    /// Returns the articles, in the order of their paths.
    pub fn articles(&self) -> &[SurveyedArticle] {
        &self.articles
    }

    /// Returns the uploads that articles want variants of.
    pub fn originals(&self) -> &BTreeMap<SitePath, Original> {
        &self.originals
    }

    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Returns the indices of the rules whose places exist in some article, even if another rule
    /// comes first.
    pub fn matched_rules(&self) -> &BTreeSet<u32> {
        &self.matched_rules
    }

    /// Returns temporary files that an earlier run left next to articles.
    pub fn leftovers(&self) -> &[SitePath] {
        &self.leftovers
    }

    /// Whether an articles folder could not be read.
    pub fn is_partial(&self) -> bool {
        self.unread.folders
    }

    /// Whether an upload, or a folder that may contain some, could not be read, so that its
    /// variants are not in the plan.
    pub fn has_unread_uploads(&self) -> bool {
        self.unread.uploads
    }

    /// Whether there are articles whose references are unknown: in a folder that could not be read,
    /// unreadable themselves, or refused.
    pub fn has_unknown_references(&self) -> bool {
        self.unread.folders || !self.unread.articles.is_empty()
    }

    /// Returns the articles whose references are unknown: they cannot be read, or were refused.
    pub fn unread_articles(&self) -> &BTreeSet<SitePath> {
        &self.unread.articles
    }

    /// Returns the folders whose contents determined the result.
    pub fn folders(&self) -> &BTreeSet<SitePath> {
        &self.folders
    }

    /// Returns the paths that references lead to, of uploads that exist or may be added.
    pub fn looked_up(&self) -> &LookedUp {
        &self.looked_up
    }

    /// Whether a link was followed, so that a file may have more than one path.
    pub fn has_links(&self) -> bool {
        self.has_links
    }

    /// Whether an author opted out for an article.
    pub fn has_opted_out(&self) -> bool {
        self.has_opted_out
    }
}
