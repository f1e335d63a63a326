//! Finds the other files that sources of presets show, such as those for dark mode: images go in,
//! files and findings come out.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Code, Finding};
use crate::path::{Lookup, SitePath};
use crate::project::Site;
use crate::reference::Choice;
use crate::site::Listings;

/// Images of one preset and pattern, with and without such a file.
#[derive(Default)]
struct Group<'a> {
    with: BTreeSet<&'a SitePath>,
    without: BTreeSet<&'a SitePath>,
}

/// Returns the files that exist beside `images`, and a notice for each pattern for which only some
/// of the images have a file. The paths that were looked up are in `listings`.
pub(super) fn find<'a>(
    site: &'a Site,
    images: impl Iterator<Item = (&'a Choice, &'a SitePath)>,
    listings: &Listings,
) -> (BTreeSet<SitePath>, Vec<Finding>) {
    let mut files = BTreeSet::new();
    if !site.presets.use_other_files() {
        return (files, Vec::new());
    }
    let mut groups: BTreeMap<(&str, &str), Group<'_>> = BTreeMap::new();
    for (choice, path) in images {
        for name in choice.presets() {
            let preset = site.presets.get(name).into_iter();
            let sources = preset.flat_map(|preset| &preset.sources);
            for from in sources.filter_map(|source| source.from.as_ref()) {
                let Some(file) = from.beside(path) else {
                    continue;
                };
                let group = groups.entry((name, from.as_str())).or_default();
                if group.with.contains(path) || group.without.contains(path) {
                    continue;
                }
                if listings.look_up(&site.root, &file) == Lookup::File(file.clone()) {
                    group.with.insert(path);
                    files.insert(file);
                } else {
                    group.without.insert(path);
                }
            }
        }
    }
    let findings = groups.into_iter().filter_map(|((preset, from), group)| {
        let first = group.without.first()?;
        let with = group.with.len();
        let others = match group.without.len() - 1 {
            0 => String::new(),
            others => format!(" and {others} more"),
        };
        let message = format!(
            "there is no `{from}` beside `{first}`{others}, unlike {with} other {} with the preset \
             `{preset}`",
            if with == 1 { "image" } else { "images" }
        );
        let finding = Finding::new(Code::SourceMissing, message).in_file(first.as_str());
        (with > 0).then_some(finding)
    });
    let findings = findings.collect();
    (files, findings)
}
