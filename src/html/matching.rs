//! Matches rules of style sheets exactly while a page is read: the path of an element goes in, the
//! rules that match or may match it come out.
//!
//! Only selectors that their [index](super::indexed) does not rule out are tried.

use std::collections::{HashMap, HashSet};

use super::declared::of_attribute;
use super::fonts::Fonts;
use super::indexed::Indexed;
use super::lengths::Declaration;
use super::media::Applies;
use super::selector::{Match, Node, Path, Selector, Work};
use super::sheet::{Condition, OwnWidth, Sheet, may_fit};
use super::slot::{Matched, Place};

/// Elements that are as wide as their content, unless style sheets say otherwise.
const FITTING: [&str; 3] = ["td", "th", "button"];

/// Kinds of widths, by the numbers of their selectors.
const SIZED: [OwnWidth; 2] = [OwnWidth::Length, OwnWidth::Relative];

/// Attributes that are kept of every element.
const KNOWN: [&str; 3] = ["class", "id", "style"];

/// Selectors to match against images and their ancestors.
#[derive(Debug, Default)]
pub(super) struct Exact {
    /// Selectors of the rules about images.
    rules: Indexed,
    /// Selectors of elements that may stretch their children.
    stretching: Indexed,
    /// Selectors of flex and grid containers.
    containers: Indexed,
    /// Selectors of elements that may be as wide as their content, by the number of their condition,
    /// and of those that have a width of their own, by that and by [`SIZED`].
    fitting: Indexed,
    sized: Indexed,
    conditions: HashMap<Condition, usize>,
    fonts: Fonts,
    /// Names of the other attributes that selectors test.
    attributes: HashSet<String>,
    /// Whether a rule gives an image a length in `em`.
    has_em: bool,
}

impl Exact {
    /// Adds the selector of the rule `number`.
    pub fn add(&mut self, number: usize, selector: Selector) {
        self.note_attributes(&selector);
        self.rules.add(number, Some(selector));
    }

    /// Adds the selectors of a style sheet for the ancestors of images.
    pub fn add_ancestors(&mut self, sheet: &Sheet, applies: Applies) {
        for (selectors, of_sheet) in [
            (&mut self.stretching, &sheet.stretching),
            (&mut self.containers, &sheet.containers),
        ] {
            for selector in of_sheet {
                selectors.add(0, selector.clone());
            }
        }
        for (selector, condition) in &sheet.fitting {
            let number = self.number_of(condition);
            self.fitting.add(number, selector.clone());
        }
        if applies == Applies::Always {
            for (selector, width, condition) in &sheet.sized {
                self.note_attributes(selector);
                let kind = usize::from(*width == OwnWidth::Relative);
                let number = self.number_of(condition) * SIZED.len() + kind;
                self.sized.add(number, Some(selector.clone()));
            }
        }
        let fitting = sheet.fitting.iter().map(|(selector, _)| selector);
        let ancestors = sheet.stretching.iter().chain(&sheet.containers);
        for selector in ancestors.chain(fitting).flatten() {
            self.note_attributes(selector);
        }
        for rule in &sheet.fonts {
            rule.parsed
                .iter()
                .for_each(|selector| self.note_attributes(selector));
            self.fonts.add(rule, applies);
        }
        self.has_em |= sheet.has_em;
    }

    /// Returns the number of a condition; that of no condition is 0.
    fn number_of(&mut self, condition: &Condition) -> usize {
        if condition.is_empty() {
            return 0;
        }
        let next = self.conditions.len() + 1;
        *self.conditions.entry(condition.clone()).or_insert(next)
    }

    fn note_attributes(&mut self, selector: &Selector) {
        for name in selector.attributes() {
            if !self.keeps(name) {
                self.attributes.insert(name.to_owned());
            }
        }
    }

    /// Returns how an image may be laid out whose parent is not known.
    pub fn possible_place(&self) -> Place {
        Place {
            is_stretched: !self.stretching.is_empty(),
            is_item: !self.containers.is_empty(),
            is_fitted: !self.fitting.is_empty(),
        }
    }

    /// Whether an ancestor, the last element of a path or one above it, may be as wide as its
    /// content, and none within it has a certain length as its width. A width counts if it has the
    /// condition of what makes the element as wide as its content, such as a float: if one applies,
    /// so does the other.
    fn is_fitted(&self, ancestors: Path<'_>, work: &Work) -> bool {
        let up_to = |last: usize| Path {
            nodes: &ancestors.nodes[..last],
            ..ancestors
        };
        // The numbers of the conditions under which an element may fit.
        let fits = |last: usize| -> Vec<usize> {
            let element = ancestors.nodes[last - 1];
            let always =
                FITTING.contains(&element.name.as_str()) || may_fit(&own_style(element, work));
            let of_rules = self.fitting.matching(up_to(last), work).into_iter();
            let of_rules = of_rules.map(|(condition, _)| condition);
            always.then_some(0).into_iter().chain(of_rules).collect()
        };
        let widths = |last: usize| -> Vec<(usize, OwnWidth)> {
            let of_rules = self.sized.matching(up_to(last), work).into_iter();
            let certain = of_rules.filter(|(_, matches)| *matches == Match::Yes);
            let of_rules =
                certain.map(|(number, _)| (number / SIZED.len(), SIZED[number % SIZED.len()]));
            let own = OwnWidth::of(&own_style(ancestors.nodes[last - 1], work));
            own.map(|own| (0, own))
                .into_iter()
                .chain(of_rules)
                .collect()
        };
        let all = (1..=ancestors.nodes.len()).rev();
        // Rarely does one fit, and only then do widths matter.
        let fitting: Vec<Vec<usize>> = all.clone().map(fits).collect();
        let Some(outermost) = fitting
            .iter()
            .rposition(|conditions| !conditions.is_empty())
        else {
            return false;
        };
        for (last, conditions) in all.zip(&fitting[..=outermost]) {
            let widths = widths(last);
            if widths.contains(&(0, OwnWidth::Length)) {
                return false;
            }
            let is_sized = |condition: &usize| {
                let mut conditions = widths.iter().map(|(condition, _)| condition);
                conditions.any(|of_width| *of_width == 0 || of_width == condition)
            };
            if !conditions.iter().all(is_sized) {
                return true;
            }
        }
        false
    }

    /// Whether a selector may test the attribute, so that its value must be kept.
    pub fn keeps(&self, name: &str) -> bool {
        KNOWN.contains(&name) || self.attributes.contains(name)
    }

    /// Returns the rules that match or may match the last element of a path, now or later.
    pub fn matched(&self, path: Path<'_>) -> Matched {
        let work = Work::default();
        let parent = Path {
            nodes: &path.nodes[..path.nodes.len() - 1],
            ..path
        };
        let is_one_of = |selectors: &Indexed| !selectors.matching(parent, &work).is_empty();
        let style = parent.nodes.last().and_then(|node| node.get("style"));
        let style = style.unwrap_or_default();
        let own = path.nodes.last().and_then(|node| node.get("style"));
        let own = own.unwrap_or_default();
        let needs_em = self.has_em || own.contains("em");
        Matched {
            rules: self.rules.possible(path, &work),
            place: Place {
                is_stretched: is_one_of(&self.stretching) || style.contains("column"),
                is_item: is_one_of(&self.containers) || is_container(style),
                is_fitted: self.is_fitted(parent, &work),
            },
            em: needs_em.then(|| self.fonts.largest(path, &work)).flatten(),
            work: work.get(),
        }
    }
}

/// Whether an attribute `style` may make its element a flex or grid container.
pub(super) fn is_container(style: &str) -> bool {
    let style = style.to_ascii_lowercase();
    style.contains("flex") || style.contains("grid")
}

/// Whether an attribute `style` may make its element lay out images in a way of its own.
pub(super) fn may_lay_out(style: &str) -> bool {
    is_container(style) || may_fit(&of_attribute(style).1)
}

/// Returns the declarations of the attribute `style` of an ancestor. Its length counts as work: it
/// is parsed again for each image.
fn own_style(element: &Node, work: &Work) -> Vec<Declaration> {
    let Some(style) = element.get("style") else {
        return Vec::new();
    };
    work.set(work.get() + style.len() as u64);
    of_attribute(style).1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Matches a style sheet of `count` rules against an image in a paragraph, which no rule or, if
    /// `all`, every rule matches. Returns the number of rules that match and of comparisons.
    fn matched(count: usize, all: bool) -> (usize, u64) {
        let mut exact = Exact::default();
        let mut sheet = Sheet::default();
        for number in 0..count {
            let class = if all {
                String::new()
            } else {
                number.to_string()
            };
            let selector = |end: &str| Selector::parse(&format!(".a{class} .b{end}"));
            exact.add(number, selector(" img").unwrap());
            sheet.containers.push(selector(""));
        }
        exact.add_ancestors(&sheet, Applies::Always);
        let class = |class: &str| Node {
            attributes: vec![("class".to_owned(), class.to_owned())],
            ..Node::named("div")
        };
        let nodes = [
            class("a"),
            class("x b"),
            Node::named("p"),
            Node::named("img"),
        ];
        let nodes: Vec<&Node> = nodes.iter().collect();
        let path = Path {
            nodes: &nodes,
            is_cut: false,
            has_scripts: false,
        };
        let Matched { rules, work, .. } = exact.matched(path);
        (rules.len(), work)
    }

    #[test]
    fn the_work_grows_with_the_rules_that_match_alone() {
        let (none, few) = matched(1000, false);
        let (still_none, more) = matched(2000, false);
        assert_eq!((none, still_none), (0, 0));
        assert_eq!(few, more);
        let (all, work) = matched(1000, true);
        let (twice, double) = matched(2000, true);
        assert_eq!((all, twice), (1000, 2000));
        assert!(double <= 2 * work, "{work} {double}");
    }
}
