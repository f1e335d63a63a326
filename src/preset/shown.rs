//! How wide a browser shows a picture, by its `sizes` attribute (HTML, section 4.8.4.3.8).

use super::Sizes;

/// CSS pixels of an `em` and a `rem` in media conditions and in `sizes`: the browser's own font.
const EM: f64 = 16.0;
/// Parentheses within parentheses at most.
const MAX_DEPTH: usize = 16;

/// The width in CSS pixels at which a window of `window` CSS pixels shows a picture.
///
/// Understands what is written in practice: conditions of `min-width` and `max-width`, joined by
/// `and`; lengths in `px`, `em`, `rem` and `vw`; `calc`, `min`, `max` and
/// `clamp`. Of anything else it says what it is.
pub(super) fn width(sizes: &Sizes, window: f64) -> Result<f64, String> {
    for entry in split(sizes.as_str()) {
        let (condition, length) = parted(entry);
        if holds(condition, window)? {
            let length = Parser::new(length, window).whole()?;
            return Ok(length.clamp(0.0, 1e6));
        }
    }
    // Where no condition holds, a browser takes the window's width.
    Ok(window)
}

/// The entries of a list, by the commas outside of parentheses.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0i32;
    text.split(move |c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    })
    .map(str::trim)
}

/// The condition of an entry, which may be empty, and its length: what stands after the last space
/// outside of parentheses.
fn parted(entry: &str) -> (&str, &str) {
    let mut depth = 0i32;
    let space = entry.char_indices().rev().find(|(_, c)| {
        depth += i32::from(*c == ')') - i32::from(*c == '(');
        depth == 0 && c.is_whitespace()
    });
    match space {
        Some((at, _)) => (entry[..at].trim(), entry[at..].trim()),
        None => ("", entry),
    }
}

/// Whether a media condition holds in a window of that width.
fn holds(condition: &str, window: f64) -> Result<bool, String> {
    let mut rest = condition;
    let mut all_hold = true;
    while !rest.is_empty() {
        let unknown = || format!("the condition `{condition}`");
        let inner = rest.strip_prefix('(').ok_or_else(unknown)?;
        let end = inner.find(')').ok_or_else(unknown)?;
        all_hold &= feature(&inner[..end], window).ok_or_else(unknown)??;
        rest = inner[end + 1..].trim_start();
        if rest.is_empty() {
            break;
        }
        rest = rest.strip_prefix("and").ok_or_else(unknown)?.trim_start();
    }
    Ok(all_hold)
}

/// Whether one feature of a condition holds; none where it is not of the window's width.
fn feature(text: &str, window: f64) -> Option<Result<bool, String>> {
    let (name, value) = text.split_once(':')?;
    let value = Parser::new(value.trim(), window).whole();
    match name.trim() {
        "min-width" => Some(value.map(|value| window >= value)),
        "max-width" => Some(value.map(|value| window <= value)),
        _ => None,
    }
}

/// A length, by descent: sums of products of numbers with units, parentheses and functions.
struct Parser<'t> {
    whole: &'t str,
    rest: &'t str,
    window: f64,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, window: f64) -> Self {
        Parser {
            whole: text,
            rest: text,
            window,
            depth: 0,
        }
    }

    fn whole(mut self) -> Result<f64, String> {
        let value = self.value()?;
        self.skip();
        if self.rest.is_empty() && value.is_finite() {
            Ok(value)
        } else {
            Err(self.unknown())
        }
    }

    fn unknown(&self) -> String {
        format!("the length `{}`", self.whole)
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, text: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn sum(&mut self) -> Result<f64, String> {
        let mut sum = self.product()?;
        loop {
            if self.takes("+") {
                sum += self.product()?;
            } else if self.takes("-") {
                sum -= self.product()?;
            } else {
                return Ok(sum);
            }
        }
    }

    fn product(&mut self) -> Result<f64, String> {
        let mut product = self.value()?;
        loop {
            if self.takes("*") {
                product *= self.value()?;
            } else if self.takes("/") {
                product /= self.value()?;
            } else {
                return Ok(product);
            }
        }
    }

    fn value(&mut self) -> Result<f64, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.unknown());
        }
        let value = self.inner_value();
        self.depth -= 1;
        value
    }

    fn inner_value(&mut self) -> Result<f64, String> {
        if self.takes("calc(") || self.takes("(") {
            return match self.arguments()?[..] {
                [value] => Ok(value),
                _ => Err(self.unknown()),
            };
        }
        if self.takes("min(") {
            return Ok(self.arguments()?.into_iter().fold(f64::INFINITY, f64::min));
        }
        if self.takes("max(") {
            return Ok(self
                .arguments()?
                .into_iter()
                .fold(f64::NEG_INFINITY, f64::max));
        }
        if self.takes("clamp(") {
            return match self.arguments()?[..] {
                [low, value, high] => Ok(value.min(high).max(low)),
                _ => Err(self.unknown()),
            };
        }
        self.number()
    }

    /// What stands up to the closing parenthesis.
    fn arguments(&mut self) -> Result<Vec<f64>, String> {
        let mut arguments = vec![self.sum()?];
        while self.takes(",") {
            arguments.push(self.sum()?);
        }
        if self.takes(")") {
            Ok(arguments)
        } else {
            Err(self.unknown())
        }
    }

    fn number(&mut self) -> Result<f64, String> {
        self.skip();
        let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-');
        let end = self.rest.find(|c| !is_number(c)).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        let number: f64 = number.parse().map_err(|_| self.unknown())?;
        let end = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let (unit, rest) = rest.split_at(end);
        self.rest = rest;
        match unit {
            "" | "px" => Ok(number),
            "em" | "rem" => Ok(number * EM),
            "vw" => Ok(number * self.window / 100.0),
            _ => Err(self.unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_shows_a_picture_as_wide_as_its_sizes_say() {
        for (sizes, window, expected) in [
            ("100vw", 390.0, 390.0),
            ("50vw", 390.0, 195.0),
            ("10em", 390.0, 160.0),
            ("320px", 390.0, 320.0),
            ("(min-width: 62em) 31em, 100vw", 992.0, 496.0),
            ("(min-width: 62em) 31em, 100vw", 991.0, 991.0),
            ("(max-width: 600px) 100vw, 50vw", 600.0, 600.0),
            ("(max-width: 600px) 100vw, 50vw", 601.0, 300.5),
            (
                "(min-width: 600px) and (max-width: 900px) 400px, 10px",
                700.0,
                400.0,
            ),
            (
                "(min-width: 600px) and (max-width: 900px) 400px, 10px",
                901.0,
                10.0,
            ),
            ("calc(100vw - 2rem)", 400.0, 368.0),
            ("calc((100vw - 2 * 16px) / 3)", 392.0, 120.0),
            ("min(100vw, 40em)", 1000.0, 640.0),
            ("max(50vw, 300px)", 400.0, 300.0),
            ("clamp(200px, 50vw, 500px)", 2000.0, 500.0),
            ("(min-width: 62em) calc(50vw - 1em), 100vw", 1000.0, 484.0),
            // No condition holds: the window's width.
            ("(min-width: 62em) 31em", 400.0, 400.0),
        ] {
            let parsed = Sizes::try_from(sizes.to_owned()).unwrap();
            let shown = width(&parsed, window).unwrap();
            assert!(
                (shown - expected).abs() < 1e-9,
                "{sizes} at {window}: {shown}"
            );
        }
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for sizes in [
            "auto",
            "50vh",
            "1e3px",
            "1.2.3px",
            "calc(1px",
            "calc(1px / 0)",
            "screen and (min-width: 1em) 2px, 3px",
            "(orientation: portrait) 2px, 3px",
            "not (min-width: 1em) 2px, 3px",
            "(min-width: 1em) or (max-width: 3em) 2px, 3px",
            "clamp(1px, 2px)",
            &format!("{}1px{}", "(".repeat(40), ")".repeat(40)),
        ] {
            let Ok(parsed) = Sizes::try_from(sizes.to_owned()) else {
                continue;
            };
            assert!(width(&parsed, 100.0).is_err(), "{sizes}");
        }
    }
}
