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
    /// Leave a data file whose format is not known, and report it.
    UnknownData,
}

impl Decision {
    /// Whether the file is read.
    pub fn is_taken(self) -> bool {
        match self {
            Decision::Page | Decision::Data => true,
            Decision::Leave | Decision::UnknownData => false,
        }
    }
}

/// Selects the files of a walk by their paths.
pub trait Filter {
    fn enters(&self, folder: &SitePath) -> bool;
    fn takes(&self, file: &SitePath) -> Decision;
}
