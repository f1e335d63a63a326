//! Chooses widths by file size: takes two widths and the sizes of their files, returns widths
//! between them.

use super::VariantSpec;
use crate::picture::recipe::Rendition;
use crate::preset::{ByteLadder, Demand, MAX_WIDTHS};

/// Chosen widths are multiples of this many pixels, the side of a macroblock. This also limits the
/// number of file names.
const GRID: u32 = 16;
/// The factor by which the planned distance between widths exceeds a step. Actual sizes differ from
/// those predicted from two files, and a width that saves less than a step is left out. With this
/// factor, 17 of the 174 widths of 24 photographs are left out (measured with `cargo bench --bench
/// ladder`).
const MARGIN: f64 = 1.15;

/// Returns the widths that may be chosen between two widths, ascending.
pub(super) fn between(lowest: u32, highest: u32) -> Vec<u32> {
    let first = (lowest / GRID + 1) * GRID;
    (first..highest).step_by(GRID as usize).collect()
}

/// Widths between two ends, undecided until the files at both ends exist.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenLadder {
    /// The smallest variant and the largest one, in the format that decides.
    pub ends: [VariantSpec; 2],
    /// The variants that may be chosen between them, ascending, in each format; never empty.
    pub possible: Vec<Vec<VariantSpec>>,
    pub ladder: ByteLadder,
}

impl OpenLadder {
    /// Returns the same ladder, with `other` applied to each of its variants.
    pub(super) fn with(&self, other: &dyn Fn(&VariantSpec) -> VariantSpec) -> Self {
        let possible = self.possible.iter();
        OpenLadder {
            ends: self.ends.each_ref().map(other),
            possible: possible
                .map(|format| format.iter().map(other).collect())
                .collect(),
            ladder: self.ladder.clone(),
        }
    }

    /// Whether both ladders choose the same renditions for the same sizes.
    pub(super) fn chooses_like(&self, other: &Self) -> bool {
        let of_ends = |ladder: &Self| ladder.ends.each_ref().map(|end| end.rendition);
        let between = |ladder: &Self| -> Vec<Rendition> {
            let specs = ladder.possible.iter().flatten();
            specs.map(|spec| spec.rendition).collect()
        };
        self.ladder == other.ladder
            && of_ends(self) == of_ends(other)
            && between(self) == between(other)
    }

    /// Returns the largest rendition that may be chosen, in each format.
    pub(super) fn largest(&self) -> impl Iterator<Item = &Rendition> {
        let largest = self.possible.iter().filter_map(|format| format.last());
        largest.map(|spec| &spec.rendition)
    }

    /// Chooses the variants between the ends, in all formats, by the sizes of the two files.
    pub fn choose(&self, bytes: [u64; 2]) -> Vec<&VariantSpec> {
        let width = |spec: &VariantSpec| spec.rendition.dimensions.width;
        let [lowest, highest] = &self.ends;
        let ends = [(width(lowest), bytes[0]), (width(highest), bytes[1])];
        let possible: Vec<u32> = self.possible[0].iter().map(width).collect();
        let chosen = choose(ends, &possible, &self.ladder);
        let rungs = self.possible.iter().flatten();
        rungs.filter(|spec| chosen.contains(&width(spec))).collect()
    }
}

/// Chooses widths from the ascending `possible`, by the widths and sizes in bytes of the files at
/// both ends. Pure, so that the same files always result in the same widths.
pub(super) fn choose(ends: [(u32, u64); 2], possible: &[u32], ladder: &ByteLadder) -> Vec<u32> {
    // planche writes no empty file; if there is one, the curve must stay finite.
    let end = |(width, bytes): (u32, u64)| (f64::from(width), (bytes as f64).max(1.0));
    let curve = Curve {
        low: end(ends[0]),
        high: end(ends[1]),
    };
    let apart = ladder.step_bytes.0 as f64 * MARGIN;
    let steps = ((curve.high.1 - curve.low.1) / apart).floor();
    if steps < 2.0 {
        return Vec::new();
    }
    let steps = (steps as usize).min(MAX_WIDTHS - 1);
    let widths: Vec<f64> = possible.iter().copied().map(f64::from).collect();
    let chosen = match &ladder.demand {
        Some(demand) => asked_for(&curve, &widths, steps, apart, demand),
        None => even(&curve, &widths, steps),
    };
    chosen.into_iter().map(|index| possible[index]).collect()
}

/// A curve through the sizes of two files: bytes as a power of the width. It is evaluated by
/// bisection on logarithmic scales, which takes only square roots: these are the same on every
/// machine (IEEE 754), unlike powers.
struct Curve {
    low: (f64, f64),
    high: (f64, f64),
}

impl Curve {
    /// Finds the point where `is_below` becomes false.
    fn point(&self, is_below: impl Fn((f64, f64)) -> bool) -> (f64, f64) {
        let (mut low, mut high) = (self.low, self.high);
        // The widths lie within a factor of 2^14; 40 bisections of this range are exact to a pixel.
        for _ in 0..40 {
            let middle = ((low.0 * high.0).sqrt(), (low.1 * high.1).sqrt());
            if is_below(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }

    fn bytes_at(&self, width: f64) -> f64 {
        self.point(|middle| middle.0 < width).1
    }

    fn width_at(&self, bytes: f64) -> f64 {
        self.point(|middle| middle.1 < bytes).0
    }
}

/// Chooses widths whose files are equal numbers of bytes apart.
fn even(curve: &Curve, widths: &[f64], steps: usize) -> Vec<usize> {
    let gain = curve.high.1 - curve.low.1;
    let mut chosen = Vec::new();
    for step in 1..steps {
        let bytes = curve.low.1 + gain * step as f64 / steps as f64;
        let width = curve.width_at(bytes);
        let above = widths.partition_point(|one| *one < width);
        let is_nearer_below = above == widths.len()
            || above > 0 && width - widths[above - 1] <= widths[above] - width;
        let nearest = if is_nearer_below && above > 0 {
            above - 1
        } else {
            above
        };
        if nearest < widths.len() && chosen.last() != Some(&nearest) {
            chosen.push(nearest);
        }
    }
    chosen
}

/// Chooses fewer than `steps` widths, at least `apart` bytes from one another, with which visitors
/// load the fewest bytes: a shortest path over the possible widths.
fn asked_for(
    curve: &Curve,
    widths: &[f64],
    steps: usize,
    apart: f64,
    demand: &Demand,
) -> Vec<usize> {
    // The lower end, the possible widths, the upper end.
    let mut points: Vec<(f64, f64)> = vec![curve.low];
    points.extend(widths.iter().map(|width| (*width, curve.bytes_at(*width))));
    points.push(curve.high);
    let last = points.len() - 1;
    // The weight of all visitors that a point and the points below it serve; the last point serves
    // all.
    let mut served = vec![0.0; points.len()];
    for (pixels, weight) in demand.iter() {
        let first = points.partition_point(|point| point.0 < f64::from(pixels));
        served[first.min(last)] += weight;
    }
    for index in 1..served.len() {
        served[index] += served[index - 1];
    }
    let load = |from: usize, to: usize| (served[to] - served[from]) * points[to].1;
    let is_apart = |from: usize, to: usize| points[to].1 - points[from].1 >= apart;
    // The least load up to a point, with a given number of hops from the lower end, and the
    // previous point.
    let mut least: Vec<Option<(f64, usize)>> = vec![None; points.len()];
    least[0] = Some((served[0] * points[0].1, 0));
    let mut best: Option<f64> = None;
    let mut path = Vec::new();
    let mut before: Vec<Vec<Option<usize>>> = Vec::new();
    for _ in 0..steps {
        let reach = |to: usize| {
            let hops = least[..to].iter().enumerate();
            let apart = hops.take_while(|(from, _)| is_apart(*from, to));
            let loads = apart.filter_map(|(from, so_far)| {
                let (load_before, _) = so_far.as_ref()?;
                Some((load_before + load(from, to), from))
            });
            loads.reduce(|best, other| if other.0 < best.0 { other } else { best })
        };
        let next: Vec<Option<(f64, usize)>> = (0..points.len()).map(reach).collect();
        before.push(
            next.iter()
                .map(|point| point.map(|(_, from)| from))
                .collect(),
        );
        if let Some((total, _)) = next[last]
            && best.is_none_or(|best| total < best)
        {
            best = Some(total);
            path = traced(&before, last);
        }
        least = next;
    }
    path
}

/// Returns the points of a path between its ends, as indices into the possible widths.
fn traced(before: &[Vec<Option<usize>>], last: usize) -> Vec<usize> {
    let mut path = Vec::new();
    let mut point = last;
    for hop in before.iter().rev() {
        match hop[point] {
            Some(from) if from > 0 => {
                path.push(from - 1);
                point = from;
            }
            _ => break,
        }
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preset::{Ladder, Presets};

    /// The ladder of a preset, with visitors if there are any.
    fn ladder(ends: [u32; 2], step: u64, visitors: Option<&str>) -> (ByteLadder, Vec<u32>) {
        let text = format!(
            "widths: {{min: {}, max: {}, step_bytes: {step}, visitors: v.csv}}\nsizes: 100vw\n",
            ends[0], ends[1]
        );
        let table = format!("width,density,weight\n{}", visitors.unwrap_or("1,1,1"));
        let files = [
            ("presets/x.yml", text.as_str()),
            ("presets/v.csv", table.as_str()),
        ];
        let (presets, findings) = Presets::read(files);
        assert!(findings.is_empty(), "{findings:?}");
        let Ladder::ByBytes(bytes) = &presets.get("x").unwrap().widths else {
            panic!("not a byte ladder");
        };
        let mut bytes = bytes.clone();
        bytes.demand = bytes.demand.filter(|_| visitors.is_some());
        (bytes, between(ends[0], ends[1]))
    }

    fn widths((ladder, possible): &(ByteLadder, Vec<u32>), bytes: [u64; 2]) -> Vec<u32> {
        let ends = [ladder.min, ladder.max].map(|width| width.get());
        choose([(ends[0], bytes[0]), (ends[1], bytes[1])], possible, ladder)
    }

    #[test]
    fn widths_follow_a_power_curve_in_equal_byte_steps() {
        // 10 kB at 320 pixels, 160 kB at 1280: bytes are 10 kB · (width/320)². Of the 150 kB, five
        // steps of 30 kB end at 40, 70, 100 and 130 kB: at 640, 847, 1012 and 1154 pixels.
        let ladder = ladder([320, 1280], 26_000, None);
        assert_eq!(widths(&ladder, [10_000, 160_000]), [640, 848, 1008, 1152]);
        // Nothing to gain: no widths.
        assert_eq!(widths(&ladder, [10_000, 60_000]), [0; 0]);
        assert_eq!(widths(&ladder, [60_000, 10_000]), [0; 0]);
        assert_eq!(widths(&ladder, [0, 0]), [0; 0]);
    }

    #[test]
    fn no_ladder_is_longer_than_a_listed_one_may_be() {
        let ladder = ladder([16, 16_000], 1, None);
        let rungs = widths(&ladder, [1, u64::MAX]);
        assert!(rungs.len() + 2 <= MAX_WIDTHS, "{}", rungs.len());
        assert!(rungs.is_sorted_by(|a, b| a < b), "{rungs:?}");
    }

    #[test]
    fn widths_match_what_visitors_load() {
        // Visitors load 780, 1170 and 1280 pixels: the next larger widths of the grid, and no
        // others.
        let visitors = "390,2,60\n390,3,35\n1280,1,5\n";
        let ladder = ladder([320, 1280], 20_000, Some(visitors));
        let rungs = widths(&ladder, [10_000, 160_000]);
        assert_eq!(rungs, [784, 1184]);
        // A visitor that needs more than the largest width gets the largest.
        let large = self::ladder([320, 1280], 20_000, Some("2000,3,1\n"));
        assert_eq!(widths(&large, [10_000, 160_000]), [0; 0]);
    }
}
