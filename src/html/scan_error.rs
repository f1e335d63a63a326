//! Reasons why a page cannot be scanned.

use std::io;

use lol_html::errors::RewritingError;

use crate::picture::units::ByteSize;

/// Longest tag, in bytes: the tokenizer keeps a tag until it is complete.
pub(super) const LONGEST_TAG: usize = 8 << 20;

/// A page that cannot be read as HTML.
#[derive(Debug, thiserror::Error)]
pub(super) enum ScanError {
    #[error("the page cannot be read: {0}")]
    Read(#[from] io::Error),
    #[error("the page is UTF-16, which is not edited")]
    Utf16,
    #[error("a tag or a comment of the page is longer than {}", ByteSize(LONGEST_TAG as u64))]
    LongTag,
    #[error("the page cannot be parsed")]
    Html,
}

impl From<RewritingError> for ScanError {
    fn from(error: RewritingError) -> Self {
        match error {
            RewritingError::MemoryLimitExceeded(_) => ScanError::LongTag,
            // The tokenizer is not strict, and our handlers do not fail.
            _ => ScanError::Html,
        }
    }
}
