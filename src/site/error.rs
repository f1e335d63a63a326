//! Errors of reading and writing below a site's root.

use std::fmt::{self, Display};
use std::io;

use crate::path::SitePath;
use crate::picture::units::ByteSize;

/// What was being done when an operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Read,
    Write,
    Create,
    Remove,
    Sync,
    Lock,
}

impl Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operation::Read => "read",
            Operation::Write => "write",
            Operation::Create => "create",
            Operation::Remove => "remove",
            Operation::Sync => "sync",
            Operation::Lock => "lock",
        })
    }
}

/// A file or folder that could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    #[error("cannot {operation} `{path}`")]
    Io {
        operation: Operation,
        path: SitePath,
        #[source]
        source: io::Error,
    },
    #[error("`{path}` is not a regular file")]
    NotAFile { path: SitePath },
    /// The path of one of planche's own files has a symbolic link, a file with a second hard link,
    /// or something other than a file: writing to it would overwrite something else.
    #[error("`{path}` is {found}, which planche did not create – hint: remove it, then run again")]
    NotOurs { path: SitePath, found: &'static str },
    #[error("`{path}` is {}, more than the limit of {}", ByteSize(*bytes), ByteSize(*limit))]
    TooLarge {
        path: SitePath,
        bytes: u64,
        limit: u64,
    },
}

impl SiteError {
    /// Wraps an I/O error, for `map_err`.
    pub(crate) fn io(
        operation: Operation,
        path: &SitePath,
    ) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.clone();
        move |source| SiteError::Io {
            operation,
            path,
            source,
        }
    }

    /// Whether the file or folder does not exist.
    pub fn is_missing(&self) -> bool {
        matches!(self, SiteError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    /// Whether the content of the file is damaged.
    pub fn is_invalid(&self) -> bool {
        matches!(self, SiteError::Io { source, .. } if source.kind() == io::ErrorKind::InvalidData)
    }

    /// Whether the path, or a link in it, leads out of the site.
    pub fn is_outside(&self) -> bool {
        matches!(self, SiteError::Io { source, .. } if leads_outside(source))
    }

    /// Whether the error concerns writing, which includes creating, removing, syncing and locking.
    pub fn is_of_writing(&self) -> bool {
        match self {
            SiteError::Io { operation, .. } => *operation != Operation::Read,
            SiteError::NotOurs { .. } => true,
            SiteError::NotAFile { .. } | SiteError::TooLarge { .. } => false,
        }
    }

    /// The message with its cause.
    pub fn full(&self) -> String {
        match self {
            SiteError::Io { source, .. } => format!("{self}: {source}"),
            _ => self.to_string(),
        }
    }
}

/// Whether a path was refused because it leads out of the root: `cap-std` reports that as a
/// permission error without a system error code, or as `EXDEV`.
pub(super) fn leads_outside(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none()
        || error.raw_os_error() == Some(rustix::io::Errno::XDEV.raw_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_distinguished_by_type() {
        let path = SitePath::root().child("a");
        let error = |operation, kind: io::ErrorKind| SiteError::io(operation, &path)(kind.into());
        assert!(error(Operation::Read, io::ErrorKind::NotFound).is_missing());
        assert!(!error(Operation::Read, io::ErrorKind::NotFound).is_of_writing());
        assert!(error(Operation::Lock, io::ErrorKind::StorageFull).is_of_writing());
        let denied = io::Error::from_raw_os_error(rustix::io::Errno::ACCESS.raw_os_error());
        assert!(!SiteError::io(Operation::Read, &path)(denied).is_outside());
        assert!(error(Operation::Read, io::ErrorKind::PermissionDenied).is_outside());
        assert_eq!(
            error(Operation::Sync, io::ErrorKind::NotFound).to_string(),
            "cannot sync `a`"
        );
    }
}
