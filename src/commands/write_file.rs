//! Writes the files that options name: a path and bytes go in.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
use rustix::io::Errno;

/// Bytes that are written at once.
const BUFFER: usize = 1 << 20;

/// Writes a file that an option names, with the bytes that `write` writes.
///
/// A new file, or an ordinary existing one, is written completely or not at all; an existing file
/// keeps its permissions. If `path` is a symbolic link, hard link, pipe or device, the bytes are
/// written into its target, so that it stays what it is.
///
/// # Errors
///
/// If the file cannot be written, or it is a pipe that no program reads.
pub fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    match path.symlink_metadata() {
        Ok(existing) if existing.is_file() && existing.nlink() == 1 => {
            replace(path, Some(existing.permissions()), write)
        }
        Ok(_) => buffered(open(path)?, write),
        Err(error) if error.kind() == ErrorKind::NotFound => replace(path, None, write),
        Err(error) => Err(error),
    }
}

/// Returns the folder of a file: the working directory, `.`, for a name alone.
pub fn folder_of(path: &Path) -> &Path {
    let parent = path.parent();
    let parent = parent.filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// Opens an existing file, or the target of a link, for writing from its start. Does not wait until
/// another program opens a pipe for reading: a signal would not end the wait.
fn open(path: &Path) -> io::Result<File> {
    let nonblocking = OFlags::NONBLOCK;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    let file = options
        .custom_flags(nonblocking.bits().cast_signed())
        .open(path)
        .map_err(|error| match error.raw_os_error() {
            Some(code) if code == Errno::NXIO.raw_os_error() => {
                io::Error::new(ErrorKind::BrokenPipe, "no program reads the pipe")
            }
            _ => error,
        })?;
    fcntl_setfl(&file, fcntl_getfl(&file)? - nonblocking)?;
    Ok(file)
}

fn buffered(
    file: impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(BUFFER, file);
    write(&mut file)?;
    file.flush()
}

/// Writes a temporary file next to `path` and renames it to `path`. Without `permissions`, the file
/// has the default permissions of new files, with the umask applied.
fn replace(
    path: &Path,
    permissions: Option<Permissions>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mode = if permissions.is_some() { 0o600 } else { 0o666 };
    let mut file = tempfile::Builder::new()
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder_of(path))?;
    buffered(file.as_file_mut(), write)?;
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
        write_file(&at("link"), |out| out.write_all(b"new")).unwrap();
        assert!(at("link").symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read(at("hard")).unwrap(), b"new");
        write_file(&at("dangling"), |out| out.write_all(b"created")).unwrap();
        assert!(at("dangling").symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read(at("absent")).unwrap(), b"created");
        write_file(&at("hard"), |out| out.write_all(b"newer")).unwrap();
        assert_eq!(fs::read(at("target")).unwrap(), b"newer");
    }

    #[test]
    fn permissions_are_kept_and_new_files_get_those_of_any_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("private"), "old").unwrap();
        fs::set_permissions(at("private"), Permissions::from_mode(0o640)).unwrap();
        write_file(&at("private"), |out| out.write_all(b"new")).unwrap();
        assert_eq!(mode(&at("private")), 0o640);
        assert_eq!(fs::read(at("private")).unwrap(), b"new");
        // The standard library creates files with the default permissions, umask applied.
        fs::write(at("ordinary"), "").unwrap();
        write_file(&at("new"), |out| out.write_all(b"x")).unwrap();
        assert_eq!(mode(&at("new")), mode(&at("ordinary")));
    }

    #[test]
    fn a_pipe_that_nobody_reads_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let error = write_file(&pipe, |out| out.write_all(b"x")).unwrap_err();
        assert_eq!(error.to_string(), "no program reads the pipe");
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read(pipe).unwrap()
        });
        // The reader may not have opened it yet.
        let long = vec![b'x'; 1 << 20];
        while write_file(&pipe, |out| out.write_all(&long)).is_err() {
            std::thread::yield_now();
        }
        assert_eq!(reader.join().unwrap(), long);
    }

    #[test]
    fn a_file_beside_the_named_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("mine"), "mine").unwrap();
        symlink("mine", at("jobs.part")).unwrap();
        write_file(&at("jobs"), |out| out.write_all(b"new")).unwrap();
        assert_eq!(fs::read(at("mine")).unwrap(), b"mine");
        let failed = write_file(&at("jobs"), |out| {
            out.write_all(b"half")?;
            Err(ErrorKind::StorageFull.into())
        });
        assert_eq!(failed.unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(fs::read(at("jobs")).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn devices_are_written_into() {
        write_file(Path::new("/dev/null"), |out| out.write_all(b"x")).unwrap();
        assert!(!Path::new("/dev/null").metadata().unwrap().is_file());
        let error = write_file(Path::new("/absent/x"), |out| out.write_all(b"x")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}
