//! Writes the files that `--timings`, `--trace`, `--save` and `--plot` name.

use std::fs::Permissions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// Writes a file that an argument names.
///
/// A new file, or an ordinary existing one, is written completely or not at all; an existing file
/// keeps its permissions. If `path` is a symbolic link, hard link, pipe or device, the bytes are
/// written into its target, so that it stays what it is.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(existing) if existing.is_file() && existing.nlink() == 1 => {
            replace(path, Some(existing.permissions()), bytes)
        }
        Ok(_) => std::fs::write(path, bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => replace(path, None, bytes),
        Err(error) => Err(error),
    }
}

/// Writes a temporary file next to `path` and renames it to `path`. Without `permissions`, the file
/// has the default permissions of new files, with the umask applied.
fn replace(path: &Path, permissions: Option<Permissions>, bytes: &[u8]) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let mode = if permissions.is_some() { 0o600 } else { 0o666 };
    let mut file = tempfile::Builder::new()
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(parent.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn links_stay_links() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("target"), "old").unwrap();
        symlink("target", at("link")).unwrap();
        symlink("absent", at("dangling")).unwrap();
        fs::hard_link(at("target"), at("hard")).unwrap();
        write_file(&at("link"), b"new").unwrap();
        assert!(at("link").symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read(at("hard")).unwrap(), b"new");
        write_file(&at("dangling"), b"created").unwrap();
        assert!(at("dangling").symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read(at("absent")).unwrap(), b"created");
        write_file(&at("hard"), b"newer").unwrap();
        assert_eq!(fs::read(at("target")).unwrap(), b"newer");
    }

    #[test]
    fn permissions_are_kept_and_new_files_get_those_of_any_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("private"), "old").unwrap();
        fs::set_permissions(at("private"), Permissions::from_mode(0o640)).unwrap();
        write_file(&at("private"), b"new").unwrap();
        assert_eq!(mode(&at("private")), 0o640);
        assert_eq!(fs::read(at("private")).unwrap(), b"new");
        // The standard library creates files with the default permissions, umask applied.
        fs::write(at("ordinary"), "").unwrap();
        write_file(&at("new"), b"x").unwrap();
        assert_eq!(mode(&at("new")), mode(&at("ordinary")));
    }

    #[test]
    fn devices_are_written_into() {
        write_file(Path::new("/dev/null"), b"x").unwrap();
        assert!(!Path::new("/dev/null").metadata().unwrap().is_file());
        let error = write_file(Path::new("/absent/x"), b"x").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}
