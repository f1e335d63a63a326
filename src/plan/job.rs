//! The work on one original: one decode a scale for every file that it lacks.

use super::{OpenLadder, Recipe, Scale, VariantSpec};
use crate::original::{Original, Picture};
use crate::path::SitePath;
use crate::preset::{AskedQuality, Format, Resize};

/// One original and every variant that is wanted of it and does not stand yet.
#[derive(Clone, Debug)]
pub struct Job {
    pub original: Original,
    /// In the order in which they are begun.
    pub specs: Vec<VariantSpec>,
    /// The ladders whose rungs are known once their ends are made.
    pub open: Vec<OpenLadder>,
    /// Other originals with the same bytes, whose variants rest on this job as well.
    pub twins: Vec<SitePath>,
    /// Their variants, each the same bytes as one of `specs` or as one that stands.
    pub copies: Vec<VariantCopy>,
}

/// One content under another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantCopy {
    pub from: SitePath,
    pub to: SitePath,
}

/// Rungs of open ladders that are worked on at once, at most: their number is not known when the
/// memory of a job is reckoned.
pub const OPEN_AT_ONCE: usize = 4;

/// Which rungs of an original are begun first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RungOrder {
    /// The threads end at about the same time.
    #[default]
    LargestFirst,
    /// Somebody waits for the first ones.
    SmallestFirst,
}

impl Job {
    /// No work on an original yet.
    pub(super) fn of(original: Original) -> Self {
        Job {
            original,
            specs: Vec::new(),
            open: Vec::new(),
            twins: Vec::new(),
            copies: Vec::new(),
        }
    }

    /// Adds a variant that does not stand, of the original or of one with the same bytes.
    pub(super) fn want(&mut self, original: &Original, wanted: &VariantSpec) {
        let path = &original.path;
        if *path != self.original.path && !self.twins.contains(path) {
            self.twins.push(path.clone());
        }
        let same = self.specs.iter().find(|spec| spec.is_same_file(wanted));
        match same {
            Some(spec) => self.copies.push(VariantCopy {
                from: spec.path.clone(),
                to: wanted.path.clone(),
            }),
            None => self.specs.push(wanted.clone()),
        }
    }

    /// Makes a copy of what was to be encoded, where the same bytes stand under another name.
    pub(super) fn copy_from(&mut self, standing: &VariantSpec) {
        let Some(at) = self
            .specs
            .iter()
            .position(|spec| spec.is_same_file(standing))
        else {
            return;
        };
        let spec = self.specs.remove(at);
        let from_it = self.copies.iter_mut().filter(|copy| copy.from == spec.path);
        for copy in from_it {
            copy.from = standing.path.clone();
        }
        self.copies.push(VariantCopy {
            from: standing.path.clone(),
            to: spec.path,
        });
    }

    pub(super) fn sort(&mut self, order: RungOrder) {
        self.specs.sort_by_key(|spec| spec.dimensions.width);
        if order == RungOrder::LargestFirst {
            self.specs.reverse();
        }
    }

    /// The other names of the variant of that name.
    pub fn copies_of<'j>(&'j self, path: &'j SitePath) -> impl Iterator<Item = &'j SitePath> {
        let copies = self.copies.iter().filter(move |copy| copy.from == *path);
        copies.map(|copy| &copy.to)
    }

    /// The copies of variants that stand already.
    pub fn copies_of_standing(&self) -> impl Iterator<Item = &VariantCopy> {
        let is_made = |copy: &VariantCopy| self.specs.iter().any(|spec| spec.path == copy.from);
        self.copies.iter().filter(move |copy| !is_made(copy))
    }

    /// Bytes of memory that the job takes at its peak: the file and its decoder, or the pixels and
    /// all rungs at once, each with its encoder's planes and tables.
    pub fn cost(&self) -> u64 {
        if self.specs.is_empty() {
            // Nothing is decoded, and a copy is one variant.
            return self.original.bytes;
        }
        let (channels, smaller, whole, decode_bytes) = match self.original.picture {
            Picture::Raster(raster) => {
                let channels = if raster.has_alpha { 4 } else { 3 };
                let wants = |scale: &Scale| {
                    let mut specs = self.specs.iter();
                    specs.any(|spec| spec.recipe.scale == *scale)
                };
                let scales = [Scale::Quarter, Scale::Half].into_iter().filter(wants);
                let smaller = scales.map(|scale| scale.samples(raster.stored).pixels());
                // What cannot be decoded smaller is decoded whole.
                let whole = raster.stored.pixels();
                (channels, smaller.sum(), whole, raster.decode_bytes)
            }
            Picture::Vector { dimensions } => {
                let drawn = self
                    .specs
                    .iter()
                    .map(|spec| spec.drawn(dimensions).pixels());
                let drawn: u64 = drawn.sum();
                (4, 0, drawn, drawn * 4)
            }
        };
        // Light takes two bytes a sample; the stored values stay beside it while others need them.
        let is_linear = |spec: &VariantSpec| spec.recipe.resize == Resize::Linear;
        let sample_bytes = if self.specs.iter().any(is_linear) {
            3
        } else {
            1
        };
        let pixels = (smaller + whole) * channels * sample_bytes;
        let (mut frames, mut stills) = (0, 0);
        for spec in &self.specs {
            let own = spec.dimensions.pixels();
            let bytes = own * (channels * sample_bytes + encoder_bytes(&spec.recipe))
                + judge_bytes(&spec.recipe, channels, own);
            if spec.recipe.is_animated {
                frames += bytes + self.animation_bytes(own);
            } else {
                stills += bytes;
            }
        }
        // The rungs of open ladders come after their ends, none larger than the upper one.
        let (mut open_frames, mut open_stills) = (0, 0);
        for ladder in &self.open {
            let spec = &ladder.ends[1];
            let own = spec.dimensions.pixels();
            let bytes = own * (channels * sample_bytes + encoder_bytes(&spec.recipe));
            if spec.recipe.is_animated {
                open_frames = open_frames.max(bytes + self.animation_bytes(own));
            } else {
                open_stills = open_stills.max(bytes);
            }
        }
        frames = frames.max(open_frames * OPEN_AT_ONCE as u64);
        stills = stills.max(open_stills * OPEN_AT_ONCE as u64);
        // The smaller ones are there already while the whole picture is decoded.
        let decoder = self.original.bytes + decode_bytes + smaller * channels;
        let still = decoder.max(pixels + stills);
        // Animated variants are made first, and the decoder stays while they are.
        if frames > 0 {
            still.max(decoder + pixels + frames)
        } else {
            still
        }
    }

    /// Bytes that the encoder of one animated variant of that many pixels keeps from frame to frame:
    /// the frame and three canvases; once more where two encodings are tried; and what it has
    /// written, which is more than the original only where one of few colours becomes one of many.
    fn animation_bytes(&self, pixels: u64) -> u64 {
        pixels * 28 + self.original.bytes * 4
    }
}

/// Measured: bytes that a search for a score takes beside the encoder, at most. Small pictures are
/// judged whole, large ones at half their size; transparent ones twice.
fn judge_bytes(recipe: &Recipe, channels: u64, pixels: u64) -> u64 {
    const SMALL: u64 = 300_000;
    let is_searched = matches!(recipe.quality, AskedQuality::Target(_));
    if !is_searched || recipe.is_animated || recipe.format == Format::Png {
        return 0;
    }
    let of_one = pixels * 64 + pixels.min(SMALL) * 56;
    if channels == 4 { of_one * 2 } else { of_one }
}

/// Measured: bytes for each pixel that an encoder takes, at most.
fn encoder_bytes(recipe: &Recipe) -> u64 {
    match recipe.format {
        Format::Avif => 64,
        // Lossless.
        Format::Webp => 24,
        Format::Jpeg => 12,
        Format::Png => 24,
    }
}
