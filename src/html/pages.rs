//! Processes all pages of a published folder: reads them in parallel, then rewrites them in
//! parallel.

use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use tracing::trace_span;

use super::access;
use super::edit::{Edited, PageRewrite};
use super::edits::ShownImages;
use super::feed::may_be_feed;
use super::loaded::loaded;
use super::named::NameReader;
use super::page::{Reading, Style};
use super::refused::{no_pages, not_utf8_name, refusal, unreadable, unreadable_folder, unwritable};
use super::sheets::Sheets;
use super::targets::SelectingRules;
use super::variants::{Shown, Variants};
use super::without_height::WithoutHeight;
use crate::finding::{Code, Finding};
use crate::flow::{Effect, RunError, unified_diff};
use crate::generator::is_html;
use crate::path::SitePath;
use crate::plan::ImageKey;
use crate::project::{FIRST_LINE, Site, begins_with_front_matter};
use crate::report::{Change, ForecastArticle};
use crate::site::{RecentWriters, Root, Stamp, Streamed};

/// Largest page whose diff is shown, in bytes.
const LARGEST_DIFF: u64 = 4 << 20;

/// Number of attempts to rewrite a page whose status changes, but not its bytes.
const ATTEMPTS: usize = 100;

/// Result of reading all pages.
#[derive(Debug, Default)]
pub(super) struct Surveyed {
    /// Number of pages that were read.
    pub read: usize,
    /// The images that pages want.
    pub images: BTreeSet<ImageKey>,
    /// Those that at least one page may show: style sheets do not bar them.
    pub used: BTreeSet<ImageKey>,
    /// Names of the variants that pages already have.
    pub names: BTreeSet<String>,
    /// Whether a page could not be read.
    pub is_partial: bool,
    pub rules: SelectingRules,
    pub findings: Vec<Finding>,
    /// The pages that want an image.
    pages: Vec<SurveyedPage>,
    /// The pages that name a variant.
    naming: Vec<SitePath>,
}

#[derive(Debug)]
struct SurveyedPage {
    path: SitePath,
    stamp: Stamp,
    style: Style,
}

/// Result of reading one page.
struct Seen {
    page: SurveyedPage,
    /// The images that it wants.
    images: Vec<ImageKey>,
    /// Those that its style sheets do not bar.
    used: Vec<ImageKey>,
    /// The variants that it names.
    names: BTreeSet<String>,
    /// Findings about the accessibility of its images.
    texts: Vec<Finding>,
    rules: SelectingRules,
}

/// A page that was changed or, in a dry run, would be.
struct ChangedPage {
    page: ForecastArticle,
    /// Number of images that get a width but no height.
    without_height: usize,
}

/// Result of rewriting the pages.
#[derive(Debug, Default)]
pub(super) struct Rewritten {
    /// Pages that were changed; in a dry run, those that would be, with diffs.
    pub changed: Vec<ForecastArticle>,
    pub refused: usize,
    pub findings: Vec<Finding>,
}

/// Whether a file is a page, or may be a feed.
fn is_page(path: &SitePath) -> bool {
    is_html(path) || may_be_feed(path)
}

impl Surveyed {
    /// Reads all pages, after removing the temporary files of a run that was killed.
    pub fn new(
        reading: &Reading<'_>,
        sheets: &Sheets<'_>,
        stop: &AtomicBool,
        effect: Effect,
    ) -> Result<Self, RunError> {
        let root = &reading.site.root;
        let found = root.readable_files_below(&SitePath::root());
        if effect == Effect::Write {
            root.sweep_all(&found.leftovers);
        }
        let not_utf8 = found.not_utf8.iter().filter(|path| is_page(path));
        let links: Vec<Finding> = found
            .links
            .iter()
            .filter_map(|path| link(root, path))
            .collect();
        let read: Vec<Result<Seen, Finding>> = found
            .files
            .into_par_iter()
            .filter(|(path, _)| is_page(path) && !stop.load(Ordering::Relaxed))
            .map(|(path, _)| survey(reading, sheets, path))
            .collect();
        let unreadable = found.unreadable.iter();
        let unreadable = unreadable.map(|(path, error)| unreadable_folder(path, error));
        let mut surveyed = Surveyed {
            read: read.len(),
            is_partial: !found.unreadable.is_empty(),
            findings: not_utf8
                .map(not_utf8_name)
                .chain(unreadable)
                .chain(links)
                .collect(),
            ..Surveyed::default()
        };
        if read.is_empty() && surveyed.findings.is_empty() {
            surveyed.findings.push(no_pages());
        }
        for read in read {
            match read {
                Ok(seen) => {
                    surveyed.findings.extend(seen.texts);
                    surveyed.rules.merge(seen.rules);
                    if !seen.names.is_empty() {
                        surveyed.naming.push(seen.page.path.clone());
                    }
                    surveyed.names.extend(seen.names);
                    if !seen.images.is_empty() {
                        surveyed.images.extend(seen.images);
                        surveyed.used.extend(seen.used);
                        surveyed.pages.push(seen.page);
                    }
                }
                Err(finding) => {
                    surveyed.is_partial = true;
                    surveyed.findings.push(finding);
                }
            }
        }
        Ok(surveyed)
    }

    /// Returns those of the `names` that a page loads. Returns all of them if a page cannot be
    /// read, as it may load any.
    pub fn loaded(&self, reading: &Reading<'_>, names: &BTreeSet<String>) -> BTreeSet<String> {
        let pages = self.naming.par_iter();
        let found = pages.map(|path| {
            let (mut page, _) = open(reading.site, path).ok()?;
            loaded(path, &mut page).ok()
        });
        let found: Vec<Option<BTreeSet<String>>> = found.collect();
        if found.iter().any(Option::is_none) {
            return names.clone();
        }
        let found = found.into_iter().flatten().flatten();
        found.filter(|name| names.contains(name)).collect()
    }

    /// Rewrites the pages that are not up to date, or reports which would be rewritten.
    pub fn rewrite(
        &self,
        reading: &Reading<'_>,
        variants: &Variants<'_>,
        stop: &AtomicBool,
        effect: Effect,
    ) -> Rewritten {
        // Looked up once, as many pages show the same images.
        let shown: HashMap<&ImageKey, Option<Arc<Shown>>> = self
            .images
            .par_iter()
            .map(|key| {
                let shown = match effect {
                    Effect::Write => variants.complete(key),
                    Effect::DryRun => None,
                };
                (key, shown.map(Arc::new))
            })
            .collect();
        let shown = |key: &ImageKey| shown.get(key).cloned().flatten();
        let writers = RecentWriters::default();
        let pages = self.pages.par_iter();
        let results: Vec<Result<Option<ChangedPage>, Finding>> = pages
            .filter(|_| !stop.load(Ordering::Relaxed))
            .map(|page| match effect {
                Effect::Write => page.write(reading, &writers, &shown),
                Effect::DryRun => page.preview(reading, variants),
            })
            .collect();
        let mut rewritten = Rewritten::default();
        let mut without_height = WithoutHeight::default();
        for result in results {
            match result {
                Ok(None) => {}
                Ok(Some(changed)) => {
                    without_height.add(&changed.page.path, changed.without_height);
                    rewritten.changed.push(changed.page);
                }
                Err(finding) => {
                    rewritten.refused += 1;
                    rewritten.findings.push(finding);
                }
            }
        }
        rewritten.findings.extend(without_height.finding());
        rewritten
    }
}

fn survey(reading: &Reading<'_>, sheets: &Sheets<'_>, path: SitePath) -> Result<Seen, Finding> {
    let _span = trace_span!("read", file = %path).entered();
    let (mut page, stamp) = open(reading.site, &path)?;
    let mut start = Vec::new();
    let first = page.by_ref().take(FIRST_LINE).read_to_end(&mut start);
    first.map_err(|error| unreadable(&path, &error.into()))?;
    if begins_with_front_matter(&start) {
        let message = "left unchanged: the page begins with front matter";
        let finding = Finding::new(Code::PageRefused, message).in_file(path.as_str());
        return Err(finding.hint("name the folder that the generator writes"));
    }
    let mut page = NameReader::new(start.as_slice().chain(page));
    let wanted = reading.wanted(&path, &mut page);
    let mut wanted = wanted.map_err(|error| unreadable(&path, &error))?;
    let names = page.names();
    let names = names.map_err(|error| unreadable(&path, &error.into()))?;
    wanted.images.sort_unstable();
    wanted.images.dedup();
    let style = sheets.style(&wanted.page, &path, reading.resolver);
    let style = Style::new(style, wanted.slots.as_deref(), wanted.page.lays_out);
    let used = if style.may_forbid_srcset() {
        let (mut page, _) = open(reading.site, &path)?;
        let used = reading.used(&path, &mut page, &style);
        used.map_err(|error| unreadable(&path, &error))?
    } else {
        wanted.images.clone()
    };
    let texts = texts(reading.site, &path);
    let mut rules = wanted.page.rules;
    rules.pages = reading
        .selectors
        .of_page(&path)
        .map(|selected| selected.rule)
        .collect();
    Ok(Seen {
        page: SurveyedPage { path, stamp, style },
        images: wanted.images,
        used,
        names,
        texts,
        rules,
    })
}

/// Returns a finding for a link out of the folder, if it looks like a page or a pages folder. A
/// link to a page of the folder needs none: that page is rewritten under its own name.
fn link(root: &Root, path: &SitePath) -> Option<Finding> {
    let stands_for_pages = is_page(path) || path.extension().is_empty();
    (stands_for_pages && root.leads_outside(path)).then(|| {
        let message = "this link leads out of the folder, so it was not followed";
        let finding = Finding::new(Code::OutsideSite, message).in_file(path.as_str());
        finding.hint(
            "replace the link with a copy of what it leads to, or run `planche html` there too",
        )
    })
}

/// Checks the accessibility of a page's images, if the configuration asks for it.
fn texts(site: &Site, path: &SitePath) -> Vec<Finding> {
    let is_asked = |code| site.config.checks_alt_texts(code);
    if may_be_feed(path) || !access::CODES.iter().any(|code| is_asked(*code)) {
        return Vec::new();
    }
    let page = site.root.read(path, access::LARGEST);
    page.map_or_else(
        |_| Vec::new(),
        |(page, _)| access::check(path.as_str(), &page, is_asked),
    )
}

fn open(site: &Site, path: &SitePath) -> Result<(impl Read + use<>, Stamp), Finding> {
    site.root.reader_with_stamp(path).map_err(|error| {
        let finding = match error.is_missing() {
            true => refusal(Streamed::Changed),
            false => Finding::new(Code::Unreadable, error.full()),
        };
        finding.in_file(path.as_str())
    })
}

impl SurveyedPage {
    fn write(
        &self,
        reading: &Reading<'_>,
        writers: &RecentWriters,
        shown: &(dyn Fn(&ImageKey) -> Option<Arc<Shown>> + Sync),
    ) -> Result<Option<ChangedPage>, Finding> {
        let _span = trace_span!("rewrite", file = %self.path).entered();
        // Tries again if only the status has changed: with hard links, it changes whenever another
        // name of the page gets a file of its own.
        for _ in 0..ATTEMPTS {
            match self.try_write(reading, writers, shown)? {
                None => return Ok(None),
                Some((Streamed::Written, without_height)) => {
                    return Ok(Some(self.changed(String::new(), without_height)));
                }
                Some((Streamed::Changed, _)) if self.is_as_surveyed(reading.site) => {}
                Some((streamed, _)) => return Err(refusal(streamed).in_file(self.path.as_str())),
            }
        }
        Err(refusal(Streamed::Changed).in_file(self.path.as_str()))
    }

    fn is_as_surveyed(&self, site: &Site) -> bool {
        let stamp = site.root.stamp(&self.path);
        stamp.is_ok_and(|stamp| stamp.is_written_like(&self.stamp))
    }

    /// Rewrites the page; `None` if it is up to date. Also returns the number of images that get a
    /// width but no height.
    fn try_write(
        &self,
        reading: &Reading<'_>,
        writers: &RecentWriters,
        shown: &(dyn Fn(&ImageKey) -> Option<Arc<Shown>> + Sync),
    ) -> Result<Option<(Streamed, usize)>, Finding> {
        let (mut page, stamp) = open(reading.site, &self.path)?;
        let edits = reading.edits(&self.path, &mut page, &self.style, shown);
        let edits = edits.map_err(|error| unreadable(&self.path, &error))?;
        if edits.edits.is_empty() {
            return Ok(None);
        }
        if !stamp.is_written_like(&self.stamp) {
            return Ok(Some((Streamed::Changed, 0)));
        }
        let is_done =
            |page: &mut dyn Read| reading.is_done(&self.path, page, &self.style, shown, &edits);
        let mut rewrite = PageRewrite {
            edits: &edits.edits,
            is_done: &is_done,
        };
        let root = &reading.site.root;
        let streamed = root.rewrite_stream(&self.path, &stamp, writers, &mut rewrite);
        streamed
            .map(|streamed| Some((streamed, edits.without_height)))
            .map_err(|error| unwritable(&self.path, &error))
    }

    /// Returns the change that a run would make. There is no diff while variants are missing, or if
    /// the page is large.
    fn preview(
        &self,
        reading: &Reading<'_>,
        variants: &Variants<'_>,
    ) -> Result<Option<ChangedPage>, Finding> {
        let edits = |shown: &ShownImages<'_>| {
            let (mut page, _) = open(reading.site, &self.path)?;
            let edits = reading.edits(&self.path, &mut page, &self.style, shown);
            let edits = edits.map_err(|error| unreadable(&self.path, &error))?;
            Ok::<_, Finding>(edits)
        };
        let expected = edits(&|key| variants.expected(key).map(Arc::new))?;
        if expected.edits.is_empty() {
            return Ok(None);
        }
        let is_certain = edits(&|key| variants.complete(key).map(Arc::new))? == expected;
        let root = &reading.site.root;
        let old = root
            .read(&self.path, LARGEST_DIFF)
            .ok()
            .filter(|_| is_certain);
        let diff = old.and_then(|(old, _)| {
            let mut new = Vec::new();
            let mut reader = old.as_slice();
            Edited::new(&mut reader, &expected.edits)
                .read_to_end(&mut new)
                .ok()?;
            let (old, new) = (String::from_utf8_lossy(&old), String::from_utf8_lossy(&new));
            Some(unified_diff(&self.path, &old, &new))
        });
        let diff = diff.unwrap_or_default();
        Ok(Some(self.changed(diff, expected.without_height)))
    }

    fn changed(&self, diff: String, without_height: usize) -> ChangedPage {
        ChangedPage {
            page: ForecastArticle {
                path: self.path.to_string(),
                change: Change::Update,
                diff,
            },
            without_height,
        }
    }
}
