//! Reads the boxes of the ISO base media format (ISO/IEC 14496-12), and the numbers in them.

/// Reason why a file is not read.
pub(super) enum Refusal {
    Damaged(&'static str),
    Unusual(&'static str),
}

pub(super) type Read<T> = Result<T, Refusal>;

/// A box: its type and its payload.
#[derive(Clone, Copy)]
pub(super) struct IsoBox<'a> {
    pub kind: [u8; 4],
    pub payload: &'a [u8],
}

/// Iterates over the boxes of a payload (ISO/IEC 14496-12, section 4.2), up to the first that is
/// truncated.
pub(crate) fn boxes(bytes: &[u8]) -> impl Iterator<Item = IsoBox<'_>> {
    let mut rest = Bytes(bytes);
    std::iter::from_fn(move || {
        let start = rest.0;
        let short = rest.number(4)?;
        let kind = *rest.take(4)?.first_chunk()?;
        let length = match short {
            0 => start.len() as u64,
            1 => rest.number(8)?,
            short => short,
        };
        let header = start.len() - rest.0.len();
        let length = usize::try_from(length).ok()?.checked_sub(header)?;
        Some(IsoBox {
            kind,
            payload: rest.take(length)?,
        })
    })
}

pub(crate) fn child<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(bytes)
        .find(|piece| piece.kind == *kind)
        .map(|piece| piece.payload)
}

/// Reader of bytes from the start.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// Reads a big-endian number of `length` bytes, at most eight; 0 for a length of 0.
    pub fn number(&mut self, length: usize) -> Option<u64> {
        let bytes = self.take(length)?;
        Some(
            bytes
                .iter()
                .fold(0, |number, byte| number << 8 | u64::from(*byte)),
        )
    }

    pub fn u32(&mut self, length: usize) -> Option<u32> {
        self.number(length)?.try_into().ok()
    }

    pub fn usize(&mut self, length: usize) -> Option<usize> {
        self.number(length)?.try_into().ok()
    }

    /// Reads the version and the flags of a full box.
    pub fn version(&mut self) -> Option<(u8, u32)> {
        let version = self.u32(1)?;
        Some((u8::try_from(version).ok()?, self.u32(3)?))
    }
}

/// Returns the brands of a file of the ISO base media format (ISO/IEC 14496-12, section 4.3): the
/// major one and the compatible ones.
pub(in crate::format) fn brands(bytes: &[u8]) -> Vec<&[u8; 4]> {
    /// Maximum number of brands; files have a handful.
    const MOST: usize = 64;
    let Some([l0, l1, l2, l3, b'f', b't', b'y', b'p']) = bytes.first_chunk() else {
        return Vec::new();
    };
    let length = u32::from_be_bytes([*l0, *l1, *l2, *l3]);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let payload = &bytes[8..length.clamp(8, bytes.len())];
    let (words, _) = payload.as_chunks::<4>();
    let version = 1;
    let words = words.iter().enumerate().filter(|(at, _)| *at != version);
    words.map(|(_, brand)| brand).take(MOST).collect()
}
