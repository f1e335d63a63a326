//! The corpus of real sites, images and editing cases, which is kept outside the project.

use std::path::PathBuf;

use crate::needs::{Need, skip};

/// A file or folder of the corpus, which is in `PLANCHE_CORPUS`, by default `../shared`. Returns
/// `None` and counts a skipped test if it does not exist.
#[track_caller]
pub fn folder(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PLANCHE_CORPUS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
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
