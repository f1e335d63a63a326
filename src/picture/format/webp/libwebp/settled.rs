//! Prepares the frames of a lossy animation: the frames to show go in, the frames to pass to
//! libwebp come out, so that no difference gets lost.
//!
//! libwebp compares each frame with the one before it, writes the smallest rectangle around the
//! pixels that differ clearly, and makes blocks in it transparent that differ less. It then treats
//! the frame as shown, even where it wrote nothing. A fade that changes by a little in every frame
//! would therefore never be written while anything else moves. This module passes such pixels with
//! their old values until the changes add up to a clear difference.

use std::ops::Range;

use crate::pixels::{Channels, Pixels};
use crate::units::{Dimensions, Quality};

type Pixel = [u8; 4];

/// Side of libwebp's blocks in pixels, on the grid of the canvas.
const BLOCK: usize = 8;

/// The pixels that were written last, and how much new ones may differ from them without being
/// written.
pub(super) struct Settled {
    dimensions: Dimensions,
    allowed: u32,
    /// The pixels that were written last; empty before the first frame.
    shown: Vec<Pixel>,
}

/// A rectangle of pixels; `right` and `bottom` are exclusive.
#[derive(Clone, Copy)]
struct Area {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

impl Settled {
    pub fn new(dimensions: Dimensions, quality: Quality) -> Self {
        // `QualityToMaxDiff` of libwebp's `anim_encode.c`: 31 at quality 0, 1 at 100.
        let share = (f64::from(quality.get()) / 100.0).sqrt();
        let allowed = 31.0 * (1.0 - share) + share;
        Settled {
            dimensions,
            allowed: (allowed + 0.5) as u32,
            shown: Vec::new(),
        }
    }

    /// Returns the frame, with the old pixels where libwebp writes none. Returns `None` if its size
    /// differs.
    pub fn settle(&mut self, frame: &Pixels) -> Option<Pixels> {
        let new = rgba(frame);
        if frame.dimensions != self.dimensions || new.len() as u64 != self.dimensions.pixels() {
            return None;
        }
        if self.shown.is_empty() {
            self.shown = new;
        } else if let Some(area) = self.changed(&new) {
            self.update(&new, area);
        }
        Some(Pixels {
            dimensions: self.dimensions,
            channels: Channels::Rgba,
            samples: self.shown.as_flattened().to_vec(),
        })
    }

    /// Returns the smallest rectangle around all pixels that differ clearly.
    fn changed(&self, new: &[Pixel]) -> Option<Area> {
        let width = self.dimensions.width as usize;
        let rows = self.shown.chunks_exact(width).zip(new.chunks_exact(width));
        let mut changed: Option<Area> = None;
        for (y, (old, new)) in rows.enumerate().filter(|(_, (old, new))| old != new) {
            let differs = |(old, new): (&Pixel, &Pixel)| !is_similar(*old, *new, self.allowed);
            let Some(first) = old.iter().zip(new).position(differs) else {
                continue;
            };
            let last = old.iter().zip(new).rposition(differs).unwrap_or(first);
            let area = changed.get_or_insert(Area {
                left: first,
                top: y,
                right: last + 1,
                bottom: y + 1,
            });
            area.left = area.left.min(first);
            area.right = area.right.max(last + 1);
            area.bottom = y + 1;
        }
        changed
    }

    /// Copies the new pixels of an area, except those of the blocks that libwebp makes transparent.
    fn update(&mut self, new: &[Pixel], area: Area) {
        // libwebp's rectangles start at even offsets. The first block of a row or a column is never
        // transparent, nor is one that the area covers in part.
        let (left, top) = (area.left & !1, area.top & !1);
        let inner = |begin: usize, end: usize| (begin / BLOCK + 1) * BLOCK..end / BLOCK * BLOCK;
        let (columns, rows) = (inner(left, area.right), inner(top, area.bottom));
        let mut y = top;
        while y < area.bottom {
            let height = if rows.contains(&y) { BLOCK } else { 1 };
            let mut x = left;
            while x < area.right {
                let is_block = height == BLOCK && columns.contains(&x);
                let width = if is_block { BLOCK } else { 1 };
                let part = Area {
                    left: x,
                    top: y,
                    right: x + width,
                    bottom: y + height,
                };
                if !is_block || self.differs(new, part) {
                    for row in self.rows(part) {
                        self.shown[row.clone()].copy_from_slice(&new[row]);
                    }
                }
                x += width;
            }
            y += height;
        }
    }

    /// Whether a pixel of a block differs clearly, or the block was not opaque.
    fn differs(&self, new: &[Pixel], block: Area) -> bool {
        let mut pixels = self.rows(block).flatten();
        pixels.any(|at| {
            let (old, new) = (self.shown[at], new[at]);
            old[3] != u8::MAX || !is_similar(old, new, self.allowed)
        })
    }

    /// Returns the indices of an area's pixels, one range per row.
    fn rows(&self, area: Area) -> impl Iterator<Item = Range<usize>> + use<> {
        let width = self.dimensions.width as usize;
        (area.top..area.bottom).map(move |y| y * width + area.left..y * width + area.right)
    }
}

/// Whether libwebp takes two pixels for equal: `PixelsAreSimilar` of its `anim_encode.c`.
fn is_similar(old: Pixel, new: Pixel, allowed: u32) -> bool {
    let alpha = u32::from(new[3]);
    let is_near = |at: usize| u32::from(old[at].abs_diff(new[at])) * alpha <= allowed * 255;
    old[3] == new[3] && is_near(0) && is_near(1) && is_near(2)
}

fn rgba(pixels: &Pixels) -> Vec<Pixel> {
    let samples = &pixels.samples;
    match pixels.channels {
        Channels::Gray => samples.iter().map(|v| [*v, *v, *v, u8::MAX]).collect(),
        Channels::Rgb => {
            let pixels = samples.as_chunks::<3>().0.iter();
            pixels.map(|[r, g, b]| [*r, *g, *b, u8::MAX]).collect()
        }
        Channels::Rgba => samples.as_chunks::<4>().0.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(width: u32, height: u32, paint: impl Fn(u32, u32) -> Pixel) -> Pixels {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Pixels {
            dimensions: Dimensions { width, height },
            channels: Channels::Rgba,
            samples: places.flat_map(|(x, y)| paint(x, y)).collect(),
        }
    }

    fn gray(value: u8) -> Pixel {
        [value, value, value, 255]
    }

    fn quality(value: f32) -> Quality {
        Quality::new(value).unwrap()
    }

    #[test]
    fn what_differs_little_stays_until_it_differs_clearly() {
        // 31 · (1 − √0.8) + √0.8 = 4.17.
        let mut settled = Settled::new(frame(32, 24, |_, _| gray(0)).dimensions, quality(80.0));
        let mut shown = |value: u8| {
            let settled = settled.settle(&frame(32, 24, |_, _| gray(value))).unwrap();
            settled.samples[0]
        };
        let values = [10, 12, 14, 15, 18, 16].map(&mut shown);
        assert_eq!(values, [10, 10, 10, 15, 15, 15]);
    }

    #[test]
    fn blocks_inside_the_changed_area_stay_and_its_edges_are_taken_over() {
        // Corners differ clearly, so that the area is everything from (3, 1) to (37, 23).
        let size = frame(40, 24, |_, _| gray(100));
        let mut settled = Settled::new(size.dimensions, quality(80.0));
        settled.settle(&size).unwrap();
        let new = frame(40, 24, |x, y| match (x, y) {
            (3, 1) | (36, 22) => gray(200),
            // One clear difference in the block from (16, 8) to (24, 16).
            (19, 9) => gray(105),
            _ => gray(103),
        });
        let settled = settled.settle(&new).unwrap();
        let is_new = |x: usize, y: usize| settled.samples[(y * 40 + x) * 4] != 100;
        for (x, y, expected) in [
            (0, 0, false),
            (3, 1, true),
            (2, 0, true),
            // Blocks begin at 8 across and down, and end at 32 and 16.
            (7, 9, true),
            (8, 7, true),
            (8, 8, false),
            (15, 15, false),
            (16, 8, true),
            (23, 15, true),
            (24, 15, false),
            (31, 15, false),
            (32, 8, true),
            (8, 16, true),
            (36, 22, true),
            (37, 22, false),
            (36, 23, false),
        ] {
            assert_eq!(is_new(x, y), expected, "({x}, {y})");
        }
    }

    #[test]
    fn other_sizes_are_refused_and_transparency_counts() {
        let first = frame(16, 16, |_, _| [0; 4]);
        let mut settled = Settled::new(first.dimensions, quality(80.0));
        assert_eq!(settled.settle(&frame(15, 16, |_, _| [0; 4])), None);
        settled.settle(&first).unwrap();
        // Colors under full transparency do not count as a difference; a little alpha does.
        let colored = settled
            .settle(&frame(16, 16, |_, _| [9, 99, 9, 0]))
            .unwrap();
        assert_eq!(colored, first);
        let faint = frame(16, 16, |_, _| [0, 0, 0, 1]);
        assert_eq!(settled.settle(&faint).unwrap(), faint);
    }
}
