//! Findings about pages that are not rewritten: a path and the reason go in, a finding comes out.

use super::scan_error::ScanError;
use crate::finding::{Code, Finding};
use crate::path::SitePath;
use crate::site::{Lost, SiteError, Streamed};

/// Returns the finding about a page whose name is not UTF-8. In `path`, replacement characters
/// stand for the bytes that are not.
pub(super) fn not_utf8_name(path: &SitePath) -> Finding {
    let message = "left unchanged: the page's name is not UTF-8";
    let finding = Finding::new(Code::PageRefused, message).in_file(path.as_str());
    finding.hint("rename the page, or the article that it was built from")
}

/// Returns the finding about a pages folder that cannot be read.
pub(super) fn unreadable_folder(path: &SitePath, error: &SiteError) -> Finding {
    let finding = Finding::new(Code::Unreadable, error.full()).in_file(path.as_str());
    finding.hint("make the folder readable; its pages were left unchanged")
}

/// Returns the finding about a folder without pages.
pub(super) fn no_pages() -> Finding {
    let message = "the folder contains no pages (`.html`) and no feeds";
    Finding::new(Code::NoPages, message)
}

/// Returns the finding about a page that cannot be scanned.
pub(super) fn unreadable(path: &SitePath, error: &ScanError) -> Finding {
    let finding = Finding::new(Code::PageRefused, format!("left unchanged: {error}"));
    finding.in_file(path.as_str())
}

/// Returns the finding that explains why a page was not written.
pub(super) fn refusal(streamed: Streamed) -> Finding {
    let (message, hint) = match streamed {
        Streamed::Written | Streamed::Refused => (
            "left unchanged: the new page failed the check before the write",
            None,
        ),
        Streamed::Changed => (
            "the page was changed while planche was running",
            Some("run planche again"),
        ),
        Streamed::OpenForWriting => (
            "another program has the page open for writing, so it was left unchanged",
            Some("run planche again when that program has closed it"),
        ),
        Streamed::CannotKeep(Lost::Owner) => (
            "left unchanged: its owner and group cannot be kept",
            Some("run planche as the file's owner"),
        ),
        Streamed::CannotKeep(Lost::Extended) => (
            "left unchanged: its access control list and extended attributes cannot be kept",
            Some("run planche as the file's owner"),
        ),
    };
    let finding = Finding::new(Code::PageRefused, message);
    match hint {
        Some(hint) => finding.hint(hint),
        None => finding,
    }
}

/// Returns the finding about a page that cannot be written.
pub(super) fn unwritable(path: &SitePath, error: &SiteError) -> Finding {
    Finding::new(Code::Unwritable, error.full())
        .in_file(path.as_str())
        .hint("make the page and its folder writable, or free disk space")
}
