//! Visitor statistics: computes the image widths that visitors need from a table of viewport widths
//! and pixel densities.

use super::{Sizes, shown};
use crate::finding::{Code, Finding, Position};
use crate::picture::units::WEBP_MAX_SIDE;

/// Maximum number of rows of a table.
const MAX_ROWS: usize = 10_000;
/// The columns of a table.
const HEADER: [&str; 3] = ["width", "density", "weight"];

/// Visitors with the same window width and density.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Visitor {
    /// Width of the window in CSS pixels.
    window: f64,
    /// Device pixels per CSS pixel.
    density: f64,
    /// Number of visitors, in any unit.
    weight: f64,
}

/// The visitors of a site.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Visitors(Vec<Visitor>);

/// The image widths that visitors need: width in pixels, ascending, and weight in any unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand(Vec<(u32, f64)>);

impl Visitors {
    /// Reads a CSV file (RFC 4180) with the columns `width`, `density` and `weight`: the width of
    /// the window in CSS pixels, device pixels per CSS pixel, and how many visitors have both, in
    /// any unit. Fields may be quoted. Empty lines and lines that start with `#` are ignored. A
    /// file that separates columns by `;` may write decimal commas, as spreadsheets do in many
    /// languages.
    ///
    /// # Errors
    ///
    /// Returns a finding at the first line that is not as described.
    pub fn read(file: &str, text: &str) -> Result<Visitors, Finding> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let wrong = |row: Option<&csv::Position>, message: String| {
            Finding::new(Code::Configuration, message)
                .in_file(file)
                .at(Some(Position::of(text.as_bytes(), row_start(text, row))))
                .hint("write each row as `390,3,25`: window width in CSS pixels, density, weight")
        };
        let separator = separator(text);
        let mut header_is_read = false;
        let mut visitors = Vec::new();
        let rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes())
            .into_records();
        for row in rows {
            let row = row
                .map_err(|error| wrong(error.position(), "this row is not valid CSV".to_owned()))?;
            let is_comment = row.get(0).is_some_and(|first| first.starts_with('#'));
            if is_comment || row.iter().all(str::is_empty) {
                continue;
            }
            if !header_is_read {
                if !row.iter().map(str::to_ascii_lowercase).eq(HEADER) {
                    break;
                }
                header_is_read = true;
                continue;
            }
            if visitors.len() == MAX_ROWS {
                return Err(wrong(row.position(), format!("more than {MAX_ROWS} rows")));
            }
            let visitor = Visitor::from_row(&row, separator).ok_or_else(|| {
                let fields: Vec<&str> = row.iter().collect();
                let fields = fields.join(&char::from(separator).to_string());
                wrong(
                    row.position(),
                    format!("`{fields}` is not a row of visitors"),
                )
            })?;
            visitors.push(visitor);
        }
        if !header_is_read {
            let header = HEADER.join(",");
            return Err(wrong(None, format!("the first row is not `{header}`")));
        }
        if visitors.iter().all(|visitor| visitor.weight == 0.0) {
            return Err(wrong(None, "the file has no visitors".to_owned()));
        }
        Ok(Visitors(visitors))
    }

    /// Returns the widths that visitors need if images are displayed by `sizes`.
    ///
    /// # Errors
    ///
    /// Returns the part of `sizes` that cannot be evaluated.
    pub fn demand(&self, sizes: &Sizes) -> Result<Demand, String> {
        let mut demand: Vec<(u32, f64)> = Vec::with_capacity(self.0.len());
        for visitor in &self.0 {
            let css = shown::width(sizes, visitor.window)?;
            let pixels = (css * visitor.density).ceil();
            let pixels = pixels.clamp(1.0, f64::from(WEBP_MAX_SIDE)) as u32;
            demand.push((pixels, visitor.weight));
        }
        // Weights of one width are added in this order, so it must be deterministic.
        demand.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        Ok(Demand(demand))
    }
}

impl Visitor {
    /// Reads a row. Returns `None` unless it has three numbers in range: a window of 1 to 16383
    /// CSS pixels, a density of 0.5 to 8, and a weight of at least 0.
    fn from_row(row: &csv::StringRecord, separator: u8) -> Option<Visitor> {
        let number = |field: &str| match separator {
            b';' => field.replace(',', ".").parse().ok(),
            _ => field.parse().ok(),
        };
        let numbers: Option<Vec<f64>> = row.iter().map(number).collect();
        let [window, density, weight] = numbers?[..] else {
            return None;
        };
        let is_in_range = (1.0..=f64::from(WEBP_MAX_SIDE)).contains(&window)
            && (0.5..=8.0).contains(&density)
            && (0.0..=1e15).contains(&weight);
        is_in_range.then_some(Visitor {
            window,
            density,
            weight,
        })
    }
}

/// Returns the byte offset of a row; 0 without a row. The reader's position is before the empty
/// lines and comments that it skips, so these are skipped here too.
fn row_start(text: &str, row: Option<&csv::Position>) -> usize {
    let Some(row) = row else {
        return 0;
    };
    let mut start = usize::try_from(row.byte()).unwrap_or(0);
    for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
        if !line.trim().is_empty() && !line.starts_with('#') {
            break;
        }
        start += line.len();
    }
    start
}

/// Returns the separator of columns, which is detected in the first row.
fn separator(text: &str) -> u8 {
    let is_row = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    match text.lines().find(is_row) {
        Some(header) if header.contains(';') => b';',
        _ => b',',
    }
}

impl Demand {
    /// Creates a demand from widths in pixels, in ascending order, each with its weight.
    pub fn new(widths: Vec<(u32, f64)>) -> Self {
        Demand(widths)
    }

    /// Returns widths in pixels, ascending, each with its weight.
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
    fn tables_are_read_as_spreadsheets_write_them() {
        let expected = read("width,density,weight\n390,2.5,25\n1440,1,10\n").unwrap();
        for text in [
            "\"width\",\"density\",\"weight\"\r\n\"390\",\"2.5\",\"25\"\r\n1440,1,\"10\"\r\n",
            "\u{feff}width;density;weight\r\n390;2,5;25\r\n\"1440\";1;10\r\n",
            "# \"of 2026\n\n width , density , weight\n 390 , 2.5 , 25\n   \n,,\n# x\n1440,1,10",
            "width,density,weight\n\"390\n\",2.5,25\n1440,1,10\n",
        ] {
            assert_eq!(read(text).as_ref(), Ok(&expected), "{text:?}");
        }
    }

    #[test]
    fn a_wrong_row_is_named_with_its_line() {
        for (text, place) in [
            ("", "1:1: the first row is not"),
            ("390,3,25\n", "1:1: the first row is not"),
            ("width,density,weight\n", "1:1: the file has no visitors"),
            (
                "width,density,weight\n390,3,0\n",
                "1:1: the file has no visitors",
            ),
            ("width,density,weight\n390,3\n", "2:1: `390,3` is not"),
            ("width,density,weight\n\n390,0,1\n", "3:1: `390,0,1` is not"),
            ("width,density,weight\n0,1,1\n", "2:1: "),
            ("width,density,weight\n390,1,-1\n", "2:1: "),
            ("width,density,weight\n390,1,nan\n", "2:1: "),
            ("width,density,weight\n390,1,inf\n", "2:1: "),
            ("width,density,weight\nx,1,1\n", "2:1: "),
            (
                "width,density,weight\n\"390\",3,1\n\n\"x\",1,1\n",
                "4:1: `x,1,1` is not",
            ),
        ] {
            let error = read(text).unwrap_err();
            assert!(
                error.starts_with(&format!("presets/v.csv:{place}")),
                "{text:?}: {error}"
            );
        }
    }
}
