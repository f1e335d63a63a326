//! Rewrites a large file as a stream: the new content is written beside the old one, compared with
//! it, and takes its place by rename.

use std::fs::Permissions;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::PermissionsExt;

use cap_std::fs::MetadataExt;

use super::attributes::{self, Lost};
use super::error::{Operation, SiteError};
use super::root::Root;
use super::stamp::{FileId, Stamp};
use super::temporary::Temporary;
use super::writers::RecentWriters;
use crate::path::SitePath;

/// Bytes that are read or written at once.
const CHUNK: usize = 32 << 10;

/// A rewrite of a file as a stream.
pub trait Rewrite {
    /// Reads the old content and writes the new one.
    fn write(&mut self, old: &mut dyn Read, new: &mut dyn Write) -> io::Result<()>;
    /// Whether the new content, as it is on disk, may take the place of the old one.
    fn accepts(&mut self, old: &mut dyn Read, new: &mut dyn Read) -> io::Result<bool>;
}

/// The result of rewriting a file as a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streamed {
    Written,
    /// The new content was not accepted.
    Refused,
    /// The file has changed since it had the stamp.
    Changed,
    /// Another program has the file open for writing; it was not changed.
    OpenForWriting,
    /// The new file cannot get an attribute of the old one; the old one was not changed.
    CannotKeep(Lost),
}

/// Fails for a file that no user may write: its author has protected it, although a rename would
/// succeed if its folder is writable.
pub(super) fn refuse_read_only(mode: u32) -> io::Result<()> {
    if mode & 0o222 == 0 {
        let message = "the file is read-only";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    Ok(())
}

impl Root {
    /// Rewrites a file in constant memory, unless it has changed since it had this stamp or another
    /// program has it open for writing. Keeps its owner, permissions and extended attributes, and
    /// its group if this user may set it. Does not sync the file: use it for files that can be
    /// generated again. A read-only file is an error.
    pub fn rewrite_stream(
        &self,
        path: &SitePath,
        stamp: &Stamp,
        writers: &RecentWriters,
        rewrite: &mut dyn Rewrite,
    ) -> Result<Streamed, SiteError> {
        let _writing = self.gate().enter();
        let (old, metadata) = self.open_file(path)?;
        if Stamp::from_metadata(&metadata) != *stamp {
            return Ok(Streamed::Changed);
        }
        let mut write = || -> io::Result<Streamed> {
            refuse_read_only(metadata.mode())?;
            let id = FileId::new(metadata.dev(), metadata.ino());
            if writers.hold(id) {
                return Ok(Streamed::OpenForWriting);
            }
            let folder = self.open_dir(&path.parent())?;
            // No other user may read it before it has the page's permissions.
            let temporary = Temporary::create(&folder, Permissions::from_mode(0o600), &[])?;
            let new = temporary.file().try_clone()?.into_std();
            if let Err(lost) = attributes::copy(&old.try_clone()?.into_std(), &new)? {
                return Ok(Streamed::CannotKeep(lost));
            }
            {
                let mut new = BufWriter::with_capacity(CHUNK, temporary.file());
                rewrite.write(&mut BufReader::with_capacity(CHUNK, &old), &mut new)?;
                new.flush()?;
            }
            if writers.hold(id) {
                return Ok(Streamed::OpenForWriting);
            }
            let (old, after) = self.open_file(path).map_err(io::Error::other)?;
            if Stamp::from_metadata(&after) != *stamp {
                return Ok(Streamed::Changed);
            }
            let mut old = BufReader::with_capacity(CHUNK, old);
            if !rewrite.accepts(&mut old, &mut temporary.reopen()?)? {
                return Ok(Streamed::Refused);
            }
            temporary.rename(path.name())?;
            Ok(Streamed::Written)
        };
        write().map_err(SiteError::io(Operation::Write, path))
    }
}
