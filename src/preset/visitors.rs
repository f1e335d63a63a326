//! Whom the pictures are for: windows and densities of visitors, and how many pixels they ask for.

use super::{Sizes, shown};
use crate::finding::{Code, Finding, Position};
use crate::units::WEBP_MAX_SIDE;

/// Rows of a file of visitors at most.
const MAX_ROWS: usize = 10_000;
/// The first line of such a file.
const HEADER: &str = "width,density,weight";

/// Visitors who see a site alike.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Visitor {
    /// Width of the window in CSS pixels.
    window: f64,
    /// Pixels for each CSS pixel.
    density: f64,
    /// How many they are, in any unit.
    weight: f64,
}

/// The visitors of a site.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Visitors(Vec<Visitor>);

/// The widths in pixels that are asked for, ascending, and how often, in any unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand(Vec<(u32, f64)>);

impl Visitors {
    /// Reads a CSV file of `width,density,weight`: CSS pixels of the window, pixels for each of
    /// them, and how many visitors have both, in any unit. Empty lines and those that begin with
    /// `#` say nothing.
    pub fn read(file: &str, text: &str) -> Result<Visitors, Finding> {
        let wrong = |line: usize, message: String| {
            Finding::new(Code::Configuration, message)
                .in_file(file)
                .at(Position {
                    line: u32::try_from(line + 1).unwrap_or(u32::MAX),
                    column: 1,
                })
                .hint("write it as `390,3,25`: window in CSS pixels, density, weight")
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = text
            .lines()
            .map(str::trim)
            .enumerate()
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let header = lines.next();
        let columns = |line: &str| -> Vec<String> {
            let columns = line
                .split(',')
                .map(|column| column.trim().to_ascii_lowercase());
            columns.collect()
        };
        match header {
            Some((_, line)) if columns(line).join(",") == HEADER => {}
            other => {
                let line = other.map_or(0, |(line, _)| line);
                return Err(wrong(line, format!("the first line is not `{HEADER}`")));
            }
        }
        let mut visitors = Vec::new();
        for (line, row) in lines {
            let numbers: Option<Vec<f64>> = columns(row)
                .iter()
                .map(|column| column.parse().ok())
                .collect();
            let visitor = match numbers.as_deref() {
                Some([window, density, weight])
                    if (1.0..=f64::from(WEBP_MAX_SIDE)).contains(window)
                        && (0.5..=8.0).contains(density)
                        && (0.0..=1e15).contains(weight) =>
                {
                    Visitor {
                        window: *window,
                        density: *density,
                        weight: *weight,
                    }
                }
                _ => return Err(wrong(line, format!("`{row}` is not a row of visitors"))),
            };
            if visitors.len() == MAX_ROWS {
                return Err(wrong(line, format!("there are more than {MAX_ROWS} rows")));
            }
            visitors.push(visitor);
        }
        if visitors.iter().all(|visitor| visitor.weight == 0.0) {
            return Err(wrong(0, "there are no visitors in it".to_owned()));
        }
        Ok(Visitors(visitors))
    }

    /// What they ask for where a picture is shown by `sizes`; the reason, if that cannot be told.
    pub fn demand(&self, sizes: &Sizes) -> Result<Demand, String> {
        let mut demand: Vec<(u32, f64)> = Vec::with_capacity(self.0.len());
        for visitor in &self.0 {
            let css = shown::width(sizes, visitor.window)?;
            let pixels = (css * visitor.density).ceil();
            let pixels = pixels.clamp(1.0, f64::from(WEBP_MAX_SIDE)) as u32;
            demand.push((pixels, visitor.weight));
        }
        // The order within one width decides how weights add up.
        demand.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        Ok(Demand(demand))
    }
}

impl Demand {
    /// Widths in pixels, ascending, and how often each is asked for.
    pub fn iter(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Visitors, String> {
        Visitors::read("presets/v.csv", text).map_err(|finding| finding.to_string())
    }

    #[test]
    fn rows_become_pixels_by_the_sizes_of_the_place() {
        let text = "# of 2026\nWidth, density, weight\n390,3,25\n\n1440,1,10\n360,2.5,0\n";
        let sizes = Sizes::try_from("(min-width: 62em) 31em, 100vw".to_owned()).unwrap();
        let demand = read(text).unwrap().demand(&sizes).unwrap();
        assert_eq!(demand, Demand(vec![(496, 10.0), (900, 0.0), (1170, 25.0)]));
        let odd = Sizes::try_from("auto".to_owned()).unwrap();
        assert!(read(text).unwrap().demand(&odd).is_err());
    }

    #[test]
    fn a_wrong_row_is_named_with_its_line() {
        for (text, place) in [
            ("", "1:1: the first line is not"),
            ("390,3,25\n", "1:1: the first line is not"),
            ("width,density,weight\n", "1:1: there are no visitors"),
            (
                "width,density,weight\n390,3,0\n",
                "1:1: there are no visitors",
            ),
            ("width,density,weight\n390,3\n", "2:1: `390,3` is not"),
            ("width,density,weight\n\n390,0,1\n", "3:1: `390,0,1` is not"),
            ("width,density,weight\n0,1,1\n", "2:1: "),
            ("width,density,weight\n390,1,-1\n", "2:1: "),
            ("width,density,weight\n390,1,nan\n", "2:1: "),
            ("width,density,weight\n390,1,inf\n", "2:1: "),
            ("width,density,weight\nx,1,1\n", "2:1: "),
        ] {
            let error = read(text).unwrap_err();
            assert!(
                error.starts_with(&format!("presets/v.csv:{place}")),
                "{text:?}: {error}"
            );
        }
    }
}
