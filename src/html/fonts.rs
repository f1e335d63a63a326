//! Computes the font size of an element, which is the length of an `em`: the rules of style sheets
//! that set font sizes and the path of the element go in, a length comes out. Where several rules
//! may win, the largest size counts: an image that is too small is blurred.

use std::sync::Arc;

use super::cascade::{Cascade, Rank};
use super::declared::of_attribute;
use super::indexed::Indexed;
use super::lengths::{Declaration, MEDIUM, Property, Value};
use super::media::Applies;
use super::selector::{Match, Node, Path, Specificity, Work};
use super::sheet::FontRule;

/// The rules of a page that set font sizes.
#[derive(Debug, Default)]
pub(super) struct Fonts {
    rules: Vec<Rule>,
    selectors: Indexed,
    /// Whether a selector is not understood, so that any element may have another font size.
    is_unknown: bool,
}

#[derive(Debug)]
struct Rule {
    declarations: Arc<[Declaration]>,
    specificity: Specificity,
    applies: Applies,
    is_layered: bool,
}

impl Fonts {
    /// Adds a rule of a style sheet, which wins over equal ones before it.
    pub fn add(&mut self, rule: &FontRule, applies: Applies) {
        let Some(selector) = &rule.parsed else {
            self.is_unknown = true;
            return;
        };
        self.selectors.add(self.rules.len(), Some(selector.clone()));
        self.rules.push(Rule {
            declarations: rule.declarations.clone(),
            specificity: selector.specificity,
            applies: match rule.is_conditional || rule.is_layered {
                true => Applies::Sometimes,
                false => applies,
            },
            is_layered: rule.is_layered,
        });
    }

    /// Returns the largest possible font size of the last element of a path, in CSS pixels; `None`
    /// if it is unknown. Adds the number of comparisons to `work`.
    pub fn largest(&self, path: Path<'_>, work: &Work) -> Option<f64> {
        if self.is_unknown || path.is_cut {
            return None;
        }
        let mut root = None;
        let mut size = Some(MEDIUM);
        for (at, node) in path.nodes.iter().enumerate() {
            let path = Path {
                nodes: &path.nodes[..=at],
                has_scripts: true,
                ..path
            };
            let values = self.cascade(path, node, work).declared(Property::FontSize);
            let sizes = values.into_iter().map(|value| match value {
                Value::Pixels(size) => Some(size),
                Value::Em(times) => Some(times * size?),
                Value::Rem(times) => Some(times * root.unwrap_or(Some(MEDIUM))?),
                Value::Free => inherited(node, size?),
                _ => None,
            });
            let largest = sizes.reduce(|one, other| Some(one?.max(other?)));
            size = largest.flatten();
            root = root.or(Some(size));
        }
        size
    }

    /// Returns the declarations of the font size of the last element of a path.
    fn cascade(&self, path: Path<'_>, node: &Node, work: &Work) -> Cascade {
        let mut cascade = Cascade::default();
        for (order, found) in self.selectors.matching(path, work) {
            let rule = &self.rules[order];
            let rank = Rank {
                is_own: false,
                is_layered: rule.is_layered,
                specificity: rule.specificity,
                order,
            };
            let applies = match found {
                Match::Yes => rule.applies,
                _ => Applies::Sometimes,
            };
            cascade.add(&rule.declarations, rank, applies);
        }
        let style = node.get("style").map(|style| of_attribute(style).1);
        let own = Rank {
            is_own: true,
            ..Rank::default()
        };
        cascade.add(&style.unwrap_or_default(), own, Applies::Always);
        cascade
    }
}

/// Returns the largest font size of an element for which no style sheet of the page sets one:
/// `around`, that of its parent, unless browsers have a rule for such elements.
fn inherited(node: &Node, around: f64) -> Option<f64> {
    // https://html.spec.whatwg.org/multipage/rendering.html#phrasing-content-3
    Some(match node.name.as_str() {
        "h1" => 2.0 * around,
        "h2" => 1.5 * around,
        "h3" => 1.17 * around,
        // Without a doctype, a table does not inherit the size.
        "table" => around.max(MEDIUM),
        // 13.333 pixels.
        "button" => around.max(MEDIUM / 1.2),
        "big" | "font" => return None,
        // Smaller than the parent, or as large.
        _ => around,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::sheet::Sheet;

    /// Returns the length of an `em` of the last of some nested elements, written as `name.class`.
    fn em(css: &str, elements: &str) -> Option<f64> {
        let mut fonts = Fonts::default();
        let sheet = Sheet::read(css);
        let rules = sheet.fonts.iter();
        rules.for_each(|rule| fonts.add(rule, Applies::Always));
        let nodes = elements.split(' ').map(|text| {
            let (text, style) = text.split_once('=').unwrap_or((text, ""));
            let (name, class) = text.split_once('.').unwrap_or((text, ""));
            Node {
                name: name.to_owned(),
                attributes: [("class", class), ("style", style)]
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .to_vec(),
            }
        });
        let nodes: Vec<Node> = nodes.collect();
        let nodes: Vec<&Node> = nodes.iter().collect();
        let path = Path {
            nodes: &nodes,
            is_cut: false,
            has_scripts: false,
        };
        fonts.largest(path, &Work::default())
    }

    #[test]
    fn font_sizes_are_inherited_and_multiplied() {
        for (css, elements, expected) in [
            ("", "html body img", Some(16.0)),
            ("body{font-size:20px}", "html body p img", Some(20.0)),
            (
                "body{font-size:20px}img{font-size:50%}",
                "html body img",
                Some(10.0),
            ),
            ("p{font-size:1.5em}", "html body p img", Some(24.0)),
            ("div{font-size:2em}", "html body div div img", Some(64.0)),
            // A `rem` is the font size of the root.
            (
                "html{font-size:62.5%}body{font-size:1.6rem}",
                "html body img",
                Some(16.0),
            ),
            (":root{font-size:2rem}", "html body img", Some(32.0)),
            (
                "body{font:italic bold 18px/1.5 serif}",
                "html body img",
                Some(18.0),
            ),
            (
                "p{font-size:9px}*{font:inherit}",
                "html body p img",
                Some(9.0),
            ),
            ("", "html body p=font-size:3em img", Some(48.0)),
            ("", "html body h2 img", Some(24.0)),
            ("h2{font-size:1em}", "html body h2 img", Some(16.0)),
            // The declaration that wins counts; the largest one where that is not certain.
            (
                ".a{font-size:30px}p{font-size:40px}",
                "html body p.a img",
                Some(30.0),
            ),
            (
                ".a{font-size:30px}.b p{font-size:40px}",
                "html body p.a img",
                Some(30.0),
            ),
            (
                ".a{font-size:30px}p:first-child{font-size:40px}",
                "html body p.a img",
                Some(40.0),
            ),
            (
                "@media(width>1px){p{font-size:20px}}",
                "html body p img",
                Some(20.0),
            ),
            (
                "@media print{p{font-size:20px}}",
                "html body p img",
                Some(16.0),
            ),
            (
                "p::first-line{font-size:20px}",
                "html body p img",
                Some(16.0),
            ),
            ("p.is-large{font-size:20px}", "html body p img", Some(20.0)),
            (
                "p.is-large{font-size:20px}",
                "html body div img",
                Some(16.0),
            ),
            // Not known.
            ("p{font-size:calc(1em + 1vw)}", "html body p img", None),
            (
                "p{font-size:calc(1em + 1vw)}",
                "html body div img",
                Some(16.0),
            ),
            (
                "p{font-size:2vw}img{font-size:12px}",
                "html body p img",
                Some(12.0),
            ),
            ("p{font-size:larger}", "html body p img", None),
            ("p{font:menu}", "html body p img", None),
            ("p{all:revert}", "html body p img", None),
            ("p:has(img){font-size:20px}", "html body p img", None),
            ("", "html body font img", None),
        ] {
            assert_eq!(em(css, elements), expected, "{css} {elements}");
        }
    }
}
