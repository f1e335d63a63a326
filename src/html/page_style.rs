//! The style of a page: its style sheets go in, the rules that may apply to each image come out.

use super::declared::Declared;
use super::index::Index;
use super::lengths::{MEDIUM, Value};
use super::matching::Exact;
use super::media::Applies;
use super::presence::Presence;
use super::selector::Match;
use super::sheet::{Sheet, SizeRule};
use super::slot::Slot;

/// All style sheets of a page, combined.
#[derive(Debug)]
pub(super) struct PageStyle {
    pub rules: Vec<PageRule>,
    /// Index of all rules.
    all: Index,
    /// Index of the rules that are not in `exact`.
    open: Index,
    exact: Exact,
    /// The tests of added attributes.
    pub presence: Presence,
    /// Largest possible length of a `rem`, in CSS pixels; `None` if unknown.
    pub rem: Option<f64>,
    /// Whether a style sheet could not be read, such as one of another host.
    pub is_unknown: bool,
}

/// A rule of a style sheet.
#[derive(Debug)]
pub(super) struct PageRule {
    pub size: SizeRule,
    /// Whether its selector is matched exactly.
    is_exact: bool,
}

impl PageRule {
    /// Returns the harmless facts that the rule declares for an element that its selector matches.
    pub fn if_matched(&self) -> Declared {
        let harmless = self.size.declared.harmless();
        if self.size.is_conditional {
            let must_stay_child = harmless.must_stay_child;
            return Declared {
                must_stay_child,
                ..Declared::default()
            };
        }
        harmless
    }
}

impl Default for PageStyle {
    fn default() -> Self {
        PageStyle {
            rules: Vec::new(),
            all: Index::default(),
            open: Index::default(),
            exact: Exact::default(),
            presence: Presence::default(),
            rem: Some(MEDIUM),
            is_unknown: false,
        }
    }
}

impl PageStyle {
    /// Creates a style without rules. `is_unknown` is whether there is a style sheet that cannot be
    /// read.
    pub fn new(is_unknown: bool) -> Self {
        PageStyle {
            is_unknown,
            ..PageStyle::default()
        }
    }

    /// Adds a style sheet that cannot be read.
    pub fn add_unknown(&mut self) {
        self.is_unknown = true;
    }

    /// Adds the rules of a style sheet. Those of one that applies under a condition count as if
    /// they were in `@media`.
    pub fn add(&mut self, sheet: &Sheet, applies: Applies) {
        self.is_unknown |= sheet.is_cut;
        self.presence.extend(&sheet.tested);
        for rule in &sheet.rules {
            let number = self.rules.len();
            let mut rule = rule.clone();
            rule.is_conditional |= applies != Applies::Always;
            let mut rule = PageRule {
                size: rule,
                is_exact: false,
            };
            let declares = !rule.if_matched().is_empty() || !rule.size.declarations.is_empty();
            let exact = rule.size.parsed.as_ref();
            let exact = exact.filter(|_| rule.size.selector.is_some() && declares);
            if let Some(selector) = exact {
                self.exact.add(number, selector.clone());
                rule.is_exact = true;
            }
            self.all.add(number, rule.size.needs());
            if !rule.is_exact {
                self.open.add(number, rule.size.needs());
            }
            self.rules.push(rule);
        }
        self.exact.add_ancestors(sheet, applies);
        for size in &sheet.root {
            let size = match size {
                Value::Pixels(size) => Some(*size),
                Value::Rem(times) | Value::Em(times) => Some(times * MEDIUM),
                _ => None,
            };
            self.rem = self.rem.zip(size).map(|(rem, size)| rem.max(size));
        }
    }

    /// Returns the rules to match exactly while the page is read, if an image is undecided.
    pub fn exact(&self) -> &Exact {
        &self.exact
    }

    /// Returns the numbers of the rules that may apply to an element, by its class and id and, if
    /// that is known, by its ancestors, in ascending order.
    pub fn applicable_rules(&self, slot: &Slot) -> Vec<usize> {
        let (class, id) = (slot.class.as_deref(), slot.id.as_deref());
        let mut found = Vec::new();
        match &slot.matched {
            None => self.all.of_element(class, id, &mut found),
            Some(matched) => {
                self.open.of_element(class, id, &mut found);
                found.extend(matched.rules.iter().map(|(number, _)| number));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether [`Self::forbids_srcset`] may be true for an image.
    pub fn may_forbid_srcset(&self) -> bool {
        ["srcset", "sizes"]
            .iter()
            .any(|name| self.presence.may_match_any_value(name))
    }

    /// Whether the rules forbid that an image gets a `srcset`, whatever its value. `has_sizes` is
    /// whether it would get `sizes` as well, which they may forbid too.
    pub fn forbids_srcset(&self, slot: &Slot, has_sizes: bool) -> bool {
        let tests = self.presence.of(slot);
        tests.matches_any_value("srcset") || has_sizes && tests.matches_any_value("sizes")
    }

    /// Whether the rule `number`, which may apply to the element, matches it;
    /// [`Match::No`] if only a script could make it match.
    pub fn matches(&self, slot: &Slot, number: usize) -> Match {
        let rule = &self.rules[number];
        match (&rule.size.selector, &slot.matched) {
            (None, _) => Match::Yes,
            (Some(_), Some(matched)) if rule.is_exact => matched.rule(number),
            (Some(_), _) => Match::Maybe,
        }
    }
}
