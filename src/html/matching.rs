//! Matches rules of style sheets exactly while a page is read: the path of an element goes in, the
//! rules that match or may match it come out.

use super::selector::{Match, Path, Selector};
use super::sheet::Sheet;
use super::slot::{Matched, Place};

/// Attributes that are kept of every element.
const KNOWN: [&str; 3] = ["class", "id", "style"];

/// Selectors to match against images and their parents.
#[derive(Debug, Default)]
pub(super) struct Exact {
    /// Selectors with the numbers of their rules, in ascending order.
    selectors: Vec<(usize, Selector)>,
    /// Selectors of elements that may stretch their children; `None` stands for any element.
    stretching: Vec<Option<Selector>>,
    /// Selectors of flex and grid containers; `None` stands for any element.
    containers: Vec<Option<Selector>>,
    /// Names of the other attributes that selectors test.
    attributes: Vec<String>,
}

impl Exact {
    /// Adds the selector of the rule `number`.
    pub fn add(&mut self, number: usize, selector: Selector) {
        self.note_attributes(&selector);
        self.selectors.push((number, selector));
    }

    /// Adds the selectors of a style sheet for the parents of images.
    pub fn add_parents(&mut self, sheet: &Sheet) {
        for selector in sheet.stretching.iter().chain(&sheet.containers).flatten() {
            self.note_attributes(selector);
        }
        self.stretching.extend(sheet.stretching.iter().cloned());
        self.containers.extend(sheet.containers.iter().cloned());
    }

    fn note_attributes(&mut self, selector: &Selector) {
        for name in selector.attributes() {
            if !self.keeps(name) {
                self.attributes.push(name.to_owned());
            }
        }
    }

    /// Returns how an image may be laid out whose parent is not known.
    pub fn possible_place(&self) -> Place {
        Place {
            is_stretched: !self.stretching.is_empty(),
            is_item: !self.containers.is_empty(),
        }
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
        let is_one_of = |selectors: &[Option<Selector>]| {
            let mut selectors = selectors.iter().map(Option::as_ref);
            selectors.any(|selector| {
                selector.is_none_or(|selector| selector.matches(parent) != Match::No)
            })
        };
        let style = parent.nodes.last().and_then(|node| node.get("style"));
        let style = style.unwrap_or_default();
        Matched {
            rules: rules.filter(|(_, found)| *found != Match::No).collect(),
            place: Place {
                is_stretched: is_one_of(&self.stretching) || style.contains("column"),
                is_item: is_one_of(&self.containers) || is_container(style),
            },
        }
    }
}

/// Whether an attribute `style` may make its element a flex or grid container.
pub(super) fn is_container(style: &str) -> bool {
    let style = style.to_ascii_lowercase();
    style.contains("flex") || style.contains("grid")
}
