//! Stores of originals and encoded variants: keys and bytes go in, verified bytes come out.
//!
//! Names are derived from content: two writers of one name write the same bytes, so writing needs
//! no lock. An entry that is truncated or changed is never returned. A store is a cache or a place
//! of exchange, never the source of truth; it knows nothing about sites.

mod entry;
mod error;
mod evict;
mod folder;
mod key;
mod lease;
mod open;
#[cfg(feature = "remote")]
mod remote;

pub use entry::MARK;
pub use error::{Action, StoreError};
pub use folder::FolderStore;
pub use key::{Key, Name, Section, asked};
pub use lease::Lease;
pub use open::{ObjectStoreUrl, open};
#[cfg(feature = "remote")]
pub use remote::RemoteStore;

/// The result of putting bytes under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The bytes were stored.
    New,
    /// The store had the same bytes already.
    Same,
    /// The store has other intact bytes, which stay.
    Different,
}

/// A store of bytes under names that determine them. Several processes and machines may use it at
/// once.
pub trait Store: Send + Sync {
    /// Returns the verified bytes under a name; `None` if there are none, or only damaged ones.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    fn get(&self, name: Name) -> Result<Option<Vec<u8>>, StoreError>;

    /// Stores bytes. If intact bytes have this name already, compares them instead.
    ///
    /// # Errors
    ///
    /// If the store cannot be written, or the entry in it cannot be read.
    fn put_if_absent(&self, name: Name, bytes: &[u8]) -> Result<Put, StoreError>;

    /// Whether there is an entry with this name, which may be damaged.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    fn exists(&self, name: Name) -> Result<bool, StoreError>;

    /// Returns the names of all entries of a section, in no particular order.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    fn list(&self, section: Section) -> Result<Vec<Name>, StoreError>;
}
