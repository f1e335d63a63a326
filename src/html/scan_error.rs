//! Reasons why a page cannot be scanned.

use std::io;

use lol_html::errors::RewritingError;

use crate::picture::units::ByteSize;

/// Largest memory of the tokenizer, in bytes. It keeps a tag or a comment until it is complete, and
/// something of each open element.
pub(super) const LARGEST_MEMORY: usize = 8 << 20;

/// Largest number of rules of style sheets that are gone through, and of comparisons, for all
/// images of a page: a few seconds. Pages that people write need a thousandth of it.
pub(super) const MOST_WORK: u64 = 20_000_000;

/// A page that cannot be read as HTML.
#[derive(Debug, thiserror::Error)]
pub(super) enum ScanError {
    #[error("the page cannot be read: {0}")]
    Read(#[from] io::Error),
    #[error("the page is UTF-16, which is not edited")]
    Utf16,
    #[error(
        "a tag, a comment or nested elements of the page need more than {} of memory",
        ByteSize(LARGEST_MEMORY as u64)
    )]
    Memory,
    #[error("the page cannot be parsed")]
    Html,
    #[error("its style sheets have too many rules for its images")]
    Rules,
}

impl From<RewritingError> for ScanError {
    fn from(error: RewritingError) -> Self {
        match error {
            RewritingError::MemoryLimitExceeded(_) => ScanError::Memory,
            // The tokenizer is not strict, and our handlers do not fail.
            _ => ScanError::Html,
        }
    }
}

/// Whether a text starts like UTF-16: with a byte order mark, or with two ASCII characters in
/// UTF-16.
pub(super) fn is_utf16(text: &[u8]) -> bool {
    match text {
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] => true,
        [0, one, 0, other, ..] | [one, 0, other, 0, ..] => *one != 0 && *other != 0,
        _ => false,
    }
}
