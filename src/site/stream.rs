//! Rewrites a large file as a stream: the new content is written beside the old one, compared with
//! it, and exchanged with it, as for articles.

use std::fs::Permissions;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::PermissionsExt;

use cap_std::fs::{File, Metadata, MetadataExt};

use super::attributes::{self, Lost};
use super::error::{Operation, SiteError};
use super::root::Root;
use super::stamp::{FileId, Stamp};
use super::swap::{Exchanged, exchange_unless_changed};
use super::temporary::{Exchange, Temporary};
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
    /// The file has changed since it had the stamp, or was removed.
    Changed,
    /// Another program has the file open for writing; it was not changed.
    OpenForWriting,
    /// The new file cannot get an attribute of the old one; the old one was not changed.
    CannotKeep(Lost),
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
        let Some((old, metadata)) = self.open_unchanged(path, stamp)? else {
            return Ok(Streamed::Changed);
        };
        let mut write = || -> io::Result<Streamed> {
            attributes::refuse_read_only(metadata.mode())?;
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
            let mut reader = Hashed::new(&old);
            let mut writer = Hashed::new(temporary.file());
            {
                let mut new = BufWriter::with_capacity(CHUNK, &mut writer);
                rewrite.write(&mut BufReader::with_capacity(CHUNK, &mut reader), &mut new)?;
                new.flush()?;
            }
            let exchange = Exchange::new(reader.hash(), writer.hash(), path.name());
            if writers.hold(id) {
                return Ok(Streamed::OpenForWriting);
            }
            let unchanged = self.open_unchanged(path, stamp);
            let unchanged = unchanged.map_err(|error| io::Error::other(error.full()))?;
            let Some((old, _)) = unchanged else {
                return Ok(Streamed::Changed);
            };
            let mut old = BufReader::with_capacity(CHUNK, old);
            if !rewrite.accepts(&mut old, &mut temporary.reopen()?)? {
                return Ok(Streamed::Refused);
            }
            let is_old = |name: &str| {
                let metadata = folder.symlink_metadata(name)?;
                Ok(Stamp::from_metadata(&metadata).is_written_like(stamp))
            };
            let new = temporary.into_name();
            match exchange_unless_changed(&folder, &new, &exchange, path.name(), is_old)? {
                Exchanged::Yes => folder.remove_file(exchange.name())?,
                Exchanged::WithoutOldFile => {}
                Exchanged::Changed => return Ok(Streamed::Changed),
            }
            Ok(Streamed::Written)
        };
        let is_stale = || matches!(self.open_unchanged(path, stamp), Ok(None));
        match write() {
            // The edits do not fit the file because it is being written.
            Ok(Streamed::Refused) if is_stale() => Ok(Streamed::Changed),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && is_stale() => {
                Ok(Streamed::Changed)
            }
            streamed => streamed.map_err(SiteError::io(Operation::Write, path)),
        }
    }

    /// Opens a file; `None` if it has changed since it had this stamp, or was removed.
    fn open_unchanged(
        &self,
        path: &SitePath,
        stamp: &Stamp,
    ) -> Result<Option<(File, Metadata)>, SiteError> {
        match self.open_file(path) {
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
            Ok((file, metadata)) => {
                let is_same = Stamp::from_metadata(&metadata) == *stamp;
                Ok(is_same.then_some((file, metadata)))
            }
        }
    }
}

/// A file whose content is hashed while it is read or written.
struct Hashed<'f> {
    file: &'f File,
    hasher: blake3::Hasher,
}

impl<'f> Hashed<'f> {
    fn new(file: &'f File) -> Self {
        Hashed {
            file,
            hasher: blake3::Hasher::new(),
        }
    }

    fn hash(&self) -> blake3::Hash {
        self.hasher.finalize()
    }
}

impl Read for Hashed<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(bytes)?;
        self.hasher.update(&bytes[..length]);
        Ok(length)
    }
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = self.file.write(bytes)?;
        self.hasher.update(&bytes[..length]);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// A rewrite that appends to the text, during which an editor saves the file.
    struct Edited<'e> {
        during_write: &'e dyn Fn(),
        before_exchange: &'e dyn Fn(),
    }

    impl Rewrite for Edited<'_> {
        fn write(&mut self, old: &mut dyn Read, new: &mut dyn Write) -> io::Result<()> {
            (self.during_write)();
            let mut start = [0; 3];
            old.read_exact(&mut start)?;
            new.write_all(&start)?;
            io::copy(old, new)?;
            new.write_all(b"!")
        }

        fn accepts(&mut self, _: &mut dyn Read, _: &mut dyn Read) -> io::Result<bool> {
            (self.before_exchange)();
            Ok(true)
        }
    }

    /// Rewrites a file. Returns the result, its text, and the number of files in its folder.
    fn rewritten(
        during_write: impl Fn(&Path),
        before_exchange: impl Fn(&Path),
    ) -> (Streamed, String, usize) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.html");
        fs::write(&file, "old").unwrap();
        let root = Root::open(folder.path()).unwrap();
        let path = SitePath::root().child("a.html");
        let stamp = root.stamp(&path).unwrap();
        let mut rewrite = Edited {
            during_write: &|| during_write(&file),
            before_exchange: &|| before_exchange(&file),
        };
        let writers = RecentWriters::default();
        let streamed = root.rewrite_stream(&path, &stamp, &writers, &mut rewrite);
        let names = fs::read_dir(folder.path()).unwrap().count();
        let text = fs::read_to_string(&file).unwrap_or_default();
        (streamed.unwrap(), text, names)
    }

    #[test]
    fn only_the_new_file_remains() {
        let result = rewritten(|_| {}, |_| {});
        assert_eq!(result, (Streamed::Written, "old!".to_owned(), 1));
    }

    #[test]
    fn an_edit_before_the_exchange_is_kept() {
        let in_place = |file: &Path| fs::write(file, "edited").unwrap();
        let by_rename = |file: &Path| {
            fs::write(file.with_extension("new"), "edited").unwrap();
            fs::rename(file.with_extension("new"), file).unwrap();
        };
        let kept = (Streamed::Changed, "edited".to_owned(), 1);
        assert_eq!(rewritten(|_| {}, in_place), kept);
        assert_eq!(rewritten(|_| {}, by_rename), kept);
    }

    #[test]
    fn a_file_that_is_removed_stays_so() {
        let removed = |file: &Path| fs::remove_file(file).unwrap();
        let gone = (Streamed::Changed, String::new(), 0);
        assert_eq!(rewritten(removed, |_| {}), gone);
        assert_eq!(rewritten(|_| {}, removed), gone);
    }

    #[test]
    fn a_file_that_is_emptied_while_it_is_read_has_changed() {
        let emptied = |file: &Path| fs::write(file, "").unwrap();
        let result = rewritten(emptied, |_| {});
        assert_eq!(result, (Streamed::Changed, String::new(), 1));
    }
}
