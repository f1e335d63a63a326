//! The steps of an exchange: two names of one folder swap their files, and swap them back.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::unix::fs::MetadataExt;

use cap_std::fs::Dir;
use rustix::fs::{Mode, OFlags, RenameFlags, openat, renameat_with};
use rustix::io::Errno;

use super::stamp::FileId;
use super::temporary::{Exchange, is_unsupported, short_hash, writing_name};

/// Opens a regular file of a folder. Fails on a symbolic link, and does not block on a pipe.
pub(super) fn open(folder: &Dir, name: &str) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(openat(folder, name, flags, Mode::empty())?);
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("not a regular file"))
    }
}

/// Reads the whole content of an open file.
pub(super) fn content(mut file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn id_of(file: &File) -> io::Result<FileId> {
    let metadata = file.metadata()?;
    Ok(FileId::new(metadata.dev(), metadata.ino()))
}

/// The result of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exchanged {
    /// The new file is in place; the old one has the name [`Exchange::name`].
    Yes,
    /// The new file is in place, and the old one is gone: the file system can neither exchange
    /// files nor link them.
    WithoutOldFile,
    /// The old file had changed, so it stays in place, or it was removed. The new file may still
    /// exist.
    Changed,
}

/// Exchanges the file `new` with the article. Then asks whether the old file, under its new name,
/// is as it was read; if not, undoes the exchange: an edit may arrive at any time before it.
pub(super) fn exchange_unless_changed(
    folder: &Dir,
    new: &str,
    exchange: &Exchange,
    article: &str,
    is_old: impl Fn(&str) -> io::Result<bool>,
) -> io::Result<Exchanged> {
    let swap = exchange.name();
    match exchange_names(folder, new, &swap, article)? {
        OldFile::Kept => {}
        OldFile::Gone => return Ok(Exchanged::WithoutOldFile),
        OldFile::Missing => return Ok(Exchanged::Changed),
    }
    // The exchange is also undone if the old file cannot be read: the article may have become a
    // link that leads out of the site.
    if matches!(is_old(&swap), Ok(true)) {
        return Ok(Exchanged::Yes);
    }
    if put_back(folder, exchange, article)? == Between::Edited {
        // The last edit is the one to keep.
        folder.remove_file(&swap)?;
    }
    Ok(Exchanged::Changed)
}

/// Whether an article's old file still exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OldFile {
    Kept,
    /// It was overwritten: the file system can neither exchange files nor link them.
    Gone,
    /// There was none: another program removed the article, so the new file was removed as well.
    Missing,
}

/// Renames the file `new` to `swap` and exchanges it with the article. If the file system cannot
/// exchange files, links the old file as `swap` and renames the new file to the article's name.
fn exchange_names(folder: &Dir, new: &str, swap: &str, article: &str) -> io::Result<OldFile> {
    // This may replace the file of a killed run, which made the same exchange.
    folder.rename(new, folder, swap)?;
    match renameat_with(folder, swap, folder, article, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(OldFile::Kept),
        Err(error) if is_unsupported(error) => {
            let new = writing_name();
            folder.rename(swap, folder, &new)?;
            let old_file = match folder.hard_link(article, folder, swap) {
                Ok(()) => OldFile::Kept,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    folder.remove_file(&new)?;
                    return Ok(OldFile::Missing);
                }
                Err(_) => OldFile::Gone,
            };
            folder.rename(&new, folder, article).inspect_err(|_| {
                // If this fails, a later run removes the files.
                let _ = folder.remove_file(&new);
                let _ = folder.remove_file(swap);
            })?;
            Ok(old_file)
        }
        // The new file exists, so it is the article that is missing.
        Err(Errno::NOENT) if folder.remove_file(swap).is_ok() => Ok(OldFile::Missing),
        Err(error) => {
            let _ = folder.remove_file(swap);
            Err(error.into())
        }
    }
}

/// Whether an article was edited between an exchange and its undoing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Between {
    Untouched,
    /// The later edit stays in the article's place, and the old file next to it.
    Edited,
}

/// Puts the old file back in the article's place.
pub(super) fn put_back(folder: &Dir, exchange: &Exchange, article: &str) -> io::Result<Between> {
    let swap = exchange.name();
    match renameat_with(folder, &swap, folder, article, RenameFlags::EXCHANGE) {
        Ok(()) => {}
        Err(error) if is_unsupported(error) => {
            folder.rename(&swap, folder, article)?;
            return Ok(Between::Untouched);
        }
        Err(error) => return Err(error.into()),
    }
    let is_ours = open(folder, &swap)
        .and_then(|came_back| content(&came_back))
        .is_ok_and(|bytes| short_hash(&bytes) == exchange.new);
    if is_ours {
        folder.remove_file(&swap)?;
        return Ok(Between::Untouched);
    }
    renameat_with(folder, &swap, folder, article, RenameFlags::EXCHANGE)?;
    Ok(Between::Edited)
}
