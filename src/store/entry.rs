//! Seals and unseals entries: unsealing returns the bytes only if no bit of the sealed ones has
//! changed.
//!
//! An original is stored as it is: its name is its digest. A variant has a header of 80 bytes: a
//! mark of this format, its key, the length of the variant (64 bits, little-endian), and the BLAKE3
//! digest of the variant.

use std::borrow::Cow;

use super::Name;
use crate::picture::info::Digest;

/// The first bytes of a sealed variant. No text begins with the first one.
pub const MARK: &[u8; 8] = b"\x8bplanche";
/// The size of the largest entry that is read, in bytes.
pub(super) const LARGEST: u64 = 1 << 30;
const HEADER: usize = MARK.len() + 32 + 8 + 32;

/// Returns the content of an entry's file.
pub(super) fn seal(name: Name, bytes: &[u8]) -> Cow<'_, [u8]> {
    let Name::Variant(key) = name else {
        return Cow::Borrowed(bytes);
    };
    let mut sealed = Vec::with_capacity(HEADER + bytes.len());
    sealed.extend(MARK);
    sealed.extend(key.0);
    sealed.extend((bytes.len() as u64).to_le_bytes());
    sealed.extend(Digest::of(bytes).0);
    sealed.extend(bytes);
    Cow::Owned(sealed)
}

/// Returns the bytes of an entry from the content of its file, if this is an intact entry with this
/// name.
pub(super) fn unseal(name: Name, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
    let Name::Variant(key) = name else {
        return (Digest::of(&sealed).0 == name.id()).then_some(sealed);
    };
    let rest = sealed.strip_prefix(MARK)?;
    let (own, rest) = rest.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (digest, bytes) = rest.split_first_chunk()?;
    let is_intact = *own == key.0
        && u64::from_le_bytes(*length) == bytes.len() as u64
        && Digest::of(bytes).0 == *digest;
    if !is_intact {
        return None;
    }
    sealed.drain(..HEADER);
    Some(sealed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Key;

    const NAME: Name = Name::Variant(Key([7; 32]));

    #[test]
    fn every_flipped_bit_and_every_cut_is_noticed() {
        let sealed = seal(NAME, b"a variant").into_owned();
        assert_eq!(sealed.len(), 89);
        assert_eq!(unseal(NAME, sealed.clone()), Some(b"a variant".to_vec()));
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(unseal(NAME, flipped), None, "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert_eq!(unseal(NAME, sealed[..length].to_vec()), None, "{length}");
        }
        let longer = [&sealed[..], b"x"].concat();
        assert_eq!(unseal(NAME, longer), None);
        let other = Name::Variant(Key([8; 32]));
        assert_eq!(unseal(other, sealed), None);
        assert_eq!(unseal(NAME, b"RIFF, of somebody else".repeat(9)), None);
    }

    #[test]
    fn an_original_is_stored_as_it_is() {
        let name = Name::Original(Digest::of(b"photo"));
        assert_eq!(*seal(name, b"photo"), *b"photo");
        assert_eq!(unseal(name, b"photo".to_vec()), Some(b"photo".to_vec()));
        assert_eq!(unseal(name, b"phot".to_vec()), None);
    }

    #[test]
    fn an_empty_variant_is_an_entry_too() {
        assert_eq!(unseal(NAME, seal(NAME, b"").into_owned()), Some(Vec::new()));
    }
}
