//! Computes how wide CSS shows one image: the declarations of all rules that match it go in, a
//! width comes out. If several of them may win, the widest counts: an image that is too small is
//! blurred.
//!
//! Cascade and sizes as in [CSS Cascading](https://www.w3.org/TR/css-cascade-5/#cascade-sort) and
//! [CSS 2](https://www.w3.org/TR/CSS22/visudet.html#inline-replaced-width).

use super::lengths::{Declaration, Property, Value};
use super::media::Applies;
use super::selector::Specificity;
use super::slot::Place;
use crate::picture::units::Dimensions;

/// Largest attribute `width` that is trusted as the displayed width, in CSS pixels. Style sheets
/// usually limit wider images to a column.
pub(super) const NARROW: f64 = 768.0;

/// Width of the narrowest window that pages must fit, in CSS pixels, by [WCAG
/// 1.4.10](https://www.w3.org/TR/WCAG22/#reflow).
const NARROWEST_WINDOW: f64 = 320.0;

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
    /// Largest possible lengths of a `rem` and an `em`, in CSS pixels; `None` if unknown.
    pub rem: Option<f64>,
    pub em: Option<f64>,
    /// Whether unknown declarations may apply as well.
    pub is_partial: bool,
    pub place: Place,
}

#[derive(Clone, Copy, Debug)]
struct Declared {
    declaration: Declaration,
    rank: Rank,
    applies: Applies,
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
    /// This many CSS pixels, even if the window is narrower.
    Exactly(f64),
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
    pub fn add(&mut self, declarations: &[Declaration], rank: Rank, applies: Applies) {
        let declarations = declarations.iter();
        self.declared
            .extend(declarations.map(|declaration| Declared {
                declaration: *declaration,
                rank,
                applies,
            }));
    }

    /// Returns the values that a property may have, as declared.
    pub fn declared(&self, property: Property) -> Vec<Value> {
        self.sorted().declared(property, Value::Free)
    }

    /// Whether the width may be a percentage, or another value that is relative to the parent.
    pub fn may_be_relative(&self) -> bool {
        self.declared(Property::Width).contains(&Value::Unknown)
    }

    fn sorted(&self) -> Sorted<'_> {
        let mut declared: Vec<&Declared> = self.declared.iter().collect();
        // A stable sort: of two declarations in the same rule, the later one wins.
        declared.sort_by_key(|declared| declared.order());
        Sorted {
            cascade: self,
            declared,
        }
    }

    fn in_pixels(&self, value: Value) -> Value {
        let in_units = match value {
            Value::Rem(number) => self.rem.map(|rem| number * rem),
            Value::Em(number) => self.em.map(|em| number * em),
            _ => return value,
        };
        in_units.map_or(Value::Unknown, Value::Pixels)
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
                    || matches!(value, Value::Em(_)) && self.em.is_some()
            },
        )
    }

    /// Computes how wide an image with the given natural dimensions is shown.
    pub fn shown(&self, attributes: Attributes, natural: Dimensions) -> Width {
        if attributes.width == Value::Unknown && !self.has_lengths() {
            return Width::Open;
        }
        let sorted = self.sorted();
        let [natural_width, natural_height] =
            [natural.width, natural.height].map(|side| f64::from(side.max(1)));
        let shape = sorted.shape(natural_width / natural_height);
        let widths = sorted.values(Property::Width, attributes.width);
        let heights = sorted.values(Property::Height, attributes.height);
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
        let fixed = fixed.map(|(width, height)| shape.drawn(width, height));
        let widest = fixed.fold(0.0, f64::max);
        let depends = |property| {
            let values = sorted.values(property, Value::Free);
            values.contains(&Value::Natural)
        };
        if depends(Property::ObjectFit) {
            return Width::Natural(natural_width);
        }
        let limits = shape.limits;
        let has_natural_limit =
            widest.is_infinite() && (depends(Property::MaxWidth) || depends(Property::MinWidth));
        if has_natural_limit || pairs().any(|(width, height)| is_natural(&width, &height)) {
            let of_height = limits.height * shape.natural;
            let own = natural_width.min(limits.width).min(of_height);
            return Width::Natural(own.max(widest).min(natural_width));
        }
        // A column may limit the image as well.
        let is_limited = widths.contains(&Value::Unknown)
            || sorted.may_set(Property::MaxWidth) && limits.width.is_infinite();
        if widest.is_infinite() || is_limited && widest > NARROW {
            return Width::Open;
        }
        // Only a `max-width` that certainly applies and is no length, such as `100%`, keeps an
        // image of a certain width within the window.
        let may_shrink = self.is_partial || self.place.is_item || widths.contains(&Value::Unknown);
        let may_overflow = !may_shrink
            && (limits.width.is_finite()
                || sorted
                    .values(Property::MaxWidth, Value::Free)
                    .contains(&Value::Free));
        match may_overflow && widest > NARROWEST_WINDOW {
            true => Width::Exactly(widest),
            false => Width::AtMost(widest),
        }
    }
}

/// The declarations of a cascade, in ascending order of precedence.
struct Sorted<'c> {
    cascade: &'c Cascade,
    declared: Vec<&'c Declared>,
}

impl Sorted<'_> {
    /// Returns the values that a property may have, as declared, including `initial` unless a
    /// declaration certainly applies.
    fn declared(&self, property: Property, initial: Value) -> Vec<Value> {
        let is_partial = self.cascade.is_partial;
        let mut values = Vec::new();
        for Declared {
            declaration,
            rank,
            applies,
        } in self.declared.iter().rev()
        {
            match declaration.property {
                of if of == property => push(&mut values, declaration.value),
                // `Free` is the value for both `initial` and `inherit`.
                Property::All if property == Property::FontSize => {
                    push(&mut values, Value::Unknown);
                }
                Property::All => push(&mut values, declaration.value),
                _ => continue,
            }
            let is_usual = rank.specificity < (0, 1, 0) && !rank.is_own;
            if *applies == Applies::Always && !(is_partial && is_usual) {
                return values;
            }
        }
        push(&mut values, initial);
        if is_partial && initial == Value::Free && property == Property::Width {
            push(&mut values, Value::Unknown);
        }
        values
    }

    /// Returns the values that a property may have, with lengths in CSS pixels.
    fn values(&self, property: Property, initial: Value) -> Vec<Value> {
        let mut values = Vec::new();
        for value in self.declared(property, initial) {
            push(&mut values, self.cascade.in_pixels(value));
        }
        values
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

    /// Whether a property may have another value than the initial one.
    fn may_set(&self, property: Property) -> bool {
        let values = self.values(property, Value::Free);
        values
            .iter()
            .any(|value| !matches!(value, Value::Free) && *value != Value::Pixels(0.0))
    }

    /// Returns what the width of an image with this natural ratio depends on, apart from `width`
    /// and `height`.
    fn shape(&self, natural: f64) -> Shape {
        let ratios = self.values(Property::AspectRatio, Value::Free).into_iter();
        let ratios = ratios.flat_map(|value| match value {
            Value::Free => [Some(natural); 2],
            Value::Ratios(least, most) => [Some(least), Some(most)],
            _ => [None; 2],
        });
        let least = self.values(Property::MinWidth, Value::Free).into_iter();
        let least = least.map(|value| match value {
            Value::Free => 0.0,
            Value::Pixels(least) => least,
            _ => f64::INFINITY,
        });
        Shape {
            natural,
            ratios: ratios.collect(),
            limits: Limits {
                width: self.limit(Property::MaxWidth),
                height: self.limit(Property::MaxHeight),
            },
            least: least.fold(0.0, f64::max),
            covers: self.may_set(Property::ObjectFit),
            may_be_higher: self.may_set(Property::MinHeight),
            is_flexible: self.may_set(Property::Flex),
            is_stretched: self.cascade.place.is_stretched,
        }
    }
}

/// Adds a value to those that a property may have. Of lengths in one unit, only the largest is
/// kept, as an image is never narrower because a length is larger; of ratios, the smallest and the
/// largest, as an image is widest with one of them.
fn push(values: &mut Vec<Value>, value: Value) {
    let is_kept = values.iter_mut().any(|known| match (known, value) {
        (Value::Pixels(most), Value::Pixels(one))
        | (Value::Rem(most), Value::Rem(one))
        | (Value::Em(most), Value::Em(one)) => {
            *most = most.max(one);
            true
        }
        (Value::Ratios(least, most), Value::Ratios(small, large)) => {
            *least = least.min(small);
            *most = most.max(large);
            true
        }
        (known, value) => *known == value,
    });
    if !is_kept {
        values.push(value);
    }
}

/// What the width of an image depends on, apart from `width` and `height`.
struct Shape {
    /// Natural width divided by natural height.
    natural: f64,
    /// Possible ratios of the box; `None` if unknown.
    ratios: Vec<Option<f64>>,
    limits: Limits,
    /// Largest `min-width`, in CSS pixels.
    least: f64,
    /// Whether the image may be larger than its box.
    covers: bool,
    may_be_higher: bool,
    is_flexible: bool,
    is_stretched: bool,
}

impl Shape {
    /// Returns the width at which the image is drawn, in CSS pixels; infinity if it is not known.
    /// For a cropped image (`object-fit`), this is the width of the whole image.
    fn drawn(&self, width: Value, height: Value) -> f64 {
        if (self.covers || width == Value::Free) && self.may_be_higher {
            return f64::INFINITY;
        }
        let drawn = self.ratios.iter().map(|of_box| {
            let box_height = match height {
                Value::Pixels(height) => Some(height.min(self.limits.height)),
                _ => None,
            };
            let box_width = match (width, box_height, of_box) {
                (Value::Pixels(width), ..) if !self.is_flexible => width,
                (Value::Free, Some(height), Some(of_box))
                    if !(self.is_flexible || self.is_stretched) =>
                {
                    height * of_box
                }
                _ => f64::INFINITY,
            };
            let box_width = box_width.min(self.limits.width).max(self.least);
            if !self.covers {
                return box_width;
            }
            let box_height = match (height, box_height, of_box) {
                (_, Some(height), _) => height,
                (Value::Free, None, Some(of_box)) => box_width / of_box,
                _ => return f64::INFINITY,
            };
            box_width.max(box_height * self.natural)
        });
        drawn.fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests;
