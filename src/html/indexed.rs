//! Tries selectors on elements: numbered selectors and the path of an element go in, the numbers of
//! those that match or may match come out. A style sheet may have tens of thousands of selectors:
//! only those whose ids and classes the element or its ancestors have are tried.

use super::index::Index;
use super::selector::{Match, Path, Selector, Work};

/// Numbered selectors; `None` for a selector that any element may match.
#[derive(Debug, Default)]
pub(super) struct Indexed {
    selectors: Vec<(usize, Option<Selector>)>,
    index: Index,
}

impl Indexed {
    /// Adds a selector with a number that is greater than those before it.
    pub fn add(&mut self, number: usize, selector: Option<Selector>) {
        let needs = selector.iter().flat_map(Selector::needs);
        self.index.add(self.selectors.len(), needs);
        self.selectors.push((number, selector));
    }

    /// Returns the numbers of the selectors that match or may match the last element of a path, in
    /// ascending order. Adds the number of comparisons to `work`.
    pub fn matching(&self, path: Path<'_>, work: &Work) -> Vec<(usize, Match)> {
        let places = self.candidates(path, work);
        let found = places.into_iter().map(|place| {
            let (number, selector) = &self.selectors[place];
            let found = selector
                .as_ref()
                .map_or(Match::Maybe, |selector| selector.matches(path, work));
            (*number, found)
        });
        found.filter(|(_, found)| *found != Match::No).collect()
    }

    /// Like [`Self::matching`], but also returns, with [`Match::No`], the selectors that only a
    /// script could make match.
    pub fn possible(&self, path: Path<'_>, work: &Work) -> Vec<(usize, Match)> {
        let later = Path {
            has_scripts: true,
            ..path
        };
        let places = self.candidates(path, work);
        let found = places.into_iter().filter_map(|place| {
            let (number, selector) = &self.selectors[place];
            let Some(selector) = selector else {
                return Some((*number, Match::Maybe));
            };
            let found = match selector.matches(later, work) {
                Match::No => return None,
                Match::Maybe if selector.depends_on_scripts() => selector.matches(path, work),
                found => found,
            };
            Some((*number, found))
        });
        found.collect()
    }

    /// Returns the places of the selectors that the index does not rule out, in ascending order.
    fn candidates(&self, path: Path<'_>, work: &Work) -> Vec<usize> {
        let mut found = Vec::new();
        let Some((element, ancestors)) = path.nodes.split_last() else {
            return found;
        };
        if self.selectors.is_empty() {
            return found;
        }
        self.index
            .of_element(element.get("class"), element.get("id"), &mut found);
        if path.is_cut {
            self.index.of_any_ancestor(&mut found);
        } else {
            for ancestor in ancestors {
                self.index
                    .of_ancestor(ancestor.get("class"), ancestor.get("id"), &mut found);
            }
        }
        found.sort_unstable();
        found.dedup();
        work.set(work.get() + (path.nodes.len() + found.len()) as u64);
        found
    }

    pub fn is_empty(&self) -> bool {
        self.selectors.is_empty()
    }
}
