//! Finds the folder of a site: takes a path, returns an open root.

use std::path::{Path, PathBuf};

use super::{OpenError, settings_file};
use crate::generator::Generator;
use crate::site::Root;

/// Opens a folder.
pub(super) fn open_root(path: &Path) -> Result<Root, OpenError> {
    Root::open(path).map_err(|source| OpenError::Folder {
        path: path.to_owned(),
        source,
    })
}

/// Opens the nearest site: the folder itself, or the closest one above it. If there is none, opens
/// the folder itself, provided that its content looks like that of a generator, such as dated posts
/// in `_posts`.
pub(super) fn nearest_root(start: &Path) -> Result<Root, OpenError> {
    let start = absolute(start)?;
    for folder in start.ancestors() {
        let root = open_root(folder)?;
        if is_site(&root) {
            return Ok(root);
        }
    }
    let root = open_root(&start)?;
    if Generator::recognize(&root).is_some() {
        return Ok(root);
    }
    Err(OpenError::NotFound {
        below: Generator::all_below(&root)
            .into_iter()
            .next()
            .map(|(folder, generator)| (folder.to_string(), generator)),
        start,
    })
}

/// Fails if the folder is not a site but lies within one: opened on its own, `SITE/_posts` would
/// lack the site's uploads.
pub(super) fn refuse_folder_of_site(root: &Root) -> Result<(), OpenError> {
    if is_site(root) {
        return Ok(());
    }
    let folder = absolute(root.path())?;
    for site in folder.ancestors().skip(1) {
        // A parent folder that cannot be opened does not count as a site.
        if Root::open(site).is_ok_and(|root| is_site(&root)) {
            return Err(OpenError::FolderOfSite {
                site: site.to_owned(),
                folder,
            });
        }
    }
    Ok(())
}

/// Whether a folder has a configuration of planche or of a generator. A `planche.yml` that cannot be
/// read counts: the folder above it is another site.
fn is_site(root: &Root) -> bool {
    settings_file::exists(root) || Generator::detect(root).is_some()
}

fn absolute(path: &Path) -> Result<PathBuf, OpenError> {
    path.canonicalize().map_err(|source| OpenError::Folder {
        path: path.to_owned(),
        source,
    })
}
