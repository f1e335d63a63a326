//! An index of selectors by an id or a class that each needs. Most selectors that do not match an
//! element are never tried, as with the rule hashes and ancestor filters of browsers.

use std::collections::HashMap;

/// An id or a class without which a selector does not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need<'n> {
    Id(&'n str),
    Class(&'n str),
}

/// The element that must have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Element,
    /// One of its ancestors.
    Ancestor,
}

/// Numbers of selectors, each under one of its needs.
#[derive(Debug, Default)]
pub(super) struct Index {
    of_element: Buckets,
    of_ancestor: Buckets,
    /// Selectors that need neither an id nor a class.
    others: Vec<usize>,
}

#[derive(Debug, Default)]
struct Buckets {
    ids: HashMap<String, Vec<usize>>,
    classes: HashMap<String, Vec<usize>>,
}

impl Index {
    /// Adds the selector `number` under the need that the fewest selectors are under so far.
    pub fn add<'n>(&mut self, number: usize, needs: impl Iterator<Item = (Need<'n>, Of)>) {
        let fewest = needs.min_by_key(|(need, of)| self.buckets(*of).get(*need).len());
        match fewest {
            Some((need, Of::Element)) => self.of_element.push(need, number),
            Some((need, Of::Ancestor)) => self.of_ancestor.push(need, number),
            None => self.others.push(number),
        }
    }

    /// Adds to `found` the selectors that an element with this class and id may match, unless they
    /// need something of an ancestor.
    pub fn of_element(&self, class: Option<&str>, id: Option<&str>, found: &mut Vec<usize>) {
        found.extend_from_slice(&self.others);
        self.of_element.extend(class, id, found);
    }

    /// Adds to `found` the selectors that need something of an ancestor with this class and id.
    pub fn of_ancestor(&self, class: Option<&str>, id: Option<&str>, found: &mut Vec<usize>) {
        self.of_ancestor.extend(class, id, found);
    }

    /// Adds to `found` all selectors that need something of an ancestor.
    pub fn of_any_ancestor(&self, found: &mut Vec<usize>) {
        let Buckets { ids, classes } = &self.of_ancestor;
        found.extend(ids.values().chain(classes.values()).flatten());
    }

    fn buckets(&self, of: Of) -> &Buckets {
        match of {
            Of::Element => &self.of_element,
            Of::Ancestor => &self.of_ancestor,
        }
    }
}

impl Buckets {
    fn get(&self, need: Need<'_>) -> &[usize] {
        let found = match need {
            Need::Id(id) => self.ids.get(id),
            Need::Class(class) => self.classes.get(class),
        };
        found.map_or(&[], Vec::as_slice)
    }

    fn push(&mut self, need: Need<'_>, number: usize) {
        let bucket = match need {
            Need::Id(id) => self.ids.entry(id.to_owned()),
            Need::Class(class) => self.classes.entry(class.to_owned()),
        };
        bucket.or_default().push(number);
    }

    fn extend(&self, class: Option<&str>, id: Option<&str>, found: &mut Vec<usize>) {
        if !self.classes.is_empty() {
            let classes = class.unwrap_or_default().split_ascii_whitespace();
            classes.for_each(|class| found.extend_from_slice(self.get(Need::Class(class))));
        }
        if let Some(id) = id {
            found.extend_from_slice(self.get(Need::Id(id)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_found_by_what_they_need() {
        let mut index = Index::default();
        let needs = [
            vec![],
            vec![(Need::Class("a"), Of::Element)],
            vec![(Need::Id("a"), Of::Element)],
            vec![(Need::Class("a"), Of::Ancestor)],
            // The class `a` has a selector already.
            vec![
                (Need::Class("a"), Of::Element),
                (Need::Class("b"), Of::Element),
            ],
        ];
        for (number, needs) in needs.into_iter().enumerate() {
            index.add(number, needs.into_iter());
        }
        let of_element = |class, id| {
            let mut found = Vec::new();
            index.of_element(class, id, &mut found);
            found
        };
        assert_eq!(of_element(None, None), [0]);
        assert_eq!(of_element(Some(" x a "), None), [0, 1]);
        assert_eq!(of_element(Some("b"), Some("a")), [0, 4, 2]);
        let mut around = Vec::new();
        index.of_ancestor(Some("b"), Some("a"), &mut around);
        assert_eq!(around, [0_usize; 0]);
        index.of_ancestor(Some("a"), None, &mut around);
        index.of_any_ancestor(&mut around);
        assert_eq!(around, [3, 3]);
    }
}
