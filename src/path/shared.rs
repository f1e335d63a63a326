//! Interns strings that occur often, while a large file of them is read.
//!
//! A ledger names the same uploads and keys in every article. Without this, each mention would be a
//! separate string, which takes more memory, and more time than finding the existing one.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use serde::Deserializer;
use serde::de::{Error, Visitor};

type Texts = HashSet<Arc<str>, foldhash::fast::RandomState>;

thread_local! {
    /// The texts read so far; `None` while nothing is shared.
    static KNOWN: RefCell<Option<Texts>> = const { RefCell::new(None) };
}

/// Runs `read`. While it runs, [`shared`] returns the same text for all equal texts that are read
/// on this thread.
pub fn sharing<T>(read: impl FnOnce() -> T) -> T {
    /// Forgets the texts, even if reading panics.
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            KNOWN.set(None);
        }
    }
    KNOWN.set(Some(Texts::default()));
    let _end = End;
    read()
}

/// Reads a text, for `deserialize_with`. Within [`sharing`], equal texts share their memory.
pub fn shared<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    deserializer.deserialize_str(Shared)
}

/// Reads a text that occurs once, for `deserialize_with`. Makes no intermediate copy.
pub(super) fn own<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    deserializer.deserialize_str(Own)
}

struct Shared;

impl Visitor<'_> for Shared {
    type Value = Arc<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Arc<str>, E> {
        Ok(KNOWN.with_borrow_mut(|known| {
            let Some(known) = known else {
                return text.into();
            };
            if let Some(known) = known.get(text) {
                return known.clone();
            }
            let new: Arc<str> = text.into();
            known.insert(new.clone());
            new
        }))
    }
}

struct Own;

impl Visitor<'_> for Own {
    type Value = Arc<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Arc<str>, E> {
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Text(#[serde(deserialize_with = "shared")] Arc<str>);

    #[test]
    fn equal_texts_are_one_while_they_are_shared() {
        let read = || {
            let texts: Vec<Text> = serde_json::from_str("[\"a\", \"b\", \"a\"]").unwrap();
            let [a, b, again] = &texts[..] else {
                panic!("three texts")
            };
            assert_eq!((&*a.0, &*b.0, &*again.0), ("a", "b", "a"));
            Arc::ptr_eq(&a.0, &again.0)
        };
        assert!(sharing(read));
        assert!(!read());
    }
}
