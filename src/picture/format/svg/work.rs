//! Limits the work that a drawing costs, before it is done.

use resvg::tiny_skia::Rect;
use resvg::usvg::Transform;
use resvg::usvg::filter::{Filter, Kind};
use resvg::usvg::roxmltree::{Document, Node};

use crate::units::Dimensions;

/// Maximum number of attributes of one element: the parser compares each with every other one.
const MOST_ATTRIBUTES: usize = 2_000;
/// Maximum number of CSS rules times elements: each rule is matched with each element.
const MOST_MATCHES: u64 = 4_000_000;
/// Maximum number of elements in filters: each is resolved, whether or not anything uses it.
const MOST_FILTER_ELEMENTS: u64 = 1_000;
/// Maximum number of octaves of noise: each has half the weight of the one before, so later ones
/// change nothing.
const MOST_OCTAVES: f64 = 64.0;
/// Maximum number of elements that use a filter.
const MOST_FILTERED: u64 = 1_000;
/// Maximum number of filters that one value names, CSS functions included. Each has a layer.
const MOST_FILTERS_OF_ELEMENT: usize = 32;

/// What a drawing is drawn on.
#[derive(Clone, Copy)]
pub(super) struct Canvas {
    /// Pixels per unit of the drawing, in width and height.
    pub scale: (f32, f32),
    /// Number of pixels.
    pub pixels: f64,
    /// Number of rows.
    pub height: f64,
}

impl Canvas {
    /// Returns how many pixels a rectangle may cover.
    pub fn covered(self, rect: Rect) -> f64 {
        let width = f64::from(rect.width() * self.scale.0);
        let height = f64::from(rect.height() * self.scale.1);
        (width * height).min(self.pixels)
    }
}

/// Rejects texts that take the parser long. Counts every `<` as an element, and every `{` as a CSS
/// rule.
pub(super) fn check_text(text: &str) -> Result<(), &'static str> {
    let (mut rules, mut elements, mut attributes) = (0u64, 0u64, 0);
    // Inside a tag, `quote` is the mark that ends the current value. XML allows no `<` in a value,
    // so a stray quote, such as one in a comment, affects no later tag.
    let (mut is_in_tag, mut quote) = (false, None);
    for byte in text.bytes() {
        match byte {
            b'<' => {
                elements += 1;
                (is_in_tag, quote, attributes) = (true, None, 0);
            }
            b'{' => rules += 1,
            _ if quote == Some(byte) => quote = None,
            _ if quote.is_some() || !is_in_tag => {}
            b'>' => is_in_tag = false,
            b'"' | b'\'' => quote = Some(byte),
            b'=' => attributes += 1,
            _ => {}
        }
        if attributes > MOST_ATTRIBUTES {
            return Err("an element has too many attributes");
        }
    }
    if rules.saturating_mul(elements) > MOST_MATCHES {
        return Err("it has too many CSS rules for so many elements");
    }
    Ok(())
}

const TOO_MANY: &str = "it has too many filters";

/// Returns the values of the property `filter` in declarations or in a style sheet.
fn filters_in_css(css: &str) -> impl Iterator<Item = &str> {
    css.split(['{', '}', ';']).filter_map(|declaration| {
        let (name, value) = declaration.split_once(':')?;
        (name.trim() == "filter").then_some(value)
    })
}

/// Rejects too many filters. Returns the minimum number of pixels that the others visit.
pub(super) fn check_filters(
    document: &Document<'_>,
    dimensions: Dimensions,
) -> Result<f64, &'static str> {
    let mut steps = 0;
    let mut filtered = 0;
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        if name.starts_with("fe") {
            steps += 1;
        }
        let octaves = node
            .attribute("numOctaves")
            .and_then(|value| value.trim().parse().ok());
        if octaves.is_some_and(|octaves: f64| octaves > MOST_OCTAVES) {
            return Err("its noise has too many octaves");
        }
        let is_style = node.has_tag_name("style");
        let text = node.text().filter(|_| is_style);
        let css = node.attribute("style").into_iter().chain(text);
        let values = node.attribute("filter").into_iter();
        for value in values.chain(css.flat_map(filters_in_css)) {
            if value.trim() == "none" {
                continue;
            }
            filtered += 1;
            // No filter is written without parentheses, and colors in filters only count double.
            if value.matches('(').count() > MOST_FILTERS_OF_ELEMENT {
                return Err(TOO_MANY);
            }
        }
    }
    if steps > MOST_FILTER_ELEMENTS || filtered > MOST_FILTERED {
        return Err(TOO_MANY);
    }
    Ok((filtered * dimensions.pixels()) as f64)
}

/// Returns how many pixels the steps of a filter visit. They visit only its region.
pub(super) fn filtered(filter: &Filter, transform: Transform, canvas: Canvas) -> f64 {
    let region = filter.rect().to_rect().transform(transform);
    let region = region.map_or(canvas.pixels, |region| canvas.covered(region));
    let steps = filter.primitives().iter();
    let passes: f64 = steps.map(|step| passes(step.kind(), canvas.scale)).sum();
    canvas.pixels + region * passes
}

/// What a blur costs for each pixel: an estimate from the time of one drawing with many blurs.
const BLUR: f64 = 80.0;

/// Returns how many times a step of a filter visits each pixel.
fn passes(kind: &Kind, scale: (f32, f32)) -> f64 {
    let scaled = |x: f32, y: f32| (f64::from(x * scale.0), f64::from(y * scale.1));
    match kind {
        // Noise is computed for each channel and octave.
        Kind::Turbulence(turbulence) => 100.0 * f64::from(turbulence.num_octaves()),
        // Each pixel looks at a window of twice the radius.
        Kind::Morphology(morphology) => {
            let (x, y) = scaled(morphology.radius_x().get(), morphology.radius_y().get());
            8.0 + 4.0 * (2.0 * x + 1.0) * (2.0 * y + 1.0)
        }
        Kind::ConvolveMatrix(convolve) => {
            let matrix = convolve.matrix();
            8.0 + 4.0 * f64::from(matrix.columns()) * f64::from(matrix.rows())
        }
        // Each blur is three passes in each direction, over numbers of four bytes.
        Kind::GaussianBlur(_) => BLUR,
        Kind::DropShadow(_) => BLUR + 8.0,
        Kind::DiffuseLighting(_) | Kind::SpecularLighting(_) => 40.0,
        _ => 8.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_attributes_of_one_tag_count() {
        let many = "a=\"\" ".repeat(MOST_ATTRIBUTES + 1);
        for refused in [
            format!("<svg {many}/>"),
            format!("<!-- base64 ' --><svg {many}/>"),
            format!("<svg a='>' {many}/>"),
            format!("<!DOCTYPE svg [<!ENTITY a '<g {many}/>'>]><svg>&a;</svg>"),
        ] {
            assert!(check_text(&refused).is_err(), "{}", &refused[..40]);
        }
        let equals = "=".repeat(2 * MOST_ATTRIBUTES);
        for accepted in [
            format!("<svg a='{equals}'><style>{equals}</style></svg>"),
            format!("<svg>{}</svg>", "<g a='1' b='2'/>".repeat(MOST_ATTRIBUTES)),
        ] {
            assert_eq!(check_text(&accepted), Ok(()));
        }
    }
}
