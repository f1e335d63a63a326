//! How an image fits its place: which dimensions can be added without changing the layout, and which
//! `sizes` are right. Pure.
//!
//! An attribute `width` or `height` is overridden by a declaration of CSS. Where CSS declares only
//! one of the two, or limits one, the attribute for the other would distort the image.

use super::declared::{Declared, of_attribute};
use super::slot::Slot;
use crate::picture::units::Dimensions;

/// A width up to which an attribute `width` says how large the image is shown, in CSS pixels. Above
/// it, style sheets usually limit the image to a column.
const NARROW: f64 = 768.0;

/// What to add to an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fit {
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub sizes: Sizes,
    /// Whether the browser may take the size from the layout: `sizes="auto"` replaces the image's
    /// own size by 300 × 150, so something else must determine both.
    pub may_be_auto: bool,
}

/// Where the attribute `sizes` comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sizes {
    /// The preset.
    Preset,
    /// The element: at most this many CSS pixels.
    Narrow(f64),
    /// The image: nothing but its own size determines the layout, which must stay.
    Natural(u32),
}

impl Sizes {
    /// The value of the attribute, where the preset says `preset`.
    pub fn value(self, preset: &str) -> String {
        match self {
            Sizes::Preset => preset.to_owned(),
            Sizes::Narrow(width) => format!("(min-width: {width}px) {width}px, 100vw"),
            Sizes::Natural(width) => format!("{width}px"),
        }
    }
}

/// The width of the place in CSS pixels, if the element itself says it.
pub(super) fn own_width(slot: &Slot) -> Option<f64> {
    let of_style = slot
        .style
        .as_deref()
        .and_then(|style| of_attribute(style).1);
    of_style.or_else(|| pixels(slot.width.as_deref()).map(f64::from))
}

/// Fits an image of that size; `declared` is what style sheets say.
pub(super) fn fit(slot: &Slot, natural: Dimensions, declared: Declared) -> Fit {
    let (in_style, width_in_style) = match &slot.style {
        Some(style) => of_attribute(style),
        None => (Declared::default(), None),
    };
    let all = declared
        .with(in_style.harmless())
        .with(in_style.dangerous());
    let takes_width = !all.width_auto && (all.width || !all.shape);
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
        (false, true, [_, Some(own)]) => (takes_width.then(|| scaled(own, height, width)), None),
        _ => (None, None),
    };
    let width_is_known = own[0].is_some() || add_width.is_some();
    let height_is_known = own[1].is_some() || add_height.is_some();
    let of_element = own[0].or(add_width.filter(|_| own[1].is_some()));
    let narrow = width_in_style.or(of_element.filter(|_| !declared.width).map(f64::from));
    let sizes = match narrow {
        _ if all.width_auto => Sizes::Natural(width),
        Some(narrow) if narrow <= NARROW && narrow > 0.0 => Sizes::Narrow(narrow),
        None if !width_is_known && !all.width && !has("width") => Sizes::Natural(width),
        _ => Sizes::Preset,
    };
    Fit {
        width: add_width,
        height: add_height,
        sizes,
        may_be_auto: width_is_known && height_is_known && !all.width_auto,
    }
}

/// The value of a dimension attribute in CSS pixels; `None` for a percentage.
fn pixels(value: Option<&str>) -> Option<u32> {
    let value = value?.trim();
    value
        .strip_suffix("px")
        .unwrap_or(value)
        .trim()
        .parse()
        .ok()
}
