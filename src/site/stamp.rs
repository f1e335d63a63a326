//! Stamps: metadata of a file, which show whether it changed since it was read.

use std::io;
use std::time::{Duration, SystemTime};

use cap_std::fs::{Dir, Metadata, MetadataExt};
use rayon::prelude::*;
use rustix::fs::{AtFlags, FileType, Stat, statat};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

/// Identifies a state of a file: a shortcut for its content, never a proof of it
/// ([`Stamp::is_settled`]).
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

/// The identity of a file, independent of its names: device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId {
    pub(super) device: u64,
    inode: u64,
}

impl FileId {
    pub(super) fn new(device: u64, inode: u64) -> Self {
        FileId { device, inode }
    }
}

impl Stamp {
    /// Whether a change of the file after `run_start` is certain to change the stamp: git's rule
    /// for entries that were written in the same tick of the clock. A time without nanoseconds
    /// comes from a file system that counts in steps of up to two seconds.
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

    /// Whether a file with the `other` stamp has the same size and time of writing. Its status may
    /// have changed: a hard link to it was made or removed, or its permissions were set.
    pub fn is_written_like(&self, other: &Stamp) -> bool {
        *self
            == Stamp {
                changed: self.changed,
                ..*other
            }
    }

    pub(super) fn from_metadata(metadata: &Metadata) -> Self {
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

    // The widths and signs of these fields differ between systems.
    #[allow(clippy::useless_conversion, clippy::unnecessary_fallible_conversions)]
    fn from_stat(stat: &Stat) -> Option<Self> {
        Some(Stamp {
            bytes: u64::try_from(stat.st_size).ok()?,
            modified: Moment {
                seconds: i64::try_from(stat.st_mtime).ok()?,
                nanoseconds: i64::try_from(stat.st_mtime_nsec).ok()?,
            },
            changed: Moment {
                seconds: i64::try_from(stat.st_ctime).ok()?,
                nanoseconds: i64::try_from(stat.st_ctime_nsec).ok()?,
            },
            inode: u64::try_from(stat.st_ino).ok()?,
        })
    }
}

impl Moment {
    /// Returns when an open file was last written, by the file system's clock.
    pub(super) fn modified(metadata: &std::fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Moment {
            seconds: metadata.mtime(),
            nanoseconds: metadata.mtime_nsec(),
        }
    }
}

/// The stamp of a regular file in a folder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf {
    pub stamp: Stamp,
    /// The identity of the file, if it has more than one name.
    pub linked: Option<FileId>,
}

/// The fewest files that a thread takes at once, because one call takes only a microsecond or two.
pub(super) const STATS_AT_ONCE: usize = 128;

/// Reads the stamps of files in an open folder, in the order of `names`, on all threads.
pub(super) fn leaves(dir: &Dir, names: &[impl AsRef<str> + Sync]) -> Vec<io::Result<Option<Leaf>>> {
    names
        .par_iter()
        .with_min_len(STATS_AT_ONCE)
        .map(|name| leaf(dir, name.as_ref()))
        .collect()
}

/// Reads the stamp of a regular file in an open folder by one system call; `None` if it does not
/// exist or is anything else, such as a link.
// The widths and signs of these fields differ between systems.
#[allow(clippy::useless_conversion, clippy::unnecessary_fallible_conversions)]
pub(super) fn leaf(dir: &Dir, name: &str) -> io::Result<Option<Leaf>> {
    let stat = match statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => return Ok(None),
        stat => stat?,
    };
    if !FileType::from_raw_mode(stat.st_mode).is_file() {
        return Ok(None);
    }
    let stamp = Stamp::from_stat(&stat).ok_or_else(|| io::Error::other("a status out of range"))?;
    let device = u64::try_from(stat.st_dev).unwrap_or_default();
    let linked = (stat.st_nlink > 1).then(|| FileId::new(device, stamp.inode));
    Ok(Some(Leaf { stamp, linked }))
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
}
