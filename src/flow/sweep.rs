//! Removes the temporary files of a killed run, and restores an edit that one of them contains.

use std::collections::BTreeSet;

use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::project::Site;
use crate::site::{RecentWriters, STATE_FOLDER, Swept, is_temporary};

/// Removes `leftovers`, and the temporary files next to the manifest and in the state folder. The
/// caller must hold the lock.
pub(super) fn sweep<'p>(
    site: &Site,
    leftovers: impl Iterator<Item = &'p SitePath>,
) -> Vec<Finding> {
    // A walk may have listed the manifest's folder as well.
    let all: BTreeSet<SitePath> = leftovers.cloned().chain(leftovers_beside(site)).collect();
    let writers = RecentWriters::default();
    all.into_iter()
        .filter_map(|path| sweep_one(site, &path, &writers))
        .collect()
}

/// Returns the temporary files in folders that a walk may not enter.
fn leftovers_beside(site: &Site) -> Vec<SitePath> {
    let of_manifest = site.manifest().map(|(path, _)| path.parent());
    let folders = of_manifest
        .into_iter()
        .chain([SitePath::root().child(STATE_FOLDER)]);
    folders
        .flat_map(|folder| {
            let listed = site.root.list(&folder);
            let names = listed.map(|listed| listed.names).unwrap_or_default();
            let names = names.into_iter().filter(|(name, _)| is_temporary(name));
            names
                .map(|(name, _)| folder.child(&name))
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Removes one temporary file, or restores the edit that it contains. Returns a finding about an
/// edit or an error.
fn sweep_one(site: &Site, path: &SitePath, writers: &RecentWriters) -> Option<Finding> {
    let finding = |message| Finding::new(Code::ArticleChanged, message).in_file(path.as_str());
    match site.root.sweep(path, writers) {
        Ok(Swept::Removed) => None,
        Ok(Swept::Restored(article)) => {
            let message =
                format!("restored an edit of `{article}` that an interrupted run had set aside");
            Some(finding(message).hint("run planche again"))
        }
        Ok(Swept::Kept) => {
            let message = "this file contains an edit that an interrupted run set aside".to_owned();
            Some(finding(message).hint("compare it with the article, then delete it"))
        }
        Err(error) => Some(Finding::new(Code::Unreadable, error.full()).in_file(path.as_str())),
    }
}
