//! Decides which dimensions can be added to an image without changing the layout, and which `sizes`
//! are right: an image and what CSS declares for it go in, a [`Fit`] comes out. Pure.
//!
//! A CSS declaration overrides the attribute `width` or `height`. If CSS declares only one of the
//! two, or limits one, the attribute for the other would distort the image.

use std::borrow::Cow;

use super::cascade::{Attributes, Cascade, NARROW, Rank, Width};
use super::declared::{Declared, of_attribute};
use super::lengths::{Property, Value};
use super::media::Applies;
use super::presence;
use super::slot::Slot;
use crate::picture::units::Dimensions;
use crate::record::Content;

/// Attributes to add to an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fit {
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub sizes: Sizes,
    /// Whether style sheets require that the image stays a child of its parent.
    pub must_stay_child: bool,
    /// Whether `sizes` may start with `auto`, so that the browser takes the size from the layout.
    /// `auto` replaces the image's own size by 300 × 150 (and lets a flex container shrink the
    /// image to nothing), so something else must determine both.
    pub may_be_auto: bool,
    /// Value of the attribute `width` that the image has or gets, if there is a `height` as well.
    pub width_with_height: Option<u32>,
    /// Attributes that must not be added.
    pub barred: presence::Attributes,
}

/// Origin of the attribute `sizes`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sizes {
    /// The preset.
    Preset,
    /// The element, or the style sheets: at most this many CSS pixels.
    Narrow(f64),
    /// The element, or the style sheets: this many CSS pixels in every window.
    Fixed(f64),
    /// The image: its own size determines the layout, which must stay.
    Natural(u32),
}

impl Fit {
    /// Returns a fit that adds no dimensions.
    pub fn none() -> Self {
        Fit {
            width: None,
            height: None,
            sizes: Sizes::Preset,
            must_stay_child: false,
            may_be_auto: false,
            width_with_height: None,
            barred: presence::Attributes::default(),
        }
    }

    /// Whether the image must stay unchanged: it must not get a `srcset`, or not the `sizes` that
    /// belong to it.
    pub fn must_stay_unchanged(&self, content: &Content) -> bool {
        self.barred.has("srcset") || content.sizes.is_some() && self.barred.has("sizes")
    }
}

impl Sizes {
    /// Returns the displayed width in CSS pixels; `None` if the preset has the `sizes`.
    pub fn pixels(self) -> Option<f64> {
        match self {
            Sizes::Preset => None,
            Sizes::Narrow(width) | Sizes::Fixed(width) => Some(width),
            Sizes::Natural(width) => Some(f64::from(width)),
        }
    }

    /// Returns the value of the attribute. `preset` is the `sizes` of the preset.
    pub fn value(self, preset: &str) -> String {
        match self {
            Sizes::Preset => preset.to_owned(),
            Sizes::Narrow(width) => format!("(min-width: {width}px) {width}px, 100vw"),
            Sizes::Fixed(width) => format!("{width}px"),
            Sizes::Natural(width) => format!("{width}px"),
        }
    }
}

/// Adds `auto` to a `sizes` attribute, so that the browser takes the size from the layout.
pub(super) fn with_auto(sizes: &str) -> String {
    format!("auto, {sizes}")
}

/// Returns the width that the element's `style` or `width` declares, in CSS pixels.
pub(super) fn own_width(slot: &Slot) -> Option<f64> {
    let declarations = slot.style.as_deref().map(|style| of_attribute(style).1);
    let widths = declarations.into_iter().flatten().rev();
    let mut widths = widths.filter(|declaration| declaration.property == Property::Width);
    let of_style = widths.next().and_then(|width| match width.value {
        Value::Pixels(width) => Some(width),
        _ => None,
    });
    of_style.or_else(|| pixels(slot.width.as_deref()).map(f64::from))
}

/// Whether an image is a tracking pixel: too small for readers to see.
pub(super) fn is_pixel(slot: &Slot) -> bool {
    let is_narrow = own_width(slot).is_some_and(|width| width <= 1.0);
    is_narrow || pixels(slot.height.as_deref()) == Some(0)
}

/// Computes the fit of an image with the given natural dimensions. `declared` is what style sheets
/// may declare that matters for adding attributes; `cascade` has the declarations that decide the
/// displayed width.
pub(super) fn fit(slot: &Slot, natural: Dimensions, declared: Declared, cascade: &Cascade) -> Fit {
    let mut cascade = Cow::Borrowed(cascade);
    let mut in_style = Declared::default();
    if let Some(style) = &slot.style {
        let (facts, declarations) = of_attribute(style);
        in_style = facts;
        let rank = Rank {
            is_own: true,
            ..Rank::default()
        };
        cascade.to_mut().add(&declarations, rank, Applies::Always);
    }
    let all = declared
        .with(in_style.harmless())
        .with(in_style.dangerous());
    // An item of a flex or grid container is laid out by its own width, or stretched because it has
    // none.
    let is_item = cascade.place.is_item && !all.width;
    let takes_width = !all.width_auto && !is_item && (all.width || !all.shape);
    let takes_height =
        takes_width && (all.height_auto || all.height || !(all.limits_width || all.shape));
    let Dimensions { width, height } = natural;
    let scaled = |by: u32, from: u32, to: u32| {
        let scaled = f64::from(by) * f64::from(to) / f64::from(from.max(1));
        (scaled.round() as u32).max(1)
    };
    let has = |name: &str| slot.has(name);
    let own = [&slot.width, &slot.height].map(|value| pixels(value.as_deref()));
    let (add_width, add_height) = match (has("width"), has("height"), own) {
        (false, false, _) => (takes_width.then_some(width), takes_height.then_some(height)),
        (true, false, [Some(own), _]) => (None, takes_height.then(|| scaled(own, width, height))),
        // CSS overrides the attribute, which then only counts for the aspect ratio: with the
        // natural width beside it, the browser would reserve space of the wrong shape.
        (false, true, _) if all.height_auto || all.height => (None, None),
        (false, true, [_, Some(own)]) => (takes_width.then(|| scaled(own, height, width)), None),
        _ => (None, None),
    };
    let width_is_known = own[0].is_some() || add_width.is_some();
    let height_is_known = own[1].is_some() || add_height.is_some();
    let attribute = |value: Option<u32>, is_there: bool| match value.map(f64::from) {
        Some(pixels) if pixels <= NARROW => Value::Pixels(pixels),
        Some(_) => Value::Unknown,
        None if is_there => Value::Unknown,
        None => Value::Free,
    };
    let width_from_height = add_width.filter(|_| own[1].is_some());
    let attributes = Attributes {
        width: attribute(
            own[0].or(width_from_height),
            width_is_known || is_percentage(slot.width.as_deref()),
        ),
        height: attribute(own[1], false),
    };
    // An ancestor that is as wide as its content takes its width from the image's own, if that of
    // the image is a percentage of it.
    let is_relative = cascade.may_be_relative() || is_percentage(slot.width.as_deref());
    let decides_ancestor = cascade.place.is_fitted && is_relative;
    let sizes = match cascade.shown(attributes, natural) {
        Width::AtMost(width) if width > 0.0 => Sizes::Narrow(rounded(width)),
        Width::Exactly(width) => Sizes::Fixed(rounded(width)),
        Width::Natural(width) => Sizes::Natural((width.ceil() as u32).max(1)),
        Width::AtMost(_) | Width::Open if is_item => Sizes::Natural(width),
        Width::Open if decides_ancestor => Sizes::Natural(width),
        Width::AtMost(_) | Width::Open => Sizes::Preset,
    };
    Fit {
        width: add_width,
        height: add_height,
        sizes,
        must_stay_child: declared.must_stay_child,
        may_be_auto: width_is_known
            && height_is_known
            && !all.width_auto
            && !decides_ancestor
            && !cascade.place.is_item
            && !cascade.is_partial,
        barred: presence::Attributes::default(),
        width_with_height: own[0].or(add_width).filter(|_| height_is_known),
    }
}

/// Whether two images have the same aspect ratio, apart from rounding to whole pixels.
pub(super) fn has_same_shape(one: Dimensions, other: Dimensions) -> bool {
    let (small, large) = if one.width <= other.width {
        (one, other)
    } else {
        (other, one)
    };
    let expected = as_wide_as(large, small.width).height;
    expected.abs_diff(small.height) <= 1
}

/// Scales dimensions to a width.
pub(super) fn as_wide_as(dimensions: Dimensions, width: u32) -> Dimensions {
    let ratio = f64::from(dimensions.height) / f64::from(dimensions.width.max(1));
    Dimensions {
        width,
        height: ((f64::from(width) * ratio).round() as u32).max(1),
    }
}

/// Rounds up to a hundredth.
fn rounded(width: f64) -> f64 {
    (width * 100.0 - 1e-6).ceil() / 100.0
}

/// Parses a dimension attribute, in CSS pixels, rounded up; `None` for a percentage and for a value
/// that browsers ignore.
fn pixels(value: Option<&str>) -> Option<u32> {
    let (number, rest) = dimension(value?)?;
    (!rest.starts_with('%')).then(|| number.ceil() as u32)
}

/// Whether a dimension attribute is a percentage.
fn is_percentage(value: Option<&str>) -> bool {
    let dimension = value.and_then(dimension);
    dimension.is_some_and(|(_, rest)| rest.starts_with('%'))
}

/// Splits a dimension attribute into its number and what follows, by the [rules of
/// HTML](https://html.spec.whatwg.org/multipage/common-microsyntaxes.html#rules-for-parsing-dimension-values).
fn dimension(value: &str) -> Option<(f64, &str)> {
    let digits = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit());
        end.unwrap_or(text.len())
    };
    let value = value.trim_start();
    let mut end = digits(value);
    if end == 0 {
        return None;
    }
    if let Some(fraction) = value[end..].strip_prefix('.') {
        end += 1 + digits(fraction);
    }
    let (number, rest) = value.split_at(end);
    Some((number.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::scan::first;

    /// Returns width, height, `sizes` and whether `auto` may be added, for an image of 600 × 300
    /// pixels.
    fn fitted(attributes: &str, declared: Declared) -> (Option<u32>, Option<u32>, Sizes, bool) {
        let slot = first(&format!("<img src=a.png {attributes}>"));
        let natural = Dimensions {
            width: 600,
            height: 300,
        };
        let Fit {
            width,
            height,
            sizes,
            may_be_auto,
            ..
        } = fit(&slot, natural, declared, &Cascade::default());
        (width, height, sizes, may_be_auto)
    }

    #[test]
    fn dimensions_follow_the_attributes_that_are_there() {
        let free = Declared::default();
        for (attributes, expected) in [
            ("", (Some(600), Some(300), Sizes::Preset, true)),
            ("width=200", (None, Some(100), Sizes::Narrow(200.0), true)),
            ("height=50", (Some(100), None, Sizes::Narrow(100.0), true)),
            ("height=1", (Some(2), None, Sizes::Narrow(2.0), true)),
            (
                "width=200px height=9",
                (None, None, Sizes::Narrow(200.0), true),
            ),
            ("width=769", (None, Some(385), Sizes::Preset, true)),
            ("width=50%", (None, None, Sizes::Preset, false)),
            ("width=0", (None, Some(1), Sizes::Preset, true)),
            (
                "width=300abc",
                (None, Some(150), Sizes::Narrow(300.0), true),
            ),
            ("width=90.5", (None, Some(46), Sizes::Narrow(91.0), true)),
            // Browsers ignore these values.
            ("width=abc", (None, None, Sizes::Natural(600), false)),
            ("width=-5", (None, None, Sizes::Natural(600), false)),
            ("width=''", (None, None, Sizes::Natural(600), false)),
            (
                "style='width:20px'",
                (Some(600), None, Sizes::Narrow(20.0), false),
            ),
        ] {
            assert_eq!(fitted(attributes, free), expected, "{attributes}");
        }
    }

    #[test]
    fn tracking_pixels_are_recognized() {
        for (attributes, expected) in [
            ("width=0", true),
            ("height=0", true),
            ("width=1 height=1", true),
            ("width='1px' height=1", true),
            ("style='width:0;height:0'", true),
            ("style='width:1px'", true),
            ("width=2 height=2", false),
            ("width=100% height=1", false),
            ("", false),
        ] {
            let slot = first(&format!("<img src=a.png {attributes}>"));
            assert_eq!(is_pixel(&slot), expected, "{attributes}");
        }
    }

    #[test]
    fn style_sheets_decide_what_may_be_added() {
        let none = Declared::default();
        let limits = Declared {
            limits_width: true,
            ..none
        };
        let follows = Declared {
            height_auto: true,
            ..limits
        };
        let high = Declared {
            height: true,
            shape: true,
            ..none
        };
        let natural = Declared {
            width_auto: true,
            ..none
        };
        // CSS overrides the attribute `height`: no width follows from it.
        let one = (None, None, Sizes::Narrow(100.0), false);
        assert_eq!(fitted("height=50", follows), one);
        for (declared, expected) in [
            (limits, (Some(600), None, Sizes::Preset, false)),
            (follows, (Some(600), Some(300), Sizes::Preset, true)),
            (high, (None, None, Sizes::Natural(600), false)),
            (natural, (None, None, Sizes::Natural(600), false)),
        ] {
            assert_eq!(fitted("", declared), expected, "{declared:?}");
        }
    }

    #[test]
    fn sizes_are_written_as_browsers_read_them() {
        assert_eq!(Sizes::Preset.value("50vw"), "50vw");
        assert_eq!(
            Sizes::Narrow(90.5).value("50vw"),
            "(min-width: 90.5px) 90.5px, 100vw"
        );
        assert_eq!(Sizes::Natural(600).value("50vw"), "600px");
    }
}
