//! Responsive images in built pages and feeds: the folder that a generator has written goes in, the
//! same pages with `srcset` come out.
//!
//! survey → plan → produce → rewrite, as in [`flow`](crate::flow): pages are read once to find
//! their images, and again, when the variants exist, to be rewritten. Between the two, only the
//! name, the stamp and the style sheets of a page are kept.

mod access;
mod added;
mod attribute;
mod cascade;
mod declared;
mod edit;
mod edits;
mod elements;
mod feed;
mod fit;
mod fonts;
mod handlers;
mod heights;
mod image_style;
mod index;
mod indexed;
mod lengths;
mod link;
mod loaded;
mod matching;
mod may_contain;
mod media;
mod named;
mod page;
mod page_style;
mod pages;
mod preload;
mod presence;
mod refused;
mod resolve;
mod restore;
mod scan;
mod scan_error;
mod selector;
mod sheet;
mod sheets;
mod slot;
mod style;
mod style_source;
mod subject;
mod summary;
mod targets;
mod tree;
mod unmatched;
mod variants;
mod without_height;

pub use heights::{HEIGHT_RULE, Heights};
pub use style_source::StyleSource;

use std::time::Instant;

use crate::finding::{Code, Finding, Severity};
use crate::flow::{Effect, Options, PAGES, RunError};
use crate::ledger::Ledger;
use crate::project::Site;
use crate::report::Summary;
use crate::site::{Listings, Lock, STATE_FOLDER, SiteError};
use page::Reading;
use pages::{Rewritten, Surveyed};
use resolve::Resolver;
use restore::restore;
use sheets::Sheets;
use summary::Done;
use targets::Selectors;
use unmatched::unmatched;
use variants::Variants;

/// Makes the images in built pages responsive, or reports what would be done.
///
/// `published` is the pages folder, opened by [`Site::published`]; `source` is the site that it was
/// built from, if there is one.
pub fn html(
    source: Option<&Site>,
    published: &Site,
    options: &Options<'_>,
    effect: Effect,
) -> Result<Summary, RunError> {
    let started = Instant::now();
    let mut findings = published.findings.iter();
    if findings.any(|finding| finding.severity() == Severity::Error) {
        return Ok(summary::of_stopped(published));
    }
    let lock = match (source, effect) {
        (Some(source), Effect::Write) => {
            let lock = options.lock(source)?;
            sweep(source)?;
            Some(lock)
        }
        _ => None,
    };
    let pool = options.pool()?;
    let listings = Listings::default();
    let selectors = Selectors::new(&published.config.rules);
    let look_up = |path: &_| listings.look_up(&published.root, path);
    let resolver = Resolver {
        conventions: &published.conventions,
        look_up: &look_up,
    };
    let reading = Reading {
        site: published,
        selectors: &selectors,
        resolver: &resolver,
    };
    let sheets = Sheets::new(&published.root);
    let surveyed = pool.install(|| Surveyed::new(&reading, &sheets, options.stop, effect))?;
    options.check_stop()?;
    let ledger = source.map(Ledger::load).unwrap_or_default();
    let (wanted, used) = (&surveyed.images, &surveyed.used);
    let mut variants =
        pool.install(|| Variants::new(source, published, wanted, used, &ledger, options.decoder))?;
    if effect == Effect::Write {
        variants.make(options, &pool)?;
    }
    let restored = pool.install(|| restore(&reading, &mut variants, &surveyed, effect));
    variants.findings.extend(restored?);
    let mut remembered = None;
    if let (Some(source), Effect::Write) = (source, effect) {
        // Before any page references the variants, so that `clean` keeps them if the run is
        // interrupted.
        remembered = remember(source, &surveyed, &variants).err();
    }
    let rewritten = match remembered {
        None => pool.install(|| surveyed.rewrite(&reading, &variants, options.stop, effect)),
        Some(_) => Rewritten::default(),
    };
    options.check_stop()?;
    let mut others = unmatched(published, &surveyed);
    others.extend(remembered);
    others.extend(lock.as_ref().and_then(Lock::finding));
    let done = Done {
        published,
        surveyed: &surveyed,
        variants: &variants,
        rewritten,
        effect,
    };
    Ok(done.summary(others, started))
}

/// Removes the temporary files that a killed run left among the source's variants. The caller must
/// hold the lock.
fn sweep(source: &Site) -> Result<(), RunError> {
    let found = source.root.files_below(&source.output_folder())?;
    source.root.sweep_all(&found.leftovers);
    Ok(())
}

/// Records the variants that pages use or are about to use, so that `clean` keeps them.
fn remember(source: &Site, surveyed: &Surveyed, variants: &Variants<'_>) -> Result<(), Finding> {
    let unwritable = |error: SiteError| {
        Finding::new(Code::Unwritable, error.full())
            .in_file(format!("{STATE_FOLDER}/{PAGES}"))
            .hint("the pages were left unchanged, because `planche clean` would delete their variants")
    };
    let mut names = variants.names();
    names.extend(surveyed.names.iter().map(String::as_str));
    let mut former = Vec::new();
    if surveyed.is_partial {
        // Keeps the names that the last run recorded: a page that could not be read may use them.
        let read = source.root.read_kept_state(PAGES);
        former = read.map_err(unwritable)?.unwrap_or_default();
    }
    let former = String::from_utf8_lossy(&former);
    names.extend(former.lines());
    let names: Vec<&str> = names.into_iter().collect();
    let saved = source.root.write_state(PAGES, names.join("\n").as_bytes());
    saved.map_err(unwritable)
}
