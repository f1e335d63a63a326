//! What `init` changes.

use serde::{Deserialize, Serialize};

/// One change of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Change {
    pub path: String,
    /// `None` if the file did not exist.
    pub before: Option<String>,
    pub after: String,
    /// The folders that did not exist, the outermost first.
    pub folders: Vec<String>,
}
