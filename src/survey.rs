//! The survey: which articles there are, what they reference, and what those uploads are. Reads
//! only what the ledger does not know.

mod files;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;
use tracing::field::Empty;
use tracing::trace_span;

use crate::article::{Article, Refused};
use crate::finding::{Code, Finding, Relation, Severity};
use crate::ledger::{ArticleFacts, Ledger};
use crate::original::Original;
use crate::original::unusable;
use crate::path::{PathSet, SitePath};
use crate::picture::format::probe as probe_headers;
use crate::picture::info::Digest;
use crate::reference::{self, Reference, Resolved, Search};
use crate::site::{ArticleFile, Listings, LookedUp, Site, SiteError, Stamp, TEXT_LIMIT, Walked};
use files::SiteFiles;

/// What is there.
#[derive(Debug, Default)]
pub struct Survey {
    pub articles: Vec<SurveyedArticle>,
    pub originals: BTreeMap<SitePath, Original>,
    pub findings: Vec<Finding>,
    /// Findings about uploads, which do not say yet who uses them.
    pub of_uploads: Vec<Finding>,
    /// Temporary files that an earlier run has left beside articles.
    pub leftovers: Vec<SitePath>,
    pub counts: Counts,
    /// Whether a folder of articles could not be read.
    pub is_partial: bool,
    /// The folders whose content decided what was found.
    pub folders: BTreeSet<SitePath>,
    /// The paths that references lead to, of uploads that are there or may come.
    pub looked_up: LookedUp,
    /// Whether a link to a folder was followed.
    pub has_links: bool,
    /// What the next run need not look at again.
    pub ledger: Ledger,
}

/// An article, what it references, and where that leads.
#[derive(Clone, Debug)]
pub struct SurveyedArticle {
    pub file: ArticleFile,
    /// The digest of the records that it is known to hold.
    pub settled: Option<[u8; 32]>,
    pub references: Vec<(Arc<Reference>, Target)>,
}

/// What a reference leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Upload(SitePath),
    /// Not there, or unusable: a record that stands is kept.
    Broken,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub articles: usize,
    pub refused: usize,
    pub missing: usize,
    pub failed: usize,
}

/// Surveys the files that a walk has found.
pub fn survey(site: &Site, walked: Walked, ledger: &Ledger) -> Survey {
    let mut survey = Survey {
        findings: walked.findings,
        leftovers: walked.leftovers,
        is_partial: walked.is_partial,
        folders: walked.folders.into_iter().collect(),
        has_links: walked.has_links,
        ..Survey::default()
    };
    let span = trace_span!("read").entered();
    let files = walked.candidates.iter();
    let known = ledger.articles(files.map(|file| (&file.path, &file.stamp)));
    let listings = Listings::default();
    let looked: Vec<Looked> = walked
        .candidates
        .into_par_iter()
        .zip(known)
        .with_min_len(FEW)
        .filter_map(|(candidate, known)| {
            let (file, facts) = match known {
                // The two paths are equal, and one of them need not be kept.
                Some((path, known)) => {
                    let path = path.clone();
                    (ArticleFile { path, ..candidate }, known.clone())
                }
                None => {
                    // None where it has vanished since the walk.
                    let (stamp, facts) = look_into(site, &candidate)?;
                    (ArticleFile { stamp, ..candidate }, Arc::new(facts))
                }
            };
            let resolved = resolve_all(&facts, &file.path, site, &listings);
            Some(Looked {
                file,
                facts,
                resolved,
            })
        })
        .collect();
    let mut facts = Vec::with_capacity(looked.len());
    survey.articles.reserve_exact(looked.len());
    for looked in looked {
        facts.push(survey.take(looked));
    }
    survey.ledger.put_articles(facts);
    survey.folders.extend(listings.folders());
    survey.looked_up = listings.looked_up();
    drop(span);
    survey.look_at_originals(site, ledger);
    survey
}

/// Articles that a thread takes at once: to look up what is known of one takes a microsecond.
const FEW: usize = 64;

/// An article that was looked at.
struct Looked {
    file: ArticleFile,
    facts: Arc<ArticleFacts>,
    /// What each of its references leads to.
    resolved: Vec<Resolved>,
}

fn resolve_all(
    facts: &ArticleFacts,
    path: &SitePath,
    site: &Site,
    listings: &Listings,
) -> Vec<Resolved> {
    let files = SiteFiles { site, listings };
    let references = facts.references.iter().flatten();
    references
        .map(|reference| reference::resolve(reference, path, &site.conventions, &files))
        .collect()
}

/// Reads one article.
fn look_into(site: &Site, candidate: &ArticleFile) -> Option<(Stamp, ArticleFacts)> {
    let bytes = candidate.stamp.bytes;
    let _span = trace_span!("read", file = %candidate.path, bytes).entered();
    let (bytes, stamp) = match site.root.read(&candidate.path, TEXT_LIMIT) {
        Ok(read) => read,
        Err(error) if error.is_missing() => {
            return None;
        }
        Err(error) => {
            let finding =
                Finding::new(Code::Unreadable, error.full()).in_file(candidate.path.as_str());
            let facts = ArticleFacts {
                findings: vec![
                    finding.hint("make it readable, or list it under `exclude:` in planche.yml"),
                ],
                ..ArticleFacts::default()
            };
            return Some((candidate.stamp, facts));
        }
    };
    let facts = read_article(site, candidate, bytes).unwrap_or_else(|refused| ArticleFacts {
        findings: vec![refusal(&candidate.path, &refused)],
        ..ArticleFacts::default()
    });
    Some((stamp, facts))
}

/// Splits bytes as the candidate's kind says.
pub fn open_article(
    site: &Site,
    path: &SitePath,
    is_data: bool,
    bytes: Vec<u8>,
) -> Result<Article, Refused> {
    if is_data {
        Article::data(path.clone(), bytes, site.conventions.dialect.limit)
    } else {
        Article::page(path.clone(), bytes, &site.conventions.dialect)
    }
}

fn read_article(
    site: &Site,
    candidate: &ArticleFile,
    bytes: Vec<u8>,
) -> Result<ArticleFacts, Refused> {
    let conventions = &site.conventions;
    let article = open_article(site, &candidate.path, candidate.is_data, bytes)?;
    let mut facts = ArticleFacts::default();
    if !candidate.is_data && article.is_unclosed(&conventions.dialect) {
        facts.findings.push(
            Finding::new(
                Code::UnclosedFrontMatter,
                "the front matter is never closed: the generator takes it for text",
            )
            .in_file(candidate.path.as_str())
            .at_offset(0),
        );
    }
    let has_none = article.front_matter().is_none() && article.foreign_language().is_none();
    if has_none && conventions.needs_front_matter {
        return Ok(facts);
    }
    if conventions.dialect.bom_hides && article.has_bom() && !candidate.is_data {
        facts.findings.push(
            Finding::new(
                Code::ByteOrderMark,
                "the file begins with a byte order mark: Jekyll copies it as it is, front matter and all",
            )
            .in_file(candidate.path.as_str())
            ,
        );
    }
    let tree = article.tree()?;
    let keys = site.keys(candidate);
    let search = Search {
        rules: &site.config.rules,
        keys: &keys,
        dialect: &conventions.dialect,
    };
    if let Some(found) = reference::find(&article, &tree, &search) {
        facts.findings.extend(found.findings);
        facts.references = Some(found.references.into_iter().map(Arc::new).collect());
    }
    if article.front_matter().is_none() && site.config.front_matter.write {
        let references = facts.references.take().unwrap_or_default();
        let of_site = |reference: &&Arc<Reference>| {
            reference.preset.is_some() && !reference.is_absolute_url()
        };
        if let Some(first) = references.iter().find(of_site) {
            facts
                .findings
                .push(without_records(&article).at_offset(first.offset));
        }
    }
    Ok(facts)
}

/// The finding about a page whose images get no records, because it has no front matter to edit.
fn without_records(article: &Article) -> Finding {
    let finding = match article.foreign_language() {
        Some(language) => Finding::new(
            Code::NoFrontMatter,
            format!("the page has images, but its front matter (`---{language}`) is not edited"),
        )
        .hint("write the front matter in YAML or JSON"),
        None => Finding::new(
            Code::NoFrontMatter,
            "the page has images, but no front matter to hold their records",
        )
        .hint("add front matter to the page (it may be empty)"),
    };
    finding.in_file(article.path.as_str())
}

/// The finding about an article that is left alone.
pub fn refusal(path: &SitePath, refused: &Refused) -> Finding {
    Finding::new(
        Code::ArticleRefused,
        format!("left alone: {}", refused.refusal),
    )
    .in_file(path.as_str())
    .at_offset(refused.offset)
    .hint(refused.refusal.hint())
}

impl Survey {
    /// Takes an article up; gives what the ledger is to know of it.
    fn take(&mut self, looked: Looked) -> (SitePath, (Stamp, Arc<ArticleFacts>)) {
        let Looked {
            file,
            facts,
            resolved,
        } = looked;
        self.findings.extend(facts.findings.iter().cloned());
        let is_refused = facts
            .findings
            .iter()
            .any(|finding| finding.severity() == Severity::Error);
        self.counts.refused += usize::from(is_refused);
        let entry = (file.path.clone(), file.stamp);
        let Some(found) = &facts.references else {
            self.counts.articles += usize::from(is_refused);
            return (entry.0, (entry.1, facts));
        };
        self.counts.articles += 1;
        let mut references = Vec::with_capacity(found.len());
        for (reference, resolved) in found.iter().zip(resolved) {
            let target = match resolved {
                Resolved::Upload(path) => Target::Upload(path),
                Resolved::Missing(finding) => {
                    self.counts.missing += 1;
                    self.findings.push(*finding);
                    Target::Broken
                }
                Resolved::NotOurs => continue,
            };
            references.push((reference.clone(), target));
        }
        self.articles.push(SurveyedArticle {
            file,
            settled: facts.settled,
            references,
        });
        (entry.0, (entry.1, facts))
    }

    /// Finds out what the referenced uploads are.
    fn look_at_originals(&mut self, site: &Site, ledger: &Ledger) {
        let _span = trace_span!("probe").entered();
        let used: PathSet<&SitePath> = self
            .articles
            .iter()
            .flat_map(|article| &article.references)
            .filter(|(reference, _)| reference.preset.is_some())
            .filter_map(|(_, target)| match target {
                Target::Upload(path) => Some(path),
                Target::Broken => None,
            })
            .collect();
        let mut used: Vec<SitePath> = used.into_iter().cloned().collect();
        used.sort_unstable();
        let stamps = site.root.stamps(&used);
        let looked: Vec<(&SitePath, Probed)> = stamps
            .into_par_iter()
            .with_max_len(FEW)
            .map(|(path, stamp)| {
                let known = stamp
                    .as_ref()
                    .ok()
                    .and_then(|stamp| Some((*stamp, ledger.original(path, stamp)?)));
                let original = match known {
                    Some((stamp, original)) => Ok((stamp, original.clone())),
                    None => probe(site, path),
                };
                (path, original)
            })
            .collect();
        let mut broken = BTreeMap::new();
        let mut known = Vec::with_capacity(looked.len());
        for (path, original) in looked {
            match original {
                Ok((stamp, original)) => {
                    known.push((stamp, original));
                }
                Err(finding) => {
                    broken.insert(path.clone(), finding);
                }
            }
        }
        let originals = known.iter();
        self.originals = originals
            .map(|(_, original)| (original.path.clone(), original.clone()))
            .collect();
        self.ledger.put_originals(known);
        self.counts.failed = broken.len();
        self.of_uploads.extend(broken.into_values());
    }

    /// The findings about uploads, and `more` of them, each with the place where the upload is
    /// referenced first.
    pub fn findings_of_uploads(&self, more: Vec<Finding>) -> impl Iterator<Item = Finding> {
        let mut users: BTreeMap<&str, (&SitePath, usize)> = BTreeMap::new();
        if !self.of_uploads.is_empty() || !more.is_empty() {
            for article in &self.articles {
                for (reference, target) in &article.references {
                    if let Target::Upload(upload) = target {
                        let user = (&article.file.path, reference.offset);
                        users.entry(upload.as_str()).or_insert(user);
                    }
                }
            }
        }
        self.of_uploads
            .iter()
            .cloned()
            .chain(more)
            .map(move |finding| {
                let user = finding.file.as_deref().and_then(|file| users.get(file));
                match user {
                    Some((article, offset)) => {
                        finding.related(Relation::Reference, article.as_str(), *offset)
                    }
                    None => finding,
                }
            })
    }
}

/// An upload and its stamp, or what is wrong with it.
type Probed = Result<(Stamp, Original), Finding>;

fn probe(site: &Site, path: &SitePath) -> Probed {
    let span = trace_span!("probe", file = %path, bytes = Empty).entered();
    let limits = &site.config.limits;
    let (bytes, stamp) = site
        .root
        .read(path, limits.file.0)
        .map_err(|error| unreadable(path, &error))?;
    span.record("bytes", bytes.len() as u64);
    // A decoder's header parser may panic on hostile input as well.
    let picture = catch_unwind(AssertUnwindSafe(|| {
        probe_headers(&bytes, &limits.for_images())
    }));
    let picture = match picture {
        Ok(picture) => picture.map_err(|error| unusable(path, &error))?,
        Err(_) => {
            return Err(
                Finding::new(Code::UndecodableUpload, "the decoder stopped at its header")
                    .in_file(path.as_str())
                    .hint("export the picture again and upload it anew"),
            );
        }
    };
    let original = Original {
        path: path.clone(),
        digest: Digest::of(&bytes),
        bytes: bytes.len() as u64,
        info: picture,
    };
    Ok((stamp, original))
}

fn unreadable(path: &SitePath, error: &SiteError) -> Finding {
    let (code, hint) = match error {
        SiteError::TooLarge { .. } => (
            Code::OverLimit,
            "make the picture smaller, or raise `limits: { file: … }` in planche.yml",
        ),
        error if error.is_outside() => (
            Code::OutsideSite,
            "uploads must lie within the site's folder",
        ),
        _ => (Code::Unreadable, "make the file readable"),
    };
    Finding::new(code, error.full())
        .in_file(path.as_str())
        .hint(hint)
}
