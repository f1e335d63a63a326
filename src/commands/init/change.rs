//! The record of a change that `init` made.

use serde::{Deserialize, Serialize};

/// One change of one file, with what is needed to undo it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Change {
    pub path: String,
    /// `None` if the file did not exist.
    pub before: Option<String>,
    pub after: String,
    /// Folders that the change created, the outermost first.
    pub folders: Vec<String>,
}
