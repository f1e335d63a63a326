//! The reasons why the variants of one original could not be produced.

use crate::finding::Finding;
use crate::picture::error::ImageError;
use crate::picture::units::ByteSize;
use crate::site::SiteError;

/// The reason why the variants of one original could not be produced.
#[derive(Debug, thiserror::Error)]
pub enum ProduceError {
    #[error(transparent)]
    Image(#[from] ImageError),
    #[error("{}", .0.full())]
    Site(#[from] SiteError),
    #[error("the file changed while it was being processed")]
    Changed,
    #[error("the decoder panicked: {0}")]
    Panicked(String),
    #[error("it needs {needs} of memory, more than the limit of {limit}")]
    OverMemory { needs: ByteSize, limit: ByteSize },
    /// A file that another machine has made, or was to make, cannot be stored or fetched.
    #[error("{}", .0.message)]
    Elsewhere(Box<Finding>),
}

impl ProduceError {
    /// Whether the bytes of the original are the cause, so that the next run fails as well.
    pub fn is_of_bytes(&self) -> bool {
        matches!(
            self,
            ProduceError::Image(ImageError::Decode(_) | ImageError::Color(_))
                | ProduceError::Panicked(_)
        )
    }
}
