//! Matches rules of style sheets exactly while a page is read: the path of an element goes in, the
//! rules that match or may match it come out.

use super::selector::{Match, Node, Path, Selector};
use super::slot::Matched;

/// Attributes that are kept of every element.
const KNOWN: [&str; 3] = ["class", "id", "style"];

/// Selectors to match against images and their parents.
#[derive(Debug, Default)]
pub(super) struct Exact {
    /// Selectors with the numbers of their rules, in ascending order.
    selectors: Vec<(usize, Selector)>,
    /// Selectors of elements that may stretch their children; `None` stands for any element.
    stretching: Vec<Option<Selector>>,
    /// Names of the other attributes that selectors test.
    attributes: Vec<String>,
}

impl Exact {
    /// Adds the selector of the rule `number`.
    pub fn add(&mut self, number: usize, selector: Selector) {
        self.note_attributes(&selector);
        self.selectors.push((number, selector));
    }

    pub fn add_stretching(&mut self, stretching: &[Option<Selector>]) {
        for selector in stretching.iter().flatten() {
            self.note_attributes(selector);
        }
        self.stretching.extend(stretching.iter().cloned());
    }

    fn note_attributes(&mut self, selector: &Selector) {
        for name in selector.attributes() {
            if !self.keeps(name) {
                self.attributes.push(name.to_owned());
            }
        }
    }

    /// Whether some elements may stretch their children.
    pub fn has_stretching(&self) -> bool {
        !self.stretching.is_empty()
    }

    /// Whether a selector may test the attribute, so that its value must be kept.
    pub fn keeps(&self, name: &str) -> bool {
        KNOWN.contains(&name) || self.attributes.iter().any(|own| own == name)
    }

    /// Returns the rules that match or may match the last element of a path.
    pub fn matched(&self, path: Path<'_>) -> Matched {
        let selectors = self.selectors.iter();
        let rules = selectors.map(|(number, selector)| (*number, selector.matches(path)));
        let parent = Path {
            nodes: &path.nodes[..path.nodes.len() - 1],
            ..path
        };
        let stretches = |selector: &Option<Selector>| {
            let selector = selector.as_ref();
            selector.is_none_or(|selector| selector.matches(parent) != Match::No)
        };
        let is_column = |node: &&Node| node.get("style").is_some_and(|own| own.contains("column"));
        Matched {
            rules: rules.filter(|(_, found)| *found != Match::No).collect(),
            is_stretched: self.stretching.iter().any(stretches)
                || parent.nodes.last().is_some_and(is_column),
        }
    }
}
