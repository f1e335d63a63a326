//! Checks whether a JPEG's scans are complete. If an end marker follows a truncated scan, decoders
//! invent the missing pixels, as browsers do. Such a file is rejected instead.
//!
//! Codes are skipped one by one, without a transform. A progressive image must also contain every
//! bit of every coefficient, and its end marker. A sequential image with all codes may lack its end
//! marker.

use std::ops::Range;

use super::huffman::{Bits, Skips, Stop, Table, Tables, intervals, unstuff};
use super::stream::{Component, DecodingSegment, Frame, Scan, Stream};

/// Whether all blocks have codes. Codes that are in no table are left to the decoder, which rejects
/// them.
pub(super) fn is_complete(stream: &Stream<'_>) -> bool {
    let frame = &stream.frame;
    if frame.is_progressive && !(stream.has_end() && has_all_bits(stream)) {
        return false;
    }
    let mut tables = if stream.has_huffman_tables() {
        Tables::default()
    } else {
        Tables::standard()
    };
    let mut restart_interval = 0;
    let mut remaining: Vec<u8> = frame.components.iter().map(|one| one.id).collect();
    let mut histories = vec![History::default(); frame.components.len()];
    for segment in stream.segments() {
        match segment {
            DecodingSegment::HuffmanTables(payload) => tables.add(payload),
            DecodingSegment::RestartInterval(interval) => restart_interval = u64::from(interval),
            DecodingSegment::QuantizationTables(_) => {}
            DecodingSegment::Scan(scan, data) => {
                let history = index_of_first(frame, &scan).map(|index| &mut histories[index]);
                if let Some(walk) = Walk::new(frame, &scan, &tables)
                    && let Some(history) = history
                    && !walk.reaches_end(data, restart_interval, history)
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

fn index_of_first(frame: &Frame, scan: &Scan) -> Option<usize> {
    let first = scan.components.first()?;
    frame.components.iter().position(|one| one.id == *first)
}

/// For each block of a component of a progressive image, a bit mask of the AC coefficients that are
/// known not to be zero: a later scan has one more bit for each of them.
type History = Vec<u64>;

/// The blocks of one scan, whose codes are skipped one by one.
struct Walk<'t> {
    /// Number of minimum coded units (T.81, section A.2).
    units: u64,
    coding: Coding<'t>,
}

/// Contents of a scan for each block of a unit.
enum Coding<'t> {
    /// Whole blocks, with their tables: DC and AC.
    Sequential(Vec<(&'t Table, &'t Table, &'t Skips)>),
    /// DC coefficients without their lowest bits.
    Dc(Vec<&'t Table>),
    /// One more bit of each DC coefficient. The value is the number of blocks in a unit.
    DcBit(u64),
    /// AC coefficients of a band, without their lowest bits.
    Ac(Band<'t>),
    /// One more bit of the AC coefficients of a band.
    AcBit(Band<'t>),
}

#[derive(Clone, Copy)]
struct Band<'t> {
    table: &'t Table,
    first: u32,
    last: u32,
}

impl<'t> Walk<'t> {
    /// Prepares the walk through a scan. Returns `None` if the scan names a component or a table
    /// that is missing, or has AC coefficients of several components.
    fn new(frame: &Frame, scan: &Scan, tables: &'t Tables) -> Option<Self> {
        let most = |factor: fn(&Component) -> u8| {
            let factors = frame.components.iter().map(factor);
            u64::from(factors.max().unwrap_or(1).max(1))
        };
        let (across, down) = (most(|one| one.horizontal), most(|one| one.vertical));
        let (width, height) = (u64::from(frame.width), u64::from(frame.height));
        let mut units = width.div_ceil(8 * across) * height.div_ceil(8 * down);
        // The table selectors of each block of a unit.
        let mut of_blocks = Vec::new();
        for (id, selectors) in scan.components.iter().zip(&scan.tables) {
            let component = frame.components.iter().find(|one| one.id == *id)?;
            let (h, v) = (component.horizontal, component.vertical);
            // A scan of one component has one block per unit, and none beyond the component's edge.
            let count = if scan.components.len() == 1 {
                let blocks = |side: u64, factor: u8, most: u64| {
                    (side * u64::from(factor)).div_ceil(most).div_ceil(8)
                };
                units = blocks(width, h, across) * blocks(height, v, down);
                1
            } else {
                usize::from(h) * usize::from(v)
            };
            of_blocks.extend(std::iter::repeat_n(*selectors, count));
        }
        let selectors = *of_blocks.first()?;
        let dc = |selectors: &u8| tables.dc(*selectors);
        let coding = if !frame.is_progressive {
            let all = |selectors: &u8| {
                let ac = tables.ac(*selectors)?;
                Some((tables.dc(*selectors)?, ac, ac.skips()))
            };
            Coding::Sequential(of_blocks.iter().map(all).collect::<Option<_>>()?)
        } else if scan.first == 0 && !scan.is_refinement {
            Coding::Dc(of_blocks.iter().map(dc).collect::<Option<_>>()?)
        } else if scan.first == 0 {
            Coding::DcBit(of_blocks.len() as u64)
        } else if scan.components.len() > 1 {
            return None;
        } else {
            let band = Band {
                table: tables.ac(selectors)?,
                first: scan.first.into(),
                last: u32::from(scan.last).min(63),
            };
            match scan.is_refinement {
                false => Coding::Ac(band),
                true => Coding::AcBit(band),
            }
        };
        Some(Walk { units, coding })
    }

    fn reaches_end(&self, data: &[u8], restart_interval: u64, history: &mut History) -> bool {
        if let Coding::Ac(_) | Coding::AcBit(_) = self.coding {
            history.resize(self.units as usize, 0);
        }
        if restart_interval == 0 {
            return self.walk(data, 0..self.units, history);
        }
        let count = self.units.div_ceil(restart_interval);
        let intervals = intervals(data);
        if intervals.len() as u64 != count {
            // Surplus restart markers are left to the decoder.
            return intervals.len() as u64 > count;
        }
        // All intervals of a sequential scan were begun, so that only the last may be truncated. In
        // a progressive scan, each interval determines how many bits the later scans have.
        let skipped = match self.coding {
            Coding::Sequential(_) => intervals.len() - 1,
            _ => 0,
        };
        let mut intervals = intervals.iter().enumerate().skip(skipped);
        intervals.all(|(interval, data)| {
            let first = interval as u64 * restart_interval;
            let end = (first + restart_interval).min(self.units);
            self.walk(data, first..end, history)
        })
    }

    /// Whether the codes of those units are in `data`. The last block may lack bits: some cameras
    /// do not write the padding of its last byte.
    fn walk(&self, data: &[u8], units: Range<u64>, history: &mut History) -> bool {
        let mut unstuffed = Vec::new();
        unstuff(data, &mut unstuffed);
        let mut bits = Bits::new(&unstuffed);
        let count = units.end - units.start;
        let walked = match &self.coding {
            Coding::Sequential(blocks) => (0..count).try_for_each(|_| {
                let mut blocks = blocks.iter();
                blocks.try_for_each(|(dc, ac, skips)| {
                    skip_dc(&mut bits, dc)?;
                    bits.skip_coefficients(1, ac, skips)
                })
            }),
            Coding::Dc(tables) => (0..count).try_for_each(|_| {
                let mut tables = tables.iter();
                tables.try_for_each(|table| skip_dc(&mut bits, table))
            }),
            Coding::DcBit(blocks) => {
                let padding = 7;
                let needed = bits.skip((count * blocks).saturating_sub(padding));
                needed.and_then(|()| bits.expect_data())
            }
            Coding::Ac(band) | Coding::AcBit(band) => {
                let is_first = matches!(self.coding, Coding::Ac(_));
                let mut run = 0;
                let mut blocks = history[units.start as usize..units.end as usize].iter_mut();
                blocks.try_for_each(|nonzero| match is_first {
                    true => band.skip_first(&mut bits, &mut run, nonzero),
                    false => band.skip_bit(&mut bits, &mut run, nonzero),
                })
            }
        };
        let is_last = units.end == self.units;
        walked != Err(Stop::EndOfData) && !(is_last && is_zero_filled(&unstuffed, &bits))
    }
}

/// Whether codes were read from the zeros at the end of `data`, and the codes do not end where the
/// zeros end. No encoder writes such data: the disk was full, or a transfer was interrupted.
pub(super) fn is_zero_filled(data: &[u8], bits: &Bits<'_>) -> bool {
    /// Number of zero bits that may be the last codes of a complete scan and the padding after it.
    const HARMLESS: u64 = 16;
    let zeros = 8 * data.iter().rev().take_while(|byte| **byte == 0).count() as u64;
    let remaining = bits.remaining();
    let is_past_end = bits.expect_data().is_err();
    zeros.saturating_sub(remaining) >= HARMLESS && (remaining > HARMLESS || is_past_end)
}

fn skip_dc(bits: &mut Bits<'_>, table: &Table) -> Result<(), Stop> {
    bits.expect_data()?;
    let size = bits.symbol(table)?;
    bits.skip_after_symbol(size);
    Ok(())
}

impl Band<'_> {
    /// Skips a block of the first scan of a band (T.81, section G.1.2.2). `run` is the number of
    /// blocks that follow without a code of their own.
    fn skip_first(
        &self,
        bits: &mut Bits<'_>,
        run: &mut u32,
        nonzero: &mut u64,
    ) -> Result<(), Stop> {
        bits.expect_data()?;
        if *run > 0 {
            *run -= 1;
            return Ok(());
        }
        let mut at = self.first;
        while at <= self.last {
            let symbol = bits.symbol(self.table)?;
            let (zeros, size) = (symbol >> 4, symbol & 15);
            if size == 0 && zeros != 15 {
                *run = (1 << zeros) - 1 + bits.number(zeros);
                break;
            }
            at += u32::from(zeros);
            if size > 0 && at < 64 {
                *nonzero |= 1 << at;
            }
            bits.skip_after_symbol(size);
            at += 1;
        }
        Ok(())
    }

    /// Skips a block of a later scan of a band (T.81, section G.1.2.3): a bit for each coefficient
    /// that is not zero, and codes for those that become nonzero.
    fn skip_bit(&self, bits: &mut Bits<'_>, run: &mut u32, nonzero: &mut u64) -> Result<(), Stop> {
        bits.expect_data()?;
        let mut at = self.first;
        while *run == 0 && at <= self.last {
            let symbol = bits.symbol(self.table)?;
            let (mut zeros, size) = (symbol >> 4, symbol & 15);
            if size == 0 && zeros != 15 {
                *run = (1 << zeros) + bits.number(zeros);
                break;
            }
            let mut known = 0;
            while at <= self.last {
                if *nonzero >> at & 1 == 1 {
                    known += 1;
                } else if zeros == 0 {
                    break;
                } else {
                    zeros -= 1;
                }
                at += 1;
            }
            if size > 0 && at <= self.last {
                *nonzero |= 1 << at;
            }
            // A new coefficient has a sign bit.
            bits.skip(known + u64::from(size > 0))?;
            at += 1;
        }
        if *run > 0 {
            *run -= 1;
            if at <= self.last {
                let rest = u64::MAX << at & u64::MAX >> (63 - self.last);
                bits.skip((*nonzero & rest).count_ones().into())?;
            }
        }
        Ok(())
    }
}
