//! The corpus of real sites, images and editing cases, which is kept outside the project.

use std::path::{Path, PathBuf};

use crate::needs::{Need, skip};

/// A file or folder of the corpus, which is in `PLANCHE_CORPUS`, by default `../shared`. Returns
/// `None` and counts a skipped test if it does not exist.
#[track_caller]
pub fn folder(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PLANCHE_CORPUS").map_or_else(default, PathBuf::from);
    let folder = root.join(part);
    if folder.exists() {
        return Some(folder);
    }
    skip(
        Need::Corpus,
        &format!("{} does not exist", folder.display()),
    );
    None
}

/// `shared`, beside the repository: of a member crate, the folder is some levels up.
fn default() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut candidates = package.ancestors().map(|folder| folder.join("../shared"));
    candidates
        .find(|folder| folder.is_dir())
        .unwrap_or_else(|| package.join("../shared"))
}
