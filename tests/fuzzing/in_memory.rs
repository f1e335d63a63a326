//! Folders of the fuzz targets that run whole commands.

use std::path::Path;

use tempfile::TempDir;

/// Creates a temporary folder in memory where the system has such a place, so that no input waits
/// for a disk.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    }
    .unwrap()
}
