//! Deleting variants that are no longer used.

use std::collections::{BTreeMap, BTreeSet};

use super::compressed::{compressed, needs_no_reading};
use super::mentions::Mentions;
use super::planned::Planned;
use super::summary::{Findings, NO_EDITS};
use super::sweep::sweep;
use super::{Context, Effect, Options, RunError, inspect, survey_site, unsaved};
use crate::finding::{Code, Finding};
use crate::ledger::Ledger;
use crate::path::SitePath;
use crate::project::Site;
use crate::site::{Lock, Operation, STATE_FOLDER, SiteError, Walked};
use crate::survey::Survey;
use crate::variant::{Digests, LEFT_OUT, LeftOut};

/// Name of the file in the state folder that lists the variants that built pages use, one name per
/// line.
pub const PAGES: &str = "html";

/// Why `clean` refuses to delete anything if the configuration has an error.
pub(super) const MISCONFIGURED: &str = "the configuration has errors";

/// The result of `clean`.
#[derive(Clone, Debug, Default)]
pub struct Cleaned {
    /// Whether this was a dry run, which deletes nothing.
    pub is_dry_run: bool,
    /// The deleted variants (in a dry run, the variants to delete) and their sizes in bytes.
    pub removed: Vec<(SitePath, u64)>,
    /// The findings that a build reports too.
    pub findings: Vec<Finding>,
    /// The findings about the work of `clean` itself: what it could not delete, and edits that it
    /// has restored.
    pub own: Vec<Finding>,
    /// The variants folder, if nothing was deleted and no article names any variant: the variants
    /// are kept for the next build.
    pub kept_for_a_build: Option<SitePath>,
    /// How many unused variants could not be deleted.
    pub failed: usize,
    /// Why `clean` refused to delete anything; `None` if it did not refuse.
    pub refused: Option<&'static str>,
}

impl Cleaned {
    /// Whether a file could not be deleted.
    pub fn has_failed(&self) -> bool {
        let mut own = self.own.iter();
        own.any(|finding| finding.code == Code::Unwritable)
    }

    fn refuse(mut self, reason: &'static str, findings: Vec<Finding>) -> Self {
        self.refused = Some(reason);
        self.own.extend(findings);
        self
    }
}

/// Deletes the files of the variants folder that have a variant's name, are needed by no record of
/// the plan, and are not mentioned in any file below the root. If a folder or a file cannot be
/// read, nothing is deleted.
pub fn clean(site: &Site, options: &Options<'_>, effect: Effect) -> Result<Cleaned, RunError> {
    let lock = match effect {
        Effect::Write => Some(options.lock(site)?),
        Effect::DryRun => None,
    };
    // A dedicated pool reports an error if its threads cannot be started; rayon's global pool,
    // which starts on first use, cannot report it.
    let pool = options.pool()?;
    let run = Context {
        site,
        ledger: &Ledger::default(),
        options,
        pool: &pool,
    };
    let mut cleaned = pool.install(|| clean_locked(&run, effect))?;
    cleaned
        .findings
        .extend(lock.as_ref().and_then(Lock::finding));
    Ok(cleaned)
}

fn clean_locked(run: &Context<'_>, effect: Effect) -> Result<Cleaned, RunError> {
    let Context { site, options, .. } = *run;
    let index = inspect(run)?;
    let survey = survey_site(run).survey;
    let planned = Planned::new(&survey, index, site);
    let mut findings = Findings::new(site);
    findings.extend(survey.findings().iter().cloned());
    let mut cleaned = Cleaned {
        is_dry_run: effect == Effect::DryRun,
        findings: findings.located(&NO_EDITS),
        ..Cleaned::default()
    };
    let orphans = match orphans(&planned, run)? {
        Orphans::Known(orphans) => orphans,
        Orphans::Unknown { reason, findings } => return Ok(cleaned.refuse(reason, findings)),
    };
    if effect == Effect::Write {
        let leftovers = survey.leftovers().iter();
        let leftovers = leftovers.chain(planned.index().leftovers());
        cleaned.own.extend(sweep(site, leftovers));
        if let Err(error) = keep_sizes(&planned, site, &orphans) {
            let finding = Finding::new(Code::Unwritable, error.full());
            let folder = site.output_folder();
            cleaned.own.push(finding.in_file(folder.as_str()));
            cleaned.failed = orphans.len();
            return Ok(cleaned);
        }
    }
    for (path, bytes) in orphans {
        options.check_stop()?;
        if effect == Effect::Write
            && let Err(error) = site.root.remove(&path)
        {
            let finding = Finding::new(Code::Unwritable, error.full());
            cleaned.own.push(finding.in_file(path.as_str()));
            cleaned.failed += 1;
            continue;
        }
        cleaned.removed.push((path, bytes));
    }
    if !cleaned.removed.is_empty() && effect == Effect::Write {
        let removed: BTreeSet<&SitePath> = cleaned.removed.iter().map(|(path, _)| path).collect();
        let is_left = |path: &SitePath| planned.index().exists(path) && !removed.contains(path);
        let forgotten = Digests::record(site, &BTreeMap::new(), &is_left);
        cleaned.own.extend(unsaved(forgotten));
    }
    if cleaned.removed.is_empty() && cleaned.failed == 0 && !is_any_named(&planned, run) {
        cleaned.kept_for_a_build = Some(site.output_folder());
    }
    Ok(cleaned)
}

/// Whether an article or the manifest names an existing variant of the plan. After `strip`, none
/// does. On most sites, the first article answers this. Also true if no variant of the plan exists,
/// or if built pages have been processed ([`PAGES`] exists).
fn is_any_named(planned: &Planned<'_>, run: &Context<'_>) -> bool {
    let site = run.site;
    let paths = planned.plan().variant_paths();
    let existing = paths.filter(|path| planned.index().exists(path));
    let names: BTreeSet<&str> = existing.map(SitePath::name).collect();
    if names.is_empty() || has_built_pages(site) {
        return true;
    }
    let mut mentions = Mentions::new(names);
    let articles = planned.survey().articles().iter();
    let articles = articles.map(|article| article.file.path.clone());
    let manifest = site.manifest().map(|(path, _)| path);
    for path in articles.chain(manifest) {
        // A file that cannot be read may name a variant.
        if read(site, &path, &mut mentions).is_err() || !mentions.found().is_empty() {
            return true;
        }
    }
    false
}

/// Whether `planche html` has processed built pages, or this cannot be known.
fn has_built_pages(site: &Site) -> bool {
    !matches!(site.root.read_kept_state(PAGES), Ok(None))
}

/// Updates the list of left-out variants ([`LeftOut`]): adds those whose files are about to be
/// deleted, with their sizes, and drops those that nothing can need any more.
fn keep_sizes(
    planned: &Planned<'_>,
    site: &Site,
    orphans: &[(SitePath, u64)],
) -> Result<(), SiteError> {
    let left_out = planned.left_out();
    let mut list = LeftOut::load(site)?;
    // The plan covers the articles that could be read. Variants outside of it may belong to images
    // of the others or, if built pages have been processed, to images that only pages show.
    let knows_all = !planned.survey().has_unknown_references();
    if knows_all && !has_built_pages(site) {
        // The plan alone decides: a variant whose size could not be read is still planned.
        let planned: BTreeSet<&SitePath> = planned.plan().variant_paths().collect();
        list.retain(|path| planned.contains(path));
    }
    let deleted = orphans.iter();
    let deleted = deleted.filter(|(path, _)| left_out.contains_key(path));
    list.extend(deleted.cloned());
    list.save(site)
}

/// The variants that nothing uses, or the reason why they are unknown.
pub(super) enum Orphans {
    /// Paths and sizes in bytes, ordered by path.
    Known(Vec<(SitePath, u64)>),
    /// A file or folder that may name a variant could not be read, or the configuration has errors.
    Unknown {
        reason: &'static str,
        findings: Vec<Finding>,
    },
}

/// Finds the files that have a variant's name, are needed by no record of the plan, and are not
/// mentioned in any file.
pub(super) fn orphans(planned: &Planned<'_>, run: &Context<'_>) -> Result<Orphans, RunError> {
    let Context { site, options, .. } = *run;
    let unknown = |reason, findings| Ok(Orphans::Unknown { reason, findings });
    if let Some(reason) = obstacle(site, planned.survey()) {
        return unknown(reason, Vec::new());
    }
    // Keyed by file name, because the variants folder may be published under any URL.
    let mut orphans: BTreeMap<&str, Vec<(&SitePath, u64)>> = BTreeMap::new();
    for (path, bytes) in planned.index().files() {
        orphans.entry(path.name()).or_default().push((path, bytes));
    }
    let left_out = planned.left_out();
    let needed = planned.plan().variant_paths();
    for path in needed.filter(|path| !left_out.contains_key(path)) {
        orphans.remove(path.name());
    }
    if orphans.is_empty() {
        return Ok(Orphans::Known(Vec::new()));
    }
    let walked = site.walk_everything();
    if let Some(reason) = unread(site, &walked) {
        return unknown(reason, walked.findings);
    }
    if let Some(path) = compressed(walked.candidates.iter().map(|file| &file.path)) {
        let message = "it is compressed, so planche cannot see which variants it names";
        let finding = Finding::new(Code::Unreadable, message.to_owned())
            .in_file(path.as_str())
            .hint("put the uncompressed file beside it, or delete it");
        return unknown("a file is compressed", vec![finding]);
    }
    let mut mentions = Mentions::new(orphans.keys().copied());
    // The temporary files that a killed run left are searched too: they may contain an author's
    // edit.
    let list = site.output_folder().child(LEFT_OUT);
    let files = walked.candidates.iter().map(|file| &file.path);
    let files = files.filter(|path| **path != list);
    for path in files.chain(&walked.leftovers) {
        options.check_stop()?;
        if let Err(error) = read(site, path, &mut mentions) {
            let mut files = walked.candidates.iter().map(|file| &file.path);
            if error.is_invalid() && needs_no_reading(path, &mut files) {
                continue;
            }
            let finding = Finding::new(Code::Unreadable, error.full()).in_file(path.as_str());
            return unknown("a file could not be read", vec![finding]);
        }
    }
    // Built pages may be anywhere, also outside of the site, so the variants that they use are
    // listed in a file.
    let of_pages = match site.root.read_kept_state(PAGES) {
        Ok(of_pages) => of_pages.unwrap_or_default(),
        Err(error) => {
            let finding = Finding::new(Code::Unreadable, error.full());
            let finding = finding.in_file(format!("{STATE_FOLDER}/{PAGES}"));
            return unknown("a file could not be read", vec![finding]);
        }
    };
    mentions
        .read(of_pages.as_slice())
        .expect("bytes in memory are read");
    let mentioned = mentions.found().clone();
    orphans.retain(|name, _| !mentioned.contains(name));
    let orphans = orphans.into_values().flatten();
    let mut orphans: Vec<(SitePath, u64)> =
        orphans.map(|(path, bytes)| (path.clone(), bytes)).collect();
    orphans.sort();
    Ok(Orphans::Known(orphans))
}

fn read(site: &Site, path: &SitePath, mentions: &mut Mentions<'_>) -> Result<(), SiteError> {
    let file = match site.root.reader(path) {
        Err(error) if error.is_missing() => return Ok(()),
        file => file?,
    };
    mentions.read(file).map_err(|source| SiteError::Io {
        operation: Operation::Read,
        path: path.clone(),
        source,
    })
}

/// Returns why the planned variants are unknown, if they are.
fn obstacle(site: &Site, survey: &Survey) -> Option<&'static str> {
    if site.is_misconfigured() {
        Some(MISCONFIGURED)
    } else if survey.is_partial() {
        Some("an articles folder could not be read")
    } else if survey.has_unread_uploads() {
        // The plan lacks the variants of an upload that was not read, and no text may name them
        // yet.
        Some("a file or folder could not be read")
    } else {
        None
    }
}

/// Returns why a file that may mention a variant could not be read, if there is one.
fn unread(site: &Site, walked: &Walked) -> Option<&'static str> {
    if walked.is_partial {
        Some("a file or folder of the site could not be read")
    } else if walked.has_unreadable_names {
        Some("a file has a name that is not UTF-8")
    } else if walked
        .outside
        .iter()
        .any(|link| site.takes(link) || site.enters(link))
    {
        Some("an article is a link that leads out of the site")
    } else {
        None
    }
}
