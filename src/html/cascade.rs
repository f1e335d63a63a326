//! Computes how wide CSS shows one image: the declarations of all rules that match it go in, a
//! width comes out. If several of them may win, the widest counts: an image that is too small is
//! blurred.
//!
//! Cascade and sizes as in [CSS Cascading](https://www.w3.org/TR/css-cascade-5/#cascade-sort) and
//! [CSS 2](https://www.w3.org/TR/CSS22/visudet.html#inline-replaced-width).

use super::lengths::{Declaration, Property, Value};
use super::selector::Specificity;
use super::slot::Place;
use crate::picture::units::Dimensions;

/// Largest attribute `width` that is trusted as the displayed width, in CSS pixels. Style sheets
/// usually limit wider images to a column.
pub(super) const NARROW: f64 = 768.0;

/// Position of a declaration in the cascade, which decides which of two wins.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rank {
    /// Whether the declaration is in the element's own `style` attribute.
    pub is_own: bool,
    /// Whether the declaration is in a cascade layer (`@layer`).
    pub is_layered: bool,
    pub specificity: Specificity,
    /// Number of the rule: of two rules that are otherwise equal, the greater number wins.
    pub order: usize,
}

/// The declarations that apply, or may apply, to one image.
#[derive(Clone, Debug, Default)]
pub(super) struct Cascade {
    declared: Vec<Declared>,
    /// Largest possible length of a `rem`, in CSS pixels; `None` if unknown.
    pub rem: Option<f64>,
    /// Whether unknown declarations may apply as well.
    pub is_partial: bool,
    pub place: Place,
}

#[derive(Clone, Copy, Debug)]
struct Declared {
    declaration: Declaration,
    rank: Rank,
    /// Whether the declaration certainly applies.
    is_certain: bool,
}

impl Declared {
    /// Sort key for the cascade: the declaration with the greatest key wins.
    fn order(&self) -> impl Ord + use<> {
        let Rank {
            is_own,
            is_layered,
            specificity,
            order,
        } = self.rank;
        let is_important = self.declaration.is_important;
        // Layers reverse the order of important declarations: those in layers win.
        let layer = is_layered == is_important;
        (is_important, is_own, layer, specificity, order)
    }
}

/// Values of the attributes `width` and `height`, which count where CSS declares nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes {
    pub width: Value,
    pub height: Value,
}

/// Width at which an image is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Width {
    /// As wide as its container, or unknown.
    Open,
    /// At most this many CSS pixels.
    AtMost(f64),
    /// The layout depends on the image's own width, and the image is shown no wider than this.
    Natural(f64),
}

/// Largest values of `max-width` and `max-height`, in CSS pixels; infinite if there is no limit.
#[derive(Clone, Copy)]
struct Limits {
    width: f64,
    height: f64,
}

impl Cascade {
    pub fn add(&mut self, declarations: &[Declaration], rank: Rank, is_certain: bool) {
        let declarations = declarations.iter();
        self.declared
            .extend(declarations.map(|declaration| Declared {
                declaration: *declaration,
                rank,
                is_certain,
            }));
    }

    /// Returns the values that a property may have, including `initial` unless a declaration
    /// certainly applies.
    fn values(&self, property: Property, initial: Value) -> Vec<Value> {
        let declared = self.declared.iter();
        let is_about = |of: Property| of == property || of == Property::All;
        let declared = declared.filter(|declared| is_about(declared.declaration.property));
        let mut declared: Vec<&Declared> = declared.collect();
        // A stable sort: of two declarations in the same rule, the later one wins.
        declared.sort_by_key(|declared| declared.order());
        let mut values = Vec::new();
        for Declared {
            declaration,
            rank,
            is_certain,
        } in declared.into_iter().rev()
        {
            values.push(self.in_pixels(declaration.value));
            let is_usual = rank.specificity < (0, 1, 0) && !rank.is_own;
            if *is_certain && !(self.is_partial && is_usual) {
                return values;
            }
        }
        values.push(initial);
        if self.is_partial && initial == Value::Free && property == Property::Width {
            values.push(Value::Unknown);
        }
        values
    }

    fn in_pixels(&self, value: Value) -> Value {
        match (value, self.rem) {
            (Value::Rem(number), Some(rem)) => Value::Pixels(number * rem),
            (Value::Rem(_), None) => Value::Unknown,
            _ => value,
        }
    }

    /// Returns the largest value that a `max-*` property may have, in CSS pixels; infinity if one
    /// of its values is not a length.
    fn limit(&self, property: Property) -> f64 {
        let values = self.values(property, Value::Free).into_iter();
        let lengths = values.map(|value| match value {
            Value::Pixels(limit) => limit,
            _ => f64::INFINITY,
        });
        lengths.fold(0.0, f64::max)
    }

    /// Whether a declaration decides how wide the image is, or could do so.
    fn has_lengths(&self) -> bool {
        let mut declared = self.declared.iter().map(|declared| declared.declaration);
        declared.any(
            |Declaration {
                 property, value, ..
             }| {
                matches!(property, Property::Width | Property::All)
                    || matches!(value, Value::Pixels(_) | Value::Rem(_) | Value::Natural)
            },
        )
    }

    /// Whether a property may have another value than the initial one.
    fn may_set(&self, property: Property) -> bool {
        let values = self.values(property, Value::Free);
        values
            .iter()
            .any(|value| !matches!(value, Value::Free) && *value != Value::Pixels(0.0))
    }

    /// Computes how wide an image with the given natural dimensions is shown.
    pub fn shown(&self, attributes: Attributes, natural: Dimensions) -> Width {
        if attributes.width == Value::Unknown && !self.has_lengths() {
            return Width::Open;
        }
        let [natural_width, natural_height] =
            [natural.width, natural.height].map(|side| f64::from(side.max(1)));
        let limits = Limits {
            width: self.limit(Property::MaxWidth),
            height: self.limit(Property::MaxHeight),
        };
        let ratio = natural_width / natural_height;
        let widths = self.values(Property::Width, attributes.width);
        let heights = self.values(Property::Height, attributes.height);
        let is_natural = |width: &Value, height: &Value| match width {
            Value::Natural => true,
            Value::Free => !matches!(height, Value::Pixels(_)),
            _ => false,
        };
        let pairs = || {
            widths
                .iter()
                .flat_map(|width| heights.iter().map(move |height| (*width, *height)))
        };
        let fixed = pairs().filter(|(width, height)| !is_natural(width, height));
        let fixed = fixed.map(|(width, height)| self.drawn(width, height, ratio, limits));
        let widest = fixed.fold(0.0, f64::max);
        let depends = |property| {
            let values = self.values(property, Value::Free);
            values.contains(&Value::Natural)
        };
        if depends(Property::ObjectFit) {
            return Width::Natural(natural_width);
        }
        let has_natural_limit =
            widest.is_infinite() && (depends(Property::MaxWidth) || depends(Property::MinWidth));
        if has_natural_limit || pairs().any(|(width, height)| is_natural(&width, &height)) {
            let own = natural_width.min(limits.width).min(limits.height * ratio);
            return Width::Natural(own.max(widest).min(natural_width));
        }
        // A column may limit the image as well.
        let is_limited = widths.contains(&Value::Unknown)
            || self.may_set(Property::MaxWidth) && limits.width.is_infinite();
        match widest.is_finite() && !(is_limited && widest > NARROW) {
            true => Width::AtMost(widest),
            false => Width::Open,
        }
    }

    /// Returns the width at which the image is drawn, in CSS pixels; infinity if it is not known.
    /// For a cropped image (`object-fit`), this is the width of the whole image.
    fn drawn(&self, width: Value, height: Value, ratio: f64, limits: Limits) -> f64 {
        let covers = self.may_set(Property::ObjectFit);
        if (covers || width == Value::Free) && self.may_set(Property::MinHeight) {
            return f64::INFINITY;
        }
        let is_flexible = self.may_set(Property::Flex);
        let ratios = self.values(Property::AspectRatio, Value::Free).into_iter();
        let ratios = ratios.map(|value| match value {
            Value::Free => Some(ratio),
            Value::Ratio(ratio) => Some(ratio),
            _ => None,
        });
        let least = self.values(Property::MinWidth, Value::Free).into_iter();
        let least = least.map(|value| match value {
            Value::Free => 0.0,
            Value::Pixels(least) => least,
            _ => f64::INFINITY,
        });
        let least = least.fold(0.0, f64::max);
        let drawn = ratios.map(|of_box| {
            let box_height = match height {
                Value::Pixels(height) => Some(height.min(limits.height)),
                _ => None,
            };
            let box_width = match (width, box_height, of_box) {
                (Value::Pixels(width), ..) if !is_flexible => width,
                (Value::Free, Some(height), Some(of_box))
                    if !(is_flexible || self.place.is_stretched) =>
                {
                    height * of_box
                }
                _ => f64::INFINITY,
            };
            let box_width = box_width.min(limits.width).max(least);
            if !covers {
                return box_width;
            }
            let box_height = match (height, box_height, of_box) {
                (_, Some(height), _) => height,
                (Value::Free, None, Some(of_box)) => box_width / of_box,
                _ => return f64::INFINITY,
            };
            box_width.max(box_height * ratio)
        });
        drawn.fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::declared::of_attribute;

    const FREE: Attributes = Attributes {
        width: Value::Free,
        height: Value::Free,
    };

    /// Computes how wide an image of 600 × 300 pixels is shown by rules of equal specificity. A
    /// rule that ends with `?` may match, the others certainly do.
    fn shown_with(attributes: Attributes, rules: &[&str]) -> Width {
        let mut cascade = Cascade {
            rem: Some(16.0),
            ..Cascade::default()
        };
        for (order, rule) in rules.iter().enumerate() {
            let rank = Rank {
                specificity: (0, 1, 0),
                order,
                ..Rank::default()
            };
            let block = rule.trim_end_matches('?');
            cascade.add(&of_attribute(block).1, rank, block == *rule);
        }
        let natural = Dimensions {
            width: 600,
            height: 300,
        };
        cascade.shown(attributes, natural)
    }

    fn shown(rules: &[&str]) -> Width {
        shown_with(FREE, rules)
    }

    #[test]
    fn a_box_has_the_width_that_css_gives_it() {
        use Width::{AtMost, Natural, Open};
        for (rule, expected) in [
            ("", Natural(600.0)),
            ("width:120px", AtMost(120.0)),
            ("width:100%", Open),
            ("height:30px", AtMost(60.0)),
            ("height:2rem;width:auto", AtMost(64.0)),
            ("height:50%", Natural(600.0)),
            ("max-width:200px", Natural(200.0)),
            ("max-width:900px", Natural(600.0)),
            ("max-height:40px", Natural(80.0)),
            ("max-height:40px;max-width:50px", Natural(50.0)),
            ("max-width:100%;height:30px", AtMost(60.0)),
            ("width:300px;max-width:100px", AtMost(100.0)),
            ("width:100%;max-width:100px", AtMost(100.0)),
            ("width:100%;max-width:800px", Open),
            ("width:50px;min-width:80px", AtMost(80.0)),
            ("width:50px;min-width:50%", Open),
            ("width:1000px", AtMost(1000.0)),
            ("width:1000px;max-width:100%", Open),
            // The image is drawn 80 × 40 pixels large, of which 40 × 40 are seen.
            ("width:40px;height:40px;object-fit:cover", AtMost(80.0)),
            ("width:40px;height:40px;object-fit:contain", AtMost(40.0)),
            ("width:40px;height:40px", AtMost(40.0)),
            ("width:40px;aspect-ratio:1;object-fit:cover", AtMost(80.0)),
            ("width:40px;height:100%;object-fit:cover", Open),
            ("height:40px;aspect-ratio:3", AtMost(120.0)),
            ("height:40px;min-height:10vh", Open),
            ("width:40px;flex:1", Open),
            ("width:40px;flex:1;max-width:90px", AtMost(90.0)),
            ("width:40px;flex:none", AtMost(40.0)),
            ("width:fit-content", Natural(600.0)),
            ("width:max-content;max-width:100%", Natural(600.0)),
            ("width:inherit;max-width:90px", Natural(90.0)),
            ("width:100%;max-width:max-content", Natural(600.0)),
            ("width:50px;min-width:max-content", Natural(600.0)),
            ("width:50px;max-width:max-content", AtMost(50.0)),
            ("width:50px;all:unset", Natural(600.0)),
            ("all:unset;width:50px", AtMost(50.0)),
            ("width:50px;height:50px;object-fit:none", Natural(600.0)),
        ] {
            assert_eq!(shown(&[rule]), expected, "{rule}");
        }
    }

    #[test]
    fn the_declaration_that_wins_counts_and_the_widest_where_it_is_not_certain() {
        use Width::{AtMost, Natural, Open};
        for (rules, expected) in [
            (&["width:10px", "width:20px"][..], AtMost(20.0)),
            (&["width:20px", "width:10px"], AtMost(10.0)),
            (&["width:20px!important", "width:10px"], AtMost(20.0)),
            (&["width:20px", "width:10px?"], AtMost(20.0)),
            (&["width:20px?", "width:10px"], AtMost(10.0)),
            (&["width:20px?", "width:10px?"], Natural(600.0)),
            (&["width:20px", "width:100%?"], Open),
            (&["height:auto", "height:30px"], AtMost(60.0)),
            (&["height:30px", "height:auto"], Natural(600.0)),
            (&["height:30px", "height:50px?"], AtMost(100.0)),
            (&["height:30px?"], Natural(600.0)),
            (&["max-width:90px?"], Natural(600.0)),
            (&["max-width:90px", "max-width:190px?"], Natural(190.0)),
            (&["max-width:90px", "max-width:100%?"], Natural(600.0)),
            (
                &["width:80px;height:80px", "object-fit:cover?"],
                AtMost(160.0),
            ),
        ] {
            assert_eq!(shown(rules), expected, "{rules:?}");
        }
        let attributes = Attributes {
            width: Value::Pixels(90.0),
            height: Value::Pixels(10.0),
        };
        for (rule, expected) in [
            ("", AtMost(90.0)),
            ("height:auto", AtMost(90.0)),
            ("width:auto", AtMost(20.0)),
            ("width:100%", Open),
            ("width:100%?", Open),
        ] {
            assert_eq!(shown_with(attributes, &[rule]), expected, "{rule}");
        }
    }

    #[test]
    fn a_width_that_something_unknown_may_change_is_open() {
        let natural = Dimensions {
            width: 600,
            height: 300,
        };
        let of = |specificity, change: &dyn Fn(&mut Cascade)| {
            let mut cascade = Cascade::default();
            let rank = Rank {
                specificity,
                ..Rank::default()
            };
            cascade.add(&of_attribute("height:30px").1, rank, true);
            change(&mut cascade);
            cascade.shown(FREE, natural)
        };
        assert_eq!(of((0, 1, 0), &|_| {}), Width::AtMost(60.0));
        assert_eq!(
            of((0, 1, 0), &|all| all.place.is_stretched = true),
            Width::Open
        );
        assert_eq!(of((0, 1, 0), &|all| all.is_partial = true), Width::Open);
        let rem = of_attribute("height:2rem").1;
        let mut unknown = Cascade::default();
        unknown.add(&rem, Rank::default(), true);
        assert_eq!(unknown.shown(FREE, natural), Width::Natural(600.0));
    }
}
