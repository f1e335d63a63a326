//! Removing variants that nothing uses any more.

use std::collections::BTreeMap;

use super::locate::Edited;
use super::state::State;
use super::{Act, Options, RunError, sorted};
use crate::finding::{Finding, Severity};
use crate::ledger::Ledger;
use crate::path::SitePath;
use crate::picture::info::Format;
use crate::plan::is_variant_name;
use crate::site::Site;

/// What `clean` found: the variants that nothing plans and nothing names.
#[derive(Clone, Debug, Default)]
pub struct Cleaned {
    /// Paths and sizes in bytes.
    pub removed: Vec<(SitePath, u64)>,
    pub findings: Vec<Finding>,
    /// Why nothing was removed, if something kept it from looking everywhere.
    pub refused: Option<&'static str>,
}

/// Removes the files of the output folder that have a variant's name, are in no plan, and whose
/// name occurs in no text of the site, an article or not.
pub fn clean(site: &Site, options: &Options<'_>, act: Act) -> Result<Cleaned, RunError> {
    let _lock = match act {
        Act::Write => Some(site.root.lock(options.stop)?),
        Act::ShowOnly => None,
    };
    let state = options
        .pool()?
        .install(|| State::look(site, &Ledger::default()))?;
    let mut cleaned = Cleaned {
        refused: obstacle(site, &state),
        findings: sorted(
            site,
            state
                .survey
                .findings
                .iter()
                .chain(&site.findings)
                .cloned()
                .chain(state.survey.findings_of_uploads(Vec::new())),
            &Edited::new(),
        ),
        ..Cleaned::default()
    };
    if cleaned.refused.is_some() {
        return Ok(cleaned);
    }
    // By name: a name occurs in an article whatever URL the output folder is published under.
    let mut orphans: BTreeMap<&str, Vec<(&SitePath, u64)>> = BTreeMap::new();
    for (path, bytes) in state.shelf.files() {
        orphans.entry(path.name()).or_default().push((path, bytes));
    }
    for path in state.plan.variant_paths() {
        orphans.remove(path.name());
    }
    // The bytes decide, also of articles that were refused, that opted out, or that a mistaken
    // configuration does not count among the site's.
    let texts = site.walk_texts();
    if texts.is_partial {
        cleaned.refused = Some("a folder of the site could not be read");
        cleaned.findings.extend(texts.findings);
        return Ok(cleaned);
    }
    // A file that is no article and larger than any upload may be is nobody's text.
    let is_huge = |bytes: u64| bytes > site.config.limits.file.0;
    let texts = texts.candidates.into_iter();
    let texts = texts.filter(|file| !is_huge(file.stamp.bytes) || site.takes(&file.path));
    for candidate in texts {
        let (bytes, _) = site.root.read(&candidate.path, u64::MAX)?;
        for name in variant_names(&bytes) {
            orphans.remove(name);
        }
    }
    for (path, bytes) in orphans.into_values().flatten() {
        options.check_stop()?;
        if act == Act::Write {
            site.root.remove(path)?;
        }
        cleaned.removed.push((path.clone(), bytes));
    }
    cleaned.removed.sort();
    Ok(cleaned)
}

/// What keeps `clean` from knowing that a variant is unused.
fn obstacle(site: &Site, state: &State) -> Option<&'static str> {
    if site
        .findings
        .iter()
        .any(|finding| finding.severity() == Severity::Error)
    {
        Some("the configuration has errors")
    } else if state.survey.is_partial {
        Some("a folder of articles could not be read")
    } else {
        None
    }
}

/// Every name of a variant that occurs in a text, whatever stands around it: a full stop, or
/// characters that a name could begin with.
fn variant_names(bytes: &[u8]) -> impl Iterator<Item = &str> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"._~-".contains(byte);
    let runs = bytes
        .split(move |byte| !is_name(byte))
        .filter_map(|run| std::str::from_utf8(run).ok());
    let ends = |run: &'_ str| -> Vec<usize> {
        let ends = Format::encodable().flat_map(|format| {
            let dots = run.match_indices('.');
            let extension = format.spec().extensions[0];
            let ends = dots.filter(move |(dot, _)| run[dot + 1..].starts_with(extension));
            ends.map(|(dot, _)| dot + 1 + extension.len())
        });
        ends.collect()
    };
    runs.flat_map(move |run| {
        ends(run).into_iter().flat_map(move |end| {
            (end.saturating_sub(LONGEST)..end).map(move |start| &run[start..end])
        })
    })
    .filter(|name| is_variant_name(name))
}

/// Bytes of a file's name at most (POSIX, `NAME_MAX` of the usual file systems).
const LONGEST: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_occurs_whatever_stands_around_it() {
        let name = "a-320.0123456789.webp";
        for text in [
            "src: /v/a-320.0123456789.webp\n",
            "See a-320.0123456789.webp.",
            "_a-320.0123456789.webp_",
            "~a-320.0123456789.webp-a-320.0123456789.webp",
            "\u{e9}a-320.0123456789.webp\0",
            "a-320.0123456789.avif.a-320.0123456789.webp",
        ] {
            assert!(
                variant_names(text.as_bytes()).any(|found| found == name),
                "{text}"
            );
        }
        for text in ["a-320.012345678.webp", "a-320.0123456789.web p", ".webp"] {
            assert_eq!(variant_names(text.as_bytes()).count(), 0, "{text}");
        }
    }
}
