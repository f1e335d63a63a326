//! What `resvg` would draw wrong or leave out without a word: refused instead.

use resvg::usvg::roxmltree::{Document, Node};

/// Properties whose CSS form `resvg` ignores, though it knows the attribute.
const ATTRIBUTES_ONLY: [&str; 16] = [
    "x",
    "y",
    "width",
    "height",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "d",
    "transform",
    "transform-box",
    "transform-origin",
    "rotate",
    "scale",
    "translate",
];

/// Properties that it does not know at all and that change the drawing.
const UNKNOWN: [&str; 8] = [
    "vector-effect",
    "background",
    "background-color",
    "background-image",
    "animation",
    "animation-name",
    "offset-path",
    "mask-image",
];

/// Functions that it reads in values.
const KNOWN_FUNCTIONS: [&str; 24] = [
    "url",
    "rgb",
    "rgba",
    "hsl",
    "hsla",
    "blur",
    "brightness",
    "contrast",
    "drop-shadow",
    "grayscale",
    "hue-rotate",
    "invert",
    "opacity",
    "saturate",
    "sepia",
    "matrix",
    "translate",
    "scale",
    "rotate",
    "skewx",
    "skewy",
    "translatex",
    "translatey",
    "format",
];

/// Properties whose values are not text of any kind.
const STYLED: [&str; 24] = [
    "fill",
    "stroke",
    "color",
    "stop-color",
    "flood-color",
    "lighting-color",
    "clip-path",
    "mask",
    "filter",
    "opacity",
    "fill-opacity",
    "stroke-opacity",
    "stroke-width",
    "stroke-dasharray",
    "marker",
    "marker-start",
    "marker-mid",
    "marker-end",
    "display",
    "visibility",
    "x",
    "y",
    "width",
    "height",
];

/// The reason why a drawing is refused, if there is one.
pub(super) fn reason(document: &Document<'_>) -> Option<String> {
    document
        .descendants()
        .filter(Node::is_element)
        .find_map(|node| element(&node))
}

fn element(node: &Node<'_, '_>) -> Option<String> {
    let name = node.tag_name().name();
    if matches!(
        name,
        "animate" | "animateTransform" | "animateMotion" | "animateColor" | "set"
    ) {
        return Some(format!("an animation (`{name}`): draw it as it ends"));
    }
    if name == "style" {
        let css: String = node
            .descendants()
            .filter_map(|node| node.text().filter(|_| node.is_text()))
            .collect();
        return stylesheet(&css);
    }
    for attribute in node.attributes() {
        let (name, value) = (attribute.name(), attribute.value());
        let found = match name {
            "style" => declarations(value),
            "vector-effect" if value.trim() != "none" => Some(named(name)),
            _ if STYLED.contains(&name) => self::value(name, value),
            _ => None,
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn named(property: &str) -> String {
    format!(
        "the property `{property}`, which cannot be drawn: use attributes that every program knows"
    )
}

/// The rules of a `style` element.
fn stylesheet(css: &str) -> Option<String> {
    let css = without_comments(css);
    let mut rest = css.as_str();
    while let Some((selector, body)) = rest.split_once('{') {
        let selector = selector.trim();
        if let Some(rule) = selector
            .rsplit(';')
            .next()
            .and_then(|rule| rule.trim().strip_prefix('@'))
        {
            let rule = rule.split_whitespace().next().unwrap_or_default();
            // Fonts matter to texts only, and those are refused.
            if rule != "font-face" {
                return Some(format!(
                    "the CSS rule `@{rule}`: write the styles without it"
                ));
            }
        } else if let Some(found) = unknown_selector(selector) {
            return Some(found);
        }
        let (body, after) = body.split_once('}').unwrap_or((body, ""));
        if let Some(found) = declarations(body).filter(|_| !selector.starts_with('@')) {
            return Some(found);
        }
        rest = after;
    }
    rest.contains("@import")
        .then(|| "the CSS rule `@import`: write the styles into the file".to_owned())
}

/// Selectors for states that a still image never has, which match nothing in browsers either.
fn unknown_selector(selector: &str) -> Option<String> {
    const NEVER: [&str; 8] = [
        "hover",
        "active",
        "focus",
        "focus-visible",
        "focus-within",
        "visited",
        "target",
        "link",
    ];
    let mut pseudo = selector.split(':').skip(1).map(|part| {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        &part[..end.unwrap_or(part.len())]
    });
    let is_known = |name: &str| name == "first-child" || NEVER.contains(&name);
    if let Some(name) = pseudo.find(|name| !is_known(name)) {
        return Some(format!("the CSS selector `:{name}`: use classes"));
    }
    selector
        .contains('~')
        .then(|| "the CSS selector `~`: use classes".to_owned())
}

fn declarations(css: &str) -> Option<String> {
    let css = without_comments(css);
    if css.trim_start().starts_with(';') || css.contains(";;") {
        return Some("an empty CSS declaration (`;;`): remove it".to_owned());
    }
    css.split(';').find_map(|declaration| {
        let (name, value) = declaration.split_once(':')?;
        let name = name.trim().to_ascii_lowercase();
        if name.starts_with("--") {
            // A variable: refused where it is used.
            return None;
        }
        if ATTRIBUTES_ONLY.contains(&name.as_str()) && value.trim() != "none" {
            return Some(format!("`{name}` in CSS: write it as an attribute"));
        }
        if UNKNOWN.contains(&name.as_str()) && value.trim() != "none" {
            return Some(named(&name));
        }
        self::value(&name, value)
    })
}

fn value(property: &str, value: &str) -> Option<String> {
    let lower = value.to_ascii_lowercase();
    if lower.contains("rebeccapurple") {
        return Some(unreadable(property, "rebeccapurple"));
    }
    let mut rest = lower.as_str();
    while let Some((before, after)) = rest.split_once('(') {
        let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let function = &before[start.map_or(0, |at| at + 1)..];
        let arguments = after.split(')').next().unwrap_or_default();
        // The syntax of CSS Color 4 has no commas.
        let is_color = matches!(function, "rgb" | "rgba" | "hsl" | "hsla");
        let is_new_color = is_color && !arguments.contains(',');
        if !KNOWN_FUNCTIONS.contains(&function) || is_new_color {
            return Some(unreadable(property, &format!("{function}({arguments})")));
        }
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    None
}

fn unreadable(property: &str, value: &str) -> String {
    format!(
        "`{value}` as `{property}`, which cannot be drawn: write a plain value such as `#1a2b3c`"
    )
}

fn without_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out
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
        ] {
            let reason = refused(content).unwrap_or_default();
            assert!(reason.contains(expected), "{content}: {reason}");
        }
    }

    #[test]
    fn ordinary_drawings_are_not_refused() {
        for content in [
            "<rect style='fill:#fff; stroke: rgb(1, 2, 3)' transform='rotate(9)'/>",
            "<style>/* a:nth-child(2) */ .a, #b > c:first-child { fill: url(#g) } a:hover{}</style>",
            "<style>@font-face { font-family: x; src: url(x) }</style>",
            "<g filter='url(#f)' style='display:none;mix-blend-mode:multiply'/>",
            "<rect fill='hsl(120, 50%, 50%)' clip-path='url(#c)' vector-effect='none'/>",
            "<style>:root { --c: red }</style>",
        ] {
            let content = content.replace(":root { --c: red }", "svg { --c: red }");
            assert_eq!(refused(&content), None, "{content}");
        }
    }
}
