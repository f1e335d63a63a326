//! The site's folder: the only place that opens files of a site.
//!
//! The operating system resolves every path beneath the root (`cap-std`: `openat2` with
//! `RESOLVE_BENEATH` on Linux, a walk of file descriptors elsewhere). It refuses `..`, absolute
//! paths and symbolic links that lead out, even if a folder is concurrently replaced by a link.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, Metadata, MetadataExt, OpenOptions, OpenOptionsExt};
use rayon::prelude::*;

use super::error::{Operation, SiteError, leads_outside};
use super::gate::WriteGate;
use super::kind::Kind;
use super::stamp::{STATS_AT_ONCE, Stamp, leaf};
use crate::path::SitePath;

/// Largest article, data file or other text that is read, in bytes.
pub const TEXT_LIMIT: u64 = 64 << 20;
/// Largest configuration file that is read, in bytes.
pub const SETTINGS_LIMIT: u64 = 4 << 20;

/// The folder of a site.
#[derive(Debug)]
pub struct Root {
    dir: Dir,
    path: PathBuf,
    gate: WriteGate,
}

impl Root {
    pub fn open(path: &Path) -> io::Result<Root> {
        Ok(Root {
            dir: Dir::open_ambient_dir(path, ambient_authority())?,
            path: path.to_owned(),
            gate: WriteGate::default(),
        })
    }

    /// Opens a second folder, whose writes pass the same gate.
    pub fn open_second(&self, path: &Path) -> io::Result<Root> {
        Ok(Root {
            gate: self.gate.clone(),
            ..Root::open(path)?
        })
    }

    /// The path of the folder, as passed by the caller.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The gate that every write below this root passes.
    pub fn gate(&self) -> &WriteGate {
        &self.gate
    }

    pub(super) fn dir(&self) -> &Dir {
        &self.dir
    }

    pub(super) fn open_dir(&self, path: &SitePath) -> io::Result<Dir> {
        self.dir.open_dir(path.as_path())
    }

    /// Opens a regular file for reading, without waiting for the other end of a pipe.
    pub(super) fn open_file(&self, path: &SitePath) -> Result<(File, Metadata), SiteError> {
        let mut options = OpenOptions::new();
        let nonblocking = rustix::fs::OFlags::NONBLOCK.bits();
        options.read(true).custom_flags(nonblocking.cast_signed());
        let file = self
            .dir
            .open_with(path.as_path(), &options)
            .map_err(SiteError::io(Operation::Read, path))?;
        let metadata = file
            .metadata()
            .map_err(SiteError::io(Operation::Read, path))?;
        if !metadata.is_file() {
            return Err(SiteError::NotAFile { path: path.clone() });
        }
        Ok((file, metadata))
    }

    /// Reads a file of at most `limit` bytes. Also returns its stamp from before it was read.
    pub fn read(&self, path: &SitePath, limit: u64) -> Result<(Vec<u8>, Stamp), SiteError> {
        let (file, metadata) = self.open_file(path)?;
        let too_large = |bytes| SiteError::TooLarge {
            path: path.clone(),
            bytes,
            limit,
        };
        if metadata.len() > limit {
            return Err(too_large(metadata.len()));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
        // The file may have grown since its length was read.
        file.take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(SiteError::io(Operation::Read, path))?;
        if bytes.len() as u64 > limit {
            return Err(too_large(bytes.len() as u64));
        }
        Ok((bytes, Stamp::from_metadata(&metadata)))
    }

    /// Opens a regular file for reading, and returns its stamp.
    pub fn reader_with_stamp(
        &self,
        path: &SitePath,
    ) -> Result<(impl Read + use<>, Stamp), SiteError> {
        let (file, metadata) = self.open_file(path)?;
        Ok((file, Stamp::from_metadata(&metadata)))
    }

    /// Opens a regular file for reading.
    pub fn reader(&self, path: &SitePath) -> Result<impl Read + use<>, SiteError> {
        self.open_file(path).map(|(file, _)| file)
    }

    /// Reads at most `length` bytes of a file, starting at an offset.
    pub fn read_at(
        &self,
        path: &SitePath,
        offset: u64,
        length: usize,
    ) -> Result<Vec<u8>, SiteError> {
        let (mut file, _) = self.open_file(path)?;
        file.seek(SeekFrom::Start(offset))
            .map_err(SiteError::io(Operation::Read, path))?;
        let mut bytes = Vec::with_capacity(length);
        file.take(length as u64)
            .read_to_end(&mut bytes)
            .map_err(SiteError::io(Operation::Read, path))?;
        Ok(bytes)
    }

    /// Reads a configuration file; returns `None` if it does not exist.
    pub fn read_text(&self, path: &SitePath) -> Result<Option<String>, SiteError> {
        match self.read(path, SETTINGS_LIMIT) {
            Ok((bytes, _)) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether a name exists, even as a link that leads nowhere.
    pub fn exists(&self, path: &SitePath) -> bool {
        self.dir.symlink_metadata(path.as_path()).is_ok()
    }

    pub fn is_file(&self, path: &str) -> bool {
        self.dir.is_file(path)
    }

    pub fn is_dir(&self, path: &str) -> bool {
        self.dir.is_dir(if path.is_empty() { "." } else { path })
    }

    /// Returns a file's stamp; follows links within the site.
    pub fn stamp(&self, path: &SitePath) -> Result<Stamp, SiteError> {
        let metadata = self
            .dir
            .metadata(path.as_path())
            .map_err(SiteError::io(Operation::Read, path))?;
        Ok(Stamp::from_metadata(&metadata))
    }

    /// Returns the stamps of many files, on all threads. Sort `paths`, so that each folder is
    /// opened as rarely as possible.
    pub fn stamps<'p>(
        &self,
        paths: &'p [SitePath],
    ) -> Vec<(&'p SitePath, Result<Stamp, SiteError>)> {
        let chunks = paths.par_chunks(STATS_AT_ONCE);
        chunks
            .flat_map_iter(|paths| self.stamps_of(paths))
            .collect()
    }

    fn stamps_of<'p>(
        &self,
        paths: &'p [SitePath],
    ) -> Vec<(&'p SitePath, Result<Stamp, SiteError>)> {
        let mut open: Option<(&str, io::Result<Dir>)> = None;
        paths
            .iter()
            .map(|path| {
                let parent = path
                    .as_str()
                    .rsplit_once('/')
                    .map_or("", |(parent, _)| parent);
                if open.as_ref().is_none_or(|(folder, _)| *folder != parent) {
                    open = Some((parent, self.open_dir(&path.parent())));
                }
                let stamp = match &open {
                    Some((_, Ok(dir))) => match leaf(dir, path.name()) {
                        Ok(Some(leaf)) => Ok(leaf.stamp),
                        _ => self.stamp(path),
                    },
                    _ => self.stamp(path),
                };
                (path, stamp)
            })
            .collect()
    }

    /// Whether the path of the root still leads to the folder that was opened.
    pub fn is_in_place(&self) -> bool {
        let own = self.dir.dir_metadata();
        let there = Dir::open_ambient_dir(&self.path, ambient_authority())
            .and_then(|there| there.dir_metadata());
        match (own, there) {
            (Ok(own), Ok(there)) => (own.dev(), own.ino()) == (there.dev(), there.ino()),
            _ => false,
        }
    }

    /// Whether a link, or one that it leads to, leads out of the site.
    pub fn leads_outside(&self, link: &SitePath) -> bool {
        let followed = self.dir.canonicalize(link.as_path());
        followed.is_err_and(|error| leads_outside(&error))
    }

    /// Follows a link, and further links, to its target. Returns the target's path within the site
    /// and its type.
    pub fn follow(&self, path: &SitePath) -> io::Result<(SitePath, Kind)> {
        let target = self.dir.canonicalize(path.as_path())?;
        let metadata = self.dir.metadata(path.as_path())?;
        let target = target.to_str().and_then(SitePath::normalise);
        let target =
            target.ok_or_else(|| io::Error::other("a link to a name that is not UTF-8"))?;
        Ok((target, Kind::from_file_type(metadata.file_type())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_to_its_end_for_any_limit() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "text").unwrap();
        let root = Root::open(folder.path()).unwrap();
        let path = SitePath::root().child("a");
        for limit in [4, 5, u64::MAX] {
            assert_eq!(root.read(&path, limit).unwrap().0, b"text", "{limit}");
        }
        assert!(matches!(
            root.read(&path, 3),
            Err(SiteError::TooLarge { bytes: 4, .. })
        ));
    }
}
