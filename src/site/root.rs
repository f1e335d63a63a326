//! The site's folder: the only place that opens files.
//!
//! Every path is resolved beneath the root by the operating system (`cap-std`: `openat2` with
//! `RESOLVE_BENEATH` on Linux, a walk of file descriptors elsewhere): `..`, absolute paths and
//! symbolic links that lead out are refused, also where a folder is swapped for a link meanwhile.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use cap_std::ambient_authority;
use cap_std::fs::{Dir, File, MetadataExt, OpenOptions, OpenOptionsExt};
use rayon::prelude::*;
use rustix::fs::{AtFlags, statat};
use serde::{Deserialize, Serialize};

use crate::path::SitePath;

/// A file that could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    #[error("cannot {action} `{path}`")]
    Io {
        action: &'static str,
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("`{path}` is not a regular file")]
    NotAFile { path: String },
    #[error("`{path}` has {bytes} bytes, more than the limit of {limit}")]
    TooLarge {
        path: String,
        bytes: u64,
        limit: u64,
    },
}

impl SiteError {
    pub(super) fn io<'p>(
        action: &'static str,
        path: &'p SitePath,
    ) -> impl FnOnce(io::Error) -> Self + 'p {
        move |source| SiteError::Io {
            action,
            path: path.to_string(),
            source,
        }
    }

    /// Whether the path leads out of the site, or is a link that does.
    pub fn is_outside(&self) -> bool {
        matches!(self, SiteError::Io { source, .. }
            if source.kind() == io::ErrorKind::PermissionDenied && source.raw_os_error().is_none()
                || source.raw_os_error() == Some(rustix::io::Errno::XDEV.raw_os_error()))
    }

    /// Whether something could not be written.
    pub fn is_of_writing(&self) -> bool {
        matches!(self, SiteError::Io { action, .. } if *action != "read")
    }

    /// The message with its cause.
    pub fn full(&self) -> String {
        match self {
            SiteError::Io { source, .. } => format!("{self}: {source}"),
            _ => self.to_string(),
        }
    }
}

/// What says that a file is still the one that was seen: a shortcut for its content, never the
/// truth ([`Stamp::is_settled`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Stamp {
    pub bytes: u64,
    modified: Moment,
    changed: Moment,
    inode: u64,
}

/// Seconds and nanoseconds of a file system's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Moment {
    seconds: i64,
    nanoseconds: i64,
}

impl Stamp {
    /// Whether a change after `run_start` would have changed the stamp: git's rule for entries
    /// that were written in the same tick of the clock. A time without nanoseconds comes from a
    /// file system that counts in steps of up to two seconds.
    pub fn is_settled(&self, run_start: Moment) -> bool {
        let settled = |moment: Moment| {
            let step = if moment.nanoseconds == 0 { 2 } else { 0 };
            Moment {
                seconds: moment.seconds.saturating_add(step),
                ..moment
            } < run_start
        };
        settled(self.modified) && settled(self.changed)
    }

    /// Whether the file was written less than `age` before `now`, or after it.
    pub fn is_younger(&self, age: Duration, now: SystemTime) -> bool {
        let now = now.duration_since(SystemTime::UNIX_EPOCH);
        let now = now.map_or(0, |since| since.as_nanos());
        let modified = i128::from(self.modified.seconds) * 1_000_000_000
            + i128::from(self.modified.nanoseconds);
        i128::try_from(now).is_ok_and(|now| now - modified < age.as_nanos().cast_signed())
    }

    pub(super) fn modified(&self) -> Moment {
        self.modified
    }

    fn of(metadata: &cap_std::fs::Metadata) -> Self {
        Stamp {
            bytes: metadata.len(),
            modified: Moment {
                seconds: metadata.mtime(),
                nanoseconds: metadata.mtime_nsec(),
            },
            changed: Moment {
                seconds: metadata.ctime(),
                nanoseconds: metadata.ctime_nsec(),
            },
            inode: metadata.ino(),
        }
    }
}

/// What a name in a folder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    Folder,
    Link,
    /// A socket, a pipe, a device.
    Other,
}

/// The folder that a site lives in.
#[derive(Debug)]
pub struct Root {
    dir: Dir,
    path: PathBuf,
}

impl Root {
    pub fn open(path: &Path) -> io::Result<Root> {
        Ok(Root {
            dir: Dir::open_ambient_dir(path, ambient_authority())?,
            path: path.to_owned(),
        })
    }

    /// Where the site is, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn dir(&self) -> &Dir {
        &self.dir
    }

    pub(super) fn open_dir(&self, path: &SitePath) -> io::Result<Dir> {
        self.dir.open_dir(path.as_path())
    }

    /// Opens a regular file for reading; a pipe is never waited for.
    fn open_file(&self, path: &SitePath) -> Result<(File, cap_std::fs::Metadata), SiteError> {
        let mut options = OpenOptions::new();
        let nonblocking = rustix::fs::OFlags::NONBLOCK.bits();
        options.read(true).custom_flags(nonblocking.cast_signed());
        let file = self
            .dir
            .open_with(path.as_path(), &options)
            .map_err(SiteError::io("read", path))?;
        let metadata = file.metadata().map_err(SiteError::io("read", path))?;
        if !metadata.is_file() {
            return Err(SiteError::NotAFile {
                path: path.to_string(),
            });
        }
        Ok((file, metadata))
    }

    /// The whole content of a file of at most `limit` bytes, and its stamp from before it was read.
    pub fn read(&self, path: &SitePath, limit: u64) -> Result<(Vec<u8>, Stamp), SiteError> {
        let (file, metadata) = self.open_file(path)?;
        let too_large = |bytes| SiteError::TooLarge {
            path: path.to_string(),
            bytes,
            limit,
        };
        if metadata.len() > limit {
            return Err(too_large(metadata.len()));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
        // It may have grown since.
        file.take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(SiteError::io("read", path))?;
        if bytes.len() as u64 > limit {
            return Err(too_large(bytes.len() as u64));
        }
        Ok((bytes, Stamp::of(&metadata)))
    }

    /// The bytes of a file from an offset, at most `length`.
    pub fn read_at(
        &self,
        path: &SitePath,
        offset: u64,
        length: usize,
    ) -> Result<Vec<u8>, SiteError> {
        let (mut file, _) = self.open_file(path)?;
        file.seek(SeekFrom::Start(offset))
            .map_err(SiteError::io("read", path))?;
        let mut bytes = Vec::with_capacity(length);
        file.take(length as u64)
            .read_to_end(&mut bytes)
            .map_err(SiteError::io("read", path))?;
        Ok(bytes)
    }

    /// The text of a file of settings; none where there is no such file.
    pub fn read_text(&self, path: &SitePath) -> Result<Option<String>, SiteError> {
        const SETTINGS_LIMIT: u64 = 4 << 20;
        match self.read(path, SETTINGS_LIMIT) {
            Ok((bytes, _)) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(SiteError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    pub fn is_file(&self, path: &str) -> bool {
        self.dir.is_file(path)
    }

    pub fn is_dir(&self, path: &str) -> bool {
        self.dir.is_dir(if path.is_empty() { "." } else { path })
    }

    /// A file's stamp, through links within the site.
    pub fn stamp(&self, path: &SitePath) -> Result<Stamp, SiteError> {
        let metadata = self
            .dir
            .metadata(path.as_path())
            .map_err(SiteError::io("read", path))?;
        Ok(Stamp::of(&metadata))
    }

    /// The stamps of many files, asked for on all threads, a folder at a time. `paths` in order keeps folders
    /// together.
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
                    Some((_, Ok(dir))) => match leaf_stamp(dir, path.name()) {
                        Some(stamp) => Ok(stamp),
                        None => self.stamp(path),
                    },
                    _ => self.stamp(path),
                };
                (path, stamp)
            })
            .collect()
    }

    /// The names in a folder and what they stand for, sorted; names that are not UTF-8 apart.
    pub fn list(&self, path: &SitePath) -> io::Result<Listed> {
        list(&self.open_dir(path)?)
    }

    /// A folder and the folders below it; none where it does not exist. Links are not followed.
    pub fn folders_below(&self, folder: &SitePath) -> Vec<SitePath> {
        let mut found = Vec::new();
        let mut open = vec![folder.clone()];
        while let Some(path) = open.pop() {
            let Ok(listed) = self.list(&path) else {
                continue;
            };
            let folders = listed
                .names
                .iter()
                .filter(|(_, kind)| *kind == Kind::Folder);
            open.extend(folders.map(|(name, _)| path.child(name)));
            found.push(path);
        }
        found
    }

    /// What stands in a folder, by name.
    pub fn entries(&self, path: &SitePath) -> io::Result<BTreeMap<String, Entry>> {
        let dir = self.open_dir(path)?;
        let names = list(&dir)?.names.into_iter();
        Ok(names
            .map(|(name, kind)| {
                let entry = match leaf_stamp(&dir, &name) {
                    Some(stamp) => Entry::File(stamp),
                    None => Entry::Other(kind),
                };
                (name, entry)
            })
            .collect())
    }

    /// Whether the folder that was opened is the one that stands at its path now.
    pub fn is_in_place(&self) -> bool {
        let own = self.dir.dir_metadata();
        let there = Dir::open_ambient_dir(&self.path, ambient_authority())
            .and_then(|there| there.dir_metadata());
        match (own, there) {
            (Ok(own), Ok(there)) => (own.dev(), own.ino()) == (there.dev(), there.ino()),
            _ => false,
        }
    }

    /// The regular files in a folder and below it, with their stamps, in the order of their paths;
    /// none where the folder does not exist. Links are not followed.
    pub fn files_below(&self, folder: &SitePath) -> Result<FilesBelow, SiteError> {
        let mut found = FilesBelow::default();
        let mut folders = vec![folder.clone()];
        while let Some(path) = folders.pop() {
            let dir = match self.open_dir(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                dir => dir.map_err(SiteError::io("read", &path))?,
            };
            let mut files = Vec::new();
            for (name, kind) in list(&dir).map_err(SiteError::io("read", &path))?.names {
                match kind {
                    Kind::Folder => folders.push(path.child(&name)),
                    Kind::File if super::temporary::is_temporary(&name) => {
                        found.leftovers.push(path.child(&name))
                    }
                    Kind::File => files.push(name),
                    Kind::Link | Kind::Other => {}
                }
            }
            let stamps = leaf_stamps(&dir, &files);
            let stamped = files.iter().zip(stamps);
            let stamped = stamped.filter_map(|(name, stamp)| Some((path.child(name), stamp?)));
            found.files.extend(stamped);
        }
        found.files.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    /// What a link stands for in the end: its path within the site.
    pub fn follow(&self, path: &SitePath) -> io::Result<(SitePath, Kind)> {
        let target = self.dir.canonicalize(path.as_path())?;
        let metadata = self.dir.metadata(path.as_path())?;
        let target = target.to_str().and_then(SitePath::normalise);
        let target =
            target.ok_or_else(|| io::Error::other("a link to a name that is not UTF-8"))?;
        let kind = match metadata.file_type() {
            kind if kind.is_file() => Kind::File,
            kind if kind.is_dir() => Kind::Folder,
            _ => Kind::Other,
        };
        Ok((target, kind))
    }
}

/// Files that a thread asks the system about at once: one takes a microsecond or two.
const STATS_AT_ONCE: usize = 128;

/// The stamps of files of an open folder, in their order, asked for on all threads.
pub(super) fn leaf_stamps(dir: &Dir, names: &[impl AsRef<str> + Sync]) -> Vec<Option<Stamp>> {
    names
        .par_iter()
        .with_min_len(STATS_AT_ONCE)
        .map(|name| leaf_stamp(dir, name.as_ref()))
        .collect()
}

/// The stamp of a regular file in an open folder, by one system call; none for anything else,
/// links among it.
pub(super) fn leaf_stamp(dir: &Dir, name: &str) -> Option<Stamp> {
    let stat = statat(dir, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    if !rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file() {
        return None;
    }
    Some(Stamp {
        bytes: u64::try_from(stat.st_size).ok()?,
        modified: Moment {
            seconds: stat.st_mtime,
            nanoseconds: i64::try_from(stat.st_mtime_nsec).ok()?,
        },
        changed: Moment {
            seconds: stat.st_ctime,
            nanoseconds: i64::try_from(stat.st_ctime_nsec).ok()?,
        },
        inode: stat.st_ino,
    })
}

/// What stands under a name, as far as a change of it can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    File(Stamp),
    /// A folder, a link, a pipe: that it is there.
    Other(Kind),
}

/// The files in a folder and below it.
#[derive(Debug, Default)]
pub struct FilesBelow {
    pub files: Vec<(SitePath, Stamp)>,
    /// Temporary files that a run has left behind.
    pub leftovers: Vec<SitePath>,
}

/// The content of a folder.
#[derive(Debug, Default)]
pub struct Listed {
    pub names: Vec<(String, Kind)>,
    /// Names that are no UTF-8, as far as they can be shown.
    pub odd: Vec<String>,
}

pub(super) fn list(dir: &Dir) -> io::Result<Listed> {
    let mut listed = Listed::default();
    for entry in dir.entries()? {
        let entry = entry?;
        let kind = match entry.file_type()? {
            kind if kind.is_file() => Kind::File,
            kind if kind.is_dir() => Kind::Folder,
            kind if kind.is_symlink() => Kind::Link,
            _ => Kind::Other,
        };
        match entry.file_name().into_string() {
            Ok(name) => listed.names.push((name, kind)),
            Err(name) => listed.odd.push(name.to_string_lossy().into_owned()),
        }
    }
    listed.names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    listed.odd.sort_unstable();
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(seconds: i64, nanoseconds: i64) -> Stamp {
        let moment = Moment {
            seconds,
            nanoseconds,
        };
        Stamp {
            bytes: 1,
            modified: moment,
            changed: moment,
            inode: 1,
        }
    }

    #[test]
    fn a_stamp_of_the_same_tick_is_not_settled() {
        let start = Moment {
            seconds: 100,
            nanoseconds: 5,
        };
        assert!(stamp(100, 4).is_settled(start));
        assert!(!stamp(100, 5).is_settled(start));
        assert!(!stamp(200, 1).is_settled(start), "a time in the future");
        assert!(
            stamp(97, 0).is_settled(start),
            "two seconds of a coarse clock have passed"
        );
        assert!(!stamp(99, 0).is_settled(start));
    }

    #[test]
    fn a_file_is_read_to_its_end_whatever_the_limit() {
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
