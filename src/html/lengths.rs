//! Parses the declarations that decide how wide an image is shown: the name and the value of a
//! property go in, a [`Declaration`] comes out.

use cssparser::{Delimiter, ParseError, Parser, Token};

/// A property that decides how wide an image is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Property {
    Width,
    Height,
    MaxWidth,
    MaxHeight,
    MinWidth,
    MinHeight,
    AspectRatio,
    ObjectFit,
    /// How a flex container changes the width.
    Flex,
    /// Length of an `em` and, at the root, of a `rem`.
    FontSize,
    /// Layout of the parent, by which it may stretch its children.
    Stretch,
    /// Layout of an ancestor: [`Value::Unknown`] for a flex or grid container, whose children are
    /// its items; [`Value::Natural`] if it may be as wide as its content.
    Display,
    /// Whether an ancestor floats, so that it may be as wide as its content.
    Float,
    /// All properties.
    All,
}

/// Default font size, in CSS pixels.
pub(super) const MEDIUM: f64 = 16.0;

/// Functions whose value is a length that does not depend on the image.
const MATH: [&str; 14] = [
    "abs",
    "anchor-size",
    "calc",
    "-webkit-calc",
    "-moz-calc",
    "clamp",
    "env",
    "hypot",
    "max",
    "min",
    "mod",
    "rem",
    "round",
    "pow",
];
/// Functions whose value is declared elsewhere.
const ELSEWHERE: [&str; 4] = ["attr", "if", "inherit", "var"];
/// Keywords for all of the available space.
const AVAILABLE: [&str; 4] = [
    "stretch",
    "-webkit-fill-available",
    "-moz-available",
    "fill-available",
];

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    /// The initial value, or one with the same effect.
    Free,
    /// A length in CSS pixels.
    Pixels(f64),
    /// A length in `rem`, font sizes of the root.
    Rem(f64),
    /// A length in `em`: font sizes of the element or, in a font size, of its parent.
    Em(f64),
    /// Width divided by height: the smallest and the largest ratio.
    Ratios(f64, f64),
    /// A value that depends on the image's own size, or may do so.
    Natural,
    /// Anything else.
    Unknown,
}

/// A declaration of a property that decides how wide an image is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Declaration {
    pub property: Property,
    pub value: Value,
    pub is_important: bool,
}

/// Values of `display` that make an element a flex or grid container.
const CONTAINERS: [&str; 4] = ["flex", "inline-flex", "grid", "inline-grid"];
/// Values of `display` that make an element as wide as its content.
const FITTING: [&str; 4] = ["inline-block", "table", "inline-table", "table-cell"];

impl Declaration {
    /// Parses the value of the property `name`; `None` if the property is not one of [`Property`].
    pub fn read(name: &str, value: &mut Parser<'_, '_>) -> Option<Self> {
        let property = match name {
            "width" | "inline-size" => Property::Width,
            "height" | "block-size" => Property::Height,
            "max-width" | "max-inline-size" => Property::MaxWidth,
            "max-height" | "max-block-size" => Property::MaxHeight,
            "min-width" | "min-inline-size" => Property::MinWidth,
            "min-height" | "min-block-size" => Property::MinHeight,
            "aspect-ratio" => Property::AspectRatio,
            "object-fit" => Property::ObjectFit,
            "flex" | "flex-grow" | "flex-basis" => Property::Flex,
            "font-size" | "font" => Property::FontSize,
            "flex-direction" | "flex-flow" | "justify-items" => Property::Stretch,
            "display" => Property::Display,
            "float" => Property::Float,
            "all" => Property::All,
            _ => return None,
        };
        let mut is_important = false;
        let read = value.parse_until_before(Delimiter::Bang, |value| {
            Ok::<_, ParseError<'_, ()>>(match name {
                "font" => font(value),
                _ => property.value(value),
            })
        });
        while let Ok(token) = value.next() {
            let Token::Ident(name) = token else { continue };
            is_important |= name.eq_ignore_ascii_case("important");
        }
        Some(Declaration {
            property,
            value: read.unwrap_or(Value::Unknown),
            is_important,
        })
    }
}

impl Property {
    /// Parses the whole value.
    fn value(self, value: &mut Parser<'_, '_>) -> Value {
        if self == Property::All {
            while value.next().is_ok() {}
            return Value::Free;
        }
        let read = value.try_parse(|value| -> Result<Value, ParseError<'_, ()>> {
            let read = match self {
                Property::AspectRatio => ratio(value),
                Property::Flex => flex(value),
                Property::FontSize => font_size(value),
                Property::ObjectFit | Property::Stretch | Property::Display | Property::Float => {
                    self.word(value)
                }
                _ => self.length(value),
            }?;
            value.expect_exhausted()?;
            Ok(read)
        });
        while value.next().is_ok() {}
        read.unwrap_or(Value::Unknown)
    }

    /// Parses keywords: free if all of them are among those that do not affect the width.
    fn word<'i>(self, value: &mut Parser<'i, '_>) -> Result<Value, ParseError<'i, ()>> {
        let free: &[&str] = match self {
            // With these values, the image is never larger than its box.
            Property::ObjectFit => &["fill", "contain", "scale-down", "initial", "unset"],
            Property::Float => &["none", "initial", "unset"],
            _ => &[
                "row",
                "row-reverse",
                "wrap",
                "nowrap",
                "wrap-reverse",
                "center",
                "start",
                "end",
                "left",
                "right",
                "normal",
                "initial",
                "unset",
            ],
        };
        let mut is_free = true;
        let mut is_natural = false;
        while let Ok(token) = value.next() {
            is_free &= match token {
                Token::Ident(word) if self == Property::Display => {
                    !is_in(&CONTAINERS, word) && !is_in(&FITTING, word)
                }
                Token::Ident(word) => is_in(free, word),
                _ => false,
            };
            let natural: &[&str] = match self {
                Property::ObjectFit => &["none"],
                Property::Display => &FITTING,
                _ => &[],
            };
            is_natural |= matches!(token, Token::Ident(word) if is_in(natural, word));
        }
        Ok(match (is_free, is_natural) {
            (true, _) => Value::Free,
            (false, true) => Value::Natural,
            (false, false) => Value::Unknown,
        })
    }

    fn length<'i>(self, value: &mut Parser<'i, '_>) -> Result<Value, ParseError<'i, ()>> {
        match value.next()?.clone() {
            Token::Function(name) if name.eq_ignore_ascii_case("min") => least(value),
            // A variable could contain a keyword. In other properties, it is usually a length.
            Token::Function(name) if is_in(&ELSEWHERE, &name) && self != Property::Width => {
                Ok(Value::Unknown)
            }
            token => Ok(simple_length(&token)),
        }
    }
}

/// Converts a number to the one that was written: 1.6, not 1.600000024.
fn decimal(number: f32) -> f64 {
    number
        .to_string()
        .parse()
        .unwrap_or_else(|_| f64::from(number))
}

fn is_in(words: &[&str], word: &str) -> bool {
    words.iter().any(|own| word.eq_ignore_ascii_case(own))
}

/// Parses the arguments of `min()`.
fn least<'i>(value: &mut Parser<'i, '_>) -> Result<Value, ParseError<'i, ()>> {
    // `min()` is no longer than any of its arguments. Functions within it are not parsed.
    let all = value.parse_nested_block(|all| {
        all.parse_comma_separated(|one| {
            let read = simple_length(&one.next()?.clone());
            let is_alone = one.is_exhausted();
            while one.next().is_ok() {}
            let read = if is_alone { read } else { Value::Unknown };
            Ok::<_, ParseError<'i, ()>>(read)
        })
    })?;
    let only = |is_one: fn(&&Value) -> bool| {
        let mut known = all.iter().filter(is_one);
        let first = known.next().copied();
        first.map(|first| known.next().map_or(first, |_| Value::Unknown))
    };
    let fixed = only(|value| matches!(value, Value::Pixels(_) | Value::Rem(_)));
    let relative = || only(|value| matches!(value, Value::Em(_)));
    Ok(fixed.or_else(relative).unwrap_or(Value::Unknown))
}

/// Parses a length that is not a function.
fn simple_length(token: &Token<'_>) -> Value {
    match token {
        Token::Number { value: 0.0, .. } => Value::Pixels(0.0),
        Token::Dimension {
            value: number,
            unit,
            ..
        } => match unit.to_ascii_lowercase().as_str() {
            "px" => Value::Pixels(decimal(*number)),
            "rem" => Value::Rem(decimal(*number)),
            "em" => Value::Em(decimal(*number)),
            _ => Value::Unknown,
        },
        Token::Ident(word) => {
            if is_in(&["auto", "none", "initial", "unset"], word) {
                Value::Free
            } else if is_in(&AVAILABLE, word) {
                Value::Unknown
            } else {
                Value::Natural
            }
        }
        Token::Function(name) if !is_in(&MATH, name) => Value::Natural,
        _ => Value::Unknown,
    }
}

fn ratio<'i>(value: &mut Parser<'i, '_>) -> Result<Value, ParseError<'i, ()>> {
    let word = value.try_parse(|value| value.expect_ident().cloned());
    if let Ok(word) = word {
        // `auto` before a ratio: the image's own ratio counts.
        while value.next().is_ok() {}
        let is_free = ["auto", "initial", "unset"];
        let is_free = is_free.iter().any(|free| word.eq_ignore_ascii_case(free));
        return Ok(if is_free { Value::Free } else { Value::Unknown });
    }
    let width = f64::from(value.expect_number()?);
    let height = value.try_parse(|value| {
        value.expect_delim('/')?;
        value.expect_number()
    });
    let ratio = width / height.map_or(1.0, f64::from);
    Ok(if ratio.is_finite() && ratio > 0.0 {
        Value::Ratios(ratio, ratio)
    } else {
        Value::Unknown
    })
}

/// Parses `flex`: free if it leaves the width as it is, without growth and without a basis.
fn flex<'i>(value: &mut Parser<'i, '_>) -> Result<Value, ParseError<'i, ()>> {
    let mut is_free = match value.next()? {
        Token::Ident(word) => {
            let free = ["none", "initial", "unset"];
            free.iter().any(|free| word.eq_ignore_ascii_case(free))
        }
        Token::Number { value: grow, .. } => *grow == 0.0,
        _ => false,
    };
    while let Ok(token) = value.next() {
        is_free &= match token {
            Token::Number { .. } => true,
            Token::Ident(word) => word.eq_ignore_ascii_case("auto"),
            _ => false,
        };
    }
    Ok(if is_free { Value::Free } else { Value::Unknown })
}

/// Parses a font size: free if it is that of the parent.
fn font_size<'i>(value: &mut Parser<'i, '_>) -> Result<Value, ParseError<'i, ()>> {
    Ok(match value.next()?.clone() {
        Token::Percentage { unit_value, .. } => Value::Em(decimal(unit_value)),
        Token::Ident(word) if is_in(&["medium", "initial"], &word) => Value::Pixels(MEDIUM),
        Token::Ident(word) if is_in(&["inherit", "unset"], &word) => Value::Free,
        token @ Token::Dimension { .. } => simple_length(&token),
        _ => Value::Unknown,
    })
}

/// Parses the font size of the shorthand `font`: its first length or percentage.
fn font(value: &mut Parser<'_, '_>) -> Value {
    let mut found = None;
    let mut words = 0;
    while let (Ok(token), None) = (value.next().cloned(), found) {
        found = match &token {
            Token::Percentage { unit_value, .. } => Some(Value::Em(decimal(*unit_value))),
            // The angle of `oblique`.
            Token::Dimension { unit, .. } if is_in(&["deg", "grad", "rad", "turn"], unit) => None,
            Token::Dimension { .. } => Some(simple_length(&token)),
            Token::Function(_) => Some(Value::Unknown),
            Token::Ident(word) if is_in(&["medium", "initial"], word) => {
                Some(Value::Pixels(MEDIUM))
            }
            Token::Ident(word) if words == 0 && is_in(&["inherit", "unset"], word) => {
                Some(Value::Free)
            }
            _ => None,
        };
        words += 1;
    }
    while value.next().is_ok() {}
    found.unwrap_or(Value::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cssparser::ParserInput;

    fn read(declaration: &str) -> Option<Declaration> {
        let (name, value) = declaration.split_once(':').unwrap();
        let mut input = ParserInput::new(value);
        Declaration::read(name, &mut Parser::new(&mut input))
    }

    #[test]
    fn values_are_read() {
        use Value::{Em, Free, Natural, Pixels, Ratios, Rem, Unknown};
        for (declaration, expected) in [
            ("width:120px", Pixels(120.0)),
            ("width: 12.5PX ", Pixels(12.5)),
            ("width:1.6px", Pixels(1.6)),
            ("width:0", Pixels(0.0)),
            ("height:2rem", Rem(2.0)),
            ("height:2em", Em(2.0)),
            ("height:2ch", Unknown),
            ("width:50%", Unknown),
            ("width:auto", Free),
            ("max-width:none", Free),
            ("max-width:min(100%, 30rem)", Rem(30.0)),
            ("max-width:min(10px, 30rem)", Unknown),
            ("max-width:min(min(10px, 5%), 30rem)", Rem(30.0)),
            ("max-width:min(100%, 30em)", Em(30.0)),
            ("max-width:min(10px, 30em)", Pixels(10.0)),
            ("max-width:calc(100% - 10px)", Unknown),
            ("width:var(--w)", Natural),
            ("max-width:var(--w)", Unknown),
            ("width:inherit", Natural),
            ("width:REVERT-layer", Natural),
            ("width:fit-content", Natural),
            ("width:fit-content(9em)", Natural),
            ("max-width:max-content", Natural),
            ("width:-webkit-fill-available", Unknown),
            ("width:unset", Free),
            ("all:revert", Free),
            ("width:10px 20px", Unknown),
            ("aspect-ratio:16 / 9", Ratios(16.0 / 9.0, 16.0 / 9.0)),
            ("aspect-ratio:2", Ratios(2.0, 2.0)),
            ("aspect-ratio:auto 16/9", Free),
            ("aspect-ratio:0/0", Unknown),
            ("object-fit:cover", Unknown),
            ("object-fit:contain", Free),
            ("object-fit:none", Natural),
            ("flex:none", Free),
            ("flex:0 0 auto", Free),
            ("flex:0 0 200px", Unknown),
            ("flex:1", Unknown),
            ("flex:auto", Unknown),
            ("flex-grow:0", Free),
            ("flex-flow:column wrap", Unknown),
            ("flex-flow:row wrap", Free),
            ("font-size:62.5%", Em(0.625)),
            ("font-size:1.25em", Em(1.25)),
            ("font-size:2rem", Rem(2.0)),
            ("font-size:2vw", Unknown),
            ("font-size:medium", Pixels(16.0)),
            ("font-size:inherit", Free),
            ("font-size:larger", Unknown),
            ("font-size:calc(1em + 1vw)", Unknown),
            ("font:oblique 14deg 2em/3px serif", Em(2.0)),
            ("font:bold 90%/1 serif", Em(0.9)),
            ("font:var(--f)", Unknown),
            ("font:inherit", Free),
            ("font:caption", Unknown),
            ("font:x-large serif", Unknown),
        ] {
            let found = read(declaration).unwrap();
            assert_eq!(found.value, expected, "{declaration}");
            assert!(!found.is_important, "{declaration}");
            let found = read(&format!("{declaration} ! Important")).unwrap();
            assert_eq!(found.value, expected, "{declaration}");
            assert!(found.is_important, "{declaration}");
        }
        assert_eq!(read("color:red"), None);
    }
}
