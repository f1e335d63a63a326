//! The style of a page: its style sheets go in, what they declare for each image comes out.

use super::cascade::{Cascade, Rank};
use super::declared::{Declared, of_attribute};
use super::fit::{Fit, fit, with_auto};
use super::index::Index;
use super::lengths::{Declaration, MEDIUM, Property, Value};
use super::matching::Exact;
use super::presence::{Presence, Tests};
use super::selector::{Match, Selector};
use super::sheet::{Sheet, SizeRule};
use super::slot::{Place, Slot};
use crate::picture::units::Dimensions;

/// Number of rules for images like one image up to which it is worth finding out whether they must
/// be matched exactly.
const FEW: usize = 1000;

/// Arbitrary dimensions of an image, used where only the kind of fit matters.
const ANY: Dimensions = Dimensions {
    width: 1009,
    height: 503,
};

/// All style sheets of a page, combined.
#[derive(Debug)]
pub(super) struct PageStyle {
    rules: Vec<PageRule>,
    /// Index of all rules.
    all: Index,
    /// Index of the rules that count even if `exact` does not find them.
    open: Index,
    exact: Exact,
    presence: Presence,
    /// Largest possible length of a `rem`, in CSS pixels; `None` if unknown.
    rem: Option<f64>,
    /// Whether a style sheet could not be read, such as one of another host.
    is_unknown: bool,
}

/// A rule of a style sheet.
#[derive(Debug)]
struct PageRule {
    rule: SizeRule,
    /// Whether its selector is matched exactly.
    is_exact: bool,
    /// Whether the rule may match later although it does not match now.
    depends_on_scripts: bool,
}

/// Values of the attributes that an image would get.
pub(super) struct Values<'v> {
    pub srcset: &'v dyn Fn() -> String,
    /// The `sizes` of the preset.
    pub sizes: Option<&'v str>,
}

/// Returns the harmless facts that a rule declares for an element that its selector matches.
fn if_matched(rule: &SizeRule) -> Declared {
    let harmless = rule.declared.harmless();
    if rule.is_conditional {
        let must_stay_child = harmless.must_stay_child;
        return Declared {
            must_stay_child,
            ..Declared::default()
        };
    }
    harmless
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
    pub fn add(&mut self, sheet: &Sheet, is_certain: bool) {
        self.is_unknown |= sheet.is_cut;
        self.presence.extend(&sheet.tested);
        for rule in &sheet.rules {
            let number = self.rules.len();
            let mut rule = rule.clone();
            rule.is_conditional |= !is_certain;
            let matters = !if_matched(&rule).is_empty() || !rule.declarations.is_empty();
            let exact = rule.parsed.as_ref();
            let exact = exact.filter(|_| rule.selector.is_some() && matters);
            if let Some(selector) = exact {
                self.exact.add(number, selector.clone());
            }
            let is_exact = exact.is_some();
            let parsed = rule.parsed.as_ref();
            let depends_on_scripts = parsed.is_some_and(Selector::depends_on_scripts);
            self.all.add(number, rule.needs());
            if !is_exact || depends_on_scripts {
                self.open.add(number, rule.needs());
            }
            self.rules.push(PageRule {
                is_exact,
                depends_on_scripts,
                rule,
            });
        }
        self.exact.add_ancestors(sheet, is_certain);
        for size in &sheet.root {
            let size = match size {
                Value::Pixels(size) => Some(*size),
                Value::Rem(times) | Value::Em(times) => Some(times * MEDIUM),
                _ => None,
            };
            self.rem = self.rem.zip(size).map(|(rem, size)| rem.max(size));
        }
    }

    /// Returns the rules to match exactly while the page is read, if an image [is
    /// undecided](Self::is_undecided).
    pub fn exact(&self) -> &Exact {
        &self.exact
    }

    /// Whether the attributes to add to an image depend on the rules to match exactly. Matching
    /// costs more than the rest of a scan, and rarely changes anything where
    /// `img { max-width: 100%; height: auto }` applies.
    pub fn is_undecided(&self, slot: &Slot) -> bool {
        if self.numbers(slot).len() > FEW {
            return true;
        }
        if !self.is_unknown && self.has_em(slot) {
            return true;
        }
        let taking = || self.taking(slot).map(|(_, rule)| rule);
        let open = || taking().filter(|rule| rule.rule.selector.is_some());
        let place = self.exact.possible_place();
        if open().next().is_none() && place == Place::default() {
            return false;
        }
        let decided = self.declared(slot);
        if place.is_item && !decided.width {
            return true;
        }
        // A length in CSS may decide the width.
        let is_length = |rule: &PageRule| {
            let mut declarations = rule.rule.declarations.iter();
            declarations.any(|of| matches!(of.value, Value::Pixels(_) | Value::Rem(_)))
        };
        if taking().any(is_length) || open().any(|rule| rule.rule.declared.width_auto) {
            return true;
        }
        let cascade = self.cascade(slot);
        let fit = |declared| fit(slot, ANY, declared, &cascade);
        let without = fit(decided);
        // The open rules may not match, so that what they endanger is safe.
        let certain = taking().filter(|rule| rule.rule.selector.is_none());
        let certain = certain.map(|rule| {
            let dangerous = rule.rule.declared.dangerous();
            dangerous.with(if_matched(&rule.rule))
        });
        if fit(certain.fold(self.unknown(), Declared::with)) != without {
            return true;
        }
        let facts = open().map(|rule| if_matched(&rule.rule));
        let facts = facts.fold(Declared::default(), Declared::with);
        if facts.is_empty() {
            return false;
        }
        facts.some().any(|some| fit(decided.with(some)) != without)
            || slot.is_sized() && open().any(|rule| rule.sets(Property::Width))
    }

    /// Whether a length in `em` may decide the size of an image: its font size follows from rules
    /// that are matched exactly.
    fn has_em(&self, slot: &Slot) -> bool {
        let is_em = |declaration: &Declaration| matches!(declaration.value, Value::Em(_));
        let own = slot.style.as_deref().map(|style| of_attribute(style).1);
        own.iter().flatten().any(is_em)
            || self
                .taking(slot)
                .any(|(_, rule)| rule.rule.declarations.iter().any(is_em))
    }

    /// Returns the rules that may apply to an element, with their numbers.
    fn taking<'p>(&'p self, slot: &'p Slot) -> impl Iterator<Item = (usize, &'p PageRule)> {
        let rules = self.numbers(slot).into_iter();
        let rules = rules.map(|number| (number, &self.rules[number]));
        rules.filter(move |(_, rule)| rule.rule.may_take(slot))
    }

    /// Returns the numbers of the rules that may apply to an element, by its class and id and, if
    /// that is known, by its ancestors, in ascending order.
    fn numbers(&self, slot: &Slot) -> Vec<usize> {
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

    /// Returns the number of rules and comparisons that [`Self::fit`] goes through for an element.
    pub fn work(&self, slot: &Slot) -> u64 {
        let matched = slot.matched.as_ref().map_or(0, |matched| matched.work);
        matched + self.numbers(slot).len() as u64
    }

    /// Whether the rule `number`, which may apply to the element, matches it.
    fn matches(&self, slot: &Slot, number: usize) -> Match {
        let rule = &self.rules[number];
        match (&rule.rule.selector, &slot.matched) {
            (None, _) => Match::Yes,
            (Some(_), Some(matched)) if rule.is_exact => matched.rule(number),
            (Some(_), _) => Match::Maybe,
        }
    }

    /// Computes the fit of an image with the given natural dimensions, which would get these
    /// values.
    pub fn fit(&self, slot: &Slot, natural: Dimensions, values: &Values<'_>) -> Fit {
        let tests = self.presence.of(slot);
        let mut declared = self.declared(slot);
        let cascade = self.cascade(slot);
        let mut fitting = fit(slot, natural, declared, &cascade);
        let is_taken = |name, value: Option<u32>| {
            value.is_some_and(|value| tests.take(name, &value.to_string()))
        };
        if is_taken("width", fitting.width) || is_taken("height", fitting.height) {
            // One dimension by itself could distort the image.
            declared.width_auto = true;
            fitting = fit(slot, natural, declared, &cascade);
        }
        if let Some(preset) = values.sizes.filter(|_| tests.are_of("sizes")) {
            let sizes = fitting.sizes.value(preset);
            if tests.take("sizes", &sizes) {
                fitting.barred.insert("sizes");
            }
            fitting.may_be_auto &= !tests.take("sizes", &with_auto(&sizes));
        }
        if tests.are_of("srcset") && tests.take("srcset", &(values.srcset)()) {
            fitting.barred.insert("srcset");
        }
        bar(&mut fitting, &tests);
        fitting
    }

    /// Returns the fit of an SVG: it gets no dimensions and no candidates.
    pub fn fit_of_vector(&self, slot: &Slot) -> Fit {
        let mut fit = Fit::none();
        bar(&mut fit, &self.presence.of(slot));
        fit
    }

    /// Whether [`Self::leaves`] may hold for an image.
    pub fn may_leave(&self) -> bool {
        ["srcset", "sizes"]
            .iter()
            .any(|name| self.presence.may_take_any(name))
    }

    /// Whether an image must stay as it is, whatever its candidates are. `has_sizes` is whether it
    /// would get `sizes`.
    pub fn leaves(&self, slot: &Slot, has_sizes: bool) -> bool {
        let tests = self.presence.of(slot);
        tests.take_any("srcset") || has_sizes && tests.take_any("sizes")
    }

    /// Returns what style sheets that could not be read may declare.
    fn unknown(&self) -> Declared {
        Declared {
            limits_width: self.is_unknown,
            ..Declared::default()
        }
    }

    /// Returns what the style sheets may declare for an element.
    fn declared(&self, slot: &Slot) -> Declared {
        self.taking(slot)
            .fold(self.unknown(), |all, (number, rule)| {
                let dangerous = rule.rule.declared.dangerous();
                match self.matches(slot, number) {
                    Match::Yes => all.with(dangerous).with(if_matched(&rule.rule)),
                    Match::Maybe => all.with(dangerous),
                    // Once the rule matches, an attribute would distort an image of limited height,
                    // but not one of automatic width.
                    Match::No if rule.depends_on_scripts => all.with(Declared {
                        width_auto: false,
                        ..dangerous
                    }),
                    Match::No => all,
                }
            })
    }

    /// Returns the declarations of style sheets that apply or may apply to an element.
    fn cascade(&self, slot: &Slot) -> Cascade {
        let place = slot.matched.as_ref().map(|matched| matched.place);
        let mut cascade = Cascade::default();
        cascade.rem = self.rem;
        let matched = slot.matched.as_ref().filter(|_| !self.is_unknown);
        cascade.em = matched.and_then(|matched| matched.em);
        cascade.is_partial = self.is_unknown;
        cascade.place = place.unwrap_or_else(|| self.exact.possible_place());
        for (order, rule) in self.taking(slot) {
            let matches = self.matches(slot, order);
            let is_out = matches == Match::No && !rule.depends_on_scripts;
            let rule = &rule.rule;
            if is_out || rule.declarations.is_empty() {
                continue;
            }
            let rank = Rank {
                is_own: false,
                is_layered: rule.is_layered,
                specificity: rule.specificity(),
                order,
            };
            let is_certain = matches == Match::Yes && !(rule.is_conditional || rule.is_layered);
            cascade.add(&rule.declarations, rank, is_certain);
        }
        cascade
    }
}

/// Bars the attributes with a fixed value that the tests take, and any attribute that they take
/// with every value.
fn bar(fit: &mut Fit, tests: &Tests<'_>) {
    for (name, value) in [
        ("loading", "lazy"),
        ("fetchpriority", "high"),
        ("decoding", "async"),
    ] {
        if tests.take(name, value) {
            fit.barred.insert(name);
        }
    }
    for name in ["srcset", "sizes"] {
        if tests.take_any(name) {
            fit.barred.insert(name);
        }
    }
}

impl PageRule {
    fn sets(&self, property: Property) -> bool {
        let mut declarations = self.rule.declarations.iter();
        declarations.any(|of| of.property == property)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::html::scan::first;

    #[test]
    fn exact_rules_matter_only_where_they_may_change_what_is_added() {
        let of = |css: &str| {
            let mut style = PageStyle::default();
            style.add(&Sheet::read(css), true);
            style
        };
        let fluid = "img{max-width:100%;height:auto}";
        for (css, image, expected) in [
            ("", "", false),
            (fluid, "", false),
            // A height is added if the image is in no card.
            (".card img{width:100%}", "", true),
            (
                "img{max-width:100%;height:auto}.card img{width:100%}",
                "",
                false,
            ),
            // The attribute decides how wide the image is, unless the image is in a card.
            (
                "img{max-width:100%;height:auto}.card img{width:100%}",
                "width=90",
                true,
            ),
            (
                "img{max-width:100%;height:auto}.card img.x{width:100%}",
                "width=90",
                false,
            ),
            (
                "img{max-width:100%;height:auto}.card img.x{width:100%}",
                "width=90 class=x",
                true,
            ),
            ("img{max-height:9em}.card img{width:100%}", "", true),
            ("a > img{color:red}", "", true),
            ("@media (width > 1px) {.card img{width:100%}}", "", true),
            ("@media (width > 1px) {a > img{width:100%}}", "", true),
        ] {
            let slot = first(&format!("<img src=a.png {image}>"));
            assert_eq!(of(css).is_undecided(&slot), expected, "{css} {image}");
        }
    }
}
