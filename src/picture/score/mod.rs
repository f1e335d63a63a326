//! The similarity of an encoded image to its source: SSIMULACRA2 of the full image and of its worst
//! region.
//!
//! The metric is Cloudinary's (<https://github.com/cloudinary/ssimulacra2>). `fast-ssim2` computes
//! its terms for each pixel, the same on every processor. This module sums them, which yields the
//! score of every region almost for free, and scores large images at a third of the cost: all
//! scales of the metric but the finest come from the image at half its size (halved in linear
//! light, as the metric itself does), and the finest from bands of rows. Over the corpus the result
//! differs from the full metric by a standard deviation of 0.2. Scores are rounded to a thousandth
//! before they are compared, which is coarser than the differences between C libraries.

mod weights;

use std::borrow::Cow;
use std::sync::LazyLock;

use fast_ssim2::{PixelDescriptor, PixelSlice, Ssimulacra2Maps, Ssimulacra2Reference};

use crate::compose::over;
use crate::error::ScoreError;
use crate::linear_light;
use crate::pixels::{Channels, Pixels};
use weights::{SCALES, WEIGHTS};

/// SSIMULACRA2 scores of an image; 100 is the original.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    pub whole: f64,
    /// The lowest score of all regions: windows of about an eighth of the image's side, at least 64
    /// pixels, in steps of half of that.
    pub worst_region: f64,
}

/// How much lower than the target the worst region may score, for each point that the target lies
/// below 100.
///
/// At a target of 75 that is 12.5 points: in 95 % of 113 variants of 24 photographs the worst
/// region scores less than that below a full image of 75 (in half of them, less than 6.3). So only
/// images with a ruined region are scored by it. At 85 it is 7.5, and 98 %.
const ALLOWANCE: f64 = 0.5;

impl Scores {
    /// The score to compare with a target: that of the full image, or that of the worst region if
    /// it is lower by more than usual.
    pub fn judged(self, target: f64) -> f64 {
        self.whole
            .min(self.worst_region + ALLOWANCE * (100.0 - target))
    }
}

/// Pixels from which the finest scale is computed from bands only; smaller images cost little, and
/// would have few bands.
const LARGE: u64 = 300_000;
/// The least number of bands.
const BANDS: usize = 8;
/// Rows of a band: 14 that count, and the radius of the metric's blur on either side.
const BAND: usize = 24;
const SEAM: usize = 5;
/// Side of a pixel at the metric's coarsest scale, in samples: blocks are multiples of it.
const COARSEST: usize = 32;

/// The grays below transparent images: 0.1 and 0.9, as in the metric.
const GROUNDS: [Option<u8>; 2] = [Some(26), Some(230)];

/// An original, prepared for comparison with encoded images.
pub struct Scorer {
    width: usize,
    height: usize,
    channels: Channels,
    /// Pixels along the side of a block; a region is two by two of them.
    block: usize,
    reference: Reference,
}

enum Reference {
    Whole(Box<Ssimulacra2Reference>),
    /// One, or for a transparent image one on each ground.
    Halved(Vec<Halved>),
}

struct Halved {
    /// The gray below transparent pixels.
    ground: Option<u8>,
    half: Ssimulacra2Reference,
    bands: Ssimulacra2Reference,
    /// The first rows of the bands.
    starts: Vec<usize>,
}

impl Scorer {
    pub fn new(original: &Pixels) -> Result<Scorer, ScoreError> {
        Scorer::of(original, LARGE)
    }

    /// A scorer that computes the full metric for images of every size, at three times the cost.
    pub fn thorough(original: &Pixels) -> Result<Scorer, ScoreError> {
        Scorer::of(original, u64::MAX)
    }

    fn of(original: &Pixels, large: u64) -> Result<Scorer, ScoreError> {
        let (width, height) = (
            original.dimensions.width as usize,
            original.dimensions.height as usize,
        );
        let pixels = original.dimensions.pixels();
        let side = (pixels as f64).sqrt() / (16 * COARSEST) as f64;
        let block = (side.round() as usize).max(1) * COARSEST;
        let channels = match original.channels {
            Channels::Rgba => Channels::Rgba,
            _ => Channels::Rgb,
        };
        let samples = spread(original, channels);
        let is_halved = pixels >= large && height >= BANDS * BAND && width >= COARSEST;
        let reference = if is_halved {
            let bands = height.div_ceil(2 * block).max(BANDS).min(height / BAND);
            let middle = |band: usize| (2 * band + 1) * height / (2 * bands);
            let starts: Vec<usize> = (0..bands).map(|band| middle(band) - BAND / 2).collect();
            let grounds = match channels {
                Channels::Rgba => GROUNDS.as_slice(),
                _ => &[None],
            };
            let halves = grounds.iter().map(|ground| {
                let samples = over_gray(&samples, *ground);
                let half = halved(&samples, width, height);
                let rows = banded(&samples, width, &starts);
                let reference = |slice| Ssimulacra2Reference::new(&slice).map_err(|_| ScoreError);
                Ok(Halved {
                    ground: *ground,
                    half: reference(half_slice(&half, width, height)?)?,
                    bands: reference(slice(&rows, width, Channels::Rgb)?)?,
                    starts: starts.clone(),
                })
            });
            Reference::Halved(halves.collect::<Result<_, _>>()?)
        } else {
            let whole = Ssimulacra2Reference::new(&slice(&samples, width, channels)?);
            Reference::Whole(Box::new(whole.map_err(|_| ScoreError)?))
        };
        Ok(Scorer {
            width,
            height,
            channels,
            block,
            reference,
        })
    }

    /// Scores an image of the same size.
    pub fn scores(&self, shown: &Pixels) -> Result<Scores, ScoreError> {
        let samples = spread(shown, self.channels);
        if samples.len() != self.width * self.height * self.channels.count() {
            return Err(ScoreError);
        }
        match &self.reference {
            Reference::Whole(reference) => {
                let shown = slice(&samples, self.width, self.channels)?;
                let maps = reference.compare_with_maps(&shown);
                let maps = maps.map_err(|_| ScoreError)?;
                let mut sums = Sums::new(self, reference.num_scales());
                for scale in 0..maps.scales.len() {
                    sums.add(&maps, scale, scale, Some);
                }
                Ok(sums.scores())
            }
            Reference::Halved(halves) => {
                let mut lowest = Scores {
                    whole: 100.0,
                    worst_region: 100.0,
                };
                for half in halves {
                    let scores = self.halved_scores(half, &over_gray(&samples, half.ground))?;
                    lowest.whole = lowest.whole.min(scores.whole);
                    lowest.worst_region = lowest.worst_region.min(scores.worst_region);
                }
                Ok(lowest)
            }
        }
    }

    fn halved_scores(&self, reference: &Halved, rgb: &[u8]) -> Result<Scores, ScoreError> {
        let mut sums = Sums::new(self, (reference.half.num_scales() + 1).min(SCALES));
        let rows = banded(rgb, self.width, &reference.starts);
        let rows = slice(&rows, self.width, Channels::Rgb)?;
        let maps = reference.bands.compare_with_maps(&rows);
        sums.add(&maps.map_err(|_| ScoreError)?, 0, 0, |row| {
            let (band, within) = (row / BAND, row % BAND);
            let counts = (SEAM..BAND - SEAM).contains(&within);
            counts.then(|| reference.starts[band] + within)
        });
        let half = halved(rgb, self.width, self.height);
        let half = half_slice(&half, self.width, self.height)?;
        let maps = reference.half.compare_with_maps(&half);
        let maps = maps.map_err(|_| ScoreError)?;
        for scale in 1..=maps.scales.len().min(SCALES - 1) {
            sums.add(&maps, scale - 1, scale, Some);
        }
        Ok(sums.scores())
    }
}

/// The sums of one block: of a term, of its fourth power, and how many samples.
#[derive(Clone, Copy, Default)]
struct Cell {
    first: f64,
    fourth: f64,
    samples: u32,
}

impl Cell {
    fn join(cells: impl IntoIterator<Item = Cell>) -> Cell {
        cells.into_iter().fold(Cell::default(), |sum, cell| Cell {
            first: sum.first + cell.first,
            fourth: sum.fourth + cell.fourth,
            samples: sum.samples + cell.samples,
        })
    }

    /// Mean and 4-norm, weighted.
    fn weighted(self, of_mean: f64, of_norm: f64) -> f64 {
        if self.samples == 0 {
            return 0.0;
        }
        let samples = f64::from(self.samples);
        of_mean * self.first / samples + of_norm * (self.fourth / samples).sqrt().sqrt()
    }
}

/// The metric's weighted sums of the full image and of every region.
struct Sums {
    block: usize,
    columns: usize,
    rows: usize,
    /// The number of scales that the metric has for an image of that size; the weights depend on
    /// it.
    scales: usize,
    whole: f64,
    /// Row by row; an image of one block's width or height is one region wide or high.
    regions: Vec<f64>,
}

impl Sums {
    fn new(scorer: &Scorer, scales: usize) -> Self {
        let columns = (scorer.width / scorer.block).max(1);
        let rows = (scorer.height / scorer.block).max(1);
        Sums {
            block: scorer.block,
            columns,
            rows,
            scales,
            whole: 0.0,
            regions: vec![0.0; (columns - 1).max(1) * (rows - 1).max(1)],
        }
    }

    /// Adds one scale of `maps`, which is the metric's scale `scale`. `row_of` maps a row of the
    /// map to a row of that scale, or to `None` if it does not count.
    fn add(
        &mut self,
        maps: &Ssimulacra2Maps,
        map: usize,
        scale: usize,
        row_of: impl Fn(usize) -> Option<usize>,
    ) {
        let map = &maps.scales[map];
        let side = (self.block >> scale).max(1);
        for channel in 0..3 {
            let terms = [
                &map.ssim[channel],
                &map.artifact[channel],
                &map.detail_lost[channel],
            ];
            for (term, plane) in terms.into_iter().enumerate() {
                let place = (channel * self.scales + scale) * 6 + term;
                let (of_mean, of_norm) = (WEIGHTS[place], WEIGHTS[place + 3]);
                if of_mean == 0.0 && of_norm == 0.0 {
                    continue;
                }
                let mut cells = vec![Cell::default(); self.columns * self.rows];
                for (row, values) in plane.chunks_exact(map.width).enumerate() {
                    let Some(row) = row_of(row) else { continue };
                    let row = (row / side).min(self.rows - 1);
                    let cells = &mut cells[row * self.columns..][..self.columns];
                    let mut rest = values;
                    for (column, cell) in cells.iter_mut().enumerate() {
                        // The remainder at the right and at the bottom belongs to the last block.
                        let is_last = column == self.columns - 1;
                        let length = if is_last {
                            rest.len()
                        } else {
                            side.min(rest.len())
                        };
                        let (values, after) = rest.split_at(length);
                        rest = after;
                        cell.add(values);
                    }
                }
                let sum = Cell::join(cells.iter().copied());
                self.whole += sum.weighted(of_mean, of_norm);
                self.add_regions(&cells, of_mean, of_norm);
            }
        }
    }

    fn add_regions(&mut self, cells: &[Cell], of_mean: f64, of_norm: f64) {
        let (columns, rows) = (self.columns, self.rows);
        let across = (columns - 1).max(1);
        for (place, region) in self.regions.iter_mut().enumerate() {
            let (left, top) = (place % across, place / across);
            let blocks = (top..(top + 2).min(rows)).flat_map(|row| {
                (left..(left + 2).min(columns)).map(move |column| row * columns + column)
            });
            let sum = Cell::join(blocks.map(|block| cells[block]));
            *region += sum.weighted(of_mean, of_norm);
        }
    }

    fn scores(self) -> Scores {
        let worst = self.regions.iter().copied().fold(0.0, f64::max);
        Scores {
            whole: score_of(self.whole),
            worst_region: score_of(worst),
        }
    }
}

impl Cell {
    fn add(&mut self, values: &[f32]) {
        let (mut first, mut fourth) = (0.0, 0.0);
        for value in values {
            let value = f64::from(*value);
            let square = value * value;
            first += value;
            fourth += square * square;
        }
        self.first += first;
        self.fourth += fourth;
        self.samples += values.len() as u32;
    }
}

/// The last step of the metric, to a thousandth.
fn score_of(weighted: f64) -> f64 {
    let scaled = weighted * 0.956_238_261_683_484_4;
    let bent = 2.326_765_642_916_932 * scaled - 0.020_884_521_182_843_837 * scaled * scaled
        + 6.248_496_625_763_138e-05 * scaled * scaled * scaled;
    if bent <= 0.0 {
        return 100.0;
    }
    let score = 100.0 - 10.0 * bent.powf(0.627_633_646_783_138_7);
    (score * 1000.0).round() / 1000.0
}

/// Samples of three or four channels.
fn spread(pixels: &Pixels, channels: Channels) -> Vec<u8> {
    if pixels.channels == channels {
        return pixels.samples.clone();
    }
    let rgba = crate::frame::rgba(pixels);
    match channels {
        Channels::Rgba => rgba,
        _ => rgba
            .chunks_exact(4)
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect(),
    }
}

/// RGB samples: those that are passed in, or RGBA samples over a gray.
fn over_gray(samples: &[u8], gray: Option<u8>) -> Cow<'_, [u8]> {
    let Some(gray) = gray else {
        return Cow::Borrowed(samples);
    };
    let (pixels, _) = samples.as_chunks::<4>();
    let opaque = pixels.iter().flat_map(|pixel| {
        let [r, g, b, _] = over(*pixel, [gray, gray, gray, u8::MAX]);
        [r, g, b]
    });
    Cow::Owned(opaque.collect())
}

fn slice(samples: &[u8], width: usize, channels: Channels) -> Result<PixelSlice<'_>, ScoreError> {
    let descriptor = match channels {
        Channels::Rgba => PixelDescriptor::RGBA8_SRGB,
        _ => PixelDescriptor::RGB8_SRGB,
    };
    let stride = width * channels.count();
    sliced(
        samples,
        width,
        samples.len() / stride.max(1),
        stride,
        descriptor,
    )
}

fn sliced(
    bytes: &[u8],
    width: usize,
    height: usize,
    stride: usize,
    descriptor: PixelDescriptor,
) -> Result<PixelSlice<'_>, ScoreError> {
    let side = |side: usize| u32::try_from(side).map_err(|_| ScoreError);
    let slice = PixelSlice::new(bytes, side(width)?, side(height)?, stride, descriptor);
    slice.map_err(|_| ScoreError)
}

fn half_slice(half: &[f32], width: usize, height: usize) -> Result<PixelSlice<'_>, ScoreError> {
    let (width, height) = (width.div_ceil(2), height.div_ceil(2));
    let stride = width * 3 * size_of::<f32>();
    let half = bytemuck::cast_slice(half);
    sliced(half, width, height, stride, PixelDescriptor::RGBF32_LINEAR)
}

/// The linear light of each sRGB value.
static LIGHT: LazyLock<[f32; 256]> =
    LazyLock::new(|| std::array::from_fn(|value| linear_light::amount(value as u8) as f32));

/// Halves the size in linear light: means of two by two pixels, where pixels beyond an edge repeat
/// the edge, as in the metric.
fn halved(rgb: &[u8], width: usize, height: usize) -> Vec<f32> {
    let light = &*LIGHT;
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    let mut half = Vec::with_capacity(half_width * half_height * 3);
    for y in 0..half_height {
        let row = |y: usize| &rgb[y.min(height - 1) * width * 3..][..width * 3];
        let (above, below) = (row(2 * y), row(2 * y + 1));
        for x in 0..half_width {
            let (left, right) = (2 * x * 3, (2 * x + 1).min(width - 1) * 3);
            for channel in 0..3 {
                let at = |row: &[u8], pixel: usize| light[usize::from(row[pixel + channel])];
                let sum = at(above, left) + at(above, right) + at(below, left) + at(below, right);
                half.push(sum * 0.25);
            }
        }
    }
    half
}

/// The rows of all bands, one below the other.
fn banded(rgb: &[u8], width: usize, starts: &[usize]) -> Vec<u8> {
    let bands = starts
        .iter()
        .map(|start| &rgb[start * width * 3..][..BAND * width * 3]);
    bands.flatten().copied().collect()
}

#[cfg(test)]
pub(super) mod tests;
