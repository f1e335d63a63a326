//! The corpus of real sites, pictures and editing cases, which lies outside the project.

use std::path::PathBuf;

/// The corpus's folder: `PLANCHE_CORPUS`, by default `../shared`. Says so where it is absent.
pub fn folder(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PLANCHE_CORPUS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let folder = root.join(part);
    if folder.exists() {
        return Some(folder);
    }
    eprintln!(
        "skipped: {} is not there (set PLANCHE_CORPUS)",
        folder.display()
    );
    None
}
