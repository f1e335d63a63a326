//! Decides which folders a walk enters and which files it takes.

use crate::path::SitePath;

/// What to do with a file that a walk meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Leave,
    /// Read it as a page: front matter between delimiters, then a body.
    Page,
    /// Read it as a data file: front matter without delimiters.
    Data,
}

/// Selects the files of a walk by their paths.
pub trait Filter {
    fn enters(&self, folder: &SitePath) -> bool;
    fn takes(&self, file: &SitePath) -> Decision;
}
