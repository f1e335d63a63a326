//! Limits the work that a drawing costs, before it is done.

use resvg::usvg::filter::Kind;
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

/// Rejects texts that take the parser long.
pub(super) fn check_text(text: &str) -> Result<(), &'static str> {
    // Every attribute has an equals sign. Those since the last `<` are counted, even outside of
    // tags.
    let (mut count, mut rules, mut elements) = (0, 0u64, 0u64);
    for byte in text.bytes() {
        match byte {
            b'<' => {
                count = 0;
                elements += 1;
            }
            b'=' => count += 1,
            b'{' => rules += 1,
            _ => {}
        }
        if count > MOST_ATTRIBUTES && !text.contains("base64") {
            return Err("an element has too many attributes");
        }
    }
    if rules.saturating_mul(elements) > MOST_MATCHES {
        return Err("it has too many CSS rules for so many elements");
    }
    Ok(())
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
        let is_filtered = |value: &str| value.trim() != "none";
        if node.attribute("filter").is_some_and(is_filtered) {
            filtered += 1;
        }
    }
    if steps > MOST_FILTER_ELEMENTS || filtered > MOST_FILTERED {
        return Err("it has too many filters");
    }
    Ok((filtered * dimensions.pixels()) as f64)
}

/// Returns how many times a step of a filter visits each pixel.
pub(super) fn passes(kind: &Kind, scale: (f32, f32)) -> f64 {
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
        Kind::DiffuseLighting(_) | Kind::SpecularLighting(_) => 40.0,
        _ => 8.0,
    }
}
