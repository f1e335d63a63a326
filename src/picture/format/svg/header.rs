//! Computes the intrinsic size of an SVG (CSS Images, section 5; SVG 2, section 7.2) from its root
//! element.

use super::entities::Entities;
use super::text::{doctype, root_attributes, text};
use super::well_formed;
use crate::units::Dimensions;

/// The size that browsers use if the file has none (CSS 2.1, section 10.3.2).
const DEFAULT: Dimensions = Dimensions {
    width: 300,
    height: 150,
};

/// Returns the width and height in CSS pixels, rounded. Only entities that the file itself defines
/// are expanded, and nothing is fetched.
pub(crate) fn intrinsic_size(bytes: &[u8]) -> Result<Dimensions, String> {
    let text = text(bytes).ok_or("it is neither in UTF-8 nor in UTF-16")?;
    well_formed::check(&text)?;
    let attributes = root_attributes(&text).ok_or("it has no root element")?;
    let entities = Entities::read(doctype(&text));
    if entities.declare_size {
        return Err("its document type declares its size".to_owned());
    }
    let attribute = |wanted| {
        let mut found = attributes.iter().filter(|(name, _)| *name == wanted);
        let value = found.next().map(|(_, value)| entities.expand(value));
        value.transpose()
    };
    let (width, height) = (attribute("width")?, attribute("height")?);
    let view_box = attribute("viewBox")?;
    let width = width.as_deref().and_then(length);
    let height = height.as_deref().and_then(length);
    let box_size = view_box.as_deref().and_then(view_box_size);
    let (width, height) = match (width, height, box_size) {
        (Some(width), Some(height), _) => (width, height),
        (Some(width), None, Some((w, h))) => (width, width * h / w),
        (None, Some(height), Some((w, h))) => (height * w / h, height),
        (None, None, Some(size)) => size,
        (Some(width), None, None) => (width, f64::from(DEFAULT.height)),
        (None, Some(height), None) => (f64::from(DEFAULT.width), height),
        (None, None, None) => return Ok(DEFAULT),
    };
    let pixels = |length: f64| (length.round().clamp(1.0, 1e9)) as u32;
    Ok(Dimensions {
        width: pixels(width),
        height: pixels(height),
    })
}

/// Parses a length, in CSS pixels; `None` for percentages and invalid lengths.
fn length(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit_at = text
        .find(|c: char| c.is_ascii_alphabetic() && c != 'e' || c == '%')
        .unwrap_or(text.len());
    // The units `em` and `ex` start like an exponent.
    let unit_at = text
        .find("em")
        .or_else(|| text.find("ex"))
        .unwrap_or(unit_at);
    let (number, unit) = text.split_at(unit_at);
    let number: f64 = number.trim().parse().ok()?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "px" => 1.0,
        "pt" => 96.0 / 72.0,
        "pc" => 16.0,
        "mm" => 96.0 / 25.4,
        "cm" => 96.0 / 2.54,
        "in" => 96.0,
        "em" | "rem" => 16.0,
        "ex" | "ch" => 8.0,
        _ => return None,
    };
    Some(number * factor).filter(|length| length.is_finite() && *length > 0.0)
}

fn view_box_size(text: &str) -> Option<(f64, f64)> {
    let numbers: Vec<f64> = text
        .split(|c: char| c.is_ascii_whitespace() || c == ',')
        .filter(|part| !part.is_empty())
        .map_while(|part| part.parse().ok())
        .collect();
    match numbers[..] {
        [_, _, width, height] if width > 0.0 && height > 0.0 && (width / height).is_finite() => {
            Some((width, height))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a drawing whose root element is closed.
    fn closed(svg: &str) -> Vec<u8> {
        let end = if svg.ends_with("/>") { "" } else { "</svg>" };
        format!("{svg}{end}").into_bytes()
    }

    #[test]
    fn sizes_are_those_of_a_browser() {
        for (svg, width, height) in [
            ("<svg width='120' height='40px'>", 120, 40),
            (
                "<svg width=\"310.57089mm\" height=\"310.57089mm\" viewBox=\"0 0 1 1\">",
                1174,
                1174,
            ),
            ("<svg viewBox='0 0 24 12'/>", 24, 12),
            ("<svg viewBox='0,0,24,12' width='48'>", 48, 24),
            ("<svg viewBox='0 0 24 12' height='1in'>", 192, 96),
            (
                "<svg width='100%' height='100%' viewBox='0 0 10 20'>",
                10,
                20,
            ),
            ("<svg>", 300, 150),
            ("<svg width='-1' height='nan' viewBox='0 0 0 5'>", 300, 150),
            (
                "<?xml version='1.0'?><!-- <svg width='1'> --><svg width='2em' height='1e2'>",
                32,
                100,
            ),
        ] {
            let expected = Dimensions { width, height };
            assert_eq!(intrinsic_size(&closed(svg)), Ok(expected), "{svg}");
        }
    }

    #[test]
    fn entities_of_the_file_are_expanded() {
        // As in Chromium 156.
        for (svg, width, height) in [
            (
                "<!DOCTYPE svg [<!ENTITY w \"120\"><!ENTITY w '9'>]><svg width='&w;' height='4&#48;'>",
                120,
                40,
            ),
            (
                "<!DOCTYPE svg PUBLIC 'a' 'b' [\n<!-- <!ENTITY w '9'> -->\n<!ENTITY  w\n'1&#50;0'>]>\
                 <svg width='&w;px' viewBox='0 0 &w; &#x36;0'>",
                120,
                60,
            ),
        ] {
            let expected = Dimensions { width, height };
            assert_eq!(intrinsic_size(&closed(svg)), Ok(expected), "{svg}");
        }
        for svg in [
            "<svg width='&w;'>",
            "<svg width='&w'>",
            "<!DOCTYPE svg [<!ENTITY w '&w;'>]><svg width='&w;'>",
            "<!DOCTYPE svg [<!ENTITY w SYSTEM 'w.txt'>]><svg width='&w;'>",
            "<!DOCTYPE svg [<!ENTITY n '2'><!ENTITY w '1&n;0'>]><svg width='&w;'>",
            "<!DOCTYPE svg [<!ATTLIST svg width CDATA '120'>]><svg>",
        ] {
            assert!(intrinsic_size(&closed(svg)).is_err(), "{svg}");
        }
    }
}
