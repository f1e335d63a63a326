//! Why a store could not be used.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};

/// What was being done when an operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Open,
    Read,
    Write,
    List,
    Remove,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::Open => "open",
            Action::Read => "read",
            Action::Write => "write",
            Action::List => "list",
            Action::Remove => "remove",
        })
    }
}

/// An operation on a store that failed.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{place}`: {source}")]
pub struct StoreError {
    pub action: Action,
    /// The folder or the URL of the store, and the entry if the error is about one.
    pub place: String,
    pub source: Box<dyn Error + Send + Sync>,
    /// Whether access was denied: by an object store to these credentials, or by the file system.
    pub is_forbidden: bool,
}

impl StoreError {
    /// Wraps an error, for `map_err`.
    pub(super) fn new<E: Into<Box<dyn Error + Send + Sync>>>(
        action: Action,
        place: impl fmt::Display,
    ) -> impl FnOnce(E) -> Self {
        move |source| {
            let source = source.into();
            let kind = source.downcast_ref().map(io::Error::kind);
            let forbidden = [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem];
            StoreError {
                action,
                place: place.to_string(),
                is_forbidden: kind.is_some_and(|kind| forbidden.contains(&kind)),
                source,
            }
        }
    }
}
