//! Restores variants that pages already name, but that were deleted or damaged in the published
//! folder since. The source's copies go in, restored files and findings come out.

use std::collections::BTreeSet;

use super::page::Reading;
use super::pages::Surveyed;
use super::variants::{Variants, in_published};
use crate::finding::{Code, Finding};
use crate::flow::{Effect, RunError};
use crate::ledger::Ledger;
use crate::path::SitePath;
use crate::project::Site;
use crate::variant::{VariantIndex, Written};

/// Copies the variants that pages name and that the published folder lacks from the source's
/// folder; a dry run copies none. Variants that are still missing are reported only if a page loads
/// them, as the text of a page may mention any name.
pub(super) fn restore(
    reading: &Reading<'_>,
    variants: &mut Variants<'_>,
    surveyed: &Surveyed,
    effect: Effect,
) -> Result<Vec<Finding>, RunError> {
    let existing = variants.shown_already(&surveyed.names);
    let existing: BTreeSet<&str> = existing.iter().map(|path| path.name()).collect();
    let names = surveyed.names.iter().map(String::as_str);
    let mut lost: BTreeSet<String> = names
        .filter(|name| !existing.contains(name))
        .map(str::to_owned)
        .collect();
    let is_served_elsewhere = variants.published().output().url.as_str().contains("//");
    if lost.is_empty() || is_served_elsewhere {
        return Ok(Vec::new());
    }
    if let (Some(source), Effect::Write) = (variants.source(), effect) {
        for (own, path) in copies(source, variants.published(), &lost)? {
            let (bytes, _) = source.root.read(&own, u64::MAX)?;
            variants.publish(Written::new(&path, &bytes), &bytes)?;
            lost.remove(path.name());
        }
    }
    if variants.source().is_none() {
        // Without the source's configuration, the variants URL is a guess.
        let found = variants
            .published()
            .root
            .readable_files_below(&SitePath::root());
        for (path, stamp) in found.files {
            if stamp.bytes > 0 {
                lost.remove(path.name());
            }
        }
    }
    if !lost.is_empty() {
        let loaded = surveyed.loaded(reading, &lost);
        lost.retain(|name| loaded.contains(name));
    }
    Ok(lost
        .first()
        .map(|first| finding(first, lost.len(), effect))
        .into_iter()
        .collect())
}

/// Returns the complete variants of the source with these names, each with its published path.
fn copies(
    source: &Site,
    published: &Site,
    names: &BTreeSet<String>,
) -> Result<Vec<(SitePath, SitePath)>, RunError> {
    let index = VariantIndex::inspect(source, Ledger::load(source).variants())?;
    let files = index.files().map(|(path, _)| path);
    let wanted = files.filter(|path| names.contains(path.name()) && index.exists(path));
    let pairs = wanted.filter_map(|own| Some((own.clone(), in_published(source, published, own)?)));
    Ok(pairs.collect())
}

fn finding(first: &str, count: usize, effect: Effect) -> Finding {
    let message = match count {
        1 => format!("pages load a variant that is missing or damaged: `{first}`"),
        _ => format!("pages load {count} variants that are missing or damaged, such as `{first}`"),
    };
    Finding::new(Code::DamagedVariant, message).hint(match effect {
        Effect::DryRun => "run `planche html` without `--check` or `--dry-run`",
        Effect::Write => "build the site again, then run `planche html`",
    })
}
