//! Lists and mappings with a maximum length: their entries are compared with each other, or with
//! every file or reference, so that their number bounds the work.

use std::convert::Infallible;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::with_hint;

/// Most entries of a list, and most paths of a code under `severity`.
pub const MOST_ENTRIES: usize = 1_000;
/// Most uploads folders: a reference may be looked up in each of them.
pub const MOST_FOLDERS: usize = 200;
/// Most presets of one rule.
pub const MOST_PRESETS: usize = 100;

/// Reads a list of at most `MOST` entries. Nothing after the limit is read.
///
/// # Errors
///
/// Returns an error at the first entry beyond the limit.
pub fn at_most<'de, const MOST: usize, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Entries<const MOST: usize, T>(PhantomData<T>);

    impl<'de, const MOST: usize, T: Deserialize<'de>> Visitor<'de> for Entries<MOST, T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a sequence")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut entries = Vec::new();
            while entries.len() < MOST {
                match list.next_element()? {
                    Some(entry) => entries.push(entry),
                    None => return Ok(entries),
                }
            }
            match list.next_element_seed(Excess { most: MOST })? {
                None => Ok(entries),
                Some(never) => match never {},
            }
        }
    }

    deserializer.deserialize_seq(Entries::<MOST, T>(PhantomData))
}

/// The first entry beyond the limit, which is an error wherever it is.
pub struct Excess {
    pub most: usize,
}

impl<'de> DeserializeSeed<'de> for Excess {
    type Value = Infallible;

    fn deserialize<D: Deserializer<'de>>(self, _: D) -> Result<Infallible, D::Error> {
        let most = self.most;
        let message = format!("there are more than {most} entries");
        let hint = "combine some of them, such as with `*` or a folder that contains theirs, or \
                    remove some";
        Err(D::Error::custom(with_hint(&message, hint)))
    }
}
