//! Temporary files. Their names describe their content, so that a run after a kill can use them.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicU64, Ordering};

use cap_std::fs::{Dir, File, OpenOptions, OpenOptionsExt};
use rustix::fs::{RenameFlags, renameat_with};
use rustix::io::Errno;

/// The start of every temporary file's name. Generators do not publish names that start with a dot.
const PREFIX: &str = ".planche-";
/// The end of the name of a file that is being written.
const WRITING: &str = ".tmp";
/// The end of the name of a complete file that is exchanged with an article: from then on it may
/// contain an editor's work.
const EXCHANGING: &str = ".swap";

/// Whether a name is that of a temporary file of ours.
pub fn is_temporary(name: &str) -> bool {
    name.starts_with(PREFIX) && (name.ends_with(WRITING) || name.ends_with(EXCHANGING))
}

/// Whether a temporary file was still being written, so that its content is useless.
pub(super) fn is_being_written(name: &str) -> bool {
    name.ends_with(WRITING)
}

/// Returns a new name for a file that is being written.
pub(super) fn writing_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{PREFIX}{}-{count}{WRITING}", std::process::id())
}

/// An exchange, by hashes: the content before, the content after, and the name of the article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exchange {
    pub old: String,
    pub new: String,
    pub article: String,
}

impl Exchange {
    pub fn new(old: blake3::Hash, new: blake3::Hash, article: &str) -> Self {
        Exchange {
            old: shortened(old),
            new: shortened(new),
            article: short_hash(article.as_bytes()),
        }
    }

    /// Returns the name of the file that is exchanged with the article.
    pub fn name(&self) -> String {
        let Exchange { old, new, article } = self;
        format!("{PREFIX}{old}-{new}-{article}{EXCHANGING}")
    }

    /// Parses the name of a file that is exchanged with an article.
    pub fn parse(name: &str) -> Option<Self> {
        let hashes = name.strip_prefix(PREFIX)?.strip_suffix(EXCHANGING)?;
        let mut hashes = hashes.split('-').map(str::to_owned);
        let exchange = Exchange {
            old: hashes.next()?,
            new: hashes.next()?,
            article: hashes.next()?,
        };
        hashes.next().is_none().then_some(exchange)
    }
}

pub(super) fn short_hash(bytes: &[u8]) -> String {
    shortened(blake3::hash(bytes))
}

fn shortened(hash: blake3::Hash) -> String {
    hash.to_hex()[..16].to_owned()
}

/// A temporary file that is being written. It is removed on drop, unless it was renamed or its name
/// was taken with [`Temporary::into_name`].
pub(crate) struct Temporary<'f> {
    folder: &'f Dir,
    name: String,
    file: File,
    is_kept: bool,
}

impl<'f> Temporary<'f> {
    /// Creates a file with these permissions (less the process's mask) and this content.
    pub fn create(folder: &'f Dir, permissions: Permissions, bytes: &[u8]) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        options.mode(permissions.mode());
        // A killed run with the same process number, as in containers, may have left the name.
        let (name, file) = loop {
            let name = writing_name();
            match folder.open_with(&name, &options) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                file => break (name, file?),
            }
        };
        let mut temporary = Temporary {
            folder,
            name,
            file,
            is_kept: false,
        };
        temporary.file.write_all(bytes)?;
        Ok(temporary)
    }

    pub fn file(&self) -> &File {
        &self.file
    }

    /// Opens the file again, for reading.
    pub fn reopen(&self) -> io::Result<File> {
        self.folder.open(&self.name)
    }

    /// Closes the file and returns its name; the caller renames or removes it.
    pub fn into_name(mut self) -> String {
        self.is_kept = true;
        std::mem::take(&mut self.name)
    }

    /// Renames the file, replacing another one of that name.
    pub fn rename(mut self, name: &str) -> io::Result<()> {
        self.folder.rename(&self.name, self.folder, name)?;
        self.is_kept = true;
        Ok(())
    }

    /// Renames the file; an existing one of that name is an error.
    pub fn rename_new(mut self, name: &str) -> io::Result<()> {
        let (folder, own) = (self.folder, self.name.as_str());
        match renameat_with(folder, own, folder, name, RenameFlags::NOREPLACE) {
            Ok(()) => {
                self.is_kept = true;
                Ok(())
            }
            // Creating a hard link fails as well if the name exists. The temporary name is removed
            // on drop.
            Err(error) if is_unsupported(error) => folder.hard_link(own, folder, name),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            // If this fails, a later run removes the file.
            let _ = self.folder.remove_file(&self.name);
        }
    }
}

/// Whether the error means that the file system lacks the operation.
pub(super) fn is_unsupported(error: Errno) -> bool {
    let unsupported = [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP];
    unsupported.contains(&error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_describe_the_content() {
        let exchange = Exchange::new(blake3::hash(b"old"), blake3::hash(b"new"), "a.md");
        assert_eq!(Exchange::parse(&exchange.name()), Some(exchange.clone()));
        assert!(is_temporary(&exchange.name()) && !is_being_written(&exchange.name()));
        assert!(is_temporary(&writing_name()) && is_being_written(&writing_name()));
        assert_eq!(Exchange::parse(&writing_name()), None);
        assert_eq!(Exchange::parse(".planche-a-b.swap"), None);
        assert!(!is_temporary(".planche-notes.md") && !is_temporary("a.tmp"));
        assert_ne!(writing_name(), writing_name());
    }
}
