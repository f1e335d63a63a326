//! Computes the width at which a browser displays an image, in CSS pixels, from a `sizes` attribute
//! (HTML, section 4.8.4.3.8) and the width of the viewport.

use cssparser::{BasicParseError, Delimiter, ParseError, Parser, ParserInput, Token};

use super::Sizes;

/// CSS pixels per `em` and `rem`. In media conditions and in `sizes`, both are relative to the
/// browser's default font size.
const EM: f64 = 16.0;
/// CSS pixels per inch.
const INCH: f64 = 96.0;
/// Maximum depth of nested functions and parentheses.
const MAX_DEPTH: usize = 16;

/// A parsed part of the text, or an error without details: messages quote the text instead.
type Parsed<'i, T> = Result<T, ParseError<'i, ()>>;

/// Returns the width in CSS pixels of an image in a viewport of `window` CSS pixels.
///
/// Conditions may compare `min-width` and `max-width`, with `and`, `or` and `not`. Lengths may use
/// `px`, `em`, `rem`, `vw`, absolute units, `calc`, `min`, `max` and `clamp`.
///
/// # Errors
///
/// Returns the entry that uses anything else.
pub(super) fn width(sizes: &Sizes, window: f64) -> Result<f64, String> {
    let mut input = ParserInput::new(sizes.as_str());
    let mut parser = Parser::new(&mut input);
    while !parser.is_exhausted() {
        let start = parser.position();
        let entry = parser.parse_until_before(Delimiter::Comma, |entry| entry_width(entry, window));
        match entry {
            Ok(Some(width)) => return Ok(width.clamp(0.0, 1e6)),
            Ok(None) => {}
            Err(_) => return Err(parser.slice_from(start).trim().to_owned()),
        }
        // The comma, or the end.
        let _ = parser.next();
    }
    // If no condition is true, browsers use `100vw`.
    Ok(window)
}

/// Returns the width in CSS pixels at which a `sizes` attribute displays an image, or `None` if it
/// cannot be evaluated. After `auto` at the start, which stands for the width of the image's box,
/// the entries for browsers without support of `auto` are evaluated (HTML, section 4.8.4.3.8).
pub fn displayed_width(sizes: &str, window: f64) -> Option<f64> {
    let sizes = sizes.trim_start();
    let after_auto = sizes
        .get(..4)
        .filter(|start| start.eq_ignore_ascii_case("auto"))
        .map(|_| sizes[4..].trim_start())
        .and_then(|rest| match rest {
            "" => Some(rest),
            _ => rest.strip_prefix(','),
        });
    let sizes = match after_auto.map(str::trim) {
        Some("") => return Some(window),
        Some(rest) => rest,
        None => sizes,
    };
    let sizes = Sizes::try_from(sizes.to_owned()).ok()?;
    width(&sizes, window).ok()
}

/// Returns whether a media condition is true, or `None` if it cannot be evaluated.
pub fn matches(media: &str, window: f64) -> Option<bool> {
    let mut input = ParserInput::new(media);
    let mut parser = Parser::new(&mut input);
    let is_true = condition(&mut parser, window, 0).ok()?;
    parser.is_exhausted().then_some(is_true)
}

/// Returns the width that an entry of `sizes` sets, or `None` if its condition is false.
fn entry_width<'i>(parser: &mut Parser<'i, '_>, window: f64) -> Parsed<'i, Option<f64>> {
    let start = parser.state();
    let has_condition = match parser.next()? {
        Token::ParenthesisBlock => true,
        Token::Ident(name) => name.eq_ignore_ascii_case("not"),
        _ => false,
    };
    parser.reset(&start);
    if has_condition && !condition(parser, window, 0)? {
        while parser.next().is_ok() {}
        return Ok(None);
    }
    match value(parser, window, 0)?.length() {
        Some(length) if length.is_finite() => Ok(Some(length)),
        _ => Err(parser.new_custom_error(())),
    }
}

/// Returns whether a media condition is true (Media Queries 4, section 3).
fn condition<'i>(parser: &mut Parser<'i, '_>, window: f64, depth: usize) -> Parsed<'i, bool> {
    let is_not = |parser: &mut Parser<'i, '_>| parser.expect_ident_matching("not");
    if parser.try_parse(is_not).is_ok() {
        return Ok(!in_parentheses(parser, window, depth)?);
    }
    let mut holds = in_parentheses(parser, window, depth)?;
    let mut operator = None;
    loop {
        let start = parser.state();
        let is_and = match parser.next() {
            Ok(Token::Ident(name)) if name.eq_ignore_ascii_case("and") => true,
            Ok(Token::Ident(name)) if name.eq_ignore_ascii_case("or") => false,
            _ => {
                parser.reset(&start);
                return Ok(holds);
            }
        };
        // CSS does not permit `and` and `or` to be mixed without parentheses.
        if operator
            .replace(is_and)
            .is_some_and(|other| other != is_and)
        {
            return Err(parser.new_custom_error(()));
        }
        let other = in_parentheses(parser, window, depth)?;
        holds = if is_and {
            holds && other
        } else {
            holds || other
        };
    }
}

/// Returns whether a condition or a media feature in parentheses is true.
fn in_parentheses<'i>(parser: &mut Parser<'i, '_>, window: f64, depth: usize) -> Parsed<'i, bool> {
    if depth == MAX_DEPTH {
        return Err(parser.new_custom_error(()));
    }
    parser.expect_parenthesis_block()?;
    parser.parse_nested_block(|inner| {
        let feature = inner.try_parse(|inner| feature(inner, window));
        feature.or_else(|_| condition(inner, window, depth + 1))
    })
}

/// Returns whether `min-width: …` or `max-width: …` is true.
fn feature<'i>(parser: &mut Parser<'i, '_>, window: f64) -> Parsed<'i, bool> {
    let name = parser.expect_ident_cloned()?;
    parser.expect_colon()?;
    let length = value(parser, window, 0)?.length();
    match (&*name.to_ascii_lowercase(), length) {
        ("min-width", Some(length)) => Ok(window >= length),
        ("max-width", Some(length)) => Ok(window <= length),
        _ => Err(parser.new_custom_error(())),
    }
}

/// A number, or a length in CSS pixels.
#[derive(Clone, Copy)]
enum Value {
    Number(f64),
    Length(f64),
}

impl Value {
    /// Returns the length; the number zero counts as a length.
    fn length(self) -> Option<f64> {
        match self {
            Value::Length(length) => Some(length),
            Value::Number(number) => (number == 0.0).then_some(0.0),
        }
    }
}

/// Parses a number, a length or a function (CSS Values and Units 4, section 10).
fn value<'i>(parser: &mut Parser<'i, '_>, window: f64, depth: usize) -> Parsed<'i, Value> {
    let nested = match parser.next()?.clone() {
        Token::Number { value, .. } => return Ok(Value::Number(as_written(value))),
        Token::Dimension { value, unit, .. } => {
            let length = pixels(as_written(value), &unit, window);
            return length
                .map(Value::Length)
                .ok_or_else(|| parser.new_custom_error(()));
        }
        Token::Function(name) => name.to_ascii_lowercase(),
        Token::ParenthesisBlock if depth > 0 => "calc".to_owned(),
        token => return Err(parser.new_unexpected_token_error(token)),
    };
    if depth == MAX_DEPTH {
        return Err(parser.new_custom_error(()));
    }
    parser.parse_nested_block(|inner| {
        let arguments = inner.parse_comma_separated(|argument| sum(argument, window, depth + 1))?;
        function(&nested, &arguments).ok_or_else(|| inner.new_custom_error(()))
    })
}

/// Evaluates a function. Returns `None` for an unknown one and for wrong arguments.
fn function(name: &str, arguments: &[Value]) -> Option<Value> {
    if name == "calc" {
        return match arguments {
            [value] => Some(*value),
            _ => None,
        };
    }
    let lengths: Vec<f64> = arguments
        .iter()
        .map(|argument| argument.length())
        .collect::<Option<_>>()?;
    match (name, &lengths[..]) {
        ("min", [_, ..]) => lengths.iter().copied().reduce(f64::min),
        ("max", [_, ..]) => lengths.iter().copied().reduce(f64::max),
        ("clamp", [low, length, high]) => Some(length.min(*high).max(*low)),
        _ => None,
    }
    .map(Value::Length)
}

fn sum<'i>(parser: &mut Parser<'i, '_>, window: f64, depth: usize) -> Parsed<'i, Value> {
    let mut sum = product(parser, window, depth)?;
    while let Some(operator) = operator(parser, ['+', '-']) {
        let other = product(parser, window, depth)?;
        let sign = if operator == '+' { 1.0 } else { -1.0 };
        sum = match (sum, other) {
            (Value::Number(a), Value::Number(b)) => Value::Number(a + sign * b),
            (Value::Length(a), Value::Length(b)) => Value::Length(a + sign * b),
            _ => return Err(parser.new_custom_error(())),
        };
    }
    Ok(sum)
}

fn product<'i>(parser: &mut Parser<'i, '_>, window: f64, depth: usize) -> Parsed<'i, Value> {
    let mut product = value(parser, window, depth)?;
    while let Some(operator) = operator(parser, ['*', '/']) {
        let other = value(parser, window, depth)?;
        product = match (product, operator, other) {
            (Value::Number(a), '*', Value::Number(b)) => Value::Number(a * b),
            (Value::Number(a), '*', Value::Length(b))
            | (Value::Length(b), '*', Value::Number(a)) => Value::Length(a * b),
            (Value::Number(a), '/', Value::Number(b)) => Value::Number(a / b),
            (Value::Length(a), '/', Value::Number(b)) => Value::Length(a / b),
            _ => return Err(parser.new_custom_error(())),
        };
    }
    Ok(product)
}

/// Parses one of these operators, if it is next.
fn operator(parser: &mut Parser<'_, '_>, operators: [char; 2]) -> Option<char> {
    parser
        .try_parse(|parser| match parser.next()? {
            Token::Delim(operator) if operators.contains(operator) => Ok(*operator),
            token => {
                let token = token.clone();
                Err::<_, BasicParseError<'_>>(parser.new_basic_unexpected_token_error(token))
            }
        })
        .ok()
}

/// Returns a length in CSS pixels, or `None` for another unit.
fn pixels(value: f64, unit: &str, window: f64) -> Option<f64> {
    let factor = match &*unit.to_ascii_lowercase() {
        "px" => 1.0,
        "em" | "rem" => EM,
        "vw" => window / 100.0,
        "in" => INCH,
        "cm" => INCH / 2.54,
        "mm" => INCH / 25.4,
        "q" => INCH / 101.6,
        "pt" => INCH / 72.0,
        "pc" => INCH / 6.0,
        _ => return None,
    };
    Some(value * factor)
}

/// Returns the number as written: the parser's `f32` would turn `33.4` into
/// `33.40000152587890625`.
fn as_written(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_matching_entry_sets_the_width() {
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
            // No condition is true: the width of the viewport.
            ("(min-width: 62em) 31em", 400.0, 400.0),
            ("33.4vw", 1000.0, 334.0),
            ("CALC(100VW - 2Rem)", 400.0, 368.0),
            ("calc(100vw * 2 / 4 - (1px + 3px))", 400.0, 196.0),
            (
                "/* wide */ (min-width: 62em) /* or not */ 31em, 2in",
                400.0,
                192.0,
            ),
            ("(not (min-width: 62em)) 10px, 20px", 400.0, 10.0),
            ("not (min-width: 62em) 10px, 20px", 400.0, 10.0),
            (
                "(min-width: 62em) or (max-width: 500px) 10px, 20px",
                400.0,
                10.0,
            ),
            (
                "((min-width: 1em) and (max-width: 50em)) 10px, 20px",
                400.0,
                10.0,
            ),
            ("(min-width: calc(10em + 5px)) 10px, 20px", 165.0, 10.0),
            ("(min-width: 62em) 50vh, 20px", 400.0, 20.0),
            ("0", 400.0, 0.0),
            ("1e2px", 400.0, 100.0),
            ("-5px", 400.0, 0.0),
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
    fn media_conditions_are_those_of_sizes() {
        assert_eq!(matches("(max-width: 600px)", 390.0), Some(true));
        assert_eq!(matches("(min-width: 62em)", 390.0), Some(false));
        assert_eq!(matches("(orientation: portrait)", 390.0), None);
        assert_eq!(matches("(min-width: 1em) junk", 390.0), None);
        assert_eq!(
            displayed_width("(min-width: 62em) 31em, 100vw", 390.0),
            Some(390.0)
        );
        assert_eq!(displayed_width("50vh", 390.0), None);
        assert_eq!(displayed_width("auto, 50vw", 390.0), Some(195.0));
        assert_eq!(displayed_width(" AUTO ", 390.0), Some(390.0));
        assert_eq!(displayed_width("automatic", 390.0), None);
    }

    #[test]
    fn anything_else_is_an_error_that_names_the_entry() {
        for sizes in [
            "auto",
            "50vh",
            "1.2.3px",
            "calc(1px",
            "calc(1px / 0)",
            "screen and (min-width: 1em) 2px, 3px",
            "(orientation: portrait) 2px, 3px",
            "(min-width: 1em) or (max-width: 3em) and (min-width: 2em) 2px, 3px",
            "calc(1px +2px)",
            "calc(1px + 2)",
            "calc(1px * 2px)",
            "calc(1px, 2px)",
            "100",
            "50%",
            "(1px + 2px)",
            "1px 2px",
            "clamp(1px, 2px)",
            &format!("{}1px{}", "(".repeat(40), ")".repeat(40)),
        ] {
            let Ok(parsed) = Sizes::try_from(sizes.to_owned()) else {
                continue;
            };
            assert!(width(&parsed, 100.0).is_err(), "{sizes}");
        }
    }
    #[test]
    fn an_error_names_the_entry() {
        let sizes = Sizes::try_from("(min-width: 62em) 31em, 50vh".to_owned()).unwrap();
        assert_eq!(width(&sizes, 2000.0), Ok(496.0));
        assert_eq!(width(&sizes, 100.0), Err("50vh".to_owned()));
    }
}
