//! Names of temporary files: what one holds can be told from its name alone, after a kill too.

use std::sync::atomic::{AtomicU64, Ordering};

/// What every temporary file's name begins with. A dot: no generator publishes it.
const PREFIX: &str = ".planche-";
/// Ends the name of a file that is being written.
const WRITING: &str = ".tmp";
/// Ends the name of a complete file that is being exchanged with an article: from then on it may
/// hold an editor's work.
const EXCHANGING: &str = ".swap";

/// Whether a name is one of our temporary files'.
pub fn is_temporary(name: &str) -> bool {
    name.starts_with(PREFIX) && (name.ends_with(WRITING) || name.ends_with(EXCHANGING))
}

/// Whether a temporary file was only being written: its content belongs to nobody.
pub(super) fn is_being_written(name: &str) -> bool {
    name.ends_with(WRITING)
}

/// A new name for a file that is being written.
pub(super) fn writing_name() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{PREFIX}{}-{count}{WRITING}", std::process::id())
}

/// An exchange by hashes: what stood there, what comes, and the name of the article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exchange {
    pub old: String,
    pub new: String,
    pub article: String,
}

impl Exchange {
    pub fn of(old: &[u8], new: &[u8], article: &str) -> Self {
        Exchange {
            old: short_hash(old),
            new: short_hash(new),
            article: short_hash(article.as_bytes()),
        }
    }

    /// The name of the file that is exchanged.
    pub fn name(&self) -> String {
        let Exchange { old, new, article } = self;
        format!("{PREFIX}{old}-{new}-{article}{EXCHANGING}")
    }

    /// Reads a name back; none where it is not one of an exchange.
    pub fn read(name: &str) -> Option<Self> {
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
    blake3::hash(bytes).to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_a_file_holds() {
        let exchange = Exchange::of(b"old", b"new", "a.md");
        assert_eq!(Exchange::read(&exchange.name()), Some(exchange.clone()));
        assert!(is_temporary(&exchange.name()) && !is_being_written(&exchange.name()));
        assert!(is_temporary(&writing_name()) && is_being_written(&writing_name()));
        assert_eq!(Exchange::read(&writing_name()), None);
        assert_eq!(Exchange::read(".planche-a-b.swap"), None);
        assert!(!is_temporary(".planche-notes.md") && !is_temporary("a.tmp"));
        assert_ne!(writing_name(), writing_name());
    }
}
