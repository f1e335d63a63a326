//! Temporary files that a killed run has left behind: removed, or put back where they belong.

use std::collections::BTreeSet;

use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::project::Site;
use crate::site::{STATE_FOLDER, Swept, is_temporary};

/// Clears `leftovers`, and those beside the ledger and the manifest. Only with the lock held.
pub(super) fn sweep<'p>(
    site: &Site,
    leftovers: impl Iterator<Item = &'p SitePath>,
) -> Vec<Finding> {
    // A walk may have come by the manifest's folder as well.
    let all: BTreeSet<SitePath> = leftovers.cloned().chain(leftovers_beside(site)).collect();
    all.into_iter()
        .filter_map(|path| sweep_one(site, &path))
        .collect()
}

/// The folder of the ledger is none that a walk enters, and the manifest's may be none.
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

/// What is worth knowing about a file that was swept.
fn sweep_one(site: &Site, path: &SitePath) -> Option<Finding> {
    let finding = |message| Finding::new(Code::ArticleChanged, message).in_file(path.as_str());
    match site.root.sweep(path) {
        Ok(Swept::Removed) => None,
        Ok(Swept::Restored(article)) => {
            let message =
                format!("an edit of `{article}` that a killed run had set aside is back in place");
            Some(finding(message).hint("run again"))
        }
        Ok(Swept::Kept) => {
            let message = "it holds an edit that a killed run had set aside".to_owned();
            Some(finding(message).hint("compare it with the article, then remove it"))
        }
        Err(error) => Some(Finding::new(Code::Unreadable, error.full()).in_file(path.as_str())),
    }
}
