//! Fits a `sizes` attribute to measured widths, by the rule of respimagelint: as few linear pieces
//! as stay within five per cent of every measured width. Pure.

use std::fmt::Write;

/// Maximum distance of a piece from a measured width, as a fraction of that width.
const TOLERANCE: f64 = 0.05;

/// A width as a linear function of the window's: `vw` times that width, and `px` CSS pixels.
#[derive(Clone, Debug)]
struct Piece<'p> {
    vw: f64,
    px: f64,
    points: &'p [(u32, f64)],
}

impl Piece<'_> {
    fn fits(&self) -> bool {
        self.points.iter().all(|(window, width)| {
            let fitted = self.vw * f64::from(*window) + self.px;
            (fitted - width).abs() < TOLERANCE * width
        })
    }

    /// Returns the width of the smallest window, in CSS pixels.
    fn start(&self) -> u32 {
        self.points[0].0
    }

    fn length(&self) -> String {
        let percent = (self.vw * 10_000.0).round() / 100.0;
        let relative = f64::from(self.start()) * self.vw.abs();
        if self.px.abs() < relative * TOLERANCE {
            format!("{percent}vw")
        } else if relative < self.px.abs() * TOLERANCE {
            format!("{}px", self.px.round())
        } else {
            let sign = if self.px < 0.0 { '-' } else { '+' };
            format!("calc({percent}vw {sign} {}px)", self.px.abs().round())
        }
    }
}

/// Returns the `sizes` for points of window width and image width, both in CSS pixels, by ascending
/// window. `None` without points.
pub(super) fn sizes(points: &[(u32, f64)]) -> Option<String> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut first = 0;
    for last in 0..points.len() {
        let (window, width) = points[last];
        let (start, start_width) = points[first];
        let vw = if last == first {
            0.0
        } else {
            (width - start_width) / f64::from(window - start)
        };
        let longer = Piece {
            vw,
            px: width - vw * f64::from(window),
            points: &points[first..=last],
        };
        if last > first && longer.fits() {
            pieces.pop();
            pieces.push(longer);
        } else {
            first = last;
            pieces.push(Piece {
                vw: 0.0,
                px: width,
                points: &points[last..=last],
            });
        }
    }
    let mut text = String::new();
    for (index, piece) in pieces.iter().enumerate().rev() {
        if index > 0 {
            let _ = write!(text, "(min-width: {}px) ", piece.start());
        }
        text.push_str(&piece.length());
        if index > 0 {
            text.push_str(", ");
        }
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preset::displayed_width;

    /// Returns the widths of a layout in windows of 320 to 1920 pixels.
    fn points(width: impl Fn(f64) -> f64) -> Vec<(u32, f64)> {
        let windows = (320..=1920).step_by(80);
        windows
            .map(|window| (window, width(f64::from(window))))
            .collect()
    }

    #[test]
    fn layouts_are_told_in_few_pieces() {
        let column = points(|window| if window < 800.0 { window - 32.0 } else { 704.0 });
        assert_eq!(
            sizes(&column).as_deref(),
            Some("(min-width: 800px) 704px, calc(100vw - 32px)")
        );
        let full = points(|window| window);
        assert_eq!(sizes(&full).as_deref(), Some("100vw"));
        let fixed = points(|_| 120.0);
        assert_eq!(sizes(&fixed).as_deref(), Some("120px"));
        let grid = points(|window| {
            if window < 640.0 {
                window
            } else if window < 1200.0 {
                window / 2.0
            } else {
                400.0
            }
        });
        assert_eq!(
            sizes(&grid).as_deref(),
            Some("(min-width: 1200px) 400px, (min-width: 640px) 50vw, 100vw")
        );
        assert_eq!(sizes(&[]), None);
        assert_eq!(sizes(&[(375, 343.0)]).as_deref(), Some("343px"));
    }

    #[test]
    fn every_measured_width_is_met_within_a_tenth() {
        let odd = points(|window| 100.0 + (window / 7.0) % 90.0 + (window / 500.0).floor() * 80.0);
        let sizes = sizes(&odd).unwrap();
        for (window, width) in odd {
            let fitted = displayed_width(&sizes, f64::from(window)).unwrap();
            assert!(
                (fitted - width).abs() < 0.1 * width,
                "{window}: {width}, {sizes}"
            );
        }
    }
}
