//! Parses and writes numbers of bytes as people write them.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{OutOfRange, schema};

/// A number of bytes, such as `512`, `100MiB`, `512M` or `2GB`.
///
/// `K`, `M` and `G`, and `KiB`, `MiB` and `GiB`, are powers of 1024; `kB`, `MB` and `GB` are powers
/// of 1000. Case does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "String")]
pub struct ByteSize(pub u64);

/// Units in lower case. A unit comes before those that it ends with, such as `kib` before `b`.
const UNITS: [(&str, u64); 10] = [
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("b", 1),
    ("k", 1 << 10),
    ("m", 1 << 20),
    ("g", 1 << 30),
];

/// The units that sizes are written in, largest first.
const WRITTEN_UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

impl FromStr for ByteSize {
    type Err = OutOfRange;

    fn from_str(text: &str) -> Result<Self, OutOfRange> {
        let wrong = || OutOfRange {
            what: "size",
            value: text.to_owned(),
            range: "a number of bytes such as `104857600`, `100MiB`, `512M` or `2GB`",
        };
        let lower = text.trim().to_ascii_lowercase();
        let (digits, factor) = UNITS
            .iter()
            .find_map(|(unit, factor)| Some((lower.strip_suffix(unit)?, *factor)))
            .unwrap_or((lower.as_str(), 1));
        let number: u64 = digits.trim_end().parse().map_err(|_| wrong())?;
        number.checked_mul(factor).map(ByteSize).ok_or_else(wrong)
    }
}

impl fmt::Display for ByteSize {
    /// Writes the largest unit of 1024 with one decimal: `2.1 MiB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, size) in WRITTEN_UNITS {
            if self.0 >= size {
                return write!(f, "{:.1} {unit}", self.0 as f64 / size as f64);
            }
        }
        write!(f, "{} B", self.0)
    }
}

impl From<ByteSize> for String {
    /// Returns the exact number, in the largest unit of 1024 that divides it.
    fn from(size: ByteSize) -> String {
        let exact = WRITTEN_UNITS
            .iter()
            .find(|(_, factor)| size.0 >= *factor && size.0.is_multiple_of(*factor));
        match exact {
            Some((unit, factor)) => format!("{}{unit}", size.0 / factor),
            None => size.0.to_string(),
        }
    }
}

impl<'de> Deserialize<'de> for ByteSize {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;

        impl Visitor<'_> for NumberOrText {
            type Value = ByteSize;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size such as `100MiB`")
            }

            fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<ByteSize, E> {
                Ok(ByteSize(bytes))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ByteSize, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(NumberOrText)
    }
}

schema!(ByteSize, "ByteSize", {
    "type": ["string", "integer"], "pattern": "^ *[0-9]+ *([kKmMgG]|([kKmMgG][iI]?)?[bB])? *$"
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_written() {
        for (text, bytes) in [
            ("0", 0),
            ("512", 512),
            ("100MiB", 100 << 20),
            ("100 mib", 100 << 20),
            ("2GB", 2_000_000_000),
            ("64kB", 64_000),
            ("7b", 7),
            ("512M", 512 << 20),
            ("512 m", 512 << 20),
            ("1G", 1 << 30),
            ("64K", 64 << 10),
        ] {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
        for text in [
            "",
            "MiB",
            "-1",
            "1.5GB",
            "1TB",
            "G",
            "1Gi",
            "99999999999999999999",
            "1e9",
        ] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
        for bytes in [0, 1, 1023, 1024, 100 << 20, 1 << 30, (1 << 30) + 1] {
            let text = String::from(ByteSize(bytes));
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
    }
}
