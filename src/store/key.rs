//! The key of a variant: one digest of everything that determines its bytes.

use std::fmt;
use std::str::FromStr;

use crate::picture::info::Digest;
use crate::picture::recipe::{Framing, Recipe, Rendition};
use crate::picture::units::Dimensions;

/// The BLAKE3 digest of the original's digest, the size, the framing, the recipe as requested, and
/// the encoder's version. The digest in a variant's name is the beginning of its key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub [u8; 32]);

/// Returns the part of a key's input that all widths of a ladder share: framing, recipe, encoder
/// version.
pub fn asked(framing: Framing, recipe: &Recipe) -> String {
    format!("{framing} {recipe}\n{}", recipe.format.encoder().version)
}

impl Key {
    /// Returns the key of one variant; `asked` is the result of [`asked`].
    pub fn new(original: Digest, dimensions: Dimensions, asked: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&original.0);
        let Dimensions { width, height } = dimensions;
        hasher.update(format!("\n{width}x{height} {asked}").as_bytes());
        Key(*hasher.finalize().as_bytes())
    }

    /// Returns the key of a rendition of the original with this digest.
    pub fn of(original: Digest, rendition: &Rendition) -> Self {
        let asked = asked(rendition.framing, &rendition.recipe);
        Key::new(original, rendition.dimensions, &asked)
    }
}

/// 64 hexadecimal digits in lower case.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let id = id(text).ok_or_else(|| format!("`{text}` is not 64 hexadecimal digits"))?;
        Ok(Key(id))
    }
}

/// The name of an entry of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// An original, as it is, under the digest of its bytes.
    Original(Digest),
    /// An encoded variant.
    Variant(Key),
}

/// The kinds of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Originals,
    Variants,
}

impl Section {
    /// The folder of the entries of this kind.
    pub fn folder(self) -> &'static str {
        match self {
            Section::Originals => "originals",
            Section::Variants => "variants",
        }
    }

    /// The name of the entry with this file name.
    pub fn name(self, file: &str) -> Option<Name> {
        let id = id(file)?;
        Some(match self {
            Section::Originals => Name::Original(Digest(id)),
            Section::Variants => Name::Variant(Key(id)),
        })
    }
}

impl Name {
    pub fn section(self) -> Section {
        match self {
            Name::Original(_) => Section::Originals,
            Name::Variant(_) => Section::Variants,
        }
    }

    pub(super) fn id(self) -> [u8; 32] {
        match self {
            Name::Original(digest) => digest.0,
            Name::Variant(key) => key.0,
        }
    }

    /// Returns the name of the entry's file: 64 hexadecimal digits.
    pub fn file(self) -> String {
        hex(&self.id())
    }

    /// Returns the folder of the entry's file below the store: the section and the first two
    /// digits, so that no folder contains too many files.
    pub fn folder(self) -> String {
        format!("{}/{}", self.section().folder(), &self.file()[..2])
    }
}

/// The path of the entry's file below the store.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.folder(), self.file())
    }
}

fn hex(id: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*id).to_hex().to_string()
}

/// Parses 64 hexadecimal digits in lower case.
fn id(text: &str) -> Option<[u8; 32]> {
    let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    let hash = blake3::Hash::from_hex(text).ok().filter(|_| is_lower)?;
    Some(*hash.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::info::Format;

    #[test]
    fn a_key_is_the_digest_of_all_that_determines_the_bytes() {
        let rendition = Rendition {
            dimensions: Dimensions {
                width: 320,
                height: 200,
            },
            framing: Framing::Whole,
            recipe: Recipe::plain(Format::WEBP),
        };
        let version = Format::WEBP.encoder().version;
        let text = format!(
            "\n320x200 whole webp quality=80 effort=4 lossless=never resize=srgb color=srgb\n{version}"
        );
        let joined = [&[0; 32], text.as_bytes()].concat();
        let key = Key::of(Digest([0; 32]), &rendition);
        assert_eq!(key.0, *blake3::hash(&joined).as_bytes());
    }

    #[test]
    fn names_are_paths_and_back() {
        let key: Key = "0123456789abcdef".repeat(4).parse().unwrap();
        let name = Name::Variant(key);
        let text = name.to_string();
        assert_eq!(
            text,
            format!("variants/01/{}", "0123456789abcdef".repeat(4))
        );
        assert_eq!(Section::Variants.name(&name.file()), Some(name));
        let original = Name::Original(Digest(key.0));
        assert_eq!(Section::Originals.name(&name.file()), Some(original));
        assert_ne!(original, name);
        for bad in ["", "01", &"0123456789ABCDEF".repeat(4), &"é".repeat(32)] {
            assert_eq!(Section::Variants.name(bad), None, "{bad}");
            assert!(bad.parse::<Key>().is_err(), "{bad}");
        }
    }
}
