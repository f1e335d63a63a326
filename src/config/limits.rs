//! `limits:`, what one upload, one article and a whole run may cost.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::picture::units::ByteSize;

/// Limits of the cost of uploads and articles. What is over a limit is left alone, with a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Maximum size of one upload, in megapixels.
    pub megapixels: u32,
    /// Maximum width and height of one upload, in pixels.
    pub side: u32,
    /// Maximum work to decode one upload, in megapixels: the size of an animation times its
    /// frames, or of a JPEG times its scans.
    pub work: u32,
    /// Maximum file size of one upload, such as `100MiB`.
    pub file: ByteSize,
    /// Maximum memory for decoded pixels, such as `512MiB`, or `auto`: a quarter of the available
    /// memory.
    pub memory: MemoryLimit,
    /// Maximum size of one article's front matter, or of one data file.
    pub front_matter: ByteSize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            megapixels: 100,
            side: 30_000,
            // Encoders write ten scans: this allows twenty at the limit of megapixels.
            work: 2_000,
            file: ByteSize(100 << 20),
            memory: MemoryLimit::Auto,
            front_matter: ByteSize(1 << 20),
        }
    }
}

impl Limits {
    /// Returns the limits against which the headers of an image are checked.
    pub fn for_images(&self) -> crate::picture::limits::Limits {
        crate::picture::limits::Limits {
            megapixels: self.megapixels,
            side: self.side,
            work: self.work,
        }
    }
}

/// A number of bytes, or `auto`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MemoryLimit {
    /// A quarter of the available memory.
    #[default]
    Auto,
    /// This many bytes.
    Bytes(ByteSize),
}

impl Serialize for MemoryLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            MemoryLimit::Auto => serializer.serialize_str("auto"),
            MemoryLimit::Bytes(size) => size.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for MemoryLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AutoOrSize;

        impl Visitor<'_> for AutoOrSize {
            type Value = MemoryLimit;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`auto`, or a size such as `512MiB`")
            }

            fn visit_u64<E: de::Error>(self, bytes: u64) -> Result<MemoryLimit, E> {
                Ok(MemoryLimit::Bytes(ByteSize(bytes)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<MemoryLimit, E> {
                match text {
                    "auto" => Ok(MemoryLimit::Auto),
                    size => size.parse().map(MemoryLimit::Bytes).map_err(|_| {
                        let reason = "is neither `auto` nor a size such as `512MiB`";
                        E::custom(format!("memory `{size}` {reason}"))
                    }),
                }
            }
        }

        deserializer.deserialize_any(AutoOrSize)
    }
}

impl JsonSchema for MemoryLimit {
    fn schema_name() -> Cow<'static, str> {
        "MemoryLimit".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let size = generator.subschema_for::<ByteSize>();
        schemars::json_schema!({ "anyOf": [{ "const": "auto" }, size] })
    }
}
