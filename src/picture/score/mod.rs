//! Scores the similarity of an encoded image to its source: SSIMULACRA2 of the full image and of
//! its worst region.
//!
//! The metric is Cloudinary's (<https://github.com/cloudinary/ssimulacra2>). `fast-ssim2` computes
//! its terms for each pixel, the same on every processor. This module sums the terms, which yields
//! the score of every region almost for free.
//!
//! Large images are scored at a fraction of the cost. The metric's coarse scales, which decide most
//! of the score, are computed from the image at a half or a quarter of its size (halved in linear
//! light, as the metric itself does). Its finest one or two scales are computed from tiles, one in
//! each region.
//!
//! Scores are rounded to a thousandth before they are compared, which is coarser than the
//! differences between C libraries.

mod samples;
mod sums;
mod weights;

use fast_ssim2::{PixelSlice, Ssimulacra2Reference};

use crate::error::ScoreError;
use crate::pixels::{Channels, Pixels};
use samples::{Samples, TILE, Values, halved, halved_again, over_gray, slice, spread, tiled};
use sums::{Blocks, Run, Sums};
use weights::SCALES;

/// SSIMULACRA2 scores of an encoded image; 100 means equal to the original.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    pub whole: f64,
    /// Lowest score of all regions: windows of about an eighth of the image's side, at least 64
    /// pixels, in steps of half of that.
    pub worst_region: f64,
}

/// How many points below the target the worst region may score, for each point that the target lies
/// below 100.
///
/// At a target of 75, the allowance is 12.5 points. Measured on 113 variants of 24 photographs, the
/// worst region of a full image that scores 75 is less than that below it in 95% of them (and less
/// than 6.3 in half of them). So only images with a ruined region are judged by it. At 85, the
/// allowance is 7.5, which is enough for 98%.
const ALLOWANCE: f64 = 0.5;

impl Scores {
    /// Returns the score to compare with a target: that of the full image, or that of the worst
    /// region plus the allowance if that is lower.
    pub fn judged(self, target: f64) -> f64 {
        self.whole
            .min(self.worst_region + ALLOWANCE * (100.0 - target))
    }

    /// Returns how far the full image and the worst region score below 100.
    pub fn losses(self) -> [f64; 2] {
        [100.0 - self.whole, 100.0 - self.worst_region]
    }

    /// Returns the largest losses of the full image and of the worst region at which the score that
    /// is compared with a target is `100 - loss`.
    pub fn allowed(target: f64, loss: f64) -> [f64; 2] {
        [loss, loss + ALLOWANCE * (100.0 - target)]
    }
}

/// Number of pixels from which the finest scales are computed from tiles only. Smaller images cost
/// little, and tiles would cover most of them.
const LARGE: u64 = 150_000;
/// Minimum width and height of such an image.
const LEAST_SIDE: usize = 128;
/// Minimum side of a region at a scale that is computed from tiles.
const LEAST_REGION: usize = 64;
/// Maximum number of scales that are computed from tiles: the next three decide most of the score.
const MOST_TILED: usize = 2;
/// Radius of the metric's blur in samples.
const BLUR_RADIUS: usize = 5;
/// Side of a sample of the metric's coarsest scale, in pixels of the full image. The sides of
/// blocks are multiples of it.
const COARSEST: usize = 32;

/// Grays under transparent images: 0.1 and 0.9, as in the metric.
const GROUNDS: [Option<u8>; 2] = [Some(26), Some(230)];

/// An original, prepared for comparison with encoded images.
pub struct Scorer {
    width: usize,
    height: usize,
    channels: Channels,
    blocks: Blocks,
    reference: Reference,
}

enum Reference {
    Whole(Box<Ssimulacra2Reference>),
    /// One ground, or one per gray for a transparent image.
    Sampled(Vec<Ground>),
}

/// An original of which the finest scales are computed from tiles, one layer each, and all others
/// from a smaller image, the last layer.
struct Ground {
    /// Gray under transparent pixels; `None` for an opaque image.
    gray: Option<u8>,
    layers: Vec<Ssimulacra2Reference>,
}

impl Scorer {
    pub fn new(original: &Pixels) -> Result<Scorer, ScoreError> {
        Scorer::of(original, LARGE)
    }

    /// Creates a scorer that computes the full metric for images of every size.
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
        let side = (side.round() as usize).max(1) * COARSEST;
        let blocks = Blocks {
            side,
            columns: (width / side).max(1),
            rows: (height / side).max(1),
        };
        let channels = match original.channels {
            Channels::Rgba => Channels::Rgba,
            _ => Channels::Rgb,
        };
        let samples = spread(original, channels);
        let prepared = |slice: PixelSlice<'_>| {
            let reference = Ssimulacra2Reference::new(&slice);
            reference.map_err(|_| ScoreError)
        };
        let reference = if pixels >= large && width.min(height) >= LEAST_SIDE {
            let grounds = match channels {
                Channels::Rgba => GROUNDS.as_slice(),
                _ => &[None],
            };
            let grounds = grounds.iter().map(|gray| {
                let layers = layers(&over_gray(&samples, *gray), (width, height), side);
                let layers = layers.iter().map(|layer| prepared(layer.slice()?));
                Ok(Ground {
                    gray: *gray,
                    layers: layers.collect::<Result<_, _>>()?,
                })
            });
            Reference::Sampled(grounds.collect::<Result<_, _>>()?)
        } else {
            Reference::Whole(Box::new(prepared(slice(&samples, width, channels)?)?))
        };
        Ok(Scorer {
            width,
            height,
            channels,
            blocks,
            reference,
        })
    }

    /// Returns the number of pixels of the original.
    pub fn pixels(&self) -> usize {
        self.width * self.height
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
                let mut sums = Sums::new(self.blocks, reference.num_scales());
                for (scale, map) in maps.scales.iter().enumerate() {
                    sums.add(map, scale, &rows(map.width, map.height));
                }
                Ok(sums.scores())
            }
            Reference::Sampled(grounds) => {
                let mut lowest = Scores {
                    whole: 100.0,
                    worst_region: 100.0,
                };
                for ground in grounds {
                    let scores = self.sampled(ground, &over_gray(&samples, ground.gray))?;
                    lowest.whole = lowest.whole.min(scores.whole);
                    lowest.worst_region = lowest.worst_region.min(scores.worst_region);
                }
                Ok(lowest)
            }
        }
    }

    fn sampled(&self, ground: &Ground, rgb: &[u8]) -> Result<Scores, ScoreError> {
        let tiled = ground.layers.len() - 1;
        let scales = ground.layers[tiled].num_scales() + tiled;
        let mut sums = Sums::new(self.blocks, scales.min(SCALES));
        let layers = layers(rgb, (self.width, self.height), self.blocks.side);
        for (scale, (layer, reference)) in layers.iter().zip(&ground.layers).enumerate() {
            let maps = reference.compare_with_maps(&layer.slice()?);
            let maps = maps.map_err(|_| ScoreError)?;
            if scale < tiled {
                sums.add(&maps.scales[0], scale, &within_tiles(&layer.tiles));
            } else {
                for (map, scale) in maps.scales.iter().zip(scale..SCALES) {
                    sums.add(map, scale, &rows(map.width, map.height));
                }
            }
        }
        Ok(sums.scores())
    }
}

/// Returns the parts of an image that its score is computed from: for the first scale, tiles of it;
/// for the second, tiles of it at half its size, if regions are large enough; for all others, the
/// image at that scale.
fn layers(rgb: &[u8], (width, height): (usize, usize), block: usize) -> Vec<Samples> {
    let region = 2 * block;
    let first = tiles(width, height, region);
    let mut layers = vec![Samples {
        width: first.len() * TILE.0,
        values: Values::Stored(tiled(rgb, width, &first)),
        tiles: first,
    }];
    let mut light = halved(rgb, width, height);
    let (mut width, mut height) = (width.div_ceil(2), height.div_ceil(2));
    for scale in (1..MOST_TILED).take_while(|scale| region >> scale >= LEAST_REGION) {
        let tiles = tiles(width, height, region >> scale);
        layers.push(Samples {
            width: tiles.len() * TILE.0,
            values: Values::Light(tiled(&light, width, &tiles)),
            tiles,
        });
        light = halved_again(&light, width, height);
        (width, height) = (width.div_ceil(2), height.div_ceil(2));
    }
    layers.push(Samples {
        width,
        values: Values::Light(light),
        tiles: Vec::new(),
    });
    layers
}

/// Returns the left and top of a tile in the middle of each region, of regions that do not overlap.
fn tiles(width: usize, height: usize, region: usize) -> Vec<(usize, usize)> {
    let starts = |side: usize, tile: usize| {
        let count = (side / region).max(1);
        (0..count).map(move |place| (2 * place + 1) * side / (2 * count) - tile / 2)
    };
    let rows = starts(height, TILE.1);
    rows.flat_map(|top| starts(width, TILE.0).map(move |left| (left, top)))
        .collect()
}

/// Returns all samples of a scale, as one run per row.
fn rows(width: usize, height: usize) -> Vec<Run> {
    let run = |row| Run {
        at: row * width,
        length: width,
        row,
        column: 0,
    };
    (0..height).map(run).collect()
}

/// Returns the samples of tiles side by side that the blur of other tiles does not reach.
fn within_tiles(tiles: &[(usize, usize)]) -> Vec<Run> {
    let width = tiles.len() * TILE.0;
    let runs = tiles.iter().enumerate().flat_map(|(place, (left, top))| {
        (BLUR_RADIUS..TILE.1 - BLUR_RADIUS).map(move |row| Run {
            at: row * width + place * TILE.0 + BLUR_RADIUS,
            length: TILE.0 - 2 * BLUR_RADIUS,
            row: top + row,
            column: left + BLUR_RADIUS,
        })
    });
    runs.collect()
}

#[cfg(test)]
pub(super) mod tests;
