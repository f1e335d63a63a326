//! Limits the work of outlines: the curves of arcs, the dashes and sides of strokes, and the rows of
//! pixels that all of these cross.

use resvg::tiny_skia::{PathSegment, Point};
use resvg::usvg::roxmltree::{Document, Node};
use resvg::usvg::{Path, Stroke};

use super::work::Canvas;

/// Maximum number of digits before the decimal point. The parser turns an arc into curves whose
/// number grows with its radius.
const MOST_DIGITS: i64 = 10;
/// Attributes that decide the radii of arcs.
const SIZES: [&str; 7] = ["d", "height", "points", "rx", "ry", "viewBox", "width"];

/// The costs below are in pixels: the time that one pixel of a layer takes.
const PER_SEGMENT: f64 = 200.0;
/// An edge that crosses a row of pixels: the renderer samples four rows for each, and adds each span
/// to the runs of the row.
const PER_ROW: f64 = 64.0;
/// Edges of each segment or dash of a stroke: its two sides, and what joins or ends them.
const PER_STROKE: f64 = 4.0;
/// The renderer leaves out a stroke with more dashes.
const MOST_DASHES: f64 = 1e6;
/// Maximum number of parts by which the renderer measures one curve for dashes.
const MOST_PARTS: f64 = 1_048_576.0;
/// Measuring one of these parts.
const PER_PART: f64 = 8.0;

/// Rejects drawings with numbers that are far too large for any page.
pub(super) fn check_numbers(document: &Document<'_>) -> Result<(), &'static str> {
    let is_huge = document
        .descendants()
        .filter(Node::is_element)
        .flat_map(|node| node.attributes())
        .any(|attribute| SIZES.contains(&attribute.name()) && has_huge_number(attribute.value()));
    if is_huge {
        return Err("its coordinates are too large");
    }
    Ok(())
}

/// Whether a number in a list or in path data has more than [`MOST_DIGITS`] digits before the
/// decimal point, its exponent included.
fn has_huge_number(text: &str) -> bool {
    let mut bytes = text.bytes().peekable();
    let (mut digits, mut is_fraction) = (0i64, false);
    while let Some(byte) = bytes.next() {
        match byte {
            b'0' if digits == 0 => {}
            b'0'..=b'9' if !is_fraction => digits += 1,
            b'0'..=b'9' => {}
            b'.' => {
                // A second point starts the next number.
                if is_fraction {
                    digits = 0;
                }
                is_fraction = true;
            }
            b'e' | b'E' => {
                let is_negative = bytes.next_if(|&sign| matches!(sign, b'+' | b'-')) == Some(b'-');
                let mut exponent = 0i64;
                while let Some(digit) = bytes.next_if(u8::is_ascii_digit) {
                    exponent = exponent
                        .saturating_mul(10)
                        .saturating_add(i64::from(digit - b'0'));
                }
                if !is_negative {
                    digits = digits.saturating_add(exponent);
                }
            }
            _ => (digits, is_fraction) = (0, false),
        }
        if digits > MOST_DIGITS {
            return true;
        }
    }
    false
}

/// Returns the cost of the fill and the stroke of a path, besides the pixels that they cover.
pub(super) fn cost(path: &Path, canvas: Canvas) -> f64 {
    let outline = Outline::of(path, canvas, 0.0);
    let mut cost = outline.parsed() + path.fill().map_or(0.0, |_| outline.drawn(canvas));
    if let Some(stroke) = path.stroke() {
        cost += stroke_cost(path, stroke, canvas);
    }
    cost
}

fn stroke_cost(path: &Path, stroke: &Stroke, canvas: Canvas) -> f64 {
    let (x, y) = path.abs_transform().get_scale();
    let thickness = f64::from(stroke.width().get() * x.max(y) * canvas.scale.0.max(canvas.scale.1));
    let mut outline = Outline::of(path, canvas, thickness);
    let mut parts = 0.0;
    if let Some(dashes) = stroke.dasharray() {
        let pattern: f64 = dashes.iter().map(|&length| f64::from(length)).sum();
        let dashes = outline.length / pattern * dashes.len() as f64 / 2.0;
        let dashes = if dashes > MOST_DASHES { 0.0 } else { dashes };
        outline.segments += dashes;
        outline.rows += dashes * thickness.clamp(1.0, canvas.height);
        parts = outline.parts;
    }
    outline.segments *= PER_STROKE;
    outline.rows *= PER_STROKE;
    outline.parsed() + outline.drawn(canvas) + parts * PER_PART
}

/// Facts about the segments of a path.
#[derive(Default)]
struct Outline {
    segments: f64,
    /// Rows of the canvas that the segments cross, in total.
    rows: f64,
    /// Length before any transform. That of a curve is of its control points.
    length: f64,
    /// Parts by which the curves are measured for dashes.
    parts: f64,
}

impl Outline {
    /// Returns the facts about a path whose segments are `thickness` pixels wide.
    fn of(path: &Path, canvas: Canvas, thickness: f64) -> Self {
        let mut outline = Outline::default();
        let transform = path
            .abs_transform()
            .post_scale(canvas.scale.0, canvas.scale.1);
        let (mut start, mut last) = (Point::zero(), Point::zero());
        for segment in path.data().segments() {
            let points = match segment {
                PathSegment::MoveTo(to) => {
                    (start, last) = (to, to);
                    continue;
                }
                PathSegment::LineTo(to) => [last, to, to, to],
                PathSegment::QuadTo(by, to) => [last, by, to, to],
                PathSegment::CubicTo(by, then, to) => [last, by, then, to],
                PathSegment::Close => [last, start, start, start],
            };
            last = points[3];
            outline.length += length(&points);
            let mut drawn = points;
            transform.map_points(&mut drawn);
            let ys = drawn.map(|point| f64::from(point.y));
            let top = ys.iter().copied().fold(f64::INFINITY, f64::min) - thickness / 2.0;
            let bottom = ys.iter().copied().fold(f64::NEG_INFINITY, f64::max) + thickness / 2.0;
            outline.segments += 1.0;
            outline.rows += (bottom.min(canvas.height) - top.max(0.0)).max(0.0);
            if !matches!(segment, PathSegment::LineTo(_) | PathSegment::Close) {
                outline.parts += (4.0 * length(&drawn).sqrt() + 1.0).min(MOST_PARTS);
            }
        }
        outline
    }

    fn parsed(&self) -> f64 {
        self.segments * PER_SEGMENT
    }

    /// Returns the cost of following the edges from row to row. Each edge is sorted among those that
    /// cross the same row.
    fn drawn(&self, canvas: Canvas) -> f64 {
        let side_by_side = self.rows / canvas.height;
        self.rows * PER_ROW + self.segments * side_by_side
    }
}

fn length(points: &[Point; 4]) -> f64 {
    let pairs = points.windows(2);
    pairs
        .map(|pair| f64::from(pair[0].x - pair[1].x).hypot(f64::from(pair[0].y - pair[1].y)))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_huge_by_their_digits_and_exponents() {
        for huge in [
            "M0 0A1e30 1e30 0 1 1 1e30 1e30",
            "1E+10",
            "-99999999999",
            "0 0 1e999999999999999999999 1",
        ] {
            assert!(has_huge_number(huge), "{huge}");
        }
        for ordinary in [
            "M0-1.25e3.5.5L1e-30,99999999.123456789012345Z",
            "a12.5 12.5 0 0112345.5 25",
            "0.00000000000001",
            "00000000000001",
            "1.00000000000000000000",
            "1234 5678 9012 3456",
        ] {
            assert!(!has_huge_number(ordinary), "{ordinary}");
        }
    }
}
