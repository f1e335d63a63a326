//! Reads what CSS declares about the size of an image: CSS text goes in, facts come out.

use cssparser::{Delimiter, ParseError, Parser, ParserInput, Token};

use super::lengths::{Declaration, Value};

/// What one or more rules declare about the size of an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Declared {
    /// Whether `width` is a length or a percentage.
    pub width: bool,
    /// Whether the width is the image's own, as with `width: auto`.
    pub width_auto: bool,
    /// Whether a property such as `width`, `max-width` or `flex` limits the width.
    pub limits_width: bool,
    /// Whether `height` is a length or a percentage.
    pub height: bool,
    /// Whether `height` is `auto`.
    pub height_auto: bool,
    /// Whether `max-height`, `min-height` or `aspect-ratio` is set.
    pub shape: bool,
    /// Whether a rule applies to the image only as the child of its parent. A `<picture>` between
    /// the two would break the rule.
    pub must_stay_child: bool,
}

impl Declared {
    /// Returns only the facts that make a dimension attribute harmless, because CSS overrides it.
    pub fn harmless(self) -> Self {
        Declared {
            width: self.width,
            height: self.height,
            height_auto: self.height_auto,
            must_stay_child: self.must_stay_child,
            ..Declared::default()
        }
    }

    /// Returns only the facts that make a dimension attribute dangerous, because it could distort
    /// the image. A `height` without a `width` is both: it makes the attribute `height` harmless,
    /// and the attribute `width` dangerous.
    pub fn dangerous(self) -> Self {
        Declared {
            width_auto: self.width_auto,
            limits_width: self.limits_width,
            shape: self.shape || self.height && !self.width,
            ..Declared::default()
        }
    }

    pub fn with(self, other: Self) -> Self {
        Declared {
            width: self.width || other.width,
            width_auto: self.width_auto || other.width_auto,
            limits_width: self.limits_width || other.limits_width,
            height: self.height || other.height,
            height_auto: self.height_auto || other.height_auto,
            shape: self.shape || other.shape,
            must_stay_child: self.must_stay_child || other.must_stay_child,
        }
    }

    pub fn is_empty(self) -> bool {
        self == Declared::default()
    }

    /// Returns every subset of these harmless facts. If several rules together declare the facts,
    /// the rules that match a certain element may declare any of the subsets.
    pub fn some(self) -> impl Iterator<Item = Declared> {
        let facts = [
            self.width,
            self.height,
            self.height_auto,
            self.must_stay_child,
        ];
        let bits = facts.into_iter().zip([1, 2, 4, 8]);
        let there: u8 = bits.filter_map(|(is, bit)| is.then_some(bit)).sum();
        let chosen = (0..16_u8).filter(move |chosen| chosen & !there == 0);
        chosen.map(move |chosen| Declared {
            width: self.width && chosen & 1 != 0,
            height: self.height && chosen & 2 != 0,
            height_auto: self.height_auto && chosen & 4 != 0,
            must_stay_child: self.must_stay_child && chosen & 8 != 0,
            ..Declared::default()
        })
    }
}

/// Parses a `style` attribute. Returns its facts, and the declarations that decide the width.
pub(super) fn of_attribute(style: &str) -> (Declared, Vec<Declaration>) {
    let mut input = ParserInput::new(style);
    let mut block = Parser::new(&mut input);
    let mut declared = Declared::default();
    let mut declarations = Vec::new();
    while !block.is_exhausted() {
        let (next, declaration) = of_declaration(&mut block);
        declared = declared.with(next);
        declarations.extend(declaration);
    }
    (declared, declarations)
}

/// Parses the next declaration, including its semicolon. Returns its facts, and the declaration
/// itself if it may decide the width.
pub(super) fn of_declaration(block: &mut Parser<'_, '_>) -> (Declared, Option<Declaration>) {
    let mut declared = Declared::default();
    let declaration = block.parse_until_before(Delimiter::Semicolon, declaration);
    let _ = block.next();
    let Ok((name, value, lengths)) = declaration else {
        return (declared, None);
    };
    let read = lengths.map(|declaration| declaration.value);
    let is_natural = read == Some(Value::Natural);
    let is_auto = read == Some(Value::Free);
    match name.as_str() {
        "width" | "inline-size" => {
            declared.width_auto = is_auto || is_natural;
            declared.width = !declared.width_auto;
            declared.limits_width = true;
        }
        "max-width" | "min-width" | "max-inline-size" | "flex" | "flex-basis" => {
            declared.limits_width = value != "none";
            declared.width_auto = is_natural;
        }
        "object-fit" => declared.width_auto = is_natural,
        // Both dimensions are the image's own, whatever its attributes say.
        "all" => declared.width_auto = true,
        "height" | "block-size" => {
            declared.height = !is_auto && !is_natural;
            declared.height_auto = is_auto;
            declared.shape = is_natural;
        }
        "max-height" | "min-height" | "aspect-ratio" | "max-block-size" => {
            declared.shape = value != "none" && value != "auto";
        }
        _ => {}
    }
    (declared, lengths)
}

/// Parses a declaration. Returns its name and value in lower case, without `!important` (of a
/// function, only the start), and the declaration itself if it may decide the width.
fn declaration<'i>(
    part: &mut Parser<'i, '_>,
) -> Result<(String, String, Option<Declaration>), ParseError<'i, ()>> {
    let name = part.expect_ident()?.to_ascii_lowercase();
    part.expect_colon()?;
    part.skip_whitespace();
    let value = part.state();
    let lengths = Declaration::read(&name, part);
    part.reset(&value);
    let start = part.position();
    let mut end = start;
    let mut is_value = true;
    while let Ok(token) = part.next() {
        is_value &= *token != Token::Delim('!');
        if is_value {
            // Leaves out a comment that follows the value.
            end = part.position();
        }
    }
    Ok((name, part.slice(start..end).to_ascii_lowercase(), lengths))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::lengths::{Property, Value};

    #[test]
    fn a_style_says_what_it_says() {
        let (declared, declarations) =
            of_attribute("color:red; WIDTH : 120px !important;height:auto");
        let width = Declaration {
            property: Property::Width,
            value: Value::Pixels(120.0),
            is_important: true,
        };
        assert_eq!(declarations[0], width);
        assert_eq!(of_attribute("WIDTH:120PX!important").1, [width]);
        assert!(of_attribute("height:/**/Auto/**/! important").0.height_auto);
        let expected = Declared {
            width: true,
            limits_width: true,
            height_auto: true,
            ..Declared::default()
        };
        assert_eq!(declared, expected);
        let (declared, declarations) = of_attribute("max-width:100%;background:url(a;b.png)");
        assert_eq!(declarations.len(), 1);
        assert!(declared.limits_width && !declared.width);
        assert_eq!(
            of_attribute("max-width: none; width").0,
            Declared::default()
        );
        assert!(of_attribute("}{;;:(").0.is_empty());
        assert!(of_attribute("aspect-ratio: 16 / 9").0.shape);
    }
}
