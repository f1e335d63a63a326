//! Decodes a sequential JPEG at a half or a quarter of its size, in one pass over its codes:
//! coefficients of low frequency become samples, the others are skipped. Decides at the same time
//! whether the scan is complete.
//!
//! The samples are bit for bit those of `jpeg-decoder` 0.3.2. That decoder decodes all
//! coefficients, and accepts incomplete scans.

use super::complete::is_zero_filled;
use super::huffman::{Bits, Skips, Stop, Table, Tables, intervals, unstuff};
use super::idct::{half, quarter};
use super::planes::{Plane, interleaved};
use super::stream::{Color, Component, DecodingSegment, Scan, Stream};
use crate::recipe::Scale;

/// Decodes to gray or RGB. Returns `None` for layouts that are not supported, and for scans with
/// any error: another decoder decides about them.
pub(super) fn decode(stream: &Stream<'_>, scale: Scale) -> Option<Vec<u8>> {
    let planes = match scale {
        Scale::Quarter => planes(stream, quarter),
        Scale::Half => planes(stream, half),
        Scale::Whole => None,
    }?;
    let (width, height) = (stream.frame.width, stream.frame.height);
    let samples = |length: u16| usize::from(length).div_ceil(8 / scale.eighths() as usize);
    Some(interleaved(
        &planes,
        stream.color,
        (samples(width), samples(height)),
    ))
}

/// A component of the scan, with its tables and its samples.
struct Coded<'t, const COUNT: usize> {
    dc: &'t Table,
    ac: &'t Table,
    skips: &'t Skips,
    quantization: [i32; COUNT],
    /// Width of a unit in blocks; `down` is its height.
    across: usize,
    down: usize,
    /// The last DC coefficient, to which the next difference is added.
    predictor: i16,
    plane: Plane,
}

/// Decodes the planes of all components, `SIDE` × `SIDE` samples for each block. `transform`
/// computes them from the block's first coefficients, in zigzag order, and their quantization.
fn planes<const SIDE: usize, const COUNT: usize>(
    stream: &Stream<'_>,
    transform: impl Fn(&[i16; COUNT], &[i32; COUNT]) -> [[u8; SIDE]; SIDE] + Copy,
) -> Option<Vec<Plane>> {
    let frame = &stream.frame;
    let is_supported = !frame.is_progressive
        && frame.width > 0
        && frame.height > 0
        && matches!(stream.color, Color::Gray | Color::YCbCr | Color::Rgb)
        && stream.scans.len() == 1;
    if !is_supported {
        return None;
    }
    let mut tables = if stream.has_huffman_tables() {
        Tables::default()
    } else {
        Tables::standard()
    };
    let mut quantizations = [None; 4];
    let mut restart_interval = 0;
    let (scan, data) = stream.segments().find_map(|segment| {
        match segment {
            DecodingSegment::HuffmanTables(payload) => tables.add(payload),
            DecodingSegment::QuantizationTables(payload) => {
                add_quantizations(payload, &mut quantizations)
            }
            DecodingSegment::RestartInterval(interval) => restart_interval = usize::from(interval),
            DecodingSegment::Scan(scan, data) => return Some((scan, data)),
        }
        None
    })?;
    let (units, mut components) = coded::<SIDE, COUNT>(stream, &scan, &tables, &quantizations)?;
    let intervals = match restart_interval {
        0 => vec![data],
        _ => intervals(data),
    };
    let interval_units = match restart_interval {
        0 => units.0 * units.1,
        units => units,
    };
    if intervals.len() != (units.0 * units.1).div_ceil(interval_units) {
        return None;
    }
    let mut unit = 0;
    let mut unstuffed = Vec::new();
    for data in intervals {
        unstuff(data, &mut unstuffed);
        let mut bits = Bits::new(&unstuffed);
        for component in &mut components {
            component.predictor = 0;
        }
        let end = (unit + interval_units).min(units.0 * units.1);
        for unit in unit..end {
            let place = (unit % units.0, unit / units.0);
            for component in &mut components {
                component.unit(&mut bits, place, transform)?;
            }
        }
        unit = end;
        if unit == units.0 * units.1 && is_zero_filled(&unstuffed, &bits) {
            return None;
        }
    }
    Some(components.into_iter().map(|one| one.plane).collect())
}

/// Returns the number of units, across and down, and the components of a scan. Returns `None`
/// unless the scan has all components, and chroma has the size of luma, or half of it.
fn coded<'t, const SIDE: usize, const COUNT: usize>(
    stream: &Stream<'_>,
    scan: &Scan,
    tables: &'t Tables,
    quantizations: &[Option<[i32; 64]>; 4],
) -> Option<((usize, usize), Vec<Coded<'t, COUNT>>)> {
    let frame = &stream.frame;
    let ids = frame.components.iter().map(|component| component.id);
    if !ids.eq(scan.components.iter().copied()) {
        return None;
    }
    // A scan of one component has units of one block, whatever its sampling factors are.
    let is_single = frame.components.len() == 1;
    let factors = |component: &Component| match is_single {
        true => (1, 1),
        false => (component.horizontal.into(), component.vertical.into()),
    };
    let most = factors(frame.components.first()?);
    let (width, height) = (usize::from(frame.width), usize::from(frame.height));
    if !matches!(most, (1..=4, 1..=4)) {
        return None;
    }
    let units = (width.div_ceil(8 * most.0), height.div_ceil(8 * most.1));
    let coded = |(component, selectors): (&Component, &u8)| {
        let (across, down) = factors(component);
        let is_halved = (2 * across == most.0, 2 * down == most.1);
        if !(is_halved.0 || across == most.0) || !(is_halved.1 || down == most.1) {
            return None;
        }
        let ac = tables.ac(*selectors)?;
        let quantization = quantizations.get(usize::from(component.quantization))?;
        let quantization = quantization.as_ref()?;
        let stride = units.0 * across * SIDE;
        Some(Coded {
            dc: tables.dc(*selectors)?,
            ac,
            skips: ac.skips(),
            quantization: *quantization.first_chunk()?,
            across,
            down,
            predictor: 0,
            plane: Plane {
                samples: vec![0; stride * units.1 * down * SIDE],
                stride,
                width: (width * across * SIDE).div_ceil(8 * most.0),
                height: (height * down * SIDE).div_ceil(8 * most.1),
                is_halved,
            },
        })
    };
    let components = frame.components.iter().zip(&scan.tables);
    Some((units, components.map(coded).collect::<Option<_>>()?))
}

/// Adds the quantization tables of a segment (T.81, section B.2.4.1). An invalid table counts as
/// missing.
fn add_quantizations(mut payload: &[u8], tables: &mut [Option<[i32; 64]>; 4]) {
    while let Some((precision_and_id, rest)) = payload.split_first() {
        let length = 1 + usize::from(*precision_and_id >> 4);
        let Some(table) = tables.get_mut(usize::from(precision_and_id & 15)) else {
            return;
        };
        *table = None;
        let Some((values, rest)) = rest.split_at_checked(64 * length) else {
            return;
        };
        let mut quantization = [0; 64];
        for (out, value) in quantization.iter_mut().zip(values.chunks_exact(length)) {
            *out = value
                .iter()
                .fold(0, |sum, byte| sum << 8 | i32::from(*byte));
        }
        if length <= 2 && !quantization.contains(&0) {
            *table = Some(quantization);
        }
        payload = rest;
    }
}

impl<const COUNT: usize> Coded<'_, COUNT> {
    /// Decodes the blocks of a unit.
    fn unit<const SIDE: usize>(
        &mut self,
        bits: &mut Bits<'_>,
        place: (usize, usize),
        transform: impl Fn(&[i16; COUNT], &[i32; COUNT]) -> [[u8; SIDE]; SIDE],
    ) -> Option<()> {
        for y in 0..self.down {
            for x in 0..self.across {
                let coefficients = self.block(bits).ok()?;
                let rows = transform(&coefficients, &self.quantization);
                let left = (place.0 * self.across + x) * SIDE;
                let top = (place.1 * self.down + y) * SIDE;
                for (y, row) in rows.iter().enumerate() {
                    let begin = (top + y) * self.plane.stride + left;
                    self.plane.samples[begin..begin + SIDE].copy_from_slice(row);
                }
            }
        }
        Some(())
    }

    /// Decodes the first coefficients of a block (T.81, section F.2.2), and skips the others.
    fn block(&mut self, bits: &mut Bits<'_>) -> Result<[i16; COUNT], Stop> {
        /// The largest category of a difference (T.81, table F.1).
        const MOST: u8 = 11;
        bits.expect_data()?;
        let size = bits.symbol(self.dc)?;
        if size > MOST {
            return Err(Stop::NoSuchCode);
        }
        self.predictor = self.predictor.wrapping_add(bits.signed(size));
        let mut coefficients = [0; COUNT];
        coefficients[0] = self.predictor;
        let mut at = 1;
        while at < COUNT {
            let symbol = bits.symbol(self.ac)?;
            let (zeros, size) = (symbol >> 4, symbol & 15);
            match (zeros, size) {
                (0, 0) => return Ok(coefficients),
                (15, 0) => at += 16,
                (_, 0) => return Err(Stop::NoSuchCode),
                _ => {
                    at += usize::from(zeros);
                    let value = bits.signed(size);
                    if let Some(coefficient) = coefficients.get_mut(at) {
                        *coefficient = value;
                    }
                    at += 1;
                }
            }
        }
        bits.skip_coefficients(at as u32, self.ac, self.skips)?;
        Ok(coefficients)
    }
}
