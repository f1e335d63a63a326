//! Decides whether images with `width` and `height` keep their shape under the style sheets of a
//! site: the source of a style sheet goes in, what it says about the height of images comes out.
//! [`StyleSource`](super::StyleSource) reads other files with styles.
//!
//! A rule such as `img { max-width: 100% }` distorts an image with a `height`, unless another rule
//! sets `height: auto`.

use std::borrow::Cow;
use std::cell::Cell;

use super::selector::{Match, Node, Path};
use super::sheet::{Sheet, SizeRule};

/// What a style sheet says about the height of images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heights {
    /// Whether the height of all images follows their width.
    pub follow: bool,
    /// Whether a rule limits the width of images, and does not set their height.
    pub are_fixed: bool,
}

/// A rule that lets the height of responsive images follow their width.
///
/// Any other rule for the height of an image wins over it, because `:where()` has no specificity.
/// Only the attribute `height` does not.
pub const HEIGHT_RULE: &str = ":where(img[srcset]) { height: auto }";

impl Heights {
    /// Reads a style sheet in CSS, SCSS or Less.
    pub fn of(source: &str) -> Self {
        let sheet = Sheet::read(&as_css(body(source)));
        let named = sheet.rules.iter().filter(|rule| rule.names_images());
        let mut fixed = named.filter(|rule| {
            let declared = rule.declared;
            declared.limits_width && !declared.height && !declared.height_auto
        });
        Heights {
            follow: sheet.rules.iter().any(lets_all_follow),
            are_fixed: fixed.next().is_some(),
        }
    }
}

/// Whether a rule sets `height: auto` for any image.
fn lets_all_follow(rule: &SizeRule) -> bool {
    let nodes = ["html", "body", "img"].map(Node::named);
    let path = Path {
        nodes: &nodes.each_ref(),
        is_cut: false,
        has_scripts: false,
    };
    let parsed = rule.parsed.as_ref();
    rule.declared.height_auto
        && !rule.is_conditional
        && parsed.is_some_and(|selector| selector.matches(path, &Cell::new(0)) == Match::Yes)
}

/// Returns a style sheet without Jekyll's front matter.
pub(super) fn body(source: &str) -> &str {
    let lines = source.strip_prefix("---");
    let end = lines.and_then(|lines| lines.split_once("\n---"));
    end.map_or(source, |(_, body)| body)
}

/// Returns a style sheet in SCSS or Less as CSS that [`Sheet`] can read: without line comments, and
/// with a letter in place of each interpolation.
fn as_css(source: &str) -> Cow<'_, str> {
    if !source.contains("//") && !source.contains("#{") {
        return Cow::Borrowed(source);
    }
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find(['/', '#']) {
        let (before, after) = rest.split_at(at);
        text.push_str(before);
        let end = if let Some(comment) = after.strip_prefix("/*") {
            comment.find("*/").map_or(after.len(), |end| end + 4)
        } else if after.starts_with("//") && !before.ends_with(|c: char| !is_blank(c)) {
            after.find('\n').unwrap_or(after.len())
        } else if after.starts_with("#{") {
            // A letter, because an interpolation may be part of a name, as in `.a-#{$i}`.
            text.push('x');
            after.find('}').map_or(after.len(), |end| end + 1)
        } else {
            text.push_str(&after[..1]);
            1
        };
        rest = &after[end..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Whether a line comment may follow the character. `//` is also a part of URLs.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, ';' | '{' | '}' | ',')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heights(follow: bool, are_fixed: bool) -> Heights {
        Heights { follow, are_fixed }
    }

    #[test]
    fn heights_follow_only_by_a_rule_for_all_images() {
        for (source, expected) in [
            ("", heights(false, false)),
            (
                "img { max-width: 100%; height: auto }",
                heights(true, false),
            ),
            ("img { max-width: 100% }", heights(false, true)),
            (
                "img { max-width: 100% } img { height: auto }",
                heights(true, true),
            ),
            // Only some images, or under a condition.
            (
                ".post img { max-width: 100%; height: auto }",
                heights(false, false),
            ),
            (
                "@media (max-width: 40em) { img { height: auto } }",
                heights(false, false),
            ),
            (
                "@media print { img { max-width: 100% } }",
                heights(false, false),
            ),
            (".post > img.wide { width: 100% }", heights(false, true)),
            (
                "@media (max-width: 40em) { .a img { width: 50% } }",
                heights(false, true),
            ),
            (
                "img { width: 9rem; height: 9rem; object-fit: cover }",
                heights(false, false),
            ),
            ("img { max-width: none }", heights(false, false)),
            // Not images.
            (
                ".post { max-width: 60em } video { width: 100% }",
                heights(false, false),
            ),
            ("img, svg, video { height: auto }", heights(true, false)),
            (
                "html body img { height: auto !important }",
                heights(true, false),
            ),
            (HEIGHT_RULE, heights(true, false)),
        ] {
            assert_eq!(Heights::of(source), expected, "{source}");
        }
    }

    #[test]
    fn scss_and_less_are_read() {
        for (source, expected) in [
            (
                "---\n---\n\n@import \"minima\";\nimg { width: 100% }",
                heights(false, true),
            ),
            (
                "---\nonly: front matter\n---\nimg { height: auto }",
                heights(true, false),
            ),
            (
                ".post { color: red; img { max-width: $wide } }",
                heights(false, true),
            ),
            (
                ".post { img { max-width: 100%; &.a { top: 0 } height: auto } }",
                heights(false, false),
            ),
            (
                "// don't { do this\nimg { height: auto }",
                heights(true, false),
            ),
            (
                "img { width: 100%; // not yet: height: auto;\n}",
                heights(false, true),
            ),
            ("/* // */ img { height: auto }", heights(true, false)),
            (
                "a { background: url(//a.example/b) } img { height: auto }",
                heights(true, false),
            ),
            (".a-#{$i} img { height: auto }", heights(false, false)),
            ("#{$all} { height: auto } /* img", heights(false, false)),
            ("@mixin fit { img { height: auto } }", heights(false, false)),
        ] {
            assert_eq!(Heights::of(source), expected, "{source}");
        }
    }
}
