//! Rejects drawings that `resvg` would draw wrongly, or without a part of them.

use std::collections::HashMap;

use resvg::usvg::roxmltree::{Document, Node};

use super::css::{is_known, without_comments};
use super::properties::{
    ATTRIBUTES_ONLY, DRAWN, KNOWN_FUNCTIONS, LENGTHS, WITHOUT_EFFECT, WITHOUT_EFFECT_BY_NAME, WORDS,
};

/// Returns the reason why a drawing is rejected, if there is one.
pub(super) fn reason(document: &Document<'_>) -> Option<String> {
    let drawing = Drawing::new(document);
    document
        .descendants()
        .filter(Node::is_element)
        .find_map(|node| drawing.element(&node))
}

/// The facts about a whole drawing that the check of an element needs.
struct Drawing<'d> {
    /// Name of the element with each id; `None` if several elements have the id.
    ids: HashMap<&'d str, Option<&'d str>>,
    /// Whether a stroke may have dashes.
    has_dashes: bool,
}

impl<'d> Drawing<'d> {
    fn new(document: &'d Document<'_>) -> Self {
        let mut ids = HashMap::new();
        for node in document.descendants().filter(Node::is_element) {
            if let Some(id) = node.attribute("id") {
                let named = ids.entry(id);
                named
                    .and_modify(|name| *name = None)
                    .or_insert(Some(node.tag_name().name()));
            }
        }
        Drawing {
            ids,
            has_dashes: document.input_text().contains("stroke-dasharray"),
        }
    }

    fn element(&self, node: &Node<'_, '_>) -> Option<String> {
        let name = node.tag_name().name();
        if matches!(
            name,
            "animate" | "animateTransform" | "animateMotion" | "animateColor" | "set"
        ) {
            return Some(format!("an animation (`{name}`): draw its final state"));
        }
        if name == "feTile" {
            return Some("a filter with `feTile`: repeat the shapes with a `pattern`".to_owned());
        }
        if name == "style" {
            return self.style_element(node);
        }
        let is_root = node.parent_element().is_none();
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            let found = match name {
                "style" => self.declarations(value),
                "vector-effect" if value.trim() != "none" => Some(named(name)),
                "pathLength" if self.has_dashes => Some(named(name)),
                "in" | "in2" if is_of_page(value) => Some(unreadable(name, value)),
                // With a `viewBox`, the size of the whole drawing has no effect.
                "width" | "height" if is_root && has_one_scale(node) => None,
                _ if DRAWN.contains(&name) || LENGTHS.contains(&name) => self.value(name, value),
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn style_element(&self, node: &Node<'_, '_>) -> Option<String> {
        let is_plain = |name: &str, values: &[&str]| {
            let value = node.attribute(name);
            value.is_none_or(|value| values.contains(&value))
        };
        // The parser applies every style sheet, whatever its medium, and reads only the first text
        // of one.
        if !is_plain("media", &["all", "screen"])
            || !is_plain("type", &["text/css"])
            || node.children().filter(Node::is_text).count() > 1
        {
            let message = "a `style` element that not every program reads: use one of plain text for \
                 all media";
            return Some(message.to_owned());
        }
        let css: String = node
            .descendants()
            .filter_map(|node| node.text().filter(|_| node.is_text()))
            .collect();
        self.stylesheet(&css)
    }

    /// Checks the rules of a `style` element.
    fn stylesheet(&self, css: &str) -> Option<String> {
        let css = without_comments(css);
        let mut rest = css.trim();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('@') {
                let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
                let (rule, after) = after.split_at(end.unwrap_or(after.len()));
                // Fonts only matter to texts, which are rejected.
                let end = match rule {
                    "font-face" => '}',
                    "charset" => ';',
                    "import" => {
                        return Some(
                            "the CSS rule `@import`: write the styles into the file".to_owned(),
                        );
                    }
                    _ => {
                        return Some(format!(
                            "the CSS rule `@{rule}`: write the styles without it"
                        ));
                    }
                };
                rest = after
                    .split_once(end)
                    .map_or("", |(_, after)| after)
                    .trim_start();
                continue;
            }
            let (selectors, body) = rest.split_once('{')?;
            let mut unknown = selectors.split(',').filter(|one| !is_known(one.trim()));
            if let Some(selector) = unknown.next() {
                let selector = selector.trim();
                return Some(format!("the CSS selector `{selector}`: use classes"));
            }
            let (body, after) = body.split_once('}').unwrap_or((body, ""));
            if body.contains('{') {
                return Some("a CSS rule within another one: write each by itself".to_owned());
            }
            if let Some(found) = self.declarations(body) {
                return Some(found);
            }
            rest = after.trim_start();
        }
        None
    }

    fn declarations(&self, css: &str) -> Option<String> {
        let css = without_comments(css);
        if css.trim_start().starts_with(';') || css.contains(";;") {
            return Some("an empty CSS declaration (`;;`): remove it".to_owned());
        }
        if css.contains('\\') {
            return Some("an escape in CSS (`\\`): write the characters themselves".to_owned());
        }
        css.split(';').find_map(|declaration| {
            let (name, value) = declaration.split_once(':')?;
            let name = name.trim();
            if name.starts_with("--") {
                // A variable is rejected where it is used.
                return None;
            }
            let is_none = value.trim() == "none";
            if ATTRIBUTES_ONLY.contains(&name.to_ascii_lowercase().as_str()) && !is_none {
                return Some(format!("`{name}` in CSS: write it as an attribute"));
            }
            let begins = |start: &&str| name.starts_with(*start);
            let is_known = DRAWN.contains(&name)
                || WITHOUT_EFFECT.contains(&name)
                || WITHOUT_EFFECT_BY_NAME.iter().any(begins);
            if !is_known && !is_none {
                return Some(named(name));
            }
            self.value(name, value)
        })
    }

    fn value(&self, property: &str, value: &str) -> Option<String> {
        let value = value.split('!').next().unwrap_or_default().trim();
        let lower = value.to_ascii_lowercase();
        let is_keyword = matches!(
            lower.as_str(),
            "initial" | "unset" | "revert" | "revert-layer"
        ) || lower.contains("rebeccapurple")
            || matches!(lower.as_str(), "none" | "inherit") && lower != value
            || WORDS.contains(&property) && lower != value
            || property == "color-interpolation" && lower == "linearrgb"
            || property == "stroke-linejoin" && matches!(lower.as_str(), "arcs" | "miter-clip");
        if is_keyword {
            return Some(unreadable(property, value));
        }
        let mut rest = lower.as_str();
        while let Some((before, after)) = rest.split_once('(') {
            let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            let function = &before[start.map_or(0, |at| at + 1)..];
            let arguments = after.split(')').next().unwrap_or_default();
            // The syntax of CSS Color 4 has no commas.
            let is_color = matches!(function, "rgb" | "rgba" | "hsl" | "hsla");
            let is_new_color = is_color && !arguments.contains(',');
            let has_unit = function != "url" && unknown_unit(arguments);
            if !KNOWN_FUNCTIONS.contains(&function) || is_new_color || has_unit {
                return Some(unreadable(property, &format!("{function}({arguments})")));
            }
            rest = after.split_once(')').map_or("", |(_, rest)| rest);
        }
        if LENGTHS.contains(&property) {
            return unknown_length(property, value);
        }
        self.reference(property, value)
    }

    /// Checks a reference to a filter, mask or clip path. If its target is missing, `resvg` hides
    /// the element, and browsers draw it. If several elements have the id, browsers take the first.
    fn reference(&self, property: &str, value: &str) -> Option<String> {
        let expected = match property {
            "filter" => "filter",
            "mask" => "mask",
            "clip-path" => "clipPath",
            _ => return None,
        };
        let mut urls = value.split("url(").skip(1).map(|url| {
            let url = url.split(')').next().unwrap_or_default();
            url.trim_matches([' ', '"', '\''])
        });
        let is_there = |url: &str| {
            let id = url.strip_prefix('#').and_then(|id| self.ids.get(id));
            matches!(id, Some(Some(name)) if *name == expected)
        };
        let url = urls.find(|url| !is_there(url))?;
        Some(format!(
            "`url({url})` as `{property}`, which does not name exactly one `{expected}`: remove it"
        ))
    }
}

/// Whether an input of a filter is the background or the paint of the shape, which no browser
/// supports.
fn is_of_page(input: &str) -> bool {
    matches!(
        input.trim(),
        "BackgroundImage" | "BackgroundAlpha" | "FillPaint" | "StrokePaint"
    )
}

/// Whether the size of the root scales both directions alike, whatever its unit is.
fn has_one_scale(root: &Node<'_, '_>) -> bool {
    let unit = |name: &str| {
        let value = root.attribute(name)?.trim();
        Some(value.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.'))
    };
    let (width, height) = (unit("width"), unit("height"));
    root.has_attribute("viewBox") && (width.is_none() || height.is_none() || width == height)
}

fn unknown_length(property: &str, value: &str) -> Option<String> {
    unknown_unit(value).then(|| unreadable(property, value.trim()))
}

/// Whether a number has a unit that depends on a font or a window, or is unknown.
fn unknown_unit(value: &str) -> bool {
    const UNITS: [&str; 12] = [
        "", "%", "px", "in", "cm", "mm", "pt", "pc", "deg", "rad", "grad", "turn",
    ];
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-');
    let mut numbers = value
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|part| part.starts_with(is_part));
    numbers.any(|number| {
        let rest = number.trim_start_matches(is_part);
        // An exponent: `1e3`, but not `1em`.
        let exponent = rest
            .strip_prefix(['e', 'E'])
            .filter(|rest| rest.starts_with(is_part));
        let unit = exponent.map_or(rest, |rest| rest.trim_start_matches(is_part));
        !UNITS.contains(&unit)
    })
}

fn named(property: &str) -> String {
    format!(
        "the property `{property}`, which cannot be drawn: use attributes that every program knows"
    )
}

fn unreadable(property: &str, value: &str) -> String {
    format!(
        "`{value}` as `{property}`, which cannot be drawn: write a plain value such as `#1a2b3c`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(content: &str) -> Option<String> {
        let svg = format!("<svg xmlns='http://www.w3.org/2000/svg'>{content}</svg>");
        reason(&Document::parse(&svg).unwrap())
    }

    #[test]
    fn what_would_be_lost_is_refused() {
        // Each shown by Chromium, and drawn black, wrong or not at all by resvg 0.49.
        for (content, expected) in [
            ("<rect style='fill:var(--c)'/>", "var(--c)"),
            ("<rect fill='var(--c)'/>", "var(--c)"),
            ("<rect style='transform:rotate(9deg)'/>", "transform"),
            ("<style>rect { x: 5px; width: 9px }</style>", "`x` in CSS"),
            ("<rect fill='rebeccapurple'/>", "rebeccapurple"),
            ("<rect fill='rgb(1 2 3 / .5)'/>", "rgb(1 2 3"),
            ("<rect fill='oklch(60% .1 20)'/>", "oklch"),
            (
                "<rect style='fill:color-mix(in srgb, red, blue)'/>",
                "color-mix",
            ),
            ("<rect style=';;fill:red'/>", ";;"),
            (
                "<style>@media (min-width: 1px) { rect { fill: red } }</style>",
                "@media",
            ),
            ("<style>@import 'a.css';</style>", "@import"),
            (
                "<style>rect:nth-child(2) { fill: red }</style>",
                ":nth-child",
            ),
            (
                "<path vector-effect='non-scaling-stroke'/>",
                "vector-effect",
            ),
            ("<rect style='clip-path: circle(5px)'/>", "circle"),
            ("<g style='background:#fff'/>", "background"),
            ("<rect><animate attributeName='x'/></rect>", "animate"),
            ("<style>a { animation: b 2s }</style>", "animation"),
            ("<style>[class^=\"a\"] { fill: red }</style>", "[class^="),
            ("<style>.\\61 { fill: red }</style>", ".\\61"),
            ("<style>svg { .a { fill: red } }</style>", "within"),
            ("<style>@import 'a.css'; a { fill: red }</style>", "@import"),
            ("<style>@layer a; a { fill: red }</style>", "@layer"),
            ("<style media='print'>a { fill: red }</style>", "`style`"),
            ("<style>a { fill: r\\65 d }</style>", "escape"),
            ("<rect style='FILL: red'/>", "FILL"),
            (
                "<rect style='-webkit-filter: blur(2px)'/>",
                "-webkit-filter",
            ),
            ("<rect filter='url(#nope)'/>", "url(#nope)"),
            ("<g id='g'/><rect style='mask: url(#g)'/>", "url(#g)"),
            (
                "<clipPath id='c'/><clipPath id='c'/><rect clip-path='url(#c)'/>",
                "url(#c)",
            ),
            (
                "<path pathLength='10' stroke-dasharray='1 1'/>",
                "pathLength",
            ),
            ("<mask color-interpolation='linearRGB'/>", "linearRGB"),
            ("<g style='color-interpolation: linearRGB'/>", "linearRGB"),
            ("<filter><feTile/></filter>", "feTile"),
            (
                "<filter><feOffset in='BackgroundImage'/></filter>",
                "Background",
            ),
            ("<rect stroke-width='1em'/>", "1em"),
            ("<rect style='stroke-width: .5ex'/>", ".5ex"),
            ("<style>a { stroke-dasharray: 1px, 2rem }</style>", "2rem"),
            ("<circle r='10vw'/>", "10vw"),
            ("<rect style='filter: blur(1em)'/>", "blur(1em)"),
            ("<rect style='fill: initial'/>", "initial"),
            ("<rect style='display: NONE'/>", "NONE"),
        ] {
            let reason = refused(content).unwrap_or_default();
            assert!(reason.contains(expected), "{content}: {reason}");
        }
    }

    #[test]
    fn a_drawing_may_be_as_large_as_letters() {
        let refused = |size: &str| {
            let svg = format!("<svg xmlns='http://www.w3.org/2000/svg' {size}/>");
            reason(&Document::parse(&svg).unwrap()).is_some()
        };
        assert!(!refused("width='1em' height='1em' viewBox='0 0 24 24'"));
        assert!(!refused("width='1.5rem' viewBox='0 0 24 24'"));
        assert!(refused("width='1em' height='16px' viewBox='0 0 24 24'"));
        assert!(refused("width='1em' height='1em'"));
    }

    #[test]
    fn ordinary_drawings_are_not_refused() {
        for content in [
            "<rect style='fill:#fff; stroke: rgb(1, 2, 3)' transform='rotate(9)'/>",
            "<style>/* a:nth-child(2) */ .a, #b > c:first-child { fill: url(#g) } a:hover{}</style>",
            "<style>@font-face { font-family: x; src: url(x) }</style>",
            "<filter id='f'/><g filter='url(#f)' style='display:none;mix-blend-mode:multiply'/>",
            "<clipPath id='c'/><rect fill='hsl(120, 50%, 50%)' clip-path='url(#c)' vector-effect='none'/>",
            "<style>:root { --c: red }</style>",
            "<style>@charset 'utf-8'; [fill='a'] { stroke-width: 2px; stroke-dasharray: 1e1 5% }</style>",
            "<rect style='-inkscape-stroke: none; font-size: 2em; text-align: center; stroke-linejoin: miter'/>",
            "<path pathLength='10' x='-.5' y='1.5mm'/><g style='fill: red !important'/>",
        ] {
            let content = content.replace(":root { --c: red }", "svg { --c: red }");
            assert_eq!(refused(&content), None, "{content}");
        }
    }
}
