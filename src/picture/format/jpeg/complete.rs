//! Whether a JPEG's scans are complete. Decoders invent the pixels of a scan that was cut off where
//! an end marker follows, as browsers do; such a file is refused instead.
//!
//! A sequential scan is walked code by code, without a transform; if all codes are there, a missing
//! end marker does no harm. For a progressive image, the headers of the scans show whether every
//! coefficient gets all its bits, and the end marker must be there: nothing else reveals a
//! truncated last scan.

use super::standard_tables::STANDARD_TABLES;
use super::stream::{Component, Part, Scan, Stream};

/// Whether all blocks have codes. Codes that no table has are left to the decoder to refuse.
pub(super) fn is_complete(stream: &Stream<'_>) -> bool {
    if stream.frame.is_progressive {
        return stream.has_end() && has_all_bits(stream);
    }
    let mut tables = Tables::default();
    if !stream.has_huffman_tables() {
        tables.add_standard();
    }
    let mut restart_interval = 0;
    let mut remaining: Vec<u8> = stream.frame.components.iter().map(|one| one.id).collect();
    for segment in stream.segments() {
        match segment {
            Part::HuffmanTables(payload) => tables.add(payload),
            Part::RestartInterval(interval) => restart_interval = u64::from(interval),
            Part::Scan(scan, data) => {
                let walk = Walk::new(stream, &scan, &tables);
                if let Some(walk) = walk
                    && !walk.reaches_end(data, restart_interval)
                {
                    return false;
                }
                remaining.retain(|id| !scan.components.contains(id));
            }
        }
    }
    remaining.is_empty()
}

/// Whether the scans of a progressive image contain every bit of every coefficient.
fn has_all_bits(stream: &Stream<'_>) -> bool {
    let components = &stream.frame.components;
    components.iter().all(|component| {
        let mut missing = [true; 64];
        for scan in &stream.scans {
            if scan.components.contains(&component.id) && scan.low_bit == 0 {
                let (first, last) = (usize::from(scan.first), usize::from(scan.last).min(63));
                for coefficient in missing.iter_mut().take(last + 1).skip(first) {
                    *coefficient = false;
                }
            }
        }
        missing == [false; 64]
    })
}

/// The blocks of one sequential scan.
struct Walk<'t> {
    /// Minimum coded units (T.81, section A.2).
    units: u64,
    /// The tables of each block of a unit: DC and AC.
    blocks: Vec<(&'t Table, &'t Table)>,
}

impl<'t> Walk<'t> {
    /// `None` if the scan names a component or a table that is missing.
    fn new(stream: &Stream<'_>, scan: &Scan, tables: &'t Tables) -> Option<Self> {
        let frame = &stream.frame;
        let most = |factor: fn(&Component) -> u8| {
            let factors = frame.components.iter().map(factor);
            u64::from(factors.max().unwrap_or(1).max(1))
        };
        let (across, down) = (most(|one| one.horizontal), most(|one| one.vertical));
        let (width, height) = (u64::from(frame.width), u64::from(frame.height));
        let mut blocks = Vec::new();
        let mut units = width.div_ceil(8 * across) * height.div_ceil(8 * down);
        for (id, selectors) in scan.components.iter().zip(&scan.tables) {
            let component = frame.components.iter().find(|one| one.id == *id)?;
            let (h, v) = (
                u64::from(component.horizontal),
                u64::from(component.vertical),
            );
            let dc = tables.dc[usize::from(selectors >> 4)].as_ref()?;
            let ac = tables.ac[usize::from(selectors & 15)].as_ref()?;
            // A scan of one component has one block per unit, and none beyond the component's edge.
            let count = if scan.components.len() == 1 {
                let blocks =
                    |side: u64, factor: u64, most: u64| (side * factor).div_ceil(most).div_ceil(8);
                units = blocks(width, h, across) * blocks(height, v, down);
                1
            } else {
                h * v
            };
            blocks.extend((0..count).map(|_| (dc, ac)));
        }
        (!blocks.is_empty()).then_some(Walk { units, blocks })
    }

    fn reaches_end(&self, data: &[u8], restart_interval: u64) -> bool {
        if restart_interval == 0 {
            return self.walk(data, self.units);
        }
        let intervals = self.units.div_ceil(restart_interval);
        let mut starts = vec![0];
        let pairs = data.windows(2).enumerate();
        starts.extend(
            pairs.filter_map(|(at, pair)| matches!(pair, [0xff, 0xd0..=0xd7]).then_some(at + 2)),
        );
        if (starts.len() as u64) < intervals {
            return false;
        }
        let last = starts.last().copied().unwrap_or_default();
        let rest = self.units - (intervals - 1) * restart_interval;
        starts.len() as u64 > intervals || self.walk(&data[last..], rest)
    }

    /// Whether the codes of that many units are there. The last unit may lack bits: some cameras do
    /// not write its padding.
    fn walk(&self, data: &[u8], units: u64) -> bool {
        let mut bits = Bits::new(data);
        for _ in 0..units.saturating_sub(1) {
            for (dc, ac) in &self.blocks {
                let Some(size) = bits.symbol(dc) else {
                    return true;
                };
                bits.skip(size);
                let mut coefficient = 1;
                while coefficient < 64 {
                    let Some(symbol) = bits.symbol(ac) else {
                        return true;
                    };
                    let (run, size) = (symbol >> 4, symbol & 15);
                    if size == 0 && run != 15 {
                        break;
                    }
                    bits.skip(size);
                    coefficient += u32::from(run) + 1;
                }
                if bits.is_exhausted() {
                    return false;
                }
            }
        }
        true
    }
}

#[derive(Default)]
struct Tables {
    dc: [Option<Table>; 16],
    ac: [Option<Table>; 16],
}

impl Tables {
    fn add(&mut self, mut payload: &[u8]) {
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

    fn add_standard(&mut self) {
        for (class_and_id, counts, values) in STANDARD_TABLES {
            self.set(*class_and_id, counts, values);
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
}

/// A Huffman table (T.81, annex C): for each sixteen bits, the length of the code that they start
/// with, and its value; length 0 for no code.
struct Table(Box<[(u8, u8)]>);

impl Table {
    fn new(counts: &[u8; 16], values: &[u8]) -> Self {
        let mut entries = vec![(0, 0); 1 << 16].into_boxed_slice();
        let mut values = values.iter();
        let mut next = 0usize;
        for (length, count) in (1u8..).zip(counts) {
            let span = 1usize << (16 - length);
            for value in values.by_ref().take(usize::from(*count)) {
                if let Some(entries) = entries.get_mut(next..next + span) {
                    entries.fill((length, *value));
                }
                next += span;
            }
        }
        Table(entries)
    }
}

/// Entropy-coded bits, with stuffed bytes left out, and zeros after the end.
struct Bits<'d> {
    data: &'d [u8],
    buffer: u64,
    count: u32,
    /// Bits that were added after the end.
    invented: u32,
}

impl<'d> Bits<'d> {
    fn new(data: &'d [u8]) -> Self {
        Bits {
            data,
            buffer: 0,
            count: 0,
            invented: 0,
        }
    }

    fn fill(&mut self) {
        while self.count <= 48 {
            let byte = match self.data {
                [0xff, 0, rest @ ..] => {
                    self.data = rest;
                    0xff
                }
                // Any other marker ends the data.
                [0xff, ..] | [] => {
                    self.invented = self.invented.saturating_add(8);
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

    fn symbol(&mut self, table: &Table) -> Option<u8> {
        if self.count < 32 {
            self.fill();
        }
        let next = (self.buffer >> (self.count - 16)) & 0xffff;
        let (length, value) = table.0[next as usize];
        self.count -= u32::from(length);
        (length > 0).then_some(value)
    }

    /// Skips at most 16 bits after a symbol.
    fn skip(&mut self, bits: u8) {
        self.count -= u32::from(bits & 15);
    }

    /// Whether a bit after the end was read.
    fn is_exhausted(&self) -> bool {
        self.invented > self.count
    }
}
