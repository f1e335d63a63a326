//! Fingerprints: images reduced to a few bytes, by which images that look alike are grouped.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::units::Dimensions;

/// An image reduced to [`SIDE`] by [`SIDE`] pixels of sRGB, premultiplied by alpha. Alpha is the
/// fourth sample of each pixel if the image is not opaque.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(#[serde(with = "shared_bytes")] Arc<[u8]>);

/// Serializes shared bytes as one byte string instead of a sequence of numbers.
mod shared_bytes {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serializer};
    use serde_bytes::ByteBuf;

    pub fn serialize<S: Serializer>(bytes: &Arc<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub fn deserialize<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Arc<[u8]>, D::Error> {
        Ok(ByteBuf::deserialize(deserializer)?.into_vec().into())
    }
}

/// Width and height of a fingerprint in pixels.
pub const SIDE: u32 = 16;

/// Largest differences, of 255, between the samples of two fingerprints that look alike: `MEAN` is
/// that of the mean, `MOST` that of a single sample.
///
/// Measured on 525 stills of real sites, photographs and graphics, and 1,552 copies of them (JPEG
/// and WebP of quality 40 to 95, sizes down to a quarter): 94% of the copies are within these
/// limits, 97% of those that are at least 160 pixels wide, 99% of those of photographs. No pair
/// of stills within the limits shows two different subjects. The closest pairs beyond them are one
/// logo drawn a little larger (1.05 in the mean) and two charts of one layout (18 at most).
const MEAN: u64 = 1;
const MOST: u8 = 9;

/// Largest relative difference between the aspect ratios of two images that look alike.
const SHAPE: f64 = 0.01;

/// Number of bands of rows in a fingerprint. The mean of each band is one sample of its [`Sketch`].
const BANDS: usize = 8;

impl Fingerprint {
    /// Creates a fingerprint of the samples of [`SIDE`] by [`SIDE`] pixels, three or four per
    /// pixel.
    pub fn new(samples: Vec<u8>) -> Self {
        Fingerprint(samples.into())
    }

    /// Whether both fingerprints seem to be of the same image.
    fn is_like(&self, other: &Fingerprint) -> bool {
        let (own, others) = (&self.0, &other.0);
        let differences = || {
            own.iter()
                .zip(others.iter())
                .map(|(one, other)| one.abs_diff(*other))
        };
        own.len() == others.len()
            && differences().all(|difference| difference <= MOST)
            && differences().map(u64::from).sum::<u64>() <= MEAN * own.len() as u64
    }

    fn sum(&self) -> u64 {
        self.0.iter().map(|sample| u64::from(*sample)).sum()
    }
}

/// An image to compare with others.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprinted<'s> {
    /// Dimensions of the original.
    pub dimensions: Dimensions,
    pub fingerprint: &'s Fingerprint,
}

/// Summary of a fingerprint, by which most pairs are excluded without comparing every sample.
struct Sketch {
    index: usize,
    /// Sum of all samples.
    sum: u64,
    samples: usize,
    shape: f64,
    bands: [u8; BANDS],
}

impl Sketch {
    fn of(index: usize, seen: &Fingerprinted<'_>) -> Self {
        let samples = &seen.fingerprint.0;
        let band = samples.len().div_ceil(BANDS).max(1);
        let mut bands = [0; BANDS];
        for (mean, samples) in bands.iter_mut().zip(samples.chunks(band)) {
            let sum: usize = samples.iter().map(|sample| usize::from(*sample)).sum();
            *mean = u8::try_from(sum / samples.len()).unwrap_or(u8::MAX);
        }
        Sketch {
            index,
            sum: seen.fingerprint.sum(),
            samples: samples.len(),
            shape: f64::from(seen.dimensions.width) / f64::from(seen.dimensions.height.max(1)),
            bands,
        }
    }

    /// Whether the images may look alike. Never `false` for images that do.
    fn may_be_like(&self, other: &Sketch) -> bool {
        // Each mean is rounded down: the difference of two may be 1 too large.
        let mut left = (MEAN + 1) * BANDS as u64;
        for (one, other) in self.bands.iter().zip(&other.bands) {
            match left.checked_sub(u64::from(one.abs_diff(*other))) {
                Some(rest) => left = rest,
                None => return false,
            }
        }
        self.samples == other.samples && (self.shape / other.shape - 1.0).abs() <= SHAPE
    }
}

/// Maximum number of groups that an image is compared with. Without it, every image of a series
/// with equal means, such as drawings on one background, would be compared with every other.
const MOST_COMPARED: usize = 128;

/// Groups images that look alike: each group has two or more indices, ascending, and an image is in
/// at most one.
///
/// An image is compared with one image of each group whose mean is close to its own, the closest
/// first. 20,000 images of one shape take 40 ms.
pub fn groups(pictures: &[Fingerprinted<'_>]) -> Vec<Vec<usize>> {
    let mut sketches: Vec<Sketch> = pictures
        .iter()
        .enumerate()
        .map(|(index, seen)| Sketch::of(index, seen))
        .collect();
    sketches.sort_by_key(|sketch| (sketch.sum, sketch.index));
    // The first image of each group, in the order of their sums, and the indices of the group.
    let mut groups: Vec<(&Sketch, Vec<usize>)> = Vec::with_capacity(sketches.len());
    for sketch in &sketches {
        let own = pictures[sketch.index].fingerprint;
        let reach = MEAN * sketch.samples as u64;
        let near = groups
            .iter_mut()
            .rev()
            .take_while(|(first, _)| sketch.sum - first.sum <= reach)
            .take(MOST_COMPARED);
        let mut alike = near.filter(|(first, _)| {
            first.may_be_like(sketch) && pictures[first.index].fingerprint.is_like(own)
        });
        match alike.next() {
            Some((_, group)) => group.push(sketch.index),
            None => groups.push((sketch, vec![sketch.index])),
        }
    }
    let groups = groups.into_iter().map(|(_, mut group)| {
        group.sort_unstable();
        group
    });
    let mut groups: Vec<Vec<usize>> = groups.filter(|group| group.len() > 1).collect();
    groups.sort_unstable();
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLES: usize = (SIDE * SIDE * 3) as usize;

    fn print(sample: impl Fn(usize) -> u8) -> Fingerprint {
        Fingerprint::new((0..SAMPLES).map(sample).collect())
    }

    fn found(prints: &[(u32, &Fingerprint)]) -> Vec<Vec<usize>> {
        let seen = |(width, fingerprint): &(u32, &'_ Fingerprint)| (*width, (*fingerprint).clone());
        let owned: Vec<(u32, Fingerprint)> = prints.iter().map(seen).collect();
        let pictures: Vec<Fingerprinted<'_>> = owned
            .iter()
            .map(|(width, fingerprint)| Fingerprinted {
                dimensions: Dimensions {
                    width: *width,
                    height: 1000,
                },
                fingerprint,
            })
            .collect();
        groups(&pictures)
    }

    #[test]
    fn small_differences_look_alike() {
        let base = print(|at| (at % 200) as u8 + 20);
        let lighter = print(|at| (at % 200) as u8 + 21);
        let lighter_still = print(|at| (at % 200) as u8 + 22);
        let spotted =
            |by: u8| print(move |at| (at % 200) as u8 + if at == 100 { 20 + by } else { 20 });
        assert_eq!(found(&[(1500, &base), (1500, &base)]), [[0, 1]]);
        assert_eq!(found(&[(1500, &base), (1500, &lighter)]), [[0, 1]]);
        assert_eq!(found(&[(1500, &lighter_still), (1500, &base)]), [[0; 0]; 0]);
        assert_eq!(found(&[(1500, &base), (1500, &spotted(9))]), [[0, 1]]);
        assert_eq!(found(&[(1500, &base), (1500, &spotted(10))]), [[0; 0]; 0]);
        // A different aspect ratio, and one within the tolerance.
        assert_eq!(found(&[(1500, &base), (1520, &base)]), [[0; 0]; 0]);
        assert_eq!(found(&[(1500, &base), (1510, &base)]), [[0, 1]]);
        let clear = Fingerprint::new(vec![20; SAMPLES / 3 * 4]);
        let opaque = print(|_| 20);
        assert_eq!(found(&[(1500, &clear), (1500, &opaque)]), [[0; 0]; 0]);
    }

    #[test]
    fn the_groups_are_those_that_every_pair_would_give() {
        // Pseudorandom numbers (Knuth, MMIX).
        let mut state = 1u64;
        let mut next = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize
        };
        let mut prints: Vec<Fingerprint> = Vec::new();
        for _ in 0..120 {
            let (slope, offset, noise) = (next() % 5, next() % 60, next() % 3);
            prints.push(print(|at| {
                (offset + at * slope / 16 + at % (noise + 1)) as u8
            }));
        }
        let pairs = prints.iter().enumerate().flat_map(|(one, print)| {
            let others = prints.iter().enumerate().skip(one + 1);
            others
                .filter(|(_, other)| print.is_like(other))
                .map(move |(other, _)| (one, other))
        });
        let pairs: Vec<(usize, usize)> = pairs.collect();
        let pictures: Vec<(u32, &Fingerprint)> = prints.iter().map(|print| (1500, print)).collect();
        let groups = found(&pictures);
        assert!(pairs.len() > 20 && groups.len() > 5, "{pairs:?} {groups:?}");
        let is_grouped = |one: usize| groups.iter().any(|group| group.contains(&one));
        for (one, other) in pairs {
            assert!(is_grouped(one) || is_grouped(other), "{one} and {other}");
        }
        for group in &groups {
            let has_like = |one: &usize| {
                group
                    .iter()
                    .any(|other| one != other && prints[*one].is_like(&prints[*other]))
            };
            assert!(group.iter().all(has_like), "{group:?}");
        }
    }

    #[test]
    fn a_thousand_of_one_look_are_one_group() {
        let white = print(|_| 255);
        let all: Vec<(u32, &Fingerprint)> = (0..1000).map(|_| (1500, &white)).collect();
        assert_eq!(found(&all), [(0..1000).collect::<Vec<_>>()]);
    }
}
