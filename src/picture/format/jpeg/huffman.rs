//! Huffman codes (ITU-T T.81, annex F.2.2): the tables of a stream, and the bits that they are read
//! from.

use super::standard_tables::STANDARD_TABLES;

/// The tables that are defined at a place of the stream.
#[derive(Default)]
pub(super) struct Tables {
    dc: [Option<Table>; 16],
    ac: [Option<Table>; 16],
}

impl Tables {
    /// Those of T.81, section K.3.
    pub fn standard() -> Self {
        let mut tables = Tables::default();
        for (class_and_id, counts, values) in STANDARD_TABLES {
            tables.set(*class_and_id, counts, values);
        }
        tables
    }

    /// Adds those of a segment, or replaces them.
    pub fn add(&mut self, mut payload: &[u8]) {
        while let Some((class_and_id, rest)) = payload.split_first() {
            let Some((counts, rest)) = rest.split_first_chunk::<16>() else {
                return;
            };
            let total = counts.iter().map(|count| usize::from(*count)).sum();
            let Some((values, rest)) = rest.split_at_checked(total) else {
                return;
            };
            self.set(*class_and_id, counts, values);
            payload = rest;
        }
    }

    fn set(&mut self, class_and_id: u8, counts: &[u8; 16], values: &[u8]) {
        let id = usize::from(class_and_id & 15);
        let table = Some(Table::new(counts, values));
        if class_and_id >> 4 == 0 {
            self.dc[id] = table;
        } else {
            self.ac[id] = table;
        }
    }

    /// The DC table of a scan's selector.
    pub fn dc(&self, selectors: u8) -> Option<&Table> {
        self.dc[usize::from(selectors >> 4)].as_ref()
    }

    /// The AC table of a scan's selector.
    pub fn ac(&self, selectors: u8) -> Option<&Table> {
        self.ac[usize::from(selectors & 15)].as_ref()
    }
}

/// Codes of up to so many bits are found in one step.
const SHORT: u8 = 10;

/// A Huffman table (T.81, annex C).
pub(super) struct Table {
    /// For each [`SHORT`] bits, the length of the code that they start with, and its value; length
    /// 0 for none.
    short: Box<[(u8, u8); 1 << SHORT]>,
    long: Vec<LongCodes>,
    /// Of all codes, in the order of the codes.
    values: Vec<u8>,
}

/// The codes of one length.
struct LongCodes {
    length: u8,
    /// The first code and the one after the last, aligned to sixteen bits.
    start: u32,
    end: u32,
    /// The index of the first code's value.
    first_value: usize,
}

impl Table {
    fn new(counts: &[u8; 16], values: &[u8]) -> Self {
        let mut short = Box::new([(0, 0); 1 << SHORT]);
        let mut long = Vec::new();
        let (mut next, mut index) = (0u32, 0);
        for (length, count) in (1u8..).zip(counts) {
            let count = usize::from(*count);
            // At most 16 × 255 × 2¹⁵.
            let end = next + ((count as u32) << (16 - length));
            if length <= SHORT {
                for value in &values[index..index + count] {
                    let span = 1 << (SHORT - length);
                    let at = (next >> (16 - SHORT)) as usize;
                    if let Some(entries) = short.get_mut(at..at + span) {
                        entries.fill((length, *value));
                    }
                    next += 1 << (16 - length);
                }
            } else if count > 0 {
                long.push(LongCodes {
                    length,
                    start: next,
                    end,
                    first_value: index,
                });
            }
            (next, index) = (end, index + count);
        }
        Table {
            short,
            long,
            values: values.to_vec(),
        }
    }

    /// The length and value of the code that sixteen bits start with.
    fn find(&self, bits: u16) -> Option<(u8, u8)> {
        let (length, value) = self.short[usize::from(bits >> (16 - SHORT))];
        if length > 0 {
            return Some((length, value));
        }
        let bits = u32::from(bits);
        let codes = self
            .long
            .iter()
            .find(|codes| (codes.start..codes.end).contains(&bits))?;
        let index = (bits - codes.start) >> (16 - codes.length);
        let value = self.values.get(codes.first_value + index as usize)?;
        Some((codes.length, *value))
    }
}

/// Why a scan cannot be walked to its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    EndOfData,
    /// No code of the table starts with the next bits.
    NoSuchCode,
}

/// Entropy-coded bits, with stuffed bytes left out, and zeros after the end.
pub(super) struct Bits<'d> {
    data: &'d [u8],
    buffer: u64,
    count: u32,
    /// Bits that were added after the end.
    invented: u64,
}

/// Whether one of the eight bytes is 0xff.
fn has_ff(word: u64) -> bool {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let zero_if_ff = !word;
    zero_if_ff.wrapping_sub(ONES) & word & (ONES << 7) != 0
}

impl<'d> Bits<'d> {
    pub fn new(data: &'d [u8]) -> Self {
        Bits {
            data,
            buffer: 0,
            count: 0,
            invented: 0,
        }
    }

    /// Fills the buffer to more than 48 bits.
    fn fill(&mut self) {
        // Without a byte 0xff, several bytes are taken at once.
        if let Some(word) = self
            .data
            .first_chunk()
            .map(|bytes| u64::from_be_bytes(*bytes))
            && !has_ff(word)
        {
            let bytes = (56 - self.count) / 8;
            self.buffer = self.buffer << (8 * bytes) | word >> 8 >> (56 - 8 * bytes);
            self.count += 8 * bytes;
            self.data = &self.data[bytes as usize..];
            return;
        }
        while self.count <= 48 {
            let byte = match self.data {
                [0xff, 0, rest @ ..] => {
                    self.data = rest;
                    0xff
                }
                // Any other marker ends the data.
                [0xff, ..] | [] => {
                    self.invented += 8;
                    0
                }
                [byte, rest @ ..] => {
                    self.data = rest;
                    *byte
                }
            };
            self.buffer = self.buffer << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    /// The value of the next code.
    pub fn symbol(&mut self, table: &Table) -> Result<u8, Stop> {
        if self.count < 32 {
            self.fill();
        }
        let next = (self.buffer >> (self.count - 16)) as u16;
        let (length, value) = table.find(next).ok_or(Stop::NoSuchCode)?;
        self.count -= u32::from(length);
        Ok(value)
    }

    /// The number that follows a symbol: at most 15 bits.
    pub fn number(&mut self, bits: u8) -> u32 {
        self.skip_after_symbol(bits);
        (self.buffer >> self.count) as u32 & ((1 << (bits & 15)) - 1)
    }

    /// Skips at most 15 bits after a symbol, which leaves that many in the buffer.
    pub fn skip_after_symbol(&mut self, bits: u8) {
        self.count -= u32::from(bits & 15);
    }

    /// Skips any number of bits.
    pub fn skip(&mut self, bits: u64) -> Result<(), Stop> {
        let mut rest = bits;
        while rest > 0 {
            if self.count < 32 {
                self.fill();
                self.expect_data()?;
            }
            let step = rest.min(self.count.into());
            self.count -= step as u32;
            rest -= step;
        }
        Ok(())
    }

    /// # Errors
    ///
    /// A bit after the end was read.
    pub fn expect_data(&self) -> Result<(), Stop> {
        match self.invented > u64::from(self.count) {
            true => Err(Stop::EndOfData),
            false => Ok(()),
        }
    }

    /// The number of bits that were not read.
    pub fn remaining(&self) -> u64 {
        (8 * self.data.len() as u64 + u64::from(self.count)).saturating_sub(self.invented)
    }
}
