//! Reads Huffman codes (ITU-T T.81, annex F.2.2): contains the tables of a stream, and the reader
//! of its bits.

use std::cell::OnceCell;

use memchr::memchr_iter;

use super::standard_tables::STANDARD_TABLES;

/// The Huffman tables that are defined at a place of the stream.
#[derive(Default)]
pub(super) struct Tables {
    dc: [Option<Table>; 16],
    ac: [Option<Table>; 16],
}

impl Tables {
    /// Returns the tables of T.81, section K.3.
    pub fn standard() -> Self {
        let mut tables = Tables::default();
        for (class_and_id, counts, values) in STANDARD_TABLES {
            tables.set(*class_and_id, counts, values);
        }
        tables
    }

    /// Adds or replaces the tables of a segment.
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

    /// Returns the DC table that a scan's selectors name.
    pub fn dc(&self, selectors: u8) -> Option<&Table> {
        self.dc[usize::from(selectors >> 4)].as_ref()
    }

    /// Returns the AC table that a scan's selectors name.
    pub fn ac(&self, selectors: u8) -> Option<&Table> {
        self.ac[usize::from(selectors & 15)].as_ref()
    }
}

/// Maximum length in bits of the codes that are found by one lookup.
const SHORT: u8 = 10;

/// A Huffman table (T.81, annex C).
pub(super) struct Table {
    /// For each value of [`SHORT`] bits, the length and the value of the code that they start with;
    /// the length is 0 if there is none.
    short: Box<[(u8, u8); 1 << SHORT]>,
    long: Vec<LongCodes>,
    /// Values of all codes, in the order of the codes.
    values: Vec<u8>,
    skips: OnceCell<Box<Skips>>,
}

/// The codes of one length.
struct LongCodes {
    length: u8,
    /// First code, left-aligned in 16 bits; `end` is the one after the last.
    start: u32,
    end: u32,
    /// Index of the first code's value.
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
            skips: OnceCell::new(),
        }
    }

    /// Returns the lookup table of an AC table for [`Bits::skip_coefficients`].
    pub fn skips(&self) -> &Skips {
        self.skips.get_or_init(|| {
            let mut skips = Box::new([Skip::default(); 1 << SKIPPED]);
            for (bits, skip) in (0u16..).zip(skips.iter_mut()) {
                *skip = Skip::new(self, bits << (16 - SKIPPED));
            }
            skips
        })
    }

    /// Returns the length and the value of the code that 16 bits start with.
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

/// Number of bits within which AC coefficients are skipped in one step.
const SKIPPED: u8 = 11;

/// For each value of [`SKIPPED`] bits, the coefficients that they contain.
pub(super) type Skips = [Skip; 1 << SKIPPED];

/// A sequence of codes of AC coefficients, each with the bits of its value.
#[derive(Clone, Copy, Default)]
pub(super) struct Skip {
    /// Length of the sequence in bits; 0 if not even the first code is complete.
    bits: u8,
    /// Number of coefficients, zeros included.
    coefficients: u8,
    /// Whether the last code ends the block.
    is_end: bool,
}

impl Skip {
    /// Finds the codes in the first [`SKIPPED`] of 16 bits.
    fn new(table: &Table, bits: u16) -> Self {
        let mut skip = Skip::default();
        while !skip.is_end && skip.bits < SKIPPED {
            let Some((length, symbol)) = table.find(bits << skip.bits) else {
                break;
            };
            let (zeros, size) = (symbol >> 4, symbol & 15);
            if skip.bits + length + size > SKIPPED {
                break;
            }
            skip.bits += length + size;
            skip.is_end = ends_block(symbol);
            if !skip.is_end {
                skip.coefficients += zeros + 1;
            }
        }
        skip
    }
}

/// Whether a symbol for AC coefficients of a sequential scan means that all following ones are
/// zero.
fn ends_block(symbol: u8) -> bool {
    symbol & 15 == 0 && symbol != 0xf0
}

/// Reason why the codes of a scan cannot be read to its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    EndOfData,
    /// The next bits start with no code of the table.
    NoSuchCode,
}

/// Replaces the contents of `out` with entropy-coded data up to its first marker, without stuffed
/// bytes.
pub(super) fn unstuff(data: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut begin = 0;
    for at in memchr_iter(0xff, data) {
        if data.get(at + 1) != Some(&0) {
            out.extend_from_slice(&data[begin..at]);
            return;
        }
        out.extend_from_slice(&data[begin..=at]);
        begin = at + 2;
    }
    out.extend_from_slice(&data[begin..]);
}

/// Splits the entropy-coded data of a scan at its restart markers.
pub(super) fn intervals(data: &[u8]) -> Vec<&[u8]> {
    let mut begin = 0;
    let mut intervals = Vec::new();
    for at in memchr_iter(0xff, data) {
        if matches!(data.get(at + 1), Some(0xd0..=0xd7)) {
            intervals.push(&data[begin..at]);
            begin = at + 2;
        }
    }
    intervals.push(&data[begin..]);
    intervals
}

/// Reader of entropy-coded bits. After the end of the data, it returns zeros.
pub(super) struct Bits<'d> {
    /// The data that is not in the buffer yet, without stuffed bytes.
    data: &'d [u8],
    /// The next bits, the first one at the top. `count` bits are in the buffer; those below are the
    /// next bits of the data, or zero.
    buffer: u64,
    count: u32,
    /// Number of zero bits that were added after the end.
    invented: u64,
}

impl<'d> Bits<'d> {
    /// Creates a reader of data without stuffed bytes.
    pub fn new(data: &'d [u8]) -> Self {
        Bits {
            data,
            buffer: 0,
            count: 0,
            invented: 0,
        }
    }

    /// Fills the buffer to 56 bits or more.
    fn fill(&mut self) {
        if let Some(bytes) = self.data.first_chunk() {
            self.buffer |= u64::from_be_bytes(*bytes) >> self.count;
            self.data = &self.data[(63 - self.count) as usize / 8..];
            self.count |= 56;
            return;
        }
        while self.count < 56 {
            let byte = match self.data.split_first() {
                Some((byte, rest)) => {
                    self.data = rest;
                    *byte
                }
                None => {
                    self.invented += 8;
                    0
                }
            };
            self.buffer |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// Removes bits from the buffer: fewer than 64, and at most `count`.
    fn consume(&mut self, bits: u32) {
        self.buffer <<= bits;
        self.count -= bits;
    }

    /// Reads the next code and returns its value.
    #[inline]
    pub fn symbol(&mut self, table: &Table) -> Result<u8, Stop> {
        if self.count < 32 {
            self.fill();
        }
        let next = (self.buffer >> 48) as u16;
        let (length, value) = table.find(next).ok_or(Stop::NoSuchCode)?;
        self.consume(length.into());
        Ok(value)
    }

    /// Reads the number that follows a symbol: at most 15 bits.
    pub fn number(&mut self, bits: u8) -> u32 {
        let bits = u32::from(bits & 15);
        let number = (self.buffer >> 1 >> (63 - bits)) as u32;
        self.consume(bits);
        number
    }

    /// Reads the difference or coefficient that follows a symbol (T.81, section F.2.2.1, `EXTEND`):
    /// at most 15 bits.
    pub fn signed(&mut self, bits: u8) -> i16 {
        let number = self.number(bits);
        let end = 1 << (bits & 15);
        if 2 * number < end {
            (number as i32 - end as i32 + 1) as i16
        } else {
            number as i16
        }
    }

    /// Skips at most 15 bits after a symbol, which leaves that many in the buffer.
    pub fn skip_after_symbol(&mut self, bits: u8) {
        self.consume((bits & 15).into());
    }

    /// Skips the rest of a block of a sequential scan, from a coefficient on.
    pub fn skip_coefficients(
        &mut self,
        from: u32,
        table: &Table,
        skips: &Skips,
    ) -> Result<(), Stop> {
        let mut coefficient = from;
        while coefficient < 64 {
            if self.count < 32 {
                self.fill();
            }
            let skip = skips[(self.buffer >> (64 - SKIPPED)) as usize];
            let next = coefficient + u32::from(skip.coefficients);
            // Only the last code may reach the end of the block.
            if skip.bits > 0 && next + u32::from(skip.is_end) <= 64 {
                self.consume(skip.bits.into());
                if skip.is_end {
                    break;
                }
                coefficient = next;
                continue;
            }
            let symbol = self.symbol(table)?;
            if ends_block(symbol) {
                break;
            }
            self.skip_after_symbol(symbol & 15);
            coefficient += u32::from(symbol >> 4) + 1;
        }
        Ok(())
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
            self.consume(step as u32);
            rest -= step;
        }
        Ok(())
    }

    /// Checks that no bit after the end of the data was read.
    ///
    /// # Errors
    ///
    /// If a bit after the end was read.
    pub fn expect_data(&self) -> Result<(), Stop> {
        match self.invented > u64::from(self.count) {
            true => Err(Stop::EndOfData),
            false => Ok(()),
        }
    }

    /// Returns the number of bits that were not read.
    pub fn remaining(&self) -> u64 {
        (8 * self.data.len() as u64 + u64::from(self.count)).saturating_sub(self.invented)
    }
}
