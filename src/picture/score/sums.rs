//! Sums the metric's terms over the whole image and over its regions, and converts the sums to
//! scores.

use fast_ssim2::Ssimulacra2ScaleMaps;

use super::Scores;
use super::weights::WEIGHTS;

/// The grid of blocks of an image; a region is two by two blocks.
#[derive(Clone, Copy)]
pub(super) struct Blocks {
    /// Pixels along the side of a block.
    pub side: usize,
    pub columns: usize,
    pub rows: usize,
}

/// Consecutive samples in a row of a scale.
pub(super) struct Run {
    /// Index of the first sample in the plane that contains the run.
    pub at: usize,
    pub length: usize,
    /// Row of the run in the image at that scale; `column` is that of the first sample.
    pub row: usize,
    pub column: usize,
}

/// Sums over one block: of a term's values, of their fourth powers, and the number of samples.
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

    /// Adds values in eight lanes, which compilers turn into SIMD. The order of additions is the
    /// same everywhere.
    fn add(&mut self, values: &[f32]) {
        let (chunks, rest) = values.as_chunks::<8>();
        let (mut first, mut fourth) = ([0.0; 8], [0.0; 8]);
        let mut add = |lane: usize, value: f32| {
            let value = f64::from(value);
            let square = value * value;
            first[lane] += value;
            fourth[lane] += square * square;
        };
        for chunk in chunks {
            for (lane, value) in chunk.iter().enumerate() {
                add(lane, *value);
            }
        }
        for (lane, value) in rest.iter().enumerate() {
            add(lane, *value);
        }
        self.first += first.iter().sum::<f64>();
        self.fourth += fourth.iter().sum::<f64>();
        self.samples += values.len() as u32;
    }

    /// Returns the weighted sum of the mean and the 4-norm.
    fn weighted(self, of_mean: f64, of_norm: f64) -> f64 {
        if self.samples == 0 {
            return 0.0;
        }
        let samples = f64::from(self.samples);
        of_mean * self.first / samples + of_norm * (self.fourth / samples).sqrt().sqrt()
    }
}

/// The metric's weighted sums of the full image and of every region.
pub(super) struct Sums {
    blocks: Blocks,
    /// Number of scales that the metric has for an image of that size; the weights depend on it.
    scales: usize,
    whole: f64,
    /// Sums of the regions, row by row. An image that is one block wide or high is one region wide
    /// or high.
    regions: Vec<f64>,
}

impl Sums {
    pub fn new(blocks: Blocks, scales: usize) -> Self {
        let regions = (blocks.columns - 1).max(1) * (blocks.rows - 1).max(1);
        Sums {
            blocks,
            scales,
            whole: 0.0,
            regions: vec![0.0; regions],
        }
    }

    /// Adds the samples of `runs`, which belong to the metric's scale `scale`.
    pub fn add(&mut self, map: &Ssimulacra2ScaleMaps, scale: usize, runs: &[Run]) {
        let Blocks {
            side,
            columns,
            rows,
        } = self.blocks;
        let side = (side >> scale).max(1);
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
                let mut cells = vec![Cell::default(); columns * rows];
                for run in runs {
                    let row = (run.row / side).min(rows - 1);
                    let mut block = (run.column / side).min(columns - 1);
                    let mut values = &plane[run.at..run.at + run.length];
                    let mut column = run.column;
                    while !values.is_empty() {
                        // The remainder at the right and at the bottom belongs to the last block.
                        let length = if block == columns - 1 {
                            values.len()
                        } else {
                            ((block + 1) * side - column).min(values.len())
                        };
                        let (own, rest) = values.split_at(length);
                        cells[row * columns + block].add(own);
                        (values, column, block) = (rest, column + length, block + 1);
                    }
                }
                let sum = Cell::join(cells.iter().copied());
                self.whole += sum.weighted(of_mean, of_norm);
                self.add_regions(&cells, of_mean, of_norm);
            }
        }
    }

    fn add_regions(&mut self, cells: &[Cell], of_mean: f64, of_norm: f64) {
        let Blocks { columns, rows, .. } = self.blocks;
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

    pub fn scores(self) -> Scores {
        let worst = self.regions.iter().copied().fold(0.0, f64::max);
        Scores {
            whole: score_of(self.whole),
            worst_region: score_of(worst),
        }
    }
}

/// Converts a weighted sum to a score, the last step of the metric, rounded to a thousandth.
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
