//! The disk: reading, walking and writing below a site's root.
//!
//! Nothing else opens files of a site. What the files mean is decided elsewhere.

mod attributes;
mod error;
mod exchange;
mod files;
mod folder;
mod gate;
mod kind;
mod listing;
mod lock;
mod root;
mod stamp;
mod stream;
mod swap;
mod temporary;
mod walk;
mod write;
mod writers;

pub use attributes::Lost;
pub use error::{Operation, SiteError};
pub use exchange::{Replaced, Rewriter, Swept, Undone};
pub use files::CheckedFiles;
pub use folder::{Entry, FilesBelow, Listed};
pub use gate::WriteGate;
pub use kind::Kind;
pub use listing::{Listings, LookedUp};
pub use lock::{Lock, LockError, STATE_FOLDER};
pub use root::{Root, SETTINGS_LIMIT, TEXT_LIMIT};
pub use stamp::{FileId, Moment, Stamp};
pub use stream::{Rewrite, Streamed};
pub(crate) use temporary::Temporary;
pub use temporary::is_temporary;
pub use walk::{ArticleFile, Walked, is_reached, pick, walk};
pub use write::Existing;
pub use writers::{RecentWriters, Writers};
