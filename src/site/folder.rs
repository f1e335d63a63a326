//! Lists folders: the names in one, and the files and folders below one.

use std::collections::BTreeMap;
use std::io;

use cap_std::fs::{Dir, FileType};

use super::error::{Operation, SiteError};
use super::kind::Kind;
use super::root::Root;
use super::stamp::{Stamp, leaf, leaves};
use super::temporary::is_temporary;
use crate::path::SitePath;

/// A directory entry, with the data that shows whether it has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    File(Stamp),
    /// A folder, a link, a pipe, or a file whose status cannot be read: only the type is known.
    Other(Kind),
}

/// The names in a folder.
#[derive(Debug, Default)]
pub struct Listed {
    /// Sorted by name.
    pub names: Vec<(String, Kind)>,
    /// Names that are not UTF-8, with replacement characters.
    pub not_utf8: Vec<String>,
}

/// The files in a folder and below it.
#[derive(Debug, Default)]
pub struct FilesBelow {
    pub files: Vec<(SitePath, Stamp)>,
    /// Temporary files left by an earlier run.
    pub leftovers: Vec<SitePath>,
    /// Files and folders whose names are not UTF-8, with replacement characters.
    pub not_utf8: Vec<SitePath>,
    /// Folders that cannot be read.
    pub unreadable: Vec<(SitePath, SiteError)>,
    /// Links, which are not followed.
    pub links: Vec<SitePath>,
}

impl Root {
    /// The names in a folder and their types.
    pub fn list(&self, path: &SitePath) -> io::Result<Listed> {
        list(&self.open_dir(path)?)
    }

    /// Returns a folder and the folders below it, without those that cannot be read; empty if it
    /// does not exist. Links are not followed.
    pub fn folders_below(&self, folder: &SitePath) -> Vec<SitePath> {
        let mut found = Vec::new();
        let mut open = vec![folder.clone()];
        while let Some(path) = open.pop() {
            let Ok(listed) = self.list(&path) else {
                continue;
            };
            let folders = listed
                .names
                .iter()
                .filter(|(_, kind)| *kind == Kind::Folder);
            open.extend(folders.map(|(name, _)| path.child(name)));
            found.push(path);
        }
        found
    }

    /// The entries of a folder, by name.
    pub fn entries(&self, path: &SitePath) -> io::Result<BTreeMap<String, Entry>> {
        let dir = self.open_dir(path)?;
        let names = list(&dir)?.names.into_iter();
        Ok(names
            .map(|(name, kind)| {
                let entry = match leaf(&dir, &name) {
                    Ok(Some(leaf)) => Entry::File(leaf.stamp),
                    _ => Entry::Other(kind),
                };
                (name, entry)
            })
            .collect())
    }

    /// Returns the regular files in a folder and below it.
    ///
    /// # Errors
    ///
    /// If the folder or one below it cannot be read.
    pub fn files_below(&self, folder: &SitePath) -> Result<FilesBelow, SiteError> {
        let mut found = self.readable_files_below(folder);
        match found.unreadable.pop() {
            Some((_, error)) => Err(error),
            None => Ok(found),
        }
    }

    /// Returns the regular files in a folder and below it, and what could not be read.
    pub fn readable_files_below(&self, folder: &SitePath) -> FilesBelow {
        let mut found = FilesBelow::default();
        let mut folders = vec![folder.clone()];
        while let Some(path) = folders.pop() {
            let listed = match self.open_dir(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                dir => dir.and_then(|dir| Ok((list(&dir)?, dir))),
            };
            let (listed, dir) = match listed {
                Ok(listed) => listed,
                Err(error) => {
                    let error = SiteError::io(Operation::Read, &path)(error);
                    found.unreadable.push((path, error));
                    continue;
                }
            };
            let not_utf8 = listed.not_utf8.iter().map(|name| path.child(name));
            found.not_utf8.extend(not_utf8);
            let mut files = Vec::new();
            for (name, kind) in listed.names {
                match kind {
                    Kind::Folder => folders.push(path.child(&name)),
                    Kind::File if is_temporary(&name) => found.leftovers.push(path.child(&name)),
                    Kind::File => files.push(name),
                    Kind::Link => found.links.push(path.child(&name)),
                    Kind::Pipe | Kind::Socket | Kind::Device => {}
                }
            }
            for (name, leaf) in files.iter().zip(leaves(&dir, &files)) {
                if let Ok(Some(leaf)) = leaf {
                    found.files.push((path.child(name), leaf.stamp));
                }
            }
        }
        found.files.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        found.not_utf8.sort_unstable();
        found.links.sort_unstable();
        found
    }
}

/// The names in an open folder and their types.
pub(super) fn list(dir: &Dir) -> io::Result<Listed> {
    let mut listed = Listed::default();
    for entry in dir.entries()? {
        let entry = entry?;
        let kind = match entry.file_type() {
            // Some file systems do not tell the type in a listing.
            Ok(kind) if kind == FileType::unknown() => {
                entry.metadata().map(|metadata| metadata.file_type())
            }
            kind => kind,
        };
        let kind = match kind {
            // Removed since the folder was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            kind => Kind::from_file_type(kind?),
        };
        match entry.file_name().into_string() {
            Ok(name) => listed.names.push((name, kind)),
            Err(name) => listed.not_utf8.push(name.to_string_lossy().into_owned()),
        }
    }
    listed.names.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    listed.not_utf8.sort_unstable();
    Ok(listed)
}
