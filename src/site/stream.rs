//! Rewriting a large file as a stream: the new content is written beside the old one, compared with
//! it, and takes its place by rename.

use std::io::{self, BufReader, BufWriter, Read, Write};

use cap_std::fs::{MetadataExt, PermissionsExt};

use super::error::{Operation, SiteError};
use super::root::Root;
use super::stamp::Stamp;
use super::temporary::Temporary;
use crate::path::SitePath;

/// Bytes that are read or written at once.
const CHUNK: usize = 32 << 10;

/// How a stream is rewritten.
pub trait Rewrite {
    /// Reads the old content and writes the new one.
    fn write(&mut self, old: &mut dyn Read, new: &mut dyn Write) -> io::Result<()>;
    /// Whether the new content, as it is on disk, may take the place of the old one.
    fn accepts(&mut self, old: &mut dyn Read, new: &mut dyn Read) -> io::Result<bool>;
}

/// What became of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Streamed {
    Written,
    /// The new content was not accepted.
    Refused,
    /// The file has changed since it had the stamp.
    Changed,
}

/// Returns an error if nobody may write the file, even where its folder is writable: its author has
/// locked it.
pub(super) fn refuse_read_only(mode: u32) -> io::Result<()> {
    if mode & 0o222 == 0 {
        let message = "the file is read-only";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    Ok(())
}

impl Root {
    /// Rewrites a file in constant memory, if it still has this stamp. Its permissions are kept; a
    /// file that nobody may write is an error. It is not synced: for files that can be made again.
    pub fn rewrite_stream(
        &self,
        path: &SitePath,
        stamp: &Stamp,
        rewrite: &mut dyn Rewrite,
    ) -> Result<Streamed, SiteError> {
        let _writing = self.gate().enter();
        let (old, metadata) = self.open_file(path)?;
        if Stamp::from_metadata(&metadata) != *stamp {
            return Ok(Streamed::Changed);
        }
        let mut write = || -> io::Result<Streamed> {
            refuse_read_only(metadata.mode())?;
            let folder = self.open_dir(&path.parent())?;
            let mode = std::os::unix::fs::PermissionsExt::from_mode(metadata.mode() & 0o7777);
            let temporary = Temporary::create(&folder, mode, &[])?;
            // Not less its mask: a page that the server's group may read stays that.
            let permissions = cap_std::fs::Permissions::from_mode(metadata.mode() & 0o7777);
            temporary.file().set_permissions(permissions)?;
            {
                let mut new = BufWriter::with_capacity(CHUNK, temporary.file());
                rewrite.write(&mut BufReader::with_capacity(CHUNK, &old), &mut new)?;
                new.flush()?;
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
