//! The corpus of real sites, images and editing cases, which is kept outside the project.

use std::path::{Path, PathBuf};

use crate::needs::{Need, skip};

/// Returns a file or folder of the corpus, which is in `PLANCHE_CORPUS` or, by default, in
/// `../shared`. If it does not exist, returns `None` and counts a skipped test.
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

/// Returns the folder `shared` beside the repository. For a member crate, that is some levels up.
fn default() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut candidates = package.ancestors().map(|folder| folder.join("../shared"));
    candidates
        .find(|folder| folder.is_dir())
        .unwrap_or_else(|| package.join("../shared"))
}
