//! Splits jobs between machines, for setups without an engine.

use std::fmt;
use std::str::FromStr;

use super::Id;

/// The jobs of one of `count` machines. Every job is in exactly one shard, which depends on its id
/// alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// The number of this machine, from 1 to `count`.
    index: u32,
    count: u32,
}

/// A text that is not a shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a shard – hint: write `2/8` for the second of eight")]
pub struct BadShard(String);

impl Shard {
    /// Whether the job with this id belongs to the shard.
    pub fn has(self, id: Id) -> bool {
        let [a, b, c, d, e, f, g, h, ..] = id.0;
        let number = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        number % u64::from(self.count) == u64::from(self.index - 1)
    }
}

impl FromStr for Shard {
    type Err = BadShard;

    fn from_str(text: &str) -> Result<Self, BadShard> {
        let parts = text.split_once('/');
        let parts = parts.and_then(|(index, count)| index.parse().ok().zip(count.parse().ok()));
        match parts {
            Some((index, count)) if (1..=count).contains(&index) => Ok(Shard { index, count }),
            _ => Err(BadShard(text.to_owned())),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_in_one_shard_and_all_shards_have_some() {
        let ids: Vec<Id> = (0..1000u32)
            .map(|number| Id(*blake3::hash(&number.to_le_bytes()).as_bytes()))
            .collect();
        for count in [1, 2, 7, 64] {
            let shards: Vec<Shard> = (1..=count)
                .map(|index| format!("{index}/{count}").parse().unwrap())
                .collect();
            for id in &ids {
                let owners = shards.iter().filter(|shard| shard.has(*id)).count();
                assert_eq!(owners, 1, "{id} of {count}");
            }
            for shard in shards {
                assert!(ids.iter().any(|id| shard.has(*id)), "{shard}");
            }
        }
    }

    #[test]
    fn what_is_no_share_is_refused() {
        for text in [
            "0/4",
            "5/4",
            "1/0",
            "1",
            "",
            "1/2/3",
            "-1/2",
            "a/b",
            "1/99999999999",
        ] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
