//! Temporary files that a killed run has left behind: removed, or put back where they belong.

use crate::finding::{Code, Finding};
use crate::site::{STATE_FOLDER, Site, SitePath, Swept, is_temporary};

/// Clears `leftovers`, and those beside the ledger. Only with the lock held.
pub(super) fn sweep<'p>(
    site: &Site,
    leftovers: impl Iterator<Item = &'p SitePath>,
) -> Vec<Finding> {
    leftovers
        .cloned()
        .chain(leftovers_of_state(site))
        .filter_map(|path| sweep_one(site, &path))
        .collect()
}

/// The folder of the ledger is none that a walk enters.
fn leftovers_of_state(site: &Site) -> Vec<SitePath> {
    let folder = SitePath::root().child(STATE_FOLDER);
    let names = site
        .root
        .list(&folder)
        .map(|listed| listed.names)
        .unwrap_or_default();
    names
        .into_iter()
        .filter(|(name, _)| is_temporary(name))
        .map(|(name, _)| folder.child(&name))
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
